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
    {"application/spdx+json", "sbom.spdx.json", sbom_of},
    {"application/vnd.in-toto+json", "provenance.intoto.json", provenance_of},
    {"application/vnd.fpmbox.policy.v1+yaml", "pool.yaml", [](const Workshop& shop, const Assembled&, const Image&) { return shop.inputs.pool.text; }},
    {"application/vnd.fpmbox.seccomp.v1+json", "seccomp.json",
     [](const Workshop& shop, const Assembled&, const Image&) { return launcher::export_oci_seccomp(shop.inputs.pool.policy).text; }},
};

}  // namespace

std::string sbom_of(const Workshop& shop, const Assembled& parts, const Image& image) {
  std::set<std::string> kept = packages_with_files(parts.runtime);
  kept.merge(packages_with_files(parts.code));
  return spdx({shop.inputs.recipe.name, image.manifest_digest, distribution_of(parts.runtime), epoch_of(shop.inputs.lock), shop.inputs.lock, std::move(kept),
               components_of(parts.code)});
}

std::vector<Attachment> attachments_of(const Workshop& shop, const Assembled& parts, const Image& image) {
  std::vector<Attachment> out;
  for (const Row& row : kRows) out.push_back({row.type, row.name, row.make(shop, parts, image)});
  return out;
}

}  // namespace images
