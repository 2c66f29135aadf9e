#include "images/layer/layer.h"

#include <map>
#include <vector>

#include "images/layer/gzip.h"
#include "images/layer/tar_writer.h"
#include "images/store/digest.h"
#include "images/store/parallel.h"

namespace images {
namespace {

constexpr std::size_t kLongestPart = 8 << 20;  // of a large package several are compressed at a time

// Folders first: they are shared by packages, and their children come later.
std::string group_of(const Entry& entry) { return entry.kind == Entry::Kind::directory ? std::string() : entry.package; }

base::Result<std::vector<std::string>> tar_parts(const PathMap& tree, std::int64_t epoch) {
  std::map<std::string, TarWriter> groups;
  for (const auto& [path, entry] : tree.entries()) {
    TarWriter& tar = groups.try_emplace(group_of(entry), epoch).first->second;
    TRY(tar.add(path, entry));
  }
  std::vector<std::string> parts;
  for (auto& [package, tar] : groups) {
    const std::string bytes = tar.take();
    for (std::size_t at = 0; at < bytes.size(); at += kLongestPart) parts.push_back(bytes.substr(at, kLongestPart));
  }
  parts.push_back(TarWriter::end());
  return parts;
}

base::Result<std::string> compressed(const std::string& part, const MemberStore& members) {
  const std::string key = sha256(sha256(part) + " " + compressor());
  if (auto known = members.find ? members.find(key) : std::nullopt) return std::move(*known);
  std::string bytes = TRY(gzip(part));
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

base::Result<Layer> make_layer(const std::string& name, const PathMap& tree, std::int64_t epoch, const MemberStore& members) {
  const std::vector<std::string> parts = TRY(tar_parts(tree, epoch));
  std::vector<base::Result<std::string>> blobs(parts.size(), std::string());
  Layer out;
  out.name = name;
  // The digest of the whole is one long piece of work, so it goes first and beside the others.
  parallel(parts.size() + 1, [&](std::size_t i) {
    if (i != 0) {
      blobs[i - 1] = compressed(parts[i - 1], members);
    } else {
      const std::string tar = join(parts);
      out.tar_size = tar.size();
      out.diff_id = sha256(tar);
    }
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
