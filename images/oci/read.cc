#include "images/oci/read.h"

#include <sys/stat.h>

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "images/layer/compression.h"
#include "images/store/digest.h"
#include "images/store/files.h"
#include "images/store/refuse.h"
#include "launcher/sys/file.h"

namespace images {
namespace {

using Json = nlohmann::json;
using Files = std::function<base::Result<std::string>(const std::string& path)>;

constexpr const char* kIndexType = "application/vnd.oci.image.index.v1+json";
constexpr std::size_t kLargest = 2u << 30;
constexpr std::uint64_t kLargestLayer = 4ull << 30;

base::Result<Files> files_of(const std::string& path) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) != 0) return sys::failure("open", path);
  if (S_ISDIR(info.st_mode)) return Files([path](const std::string& file) { return read_regular(path + "/" + file, kLargest); });
  const std::string bytes = TRY(read_regular(path, kLargest));
  Limits limits;
  limits.file = kLargest;
  std::vector<Member> members = TRY(read_tar(bytes, limits));
  auto all = std::make_shared<std::map<std::string, std::string>>();
  for (Member& member : members)
    if (!all->emplace(member.path, std::move(member.bytes)).second) return refuse(member.path + " is twice in the archive");
  return Files([all](const std::string& file) -> base::Result<std::string> {
    const auto at = all->find(file);
    if (at == all->end()) return refuse("there is no " + file);
    return at->second;
  });
}

base::Result<std::string> blob(const Files& files, const Json& descriptor, const std::string& type) {
  const std::string digest = descriptor.at("digest");
  if (descriptor.at("mediaType") != type) return refuse(digest + " is of the type " + descriptor.at("mediaType").get<std::string>() + ", not " + type);
  if (!digest.starts_with("sha256:") || !is_sha256(digest.substr(7))) return refuse("`" + digest + "` is no digest");
  std::string bytes = TRY(files("blobs/sha256/" + digest.substr(7)));
  if (bytes.size() != descriptor.at("size").get<std::uint64_t>()) return refuse(digest + " has another size than its descriptor says");
  if ("sha256:" + sha256(bytes) != digest) return refuse(digest + " is damaged: its content has another digest");
  return bytes;
}

base::Status check_paths(const std::vector<Member>& members) {
  std::set<std::string> seen;
  for (const Member& member : members) {
    const auto slash = member.path.rfind('/');
    if (slash != std::string::npos && !seen.contains(member.path.substr(0, slash))) return refuse(member.path + " comes before its folder");
    if (!seen.insert(member.path).second) return refuse(member.path + " is twice in one layer");
  }
  return base::success();
}

base::Result<StoredLayer> layer_of(const Files& files, const Json& descriptor, const std::string& diff_id) {
  const Compression kind = descriptor.at("mediaType") == layer_type(Compression::zstd) ? Compression::zstd : Compression::gzip;
  const std::string packed = TRY(blob(files, descriptor, layer_type(kind)));
  const std::string tar = TRY(decompress(kind, packed, kLargestLayer));
  StoredLayer out;
  out.digest = descriptor.at("digest");
  out.diff_id = "sha256:" + sha256(tar);
  out.size = packed.size();
  if (out.diff_id != diff_id) return refuse("a layer's diff_id is " + out.diff_id + ", the config says " + diff_id);
  out.members = TRY(read_tar(tar, Limits{}));
  TRY(check_paths(out.members));
  return out;
}

base::Result<StoredAttachment> attachment_of(const Files& files, const Json& manifest, const std::string& subject) {
  if (manifest.at("subject").at("digest") != subject) return refuse("an artifact refers to " + manifest.at("subject").at("digest").get<std::string>() + ", not to this image");
  const std::string empty = TRY(blob(files, manifest.at("config"), "application/vnd.oci.empty.v1+json"));
  if (empty != "{}" || manifest.at("layers").size() != 1) return refuse("an artifact that is not one document");
  const Json& layer = manifest.at("layers").at(0);
  StoredAttachment out{manifest.at("artifactType"), layer.at("annotations").at("org.opencontainers.image.title"), layer.at("digest"), {}};
  out.bytes = TRY(blob(files, layer, out.type));
  return out;
}

base::Result<StoredImage> image_of(const Files& files, const Json& entry, const Json& manifest) {
  StoredImage out;
  out.manifest_digest = entry.at("digest");
  out.config = TRY(blob(files, manifest.at("config"), "application/vnd.oci.image.config.v1+json"));
  const Json config = Json::parse(out.config);
  const Json& diff_ids = config.at("rootfs").at("diff_ids");
  if (diff_ids.size() != manifest.at("layers").size() || config.at("history").size() != diff_ids.size())
    return refuse("layers, diff_ids and history are not of one length");
  for (std::size_t i = 0; i < diff_ids.size(); ++i) {
    StoredLayer layer = TRY(layer_of(files, manifest.at("layers").at(i), diff_ids.at(i)));
    layer.name = config.at("history").at(i).value("comment", "");
    out.layers.push_back(std::move(layer));
  }
  return out;
}

struct Listed {
  Json entry, manifest;  // of the index, and what it leads to
};

struct Entries {
  Json list;
  Json named;  // of the index that is above them, if there is one
};

// An archive has image and documents below one name (images/oci/attach.h).
base::Result<Entries> entries_of(const Files& files, const Json& top) {
  if (top.size() != 1 || top.at(0).at("mediaType") != kIndexType) return Entries{top, {}};
  const std::string text = TRY(blob(files, top.at(0), kIndexType));
  return Entries{Json::parse(text).at("manifests"), top.at(0)};
}

base::Result<StoredImage> read(const Files& files) {
  const Json index = Json::parse(TRY(files("index.json")));
  if (Json::parse(TRY(files("oci-layout"))).at("imageLayoutVersion") != "1.0.0") return refuse("an OCI layout of an unknown version");
  const Entries entries = TRY(entries_of(files, index.at("manifests")));
  std::vector<Listed> images, artifacts;
  for (const Json& entry : entries.list) {
    const std::string text = TRY(blob(files, entry, "application/vnd.oci.image.manifest.v1+json"));
    Json manifest = Json::parse(text);
    auto& list = manifest.contains("subject") ? artifacts : images;
    list.push_back({entry, std::move(manifest)});
  }
  if (images.size() != 1) return refuse("an OCI layout with " + std::to_string(images.size()) + " images, not one");
  StoredImage out = TRY(image_of(files, images[0].entry, images[0].manifest));
  out.name = (entries.named.is_null() ? images[0].entry : entries.named).at("annotations").at("org.opencontainers.image.ref.name");
  for (const Listed& artifact : artifacts) {
    StoredAttachment one = TRY(attachment_of(files, artifact.manifest, out.manifest_digest));
    out.attachments.push_back(std::move(one));
  }
  return out;
}

}  // namespace

base::Result<StoredImage> read_image(const std::string& path) {
  const Files files = TRY(files_of(path));
  try {
    auto image = read(files);
    if (!image) return image.take_error().during(path);
    return image;
  } catch (const Json::exception& error) {
    return refuse(path + ": not an image: " + error.what());
  }
}

}  // namespace images
