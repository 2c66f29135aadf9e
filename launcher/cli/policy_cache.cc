#include "launcher/cli/policy_cache.h"

#include "profiles/load/bytes.h"
#include "profiles/load/composed_bytes.h"

namespace cli {
namespace {

constexpr std::size_t kSmallestFile = 3 * sizeof(std::uint32_t);

// In the order in which they were read, so that a file is asked for only where those before it still name it.
bool is_unchanged(profiles::ByteReader& in, const profiles::ReadFile& read, std::vector<ReadFile>& files) {
  for (std::size_t left = in.count(kSmallestFile); left > 0; --left) {
    std::string path = in.text();
    const std::string_view known = in.view();
    std::string digest = in.text();
    if (in.failed()) return false;
    auto text = read(path);
    if (!text || text.value() != known) return false;
    files.push_back({std::move(path), std::move(text).value(), std::move(digest)});
  }
  return !in.failed();
}

}  // namespace

PolicyCache::PolicyCache(const std::string& self, const std::string& catalog, const std::string& file, const std::string& folder) {
  if (self.empty()) return;
  key_ = "policy\n" + self + "\n" + catalog + "\n" + file;
  cache_ = sys::Cache::open(folder);
}

std::optional<KnownPolicy> PolicyCache::find(const profiles::ReadFile& read) const {
  const auto entry = cache_.find(key_);
  if (!entry) return std::nullopt;
  profiles::ByteReader in(*entry);
  KnownPolicy known;
  if (!is_unchanged(in, read, known.files)) return std::nullopt;
  auto composed = profiles::decode_composed(in.view());
  known.is_clean = in.number() == 1;
  if (!composed || !in.at_end()) return std::nullopt;
  known.composed = std::move(*composed);
  return known;
}

void PolicyCache::keep(const KnownPolicy& policy) const {
  profiles::ByteWriter out;
  out.number(static_cast<std::uint32_t>(policy.files.size()));
  for (const ReadFile& file : policy.files) {
    out.text(file.path);
    out.text(file.text);
    out.text(digest_of(file));
  }
  out.text(profiles::encode_composed(policy.composed));
  out.number(policy.is_clean ? 1 : 0);
  cache_.keep(key_, out.bytes);
}

}  // namespace cli
