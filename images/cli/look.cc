#include "images/cli/look.h"

#include "images/package/deb.h"
#include "profiles/base/pattern.h"

namespace images {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kStatus = "var/lib/dpkg/status.d/";
constexpr const char* kExtensions = "usr/lib/php/*/*.so";
constexpr std::string_view kPolicy = "etc/fpmbox/pool.yaml";

struct Found {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::vector<std::string> executables, setuid, not_roots, extensions;
  std::string policy;
  Json packages = Json::array();
};

void look_at(const Member& member, Found& found) {
  const std::string path = "/" + member.path;
  if (member.kind == Member::Kind::symlink) return;
  if ((member.mode & 06000) != 0) found.setuid.push_back(path);
  if (member.uid != 0 || (member.mode & 0002) != 0) found.not_roots.push_back(path);
  if (member.kind != Member::Kind::file) return;
  ++found.files;
  found.bytes += member.bytes.size();
  if ((member.mode & 0111) != 0) found.executables.push_back(path);
  if (base::matches_path(kExtensions, member.path)) found.extensions.push_back(path);
  if (member.path == kPolicy) found.policy = member.bytes;
  if (member.path.starts_with(kStatus) && !member.path.ends_with(".md5sums"))
    found.packages.push_back({{"name", control_field(member.bytes, "Package")}, {"version", control_field(member.bytes, "Version")}});
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
          {"not_roots", found.not_roots}, {"extensions", found.extensions}, {"packages", found.packages}, {"policy", found.policy}, {"attached", attached}};
}

}  // namespace images
