#include "images/trial/acts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "launcher/harness/against.h"
#include "launcher/harness/box_targets.h"
#include "launcher/harness/conditions.h"
#include "launcher/harness/expectations.h"
#include "launcher/harness/runner.h"
#include "launcher/sys/file.h"

namespace images {
namespace {

using harness::ActResult;
using harness::CheckResult;
using harness::Control;

constexpr const char* kFolder = "fpmbox-image-acts";                // in the code
constexpr const char* kScratch = "/run/fpmbox/.image-test";         // for what an engine has beside the image
constexpr const char* kLoader = "/lib64/ld-linux-x86-64.so.2";
constexpr uid_t kNobody = 65534;
constexpr const char* kNeedsLimits = "it takes the limits that an engine sets: fpmbox test tries it, on a host";

bool is_named(const profiles::Expect& expect, const std::string& id) {
  const auto is_it = [&](const profiles::AllowedAct& one) { return one.id == id; };
  return std::find(expect.denied.begin(), expect.denied.end(), id) != expect.denied.end() || std::any_of(expect.allowed.begin(), expect.allowed.end(), is_it);
}

constexpr const char* kNeedsFolder = "it makes files in a folder, and of this image the profile lets it write none";
constexpr const char* kNeedsFpm = "the image has no php-fpm in /usr/sbin to compare with";

bool takes_limits(const harness::Act& act) { return act.resource || harness::is_among("own_limits", act.when); }

std::string why_not(const harness::Act& act, const profiles::Policy& policy, const launcher::Plan& plan, const Footing& footing) {
  if (takes_limits(act)) return kNeedsLimits;
  if (const harness::Condition* const missing = harness::obstacle(act, plan, policy); missing != nullptr) return missing->otherwise;
  if (footing.data.empty() && harness::is_among("has_data", act.when)) return kNeedsFolder;
  return act.native || !footing.php_fpm.empty() ? "" : kNeedsFpm;
}

// As root, who sees all of it.
std::string first_folder(const profiles::Policy& policy) {
  for (const auto& writable : policy.filesystem.writable) {
    const std::string path = policy.filesystem.code.text + "/" + writable.path.text;
    struct stat info = {};
    if (::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) return path;
  }
  return {};
}

}  // namespace

bool names_acts(const profiles::Expect& expect) { return !expect.denied.empty() || !expect.allowed.empty(); }

base::Status check_names(const profiles::Expect& expect, const TrialActs& acts) { return harness::check_names(expect, acts.acts); }

std::string act_script_of(const profiles::Policy& policy) { return policy.filesystem.code.text + "/" + kFolder + "/act.php"; }

void add_acts(const profiles::Policy& policy, const TrialActs& acts, StoredImage& image) {
  if (!names_acts(policy.expect) || image.layers.empty()) return;
  std::vector<Member>& last = image.layers.back().members;
  const std::string folder = policy.filesystem.code.text.substr(1) + "/" + kFolder;
  last.push_back({Member::Kind::directory, folder, 0755, 0, 0, 0, {}, {}});
  for (const harness::ScratchFile& script : acts.scripts) last.push_back({Member::Kind::file, folder + "/" + script.name, 0444, 0, 0, 0, {}, script.content});
}

std::string php_fpm_of(const StoredImage& image) {
  for (const StoredLayer& layer : image.layers)
    for (const Member& member : layer.members)
      if (member.kind == Member::Kind::file && member.path.starts_with("usr/sbin/php-fpm")) return "/" + member.path;
  return {};
}

base::Result<launcher::UserEntry> user_of(const StoredImage& image, const std::string& name) {
  std::string text;
  for (const StoredLayer& layer : image.layers)
    for (const Member& member : layer.members)
      if (member.kind == Member::Kind::file && member.path == "etc/passwd") text = member.bytes;
  for (launcher::UserEntry& user : launcher::parse_users(text))
    if (user.name == name) return std::move(user);
  return base::Error{"the image knows no user " + name, {}, 0, {}};
}

base::Status ActTrial::prepare(const launcher::UserEntry& user) {
  const sys::Fd root = TRY(sys::open("/", O_RDONLY | O_DIRECTORY));
  const std::string path = std::string(kScratch).substr(1);
  for (const std::string& name : {path, path + "/control", path + "/acts", path + "/bait"}) TRY(sys::make_directory_at(root.get(), name, 0755));
  for (const harness::ScratchFile& script : acts_.scripts) TRY(sys::write_file_at(root.get(), path + "/acts/" + script.name, script.content, 0644));
  harness::Bait bait = TRY(harness::make_bait({std::string(kScratch) + "/bait", user.uid, user.gid, kNobody, kNobody}));
  footing_.data = first_folder(policy_);
  bait_ = std::make_unique<harness::Bait>(std::move(bait));
  pool_ = {.control = Control::user, .php_fpm = footing_.php_fpm, .user = policy_.identity.user, .group = std::to_string(user.gid), .uid = user.uid, .gid = user.gid,
           .groups = {user.gid}, .neighbour_uid = kNobody, .neighbour_gid = kNobody, .environment = {}, .leaked = bait_->targets().at("secret"),
           .folder = std::string(kScratch) + "/control", .act_script = std::string(kScratch) + "/acts/act.php"};
  pool_.environment[bait_->targets().at("secret_name")] = bait_->targets().at("secret_value");
  return base::success();
}

harness::Targets ActTrial::of_image() const {
  harness::Targets out = harness::policy_targets(policy_);
  out["loader"] = kLoader;
  if (!footing_.data.empty()) out["data"] = footing_.data;
  return out;
}

harness::Arena& ActTrial::control(Control which) {
  auto& arena = controls_[which];
  if (arena) return *arena;
  harness::Targets targets = of_image();
  for (const auto& [name, value] : bait_->targets()) targets[name] = value;
  pool_.control = which;
  arena = std::make_unique<Outside>(pool_, targets, program_);
  return *arena;
}

std::string ActTrial::look(const std::string& name, harness::Arena& arena) const {
  const std::string seen = bait_->look(name);
  if (!seen.empty()) return seen;
  const bool is_control = std::any_of(controls_.begin(), controls_.end(), [&](const auto& one) { return one.second.get() == &arena; });
  return harness::look_at_pool(name, arena, is_control);
}

ChosenActs choose_acts(const std::vector<harness::Act>& all, const profiles::Policy& policy, const launcher::Plan& plan, const Footing& footing) {
  ChosenActs out;
  for (const harness::Act& act : all) {
    if (!is_named(policy.expect, act.id)) continue;
    const std::string why = why_not(act, policy, plan, footing);
    if (why.empty())
      out.acts.push_back(&act);
    else
      out.not_tried[act.id] = why;
  }
  return out;
}

std::vector<CheckResult> ActTrial::check(Container& container) {
  const auto plan = container.told_plan();
  if (!plan) return {{"image/plan", "its launcher tells which box it makes: acts depend on that", CheckResult::State::failed, plan.error().text()}};
  for (const harness::Targets& targets : {bait_->targets(), of_image()})
    for (const auto& [name, value] : targets) container.targets()[name] = value;
  container.targets()["sessions"] = harness::sessions_of(policy_.name, plan.value().enclosed);
  const ChosenActs chosen = choose_acts(acts_.acts, policy_, plan.value(), footing_);
  const harness::Sides sides{container, [this](Control which) -> harness::Arena& { return control(which); },
                             [this](const std::string& name, harness::Arena& arena) { return look(name, arena); }, [](const std::string&) {}, true};
  std::vector<ActResult> results = harness::Runner(sides).run(chosen.acts);
  for (ActResult& result : results) harness::settle_in_container(result, container);
  controls_.clear();
  return harness::check_acts_there(policy_.expect, results, chosen.not_tried);
}

}  // namespace images
