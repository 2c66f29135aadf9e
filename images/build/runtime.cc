#include "images/build/runtime.h"

#include <algorithm>
#include <set>

#include "images/package/deb.h"
#include "images/recipe/extensions.h"
#include "images/store/parallel.h"
#include "images/store/progress.h"
#include "images/store/refuse.h"
#include "images/tree/icu_stub.h"
#include "images/tree/unpack.h"
#include "profiles/base/pattern.h"

namespace images {
namespace {

base::Result<Deb> open_package(const LockedPackage& package, const Vault& vault) {
  const std::string bytes = TRY(vault.read(package.sha256));
  auto deb = read_deb(bytes, Limits{});
  if (!deb) return deb.take_error().during(package.name + " " + package.version);
  if (control_field(deb.value().control, "Package") != package.name || control_field(deb.value().control, "Version") != package.version)
    return refuse(package.name + " " + package.version + ": the package itself says another name or version");
  return deb;
}

// Largest first, so that no worker begins the longest piece of work last.
base::Result<std::vector<Deb>> open_all(const std::vector<LockedPackage>& packages, const Vault& vault) {
  std::vector<std::size_t> order(packages.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return packages[a].size > packages[b].size; });
  std::vector<base::Result<Deb>> opened(packages.size(), Deb());
  parallel(order.size(), [&](std::size_t i) { opened[order[i]] = open_package(packages[order[i]], vault); });
  std::vector<Deb> out;
  for (auto& one : opened) {
    Deb deb = TRY(std::move(one));
    out.push_back(std::move(deb));
  }
  return out;
}

std::string find_extension(const PathMap& tree, const std::string& name) {
  for (const auto& [path, entry] : tree.entries())
    if (base::matches_path("usr/lib/php/*/" + name + ".so", path)) return path;
  return {};
}

std::vector<std::string> programs_in(const PathMap& tree) {
  std::vector<std::string> out;
  for (const auto& [path, entry] : tree.entries())
    if (entry.kind == Entry::Kind::file && (entry.mode & 0111) != 0) out.push_back(path);
  return out;
}

}  // namespace

std::vector<std::string> wanted_packages(const Recipe& recipe, const profiles::Policy& policy) {
  std::set<std::string> out(recipe.packages.add.begin(), recipe.packages.add.end());
  out.insert("php" + recipe.php.text + "-fpm");
  for (const std::string& extension : policy.php.extensions)
    if (!is_built_in(extension)) out.insert(package_of(extension, recipe.php.text));
  for (const std::string& package : {recipe.code.package, recipe.web.server})
    if (!package.empty()) out.insert(package);
  return {out.begin(), out.end()};
}

base::Result<Roots> roots_of(const PathMap& tree, const Recipe& recipe, const profiles::Policy& policy) {
  Roots out;
  out.programs = {fpm_path(recipe.php.text)};
  out.keep = recipe.keep;
  for (const std::string& extension : policy.php.extensions) {
    const std::string path = find_extension(tree, extension);
    if (path.empty() && !is_built_in(extension))
      return refuse("php.extensions: " + extension + ": no package of this image has it, nor is it in php-fpm itself");
    if (!path.empty()) out.libraries.push_back(path);
  }
  return out;
}

base::Result<Unpacked> unpack_all(const Lock& lock, const Vault& vault) {
  progress("opening " + std::to_string(lock.packages.size()) + " packages");
  std::vector<Deb> debs = TRY(open_all(lock.packages, vault));
  Unpacked out;
  TRY(add_merged_usr(out.files));
  for (std::size_t i = 0; i < debs.size(); ++i) {
    out.texts[lock.packages[i].name] = {std::move(debs[i].control), std::move(debs[i].md5sums)};
    TRY(add_members(std::move(debs[i].members), lock.packages[i].name, out.files));
  }
  return out;
}

base::Result<Runtime> make_system(const Unpacked& packages, const Roots& roots, const Ids& ids, const PathMap& configured) {
  Runtime out;
  out.tree = TRY(prune(packages.files, roots));
  out.programs = programs_in(out.tree);
  for (const char* top : {"bin", "sbin", "lib", "lib64"})
    if (out.tree.find(top) == nullptr) TRY(out.tree.add(top, *packages.files.find(top)));
  for (const char* folder : {"usr/bin", "usr/sbin", "usr/lib", "usr/lib64"})
    TRY(out.tree.add(folder, {.kind = Entry::Kind::directory, .mode = 0755, .why = "merged /usr"}));
  TRY(configure(configured, ids, out.tree));
  TRY(add_status(packages.texts, out.tree));
  return out;
}

base::Result<Runtime> make_runtime(const Unpacked& packages, const Recipe& recipe, const profiles::Policy& policy) {
  const Roots roots = TRY(roots_of(packages.files, recipe, policy));
  Runtime out = TRY(make_system(packages, roots, {recipe.account.user, recipe.account.uid, recipe.account.gid}, packages.files));
  if (!recipe.strip.empty()) TRY(stub_icu_data(policy.php.extensions, out.tree));
  return out;
}

}  // namespace images
