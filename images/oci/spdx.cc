#include "images/oci/spdx.h"

#include <nlohmann/json.hpp>

namespace images {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kUnknown = "NOASSERTION";

Json purl_reference(const std::string& purl) {
  return {{{"referenceCategory", "PACKAGE-MANAGER"}, {"referenceType", "purl"}, {"referenceLocator", purl}}};
}

Json package_of(const LockedPackage& package, const std::string& id, const std::string& distribution) {
  return {{"SPDXID", id},
          {"name", package.name},
          {"versionInfo", package.version},
          {"downloadLocation", package.uri},
          {"filesAnalyzed", false},
          {"sourceInfo", "built from the source " + package.source + " " + package.source_version},
          {"checksums", {{{"algorithm", "SHA256"}, {"checksumValue", package.sha256}}}},
          {"licenseConcluded", kUnknown},
          {"licenseDeclared", kUnknown},
          {"copyrightText", kUnknown},
          {"externalRefs", purl_reference(purl_of(package, distribution))}};
}

Json package_of(const Component& component, const std::string& id) {
  Json out = {{"SPDXID", id}, {"name", component.name}};
  if (!component.version.empty()) out["versionInfo"] = component.version;
  out.update(Json({{"downloadLocation", kUnknown},
                   {"filesAnalyzed", false},
                   {"sourceInfo", "named by /" + component.path},
                   {"licenseConcluded", kUnknown},
                   {"licenseDeclared", kUnknown},
                   {"copyrightText", kUnknown},
                   {"externalRefs", purl_reference(component.purl)}}));
  return out;
}

Json relation(const std::string& from, const char* what, const std::string& to) {
  return {{"spdxElementId", from}, {"relationshipType", what}, {"relatedSpdxElement", to}};
}

}  // namespace

std::string purl_of(const LockedPackage& package, const std::string& distribution) {
  return "pkg:deb/debian/" + percent(package.name) + "@" + percent(package.version) + "?arch=" + package.arch + "&distro=" + distribution;
}

std::string spdx(const SpdxInput& input) {
  const std::string image = "SPDXRef-image";
  Json packages = Json::array({{{"SPDXID", image}, {"name", input.name}, {"versionInfo", "sha256:" + input.manifest_digest},
                                {"downloadLocation", kUnknown}, {"filesAnalyzed", false}, {"primaryPackagePurpose", "CONTAINER"}}});
  Json relations = Json::array({relation("SPDXRef-DOCUMENT", "DESCRIBES", image)});
  std::size_t number = 0;  // an id has fewer characters than a name
  const auto add = [&](auto&& make) {
    const std::string id = "SPDXRef-package-" + std::to_string(++number);
    packages.push_back(make(id));
    relations.push_back(relation(image, "CONTAINS", id));
  };
  for (const LockedPackage& package : input.lock.packages)
    if (input.kept.contains(package.name)) add([&](const std::string& id) { return package_of(package, id, input.distribution); });
  for (const Component& component : input.components) add([&](const std::string& id) { return package_of(component, id); });
  return Json({{"spdxVersion", "SPDX-2.3"},
               {"dataLicense", "CC0-1.0"},
               {"SPDXID", "SPDXRef-DOCUMENT"},
               {"name", input.name},
               {"documentNamespace", "urn:fpmbox:sha256:" + input.manifest_digest},
               {"creationInfo", {{"created", rfc3339(input.created)}, {"creators", {"Tool: fpmbox"}}}},
               {"packages", packages},
               {"relationships", relations}})
             .dump(1, ' ', false, Json::error_handler_t::replace) +
         "\n";
}

}  // namespace images
