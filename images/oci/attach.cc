#include "images/oci/attach.h"

#include <nlohmann/json.hpp>

#include "images/store/digest.h"

namespace images {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kManifestType = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* kEmptyType = "application/vnd.oci.empty.v1+json";
constexpr const char* kIndexType = "application/vnd.oci.image.index.v1+json";

Blob blob_of(std::string bytes) {
  std::string digest = sha256(bytes);
  return {std::move(digest), std::move(bytes)};
}

Json descriptor(const std::string& type, const Blob& blob) {
  return {{"mediaType", type}, {"digest", "sha256:" + blob.digest}, {"size", blob.bytes.size()}};
}

Blob manifest_of(const Attachment& attachment, const Blob& document, const Blob& empty, const Json& subject, std::int64_t created) {
  Json layer = descriptor(attachment.type, document), config = descriptor(kEmptyType, empty);
  layer["annotations"] = {{"org.opencontainers.image.title", attachment.name}};
  config["data"] = "e30=";  // {} in base64, so that nobody has to fetch it
  return blob_of(Json({{"schemaVersion", 2}, {"mediaType", kManifestType}, {"artifactType", attachment.type}, {"config", config},
                       {"layers", Json::array({layer})}, {"subject", subject},
                       {"annotations", {{"org.opencontainers.image.created", rfc3339(created)}}}}).dump());
}

}  // namespace

void attach(const std::vector<Attachment>& attachments, std::int64_t created, Image& image) {
  if (attachments.empty()) return;
  Json index = Json::parse(image.index);
  Json subject = index.at("manifests").at(0);
  for (const char* key : {"annotations", "platform"}) subject.erase(key);
  const Blob empty = blob_of("{}");
  image.blobs.push_back(empty);
  for (const Attachment& attachment : attachments) {
    const Blob document = blob_of(attachment.bytes);
    const Blob manifest = manifest_of(attachment, document, empty, subject, created);
    Json entry = descriptor(kManifestType, manifest);
    entry["artifactType"] = attachment.type;
    index["manifests"].push_back(entry);
    image.blobs.push_back(document);
    image.blobs.push_back(manifest);
  }
  image.index = index.dump();
}

void gather(Image& image) {
  Json inner = Json::parse(image.index);
  Json& entries = inner.at("manifests");
  if (entries.size() < 2) return;
  Json name = entries.at(0).at("annotations");
  entries.at(0).erase("annotations");
  // of no platform at all some tools would think that it is for every one
  for (std::size_t i = 1; i < entries.size(); ++i) entries.at(i)["platform"] = {{"architecture", "unknown"}, {"os", "unknown"}};
  Blob blob = blob_of(inner.dump());
  Json outer = descriptor(kIndexType, blob);
  outer["annotations"] = std::move(name);
  image.blobs.push_back(std::move(blob));
  image.index = Json({{"schemaVersion", 2}, {"mediaType", kIndexType}, {"manifests", Json::array({outer})}}).dump();
}

}  // namespace images
