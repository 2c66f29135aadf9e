#include "launcher/cli/acts.h"

#include <unistd.h>

#include <algorithm>

#include "launcher/cli/catalog.h"
#include "launcher/cli/load.h"
#include "launcher/cli/scope.h"
#include "launcher/harness/conditions.h"
#include "launcher/harness/layers.h"
#include "profiles/base/text.h"

namespace cli {
namespace {

constexpr const char* kScripts[] = {"act.php", "prelude.php"};

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

base::Result<std::string> find_acts() {
  const auto places = acts_places(own_executable());
  for (const std::string& place : places)
    if (::access((place + "/" + kScripts[0]).c_str(), F_OK) == 0) return place;
  return base::Error{"there are no acts (act.php) in " + base::join(places, ", "), {}, 0, {}};
}

}  // namespace

std::vector<std::string> acts_places(const std::string& executable) {
  std::vector<std::string> out;
  for (const std::string& catalog : catalog_places({}, executable)) out.push_back(folder_of(catalog) + "/acts");
  return out;
}

base::Result<ActFiles> read_acts(base::Diagnostics& diagnostics) {
  const std::string folder = TRY(find_acts());
  std::vector<harness::CatalogueFile> files;
  for (const std::string& path : profiles_in(folder)) {
    std::string text = TRY(read_profile(path));
    files.push_back({path, std::move(text)});
  }
  ActFiles out;
  out.catalogue = harness::read_catalogue(files, {harness::layer_names(), harness::condition_names()}, diagnostics);
  for (const char* script : kScripts) {
    std::string text = TRY(read_profile(folder + "/" + script));
    out.scripts.push_back({script, std::move(text)});
  }
  return out;
}

}  // namespace cli
