#include "images/oci/spdx.h"

#include <nlohmann/json.hpp>

namespace images {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kUnknown = "NOASSERTION";

// purl-spec: everything but letters, digits and -._~ is written as %XX.
std::string percent(const std::string& text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    const auto byte = static_cast<unsigned char>(c);
    if (plain)
      out += c;
    else
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
  }
  return out;
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
          {"externalRefs", {{{"referenceCategory", "PACKAGE-MANAGER"}, {"referenceType", "purl"}, {"referenceLocator", purl_of(package, distribution)}}}}};
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
  for (const LockedPackage& package : input.lock.packages) {
    if (!input.kept.contains(package.name)) continue;
    const std::string id = "SPDXRef-package-" + std::to_string(++number);
    packages.push_back(package_of(package, id, input.distribution));
    relations.push_back(relation(image, "CONTAINS", id));
  }
  return Json({{"spdxVersion", "SPDX-2.3"},
               {"dataLicense", "CC0-1.0"},
               {"SPDXID", "SPDXRef-DOCUMENT"},
               {"name", input.name},
               {"documentNamespace", "urn:fpmbox:sha256:" + input.manifest_digest},
               {"creationInfo", {{"created", rfc3339(input.created)}, {"creators", {"Tool: fpmbox"}}}},
               {"packages", packages},
               {"relationships", relations}})
             .dump(1) +
         "\n";
}

}  // namespace images
