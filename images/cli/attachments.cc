#include "images/cli/attachments.h"

#include "images/layer/compression.h"
#include "images/oci/provenance.h"
#include "images/oci/spdx.h"
#include "images/tree/components.h"
#include "images/tree/packages.h"
#include "launcher/export/oci_seccomp.h"
#include "profiles/base/text.h"

namespace images {
namespace {

// "debian-12", of the image's own /etc/os-release.
std::string distribution_of(const PathMap& runtime) {
  const Entry* file = runtime.find("usr/lib/os-release");
  std::string id = "debian", version;
  for (const std::string& line : base::split(file == nullptr ? "" : *file->content, '\n')) {
    if (line.starts_with("ID=")) id = line.substr(3);
    if (line.starts_with("VERSION_ID=\"") && line.ends_with('"')) version = "-" + line.substr(12, line.size() - 13);
  }
  return id + version;
}

constexpr const char* kSbomType = "application/spdx+json";
constexpr const char* kSbomName = "sbom.spdx.json";
constexpr const char* kProvenanceType = "application/vnd.in-toto+json";
constexpr const char* kProvenanceName = "provenance.intoto.json";

std::string sbom(const Workshop& shop, const std::string& name, const PathMap& system, const PathMap& files, const Image& image) {
  std::set<std::string> kept = packages_with_files(system);
  kept.merge(packages_with_files(files));
  return spdx({name, image.manifest_digest, distribution_of(system), epoch_of(shop.inputs.lock), shop.inputs.lock, std::move(kept), components_of(files)});
}

struct Row {
  const char* type;
  const char* name;
  std::string (*make)(const Workshop& shop, const Assembled& parts, const Image& image);
};

std::string provenance_of(const Workshop& shop, const Assembled& parts, const Image& image) {
  const Inputs& in = shop.inputs;
  return provenance({in.recipe.name, image.manifest_digest, distribution_of(parts.runtime), compressor(in.recipe.compression), in.pool.text, in.launcher,
                     in.lock, parts.code});
}

constexpr Row kRows[] = {
    {kSbomType, kSbomName, sbom_of},
    {kProvenanceType, kProvenanceName, provenance_of},
    {"application/vnd.fpmbox.policy.v1+yaml", "pool.yaml", [](const Workshop& shop, const Assembled&, const Image&) { return shop.inputs.pool.text; }},
    {"application/vnd.fpmbox.seccomp.v1+json", "seccomp.json",
     [](const Workshop& shop, const Assembled&, const Image&) { return launcher::export_oci_seccomp(shop.inputs.pool.policy).text; }},
};

}  // namespace

std::string sbom_of(const Workshop& shop, const Assembled& parts, const Image& image) {
  return sbom(shop, shop.inputs.recipe.name, parts.runtime, parts.code, image);
}

std::vector<Attachment> attachments_of(const Workshop& shop, const Assembled& parts, const Image& image) {
  std::vector<Attachment> out;
  for (const Row& row : kRows) out.push_back({row.type, row.name, row.make(shop, parts, image)});
  return out;
}

std::vector<Attachment> attachments_of_web(const Workshop& shop, const WebTrees& web, const Image& image) {
  const std::string& name = shop.inputs.recipe.web.name;
  return {{kSbomType, kSbomName, sbom(shop, name, web.server, web.files, image)},
          {kProvenanceType, kProvenanceName,
           provenance({name, image.manifest_digest, distribution_of(web.server), compressor(shop.inputs.recipe.compression), {}, {}, shop.inputs.lock, web.files})}};
}

}  // namespace images
