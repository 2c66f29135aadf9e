#include "images/build/assemble.h"

#include "images/build/runtime.h"
#include "images/package/tar_reader.h"
#include "images/store/digest.h"
#include "images/store/files.h"
#include "images/store/refuse.h"
#include "images/tree/audit.h"
#include "images/tree/packaged_code.h"
#include "images/tree/read_folder.h"
#include "profiles/base/text.h"

namespace images {
namespace {

constexpr std::size_t kLargestTarball = 1u << 30;
constexpr const char* kLauncher = "fpmbox";
constexpr const char* kPool = "etc/fpmbox/pool.yaml";

// "matomo/index.php" as "index.php": archives of applications have one folder at their top.
base::Result<PathMap> without_top(std::vector<Member> members) {
  PathMap tree;
  std::string top;
  for (Member& member : members) {
    if (member.path.empty()) continue;
    const auto slash = member.path.find('/');
    const std::string first = member.path.substr(0, slash);
    if (top.empty()) top = first;
    if (first != top || !base::is_normal_relative(member.path)) return refuse("`" + base::escape_control(member.path) + "` is not below its one folder " + top);
    if (slash == std::string::npos) continue;
    Entry entry{.mode = 0644};
    if (member.kind == Member::Kind::hardlink) return refuse(member.path + ": a hard link");
    if (member.kind == Member::Kind::directory) entry = {.kind = Entry::Kind::directory, .mode = 0755};
    if (member.kind == Member::Kind::symlink) entry = {.kind = Entry::Kind::symlink, .mode = 0777, .target = member.target};
    if (member.kind == Member::Kind::file) entry.content = content(std::move(member.bytes));
    TRY(tree.add(member.path.substr(slash + 1), std::move(entry)));
  }
  return tree;
}

base::Result<PathMap> read_tarball(const Code& code) {
  const std::string bytes = TRY(read_regular(code.tarball.text, kLargestTarball));
  if (sha256(bytes) != code.sha256) return refuse("its SHA-256 is " + sha256(bytes) + ", the recipe says " + code.sha256);
  std::vector<Member> members = TRY(read_tar(bytes, Limits{}));
  return without_top(std::move(members));
}

PluginLists lists_of(const std::string& word) {
  if (word == kEnabledPlugins) return PluginLists::own;
  return word == kShippedPlugins ? PluginLists::own_or_shipped : PluginLists::none;
}

CodeRules rules_of(const Code& code, const profiles::Policy& policy) {
  CodeRules out{code.prune_names, code.prune_paths, code.keep, code.secrets, {}, {}, lists_of(code.plugins), !code.package.empty()};
  for (const auto& writable : policy.filesystem.writable) {
    out.writable.push_back(writable.path.text);
    if (writable.optional) out.optional.push_back(writable.path.text);
  }
  return out;
}

base::Status place(const PathMap& tree, const std::string& below, PathMap& out) {
  if (out.find(below) == nullptr)
    TRY(out.add(below, {.kind = Entry::Kind::directory, .mode = 0755, .why = "the code"}));
  for (const auto& [path, entry] : tree.entries()) TRY(out.add(below + "/" + path, entry));
  return base::success();
}

base::Result<PathMap> launcher_tree(const Inputs& inputs) {
  PathMap out;
  TRY(out.add(kLauncher, {.mode = 0755, .content = content(inputs.launcher), .why = "the entrypoint"}));
  TRY(out.add(kPool, {.mode = 0644, .content = content(inputs.pool.text), .why = "the policy"}));
  return out;
}

base::Status check(const Assembled& parts, const Inputs& inputs) {
  Promise promise{inputs.recipe.account.uid, inputs.recipe.account.gid, {}, parts.programs};
  promise.programs.push_back(kLauncher);
  for (const auto& writable : inputs.pool.policy.filesystem.writable)
    promise.writable.push_back(inputs.pool.policy.filesystem.code.text.substr(1) + "/" + writable.path.text);
  const std::vector<std::string> broken = audit({&parts.runtime, &parts.launcher, &parts.code}, promise);
  if (broken.empty()) return base::success();
  return refuse("the image would break its promises: " + base::join(broken, "; "));
}

// Scanners look for applications of packages where they look for libraries.
base::Status add_status_of_code(const Unpacked& packages, const PathMap& runtime, PathMap& code) {
  const auto in_runtime = packages_with_files(runtime);
  for (const std::string& package : packages_with_files(code))
    if (!in_runtime.contains(package))
      TRY(code.add("var/lib/dpkg/status.d/" + package, {.mode = 0444, .content = content(packages.texts.at(package).control), .why = "for scanners"}));
  return base::success();
}

base::Status add_code(const Inputs& inputs, const Unpacked& packages, const Ids& ids, Assembled& out) {
  const profiles::Policy& policy = inputs.pool.policy;
  const std::string& package = inputs.recipe.code.package;
  PackagedCode packaged;
  if (!package.empty()) packaged = TRY(packaged_code(packages.files, out.runtime, "usr/share/" + package));
  SiteCode code = TRY(prepare_code(package.empty() ? inputs.code : packaged.tree, rules_of(inputs.recipe.code, policy), ids));
  TRY(place(code.tree, policy.filesystem.code.text.substr(1), out.code));
  TRY(add_status_of_code(packages, out.runtime, out.code));
  out.kept = code.kept;
  out.pruned = code.pruned;
  out.plugins = std::move(code.plugins);
  out.empty = std::move(packaged.empty);
  return base::success();
}

}  // namespace

base::Result<PathMap> read_code(const Code& code) {
  const bool is_tarball = !code.tarball.text.empty();
  if (code.directory.text.empty() && !is_tarball) return PathMap();
  auto tree = is_tarball ? read_tarball(code) : read_folder(code.directory.text);
  if (!tree) return tree.take_error().during(is_tarball ? code.tarball.text : code.directory.text);
  return tree;
}

base::Result<PathMap> root_of(const Assembled& parts) {
  PathMap out = parts.runtime;
  for (const auto& [path, entry] : parts.code.entries()) TRY(out.add(path, entry));
  return out;
}

bool wants_packages(const Systems& systems, const Recipe& recipe) {
  const bool lacks_server = !recipe.web.server.empty() && !systems.server;
  return !systems.runtime || lacks_server;
}

base::Status complete(Systems& systems, const Unpacked& packages, const Inputs& inputs) {
  if (!systems.runtime) systems.runtime = TRY(make_runtime(packages, inputs.recipe, inputs.pool.policy));
  if (!inputs.recipe.web.server.empty() && !systems.server) systems.server = TRY(make_server(packages));
  return base::success();
}

base::Result<Assembled> assemble_on(Systems systems, const Unpacked& packages, const Inputs& inputs) {
  const profiles::Policy& policy = inputs.pool.policy;
  Assembled out;
  out.runtime = std::move(systems.runtime->tree);
  out.programs = std::move(systems.runtime->programs);
  out.packed = std::move(systems.runtime->packed);
  out.launcher = TRY(launcher_tree(inputs));
  TRY(add_code(inputs, packages, {inputs.recipe.account.user, inputs.recipe.account.uid, inputs.recipe.account.gid}, out));
  TRY(check(out, inputs));
  if (systems.server) out.web = TRY(make_web(std::move(*systems.server), inputs.recipe, policy, out.code));
  return out;
}

base::Result<Assembled> assemble(const Inputs& inputs, const Vault& vault) {
  const Unpacked packages = TRY(unpack_all(inputs.lock, vault));
  Systems systems;
  TRY(complete(systems, packages, inputs));
  return assemble_on(std::move(systems), packages, inputs);
}

}  // namespace images
