// The second image of a site: nginx from the locked packages, its configuration for this pool, and the files that it serves.
// No PHP: scripts are there as empty files, because nginx asks whether an index is.
//
//   Runtime server = TRY(make_server(packages));
//   const WebTrees web = TRY(make_web(std::move(server), recipe, policy, code));
#pragma once

#include <optional>
#include <string>

#include "images/build/runtime.h"
#include "images/recipe/recipe.h"
#include "images/tree/path_map.h"
#include "profiles/base/result.h"
#include "profiles/export/web_site.h"
#include "profiles/model/policy.h"

namespace images {

constexpr std::uint32_t kWebUser = 33;  // www-data, as base-passwd has it: the group that the pool's socket is open to

struct WebTrees {
  PathMap server;
  PathMap files;  // and the configuration
  std::optional<Layer> packed;  // the server's layer where it was packed before
};

// The same for all sites with one lock.
base::Result<Runtime> make_server(const Unpacked& packages);

// `code` lies where it will in the image: "srv/www/index.php".
base::Result<WebTrees> make_web(Runtime server, const Recipe& recipe, const profiles::Policy& policy, const PathMap& code);

// Of the code, what a visitor may have: by the very patterns that nginx is given.
base::Result<PathMap> served_files(const PathMap& code, const profiles::WebSite& site, const profiles::Policy& policy);

// Where nginx reaches the pool, as the recipe or else the policy has it: "unix:/run/fpmbox/wiki/live.sock", "127.0.0.1:9000".
std::string pool_address(const Recipe& recipe, const profiles::Policy& policy);

}  // namespace images
