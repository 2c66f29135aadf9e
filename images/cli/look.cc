#include "images/cli/look.h"

#include <map>

#include "images/package/deb.h"
#include "images/tree/unpack.h"
#include "profiles/base/pattern.h"
#include "profiles/base/text.h"

namespace images {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kStatus = "var/lib/dpkg/status.d/";
constexpr std::string_view kSums = ".md5sums";
constexpr const char* kExtensions = "usr/lib/php/*/*.so";
constexpr std::string_view kPolicy = "etc/fpmbox/pool.yaml";

struct Found {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::vector<std::string> executables, setuid, not_roots, extensions;
  std::string policy;
  std::map<std::string, std::uint64_t> sizes;                // of files
  std::map<std::string, const std::string*> controls, sums;  // by package; the image's own
};

void look_at(const Member& member, Found& found) {
  const std::string path = "/" + member.path;
  if (member.kind == Member::Kind::symlink) return;
  if ((member.mode & 06000) != 0) found.setuid.push_back(path);
  if (member.uid != 0 || (member.mode & 0002) != 0) found.not_roots.push_back(path);
  if (member.kind != Member::Kind::file) return;
  ++found.files;
  found.bytes += member.bytes.size();
  found.sizes[member.path] = member.bytes.size();
  if ((member.mode & 0111) != 0) found.executables.push_back(path);
  if (base::matches_path(kExtensions, member.path)) found.extensions.push_back(path);
  if (member.path == kPolicy) found.policy = member.bytes;
  if (!member.path.starts_with(kStatus)) return;
  const std::string name = member.path.substr(kStatus.size());
  const bool is_list = name.ends_with(kSums);
  (is_list ? found.sums[name.substr(0, name.size() - kSums.size())] : found.controls[name]) = &member.bytes;
}

// Of those files that its list has: dpkg's lists leave out what is configuration.
std::uint64_t size_of_package(const std::string& name, const Found& found) {
  const auto list = found.sums.find(name);
  std::uint64_t out = 0;
  for (const std::string& line : list == found.sums.end() ? std::vector<std::string>() : base::split(*list->second, '\n')) {
    const auto at = line.find("  ");
    const auto file = at == line.npos ? found.sizes.end() : found.sizes.find(merged_usr(line.substr(at + 2)));
    if (file != found.sizes.end()) out += file->second;
  }
  return out;
}

Json packages_of(const Found& found) {
  Json out = Json::array();
  for (const auto& [name, control] : found.controls)
    out.push_back({{"name", control_field(*control, "Package")}, {"version", control_field(*control, "Version")}, {"bytes", size_of_package(name, found)}});
  return out;
}

Json extensions_of(const Found& found) {
  Json out = Json::array();
  for (const std::string& path : found.extensions) out.push_back({{"path", path}, {"bytes", found.sizes.at(path.substr(1))}});
  return out;
}

}  // namespace

Json look(const StoredImage& image) {
  Found found;
  Json layers = Json::array();
  for (const StoredLayer& layer : image.layers) {
    for (const Member& member : layer.members) look_at(member, found);
    layers.push_back({{"name", layer.name}, {"digest", layer.digest}, {"diff_id", layer.diff_id}, {"size", layer.size}});
  }
  Json attached = Json::array();
  for (const StoredAttachment& one : image.attachments)
    attached.push_back({{"name", one.name}, {"type", one.type}, {"digest", one.digest}, {"size", one.bytes.size()}});
  return {{"name", image.name}, {"digest", image.manifest_digest}, {"config", Json::parse(image.config).at("config")}, {"layers", layers},
          {"files", found.files}, {"bytes", found.bytes}, {"executables", found.executables}, {"setuid", found.setuid},
          {"not_roots", found.not_roots}, {"extensions", found.extensions}, {"extension_bytes", extensions_of(found)}, {"packages", packages_of(found)}, {"policy", found.policy}, {"attached", attached}};
}

}  // namespace images
