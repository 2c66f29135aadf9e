#include "images/build/assemble.h"

#include "images/build/runtime.h"
#include "images/package/tar_reader.h"
#include "images/store/digest.h"
#include "images/store/files.h"
#include "images/store/refuse.h"
#include "images/tree/audit.h"
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

CodeRules rules_of(const Code& code, const profiles::Policy& policy) {
  CodeRules out{code.prune_names, code.prune_paths, code.keep, code.secrets, {}, {}};
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

// What lies upon the runtime.
base::Status add_upper(const Inputs& inputs, Assembled& out) {
  const profiles::Policy& policy = inputs.pool.policy;
  const Ids ids{inputs.recipe.account.user, inputs.recipe.account.uid, inputs.recipe.account.gid};
  SiteCode code = TRY(prepare_code(inputs.code, rules_of(inputs.recipe.code, policy), ids));
  out.launcher = TRY(launcher_tree(inputs));
  TRY(place(code.tree, policy.filesystem.code.text.substr(1), out.code));
  out.kept = code.kept;
  out.pruned = code.pruned;
  return check(out, inputs);
}

}  // namespace

base::Result<PathMap> read_code(const Code& code) {
  const bool is_tarball = !code.tarball.text.empty();
  if (code.directory.text.empty() && !is_tarball) return PathMap();
  auto tree = is_tarball ? read_tarball(code) : read_folder(code.directory.text);
  if (!tree) return tree.take_error().during(is_tarball ? code.tarball.text : code.directory.text);
  return tree;
}

base::Result<Assembled> assemble(const Inputs& inputs, const Vault& vault) {
  Runtime runtime = TRY(make_runtime(inputs.lock, vault, inputs.recipe, inputs.pool.policy));
  Assembled out;
  out.runtime = std::move(runtime.tree);
  out.programs = std::move(runtime.programs);
  TRY(add_upper(inputs, out));
  return out;
}

base::Result<Assembled> assemble_on(PackedRuntime runtime, const Inputs& inputs) {
  Assembled out;
  out.runtime = std::move(runtime.outline);
  out.programs = std::move(runtime.programs);
  out.packed = std::move(runtime.layer);
  TRY(add_upper(inputs, out));
  return out;
}

}  // namespace images
