#include "images/oci/read.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "images/layer/compression.h"
#include "images/oci/stored_files.h"
#include "images/store/digest.h"
#include "images/store/refuse.h"
#include "profiles/base/text.h"

namespace images {
namespace {

using Json = nlohmann::json;
constexpr const char* kIndexType = "application/vnd.oci.image.index.v1+json";
constexpr const char* kBlobs = "blobs/sha256/";
constexpr const char* kDocker = "manifest.json";
constexpr const char* kDockerKeys[] = {"Config", "RepoTags", "Layers", "LayerSources", "Parent"};
constexpr const char* kNames[] = {"org.opencontainers.image.ref.name", "io.containerd.image.name"};
constexpr std::uint64_t kLargestLayer = 4ull << 30;

base::Result<std::string> blob(StoredFiles& files, const Json& descriptor, const std::string& type) {
  const std::string digest = descriptor.at("digest");
  if (descriptor.at("mediaType") != type) return refuse(digest + " is of the type " + descriptor.at("mediaType").get<std::string>() + ", not " + type);
  if (!digest.starts_with("sha256:") || !is_sha256(digest.substr(7))) return refuse("`" + digest + "` is no digest");
  std::string bytes = TRY(files.read(kBlobs + digest.substr(7)));
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

base::Result<StoredLayer> layer_of(StoredFiles& files, const Json& descriptor, const std::string& diff_id) {
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

base::Result<StoredAttachment> attachment_of(StoredFiles& files, const Json& manifest, const std::string& subject) {
  if (manifest.at("subject").at("digest") != subject) return refuse("an artifact refers to " + manifest.at("subject").at("digest").get<std::string>() + ", not to this image");
  const std::string empty = TRY(blob(files, manifest.at("config"), "application/vnd.oci.empty.v1+json"));
  if (empty != "{}" || manifest.at("layers").size() != 1) return refuse("an artifact that is not one document");
  const Json& layer = manifest.at("layers").at(0);
  StoredAttachment out{manifest.at("artifactType"), layer.at("annotations").at("org.opencontainers.image.title"), layer.at("digest"), {}};
  out.bytes = TRY(blob(files, layer, out.type));
  return out;
}

base::Result<StoredImage> image_of(StoredFiles& files, const Json& entry, const Json& manifest) {
  StoredImage out;
  out.manifest_digest = entry.at("digest");
  out.config = TRY(blob(files, manifest.at("config"), "application/vnd.oci.image.config.v1+json"));
  const Json config = TRY(parse_json(out.config, "the config"));
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
base::Result<Entries> entries_of(StoredFiles& files, const Json& top) {
  if (top.size() != 1 || top.at(0).at("mediaType") != kIndexType) return Entries{top, {}};
  const std::string text = TRY(blob(files, top.at(0), kIndexType));
  const Json index = TRY(parse_json(text, "the inner index"));
  return Entries{index.at("manifests"), top.at(0)};
}

std::string path_of(const Json& descriptor) { return kBlobs + descriptor.at("digest").get<std::string>().substr(7); }

// `docker load` looks at nothing else where it is there: it has to lead to what the index leads to.
base::Status check_docker(const Json& list, const Json& manifest, const Json& annotations) {
  if (!list.is_array() || list.size() != 1) return refuse(std::string(kDocker) + " is no list of one image");
  const Json& entry = list.at(0);
  for (const auto& item : entry.items())
    if (std::find(std::begin(kDockerKeys), std::end(kDockerKeys), item.key()) == std::end(kDockerKeys))
      return refuse(std::string(kDocker) + " says `" + base::escape_control(item.key()) + "`, which is not known");
  Json layers = Json::array(), names = Json::array();
  for (const Json& layer : manifest.at("layers")) layers.push_back(path_of(layer));
  for (const char* key : kNames) names.push_back(annotations.value(key, ""));
  if (entry.at("Config") != path_of(manifest.at("config")) || entry.at("Layers") != layers)
    return refuse(std::string(kDocker) + ", which docker load reads, leads to another image than index.json");
  for (const Json& tag : entry.value("RepoTags", Json()))
    if (std::find(names.begin(), names.end(), tag) == names.end()) return refuse(std::string(kDocker) + " gives the image another name than index.json");
  return base::success();
}

base::Result<StoredImage> read(StoredFiles& files) {
  if (!files.has("index.json")) return refuse("it is no OCI image: there is no index.json in it");
  const Json index = TRY(files.json("index.json")), layout = TRY(files.json("oci-layout"));
  if (layout.at("imageLayoutVersion") != "1.0.0") return refuse("an OCI layout of an unknown version");
  const Entries entries = TRY(entries_of(files, index.at("manifests")));
  std::vector<Listed> images, artifacts;
  for (const Json& entry : entries.list) {
    const std::string text = TRY(blob(files, entry, "application/vnd.oci.image.manifest.v1+json"));
    Json manifest = TRY(parse_json(text, "a manifest"));
    auto& list = manifest.contains("subject") ? artifacts : images;
    list.push_back({entry, std::move(manifest)});
  }
  if (images.size() != 1) return refuse("an OCI layout with " + std::to_string(images.size()) + " images, not one");
  StoredImage out = TRY(image_of(files, images[0].entry, images[0].manifest));
  const Json& annotations = (entries.named.is_null() ? images[0].entry : entries.named).at("annotations");
  out.name = annotations.at(kNames[0]);
  for (const Listed& artifact : artifacts) {
    StoredAttachment one = TRY(attachment_of(files, artifact.manifest, out.manifest_digest));
    out.attachments.push_back(std::move(one));
  }
  if (files.has(kDocker)) {
    const Json docker = TRY(files.json(kDocker));
    TRY(check_docker(docker, images[0].manifest, annotations));
  }
  TRY(files.check_no_others());
  return out;
}

}  // namespace

base::Result<StoredImage> read_image(const std::string& path) {
  auto files = StoredFiles::of(path);
  if (!files) return files.error().code != 0 ? files.take_error() : files.take_error().during(path);
  try {
    auto image = read(files.value());
    if (!image) return image.take_error().during(path);
    return image;
  } catch (const Json::exception& error) {
    return refuse(path + ": not an image: " + error.what());
  }
}

}  // namespace images
