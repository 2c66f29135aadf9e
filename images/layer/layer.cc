#include "images/layer/layer.h"

#include <map>
#include <vector>

#include "images/layer/tar_writer.h"
#include "images/store/digest.h"
#include "images/store/parallel.h"

namespace images {
namespace {

constexpr std::size_t kLongestPart = 8 << 20;     // of a large package several are compressed at a time
constexpr std::size_t kShortestPart = 512 << 10;  // below that, members cost more than they save
constexpr std::uint32_t kBorders = 16;            // of so many paths one may begin a part

// Folders first: they are shared by packages, and their children come later.
std::string group_of(const Entry& entry) { return entry.kind == Entry::Kind::directory ? std::string() : entry.package; }

// Where parts end hangs on paths, not on sizes before them: a file that grows changes its own part and leaves the others as they were.
bool is_border(const std::string& path) {
  std::uint32_t hash = 2166136261;  // FNV-1a
  for (const char c : path) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619;
  return hash % kBorders == 0;
}

struct Group {
  TarWriter tar;
  std::vector<std::string> done;
};

// All that is compressed as one, in the order of the tar.
base::Result<std::vector<std::string>> tar_groups(const PathMap& tree, std::int64_t epoch) {
  std::map<std::string, Group> groups;
  for (const auto& [path, entry] : tree.entries()) {
    Group& group = groups.try_emplace(group_of(entry), Group{TarWriter(epoch), {}}).first->second;
    if (group.tar.size() >= kShortestPart && is_border(path)) group.done.push_back(group.tar.take());
    TRY(group.tar.add(path, entry));
  }
  std::vector<std::string> out;
  for (auto& [package, group] : groups) {
    group.done.push_back(group.tar.take());
    for (std::string& bytes : group.done) out.push_back(std::move(bytes));
  }
  out.push_back(TarWriter::end());
  return out;
}

std::vector<std::string_view> parts_of(const std::vector<std::string>& groups) {
  std::vector<std::string_view> out;
  for (const std::string_view bytes : groups)
    for (std::size_t at = 0; at < bytes.size(); at += kLongestPart) out.push_back(bytes.substr(at, kLongestPart));
  return out;
}

base::Result<std::string> compressed(Compression kind, std::string_view part, const MemberStore& members) {
  const std::string key = sha256(sha256(part) + " " + compressor(kind));
  if (auto known = members.find ? members.find(key) : std::nullopt) return std::move(*known);
  std::string bytes = TRY(compress(kind, part));
  if (members.keep) members.keep(key, bytes);
  return bytes;
}

std::string join(const std::vector<std::string>& parts) {
  std::size_t total = 0;
  for (const std::string& part : parts) total += part.size();
  std::string out;
  out.reserve(total);
  for (const std::string& part : parts) out += part;
  return out;
}

}  // namespace

base::Result<Layer> make_layer(const std::string& name, const PathMap& tree, std::int64_t epoch, const MemberStore& members,
                               Compression kind) {
  const std::vector<std::string> groups = TRY(tar_groups(tree, epoch));
  const std::vector<std::string_view> parts = parts_of(groups);
  std::vector<base::Result<std::string>> blobs(parts.size(), std::string());
  Layer out;
  out.name = name;
  out.compression = kind;
  for (const std::string_view part : parts) out.tar_size += part.size();
  // The digest of the whole is one long piece of work, so it goes first and beside the others.
  parallel(parts.size() + 1, [&](std::size_t i) {
    if (i != 0)
      blobs[i - 1] = compressed(kind, parts[i - 1], members);
    else
      out.diff_id = sha256(parts);
  });
  std::vector<std::string> done;
  for (auto& blob : blobs) {
    std::string bytes = TRY(std::move(blob));
    done.push_back(std::move(bytes));
  }
  out.blob = join(done);
  out.digest = sha256(out.blob);
  return out;
}

}  // namespace images
