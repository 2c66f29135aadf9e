#include "images/oci/image.h"

#include <time.h>

#include <array>
#include <nlohmann/json.hpp>

#include "images/store/digest.h"

namespace images {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kManifestType = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* kConfigType = "application/vnd.oci.image.config.v1+json";
constexpr const char* kIndexType = "application/vnd.oci.image.index.v1+json";

Json descriptor(const std::string& type, const Blob& blob) {
  return {{"mediaType", type}, {"digest", "sha256:" + blob.digest}, {"size", blob.bytes.size()}};
}

Blob blob_of(const Json& json) {
  std::string text = json.dump();
  std::string digest = sha256(text);
  return {std::move(digest), std::move(text)};
}

// As nlohmann would write an empty std::map: an object, never null.
Json object_of(const std::map<std::string, std::string>& map) {
  Json out = Json::object();
  for (const auto& [key, value] : map) out[key] = value;
  return out;
}

// The image-spec reserves the word; Docker and Podman read it. Times are in nanoseconds.
Json healthcheck_of(const std::vector<std::string>& command) {
  constexpr std::int64_t kSecond = 1000000000;
  Json test = {"CMD"};
  for (const std::string& word : command) test.push_back(word);
  return {{"Test", test}, {"Interval", 30 * kSecond}, {"Timeout", 10 * kSecond}, {"StartPeriod", 30 * kSecond}, {"Retries", 3}};
}

Json process_of(const About& about) {
  Json out = {{"Entrypoint", about.entrypoint}, {"Env", about.environment}, {"WorkingDir", about.working_directory}};
  if (!about.user.empty()) out["User"] = about.user;
  if (!about.stop_signal.empty()) out["StopSignal"] = about.stop_signal;
  for (const std::string& port : about.exposed_ports) out["ExposedPorts"][port] = Json::object();
  out["Labels"] = object_of(about.labels);
  if (!about.healthcheck.empty()) out["Healthcheck"] = healthcheck_of(about.healthcheck);
  return out;
}

Json config_of(const std::vector<Layer>& layers, const About& about) {
  Json diff_ids = Json::array(), history = Json::array();
  const std::string created = rfc3339(about.created);
  for (const Layer& layer : layers) {
    diff_ids.push_back("sha256:" + layer.diff_id);
    history.push_back({{"created", created}, {"created_by", "fpmbox build"}, {"comment", layer.name}});
  }
  return {{"created", created}, {"architecture", "amd64"}, {"os", "linux"}, {"config", process_of(about)},
          {"rootfs", {{"type", "layers"}, {"diff_ids", diff_ids}}}, {"history", history}};
}

}  // namespace

std::string rfc3339(std::int64_t seconds) {
  const time_t time = static_cast<time_t>(seconds);
  struct tm parts = {};
  std::array<char, 32> text{};
  if (::gmtime_r(&time, &parts) == nullptr) return {};
  ::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

Image make_image(std::vector<Layer> layers, const About& about) {
  Image out;
  const Blob config = blob_of(config_of(layers, about));
  Json of_layers = Json::array(), paths = Json::array();
  bool docker_takes_it = true;
  for (Layer& layer : layers) {
    docker_takes_it = docker_takes_it && layer.compression == Compression::gzip;
    out.blobs.push_back({layer.digest, std::move(layer.blob)});
    of_layers.push_back(descriptor(layer_type(layer.compression), out.blobs.back()));
    paths.push_back("blobs/sha256/" + layer.digest);
  }
  const Blob manifest = blob_of({{"schemaVersion", 2}, {"mediaType", kManifestType}, {"config", descriptor(kConfigType, config)},
                                 {"layers", of_layers}, {"annotations", object_of(about.labels)}});
  Json entry = descriptor(kManifestType, manifest);
  // podman and skopeo read the first name, containerd the second
  entry["annotations"] = {{"org.opencontainers.image.ref.name", about.name}, {"io.containerd.image.name", about.name}};
  entry["platform"] = {{"architecture", "amd64"}, {"os", "linux"}};
  out.index = Json({{"schemaVersion", 2}, {"mediaType", kIndexType}, {"manifests", Json::array({entry})}}).dump();
  out.oci_layout = R"({"imageLayoutVersion":"1.0.0"})";
  if (docker_takes_it)
    out.docker_manifest = Json::array({{{"Config", "blobs/sha256/" + config.digest}, {"RepoTags", {about.name}}, {"Layers", paths}}}).dump();
  out.manifest_digest = manifest.digest;
  out.config_digest = config.digest;
  out.blobs.push_back(config);
  out.blobs.push_back(manifest);
  return out;
}

}  // namespace images
