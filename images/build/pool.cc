#include "images/build/pool.h"

#include <filesystem>

#include "profiles/checks/checks.h"

namespace images {
namespace {

constexpr const char* kCode = "/srv/www";

std::string extended(const std::string& profile, const std::string& recipe_file) {
  if (profile.find('/') == std::string::npos) return profile;
  return (std::filesystem::absolute(recipe_file).parent_path() / profile).lexically_normal().string();
}

// The image's part, on top of the profile's. What a web server in another container needs is its group.
std::string layer_text(const Recipe& recipe, const std::string& name, const std::string& recipe_file) {
  return "extends: \"" + extended(recipe.profile, recipe_file) + "\"\nname: \"" + name + "\"\nidentity: {user: " + recipe.account.user +
         ", group: " + recipe.account.user + "}\nlisten: {group: www-data}\nfilesystem: {code: " + kCode + "}\nphp: {version: \"" +
         recipe.php.text + "\"}\n";
}

void check_fits(const profiles::Policy& policy, const Recipe& recipe, const std::string& file, base::Diagnostics& diagnostics) {
  if (!policy.filesystem.data.text.empty())
    diagnostics.error({file, 0, 0}, "profile", "its filesystem.data names a folder of a host",
                      "extend the application's profile; in a container, volumes are mounted over the writable paths");
  if (!policy.php.binary.text.empty())
    diagnostics.error({file, 0, 0}, "profile", "its php.binary names a program of a host", "leave it out: the image has one of its own");
  if (policy.identity.user != recipe.account.user) diagnostics.error({file, 0, 0}, "account.user", "is not the policy's", "");
}

// The image carries no profile that the flat file could extend.
void check_reads_back(const Pool& pool, const std::string& file, base::Diagnostics& diagnostics) {
  const auto read = [&](const std::string&) -> base::Result<std::string> { return pool.text; };
  base::Diagnostics again;
  const auto composed = profiles::compose("", read, "pool.yaml", again);
  if (again.has_errors() || !(composed.policy == pool.policy))
    diagnostics.error({file, 0, 0}, "profile", "written as one flat file it would be another policy", "report this, it is a bug of fpmbox");
}

}  // namespace

Pool compose_pool(const Recipe& recipe, const std::string& name, const std::string& catalog, const profiles::ReadFile& read,
                  const std::string& recipe_file, base::Diagnostics& diagnostics) {
  const std::string layer = recipe_file + " (the image's part)";
  const auto read_all = [&](const std::string& path) -> base::Result<std::string> {
    if (path == layer) return layer_text(recipe, name, recipe_file);
    return read(path);
  };
  const auto composed = profiles::compose(catalog, read_all, layer, diagnostics);
  Pool out{composed.policy, profiles::write(composed.policy)};
  if (diagnostics.has_errors()) return out;
  profiles::check_policy({composed, diagnostics, true, false});
  check_fits(out.policy, recipe, recipe_file, diagnostics);
  check_reads_back(out, recipe_file, diagnostics);
  return out;
}

}  // namespace images
