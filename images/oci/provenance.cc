#include "images/oci/provenance.h"

#include <nlohmann/json.hpp>

#include "images/oci/spdx.h"
#include "images/store/digest.h"

namespace images {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kStatement = "https://in-toto.io/Statement/v1";
constexpr const char* kPredicate = "https://slsa.dev/provenance/v1";
constexpr const char* kBuild = "urn:fpmbox:build:1";

Json resource(const std::string& uri, const std::string& name, const std::string& digest) {
  return {{"uri", uri}, {"name", name}, {"digest", {{"sha256", digest}}}};
}

Json materials(const ProvenanceInput& input) {
  Json out = Json::array();
  for (const LockedPackage& package : input.lock.packages) {
    Json one = resource(purl_of(package, input.distribution), package.name, package.sha256);
    one["downloadLocation"] = package.uri;
    out.push_back(one);
  }
  if (!input.launcher.empty()) out.push_back(resource("urn:fpmbox:launcher", "/fpmbox", sha256(input.launcher)));
  if (!input.policy.empty()) out.push_back(resource("urn:fpmbox:policy", "/etc/fpmbox/pool.yaml", sha256(input.policy)));
  if (!input.code.entries().empty()) out.push_back(resource("urn:fpmbox:code", "the site's files, as they are in the image", digest_of(input.code)));
  return out;
}

Json signers(const Lock& lock) {
  Json out = Json::array();
  for (const LockedSuite& suite : lock.suites)
    out.push_back({{"suite", suite.name}, {"mirror", suite.mirror}, {"components", suite.components}, {"fingerprints", suite.fingerprints}});
  return out;
}

}  // namespace

std::string digest_of(const PathMap& tree) {
  std::string all;
  for (const auto& [path, entry] : tree.entries())
    all += sha256(path) + " " + std::string(kind_name(entry.kind)) + " " + sha256(entry.content ? *entry.content : entry.target) + "\n";
  return sha256(all);
}

std::string provenance(const ProvenanceInput& input) {
  const Json definition = {{"buildType", kBuild},
                           {"externalParameters", {{"name", input.name}, {"lock", {{"sha256", sha256(write(input.lock))}}}, {"suites", signers(input.lock)}}},
                           {"internalParameters", {{"compressor", input.compressor}}},
                           {"resolvedDependencies", materials(input)}};
  return Json({{"_type", kStatement},
               {"subject", Json::array({{{"name", input.name}, {"digest", {{"sha256", input.manifest_digest}}}}})},
               {"predicateType", kPredicate},
               {"predicate", {{"buildDefinition", definition}, {"runDetails", {{"builder", {{"id", "urn:fpmbox:image"}}}}}}}})
             .dump(1) +
         "\n";
}

}  // namespace images
