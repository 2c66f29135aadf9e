#include "launcher/harness/entrypoint_checks.h"

#include <fcntl.h>
#include <unistd.h>

#include "launcher/enforce/filter.h"
#include "launcher/harness/expectations.h"
#include "launcher/harness/posture.h"
#include "launcher/sys/file.h"
#include "launcher/sys/process.h"

namespace harness {
namespace {

using base::Result;
using State = CheckResult::State;

constexpr const char* kLaunchers = "fpmbox";  // and their janitors; php-fpm, started from an open file, may be called by its number
constexpr const char* kNoServers = "which are not mounted into this container, for what is tried must not reach them";
constexpr const char* kNobody = "nobody answers there in this container, which has a network and mounts of its own";

std::string name_of(pid_t process) {
  auto text = sys::read_file("/proc/" + std::to_string(process) + "/comm", 64);
  return text ? std::move(text).value() : "";
}

// A folder of its own for each container's engine, which keeps its store in it.
Result<SideInput> in_folder(SideInput input, const char* name) {
  const sys::Fd folder = TRY(sys::open(input.pool.folder, O_RDONLY | O_DIRECTORY));
  TRY(sys::make_directory_at(folder.get(), name, 0710));
  const sys::Fd made = TRY(sys::open_at(folder.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  TRY(sys::change_owner(made.get(), 0, input.pool.gid));
  input.pool.folder += std::string("/") + name;
  return input;
}

Result<std::vector<CheckResult>> read_back(const SideInput& input, Wishes wishes) {
  const SideInput there = TRY(in_folder(input, kInspections[0]));
  EntrypointArena arena(there, wishes);
  TRY(arena.socket());
  const launcher::Plan plan = TRY(arena.told_plan());
  const pid_t first = TRY(arena.first_process());
  if (process_of_box(first) < 0) return base::Error{"no process of php-fpm is below the container's first, " + std::to_string(first), {}, 0, {}};
  Running running = TRY(look_at_box([&] { return process_of_box(first); }, plan, {}, first));
  look_at_settings(arena, plan, running);
  const auto filter = TRY(launcher::compile_filter(plan.filter));
  std::vector<CheckResult> out = compare(running, plan, filter);
  out.push_back({"posture/cgroups", "limits of control groups", State::skipped, "in a container they are the engine's, and a box's own group has another path there than here"});
  return out;
}

CheckResult check_connection(EntrypointArena& arena, const profiles::ExpectedConnection& expected) {
  profiles::Expect alone;
  alone.connects = {expected};
  const AskProbe outside = [&](const std::vector<std::string>& lines, int timeout_ms) { return arena.probe_outside(expected.to, lines, timeout_ms); };
  const AskProbe box = [&](const std::vector<std::string>& lines, int timeout_ms) { return arena.probe_beside(expected.to, lines, timeout_ms); };
  return check_connections_beside(alone, outside, box, kNobody).front();
}

Result<std::vector<CheckResult>> check_expected(const SideInput& input, Wishes wishes) {
  SideInput with_site = TRY(in_folder(input, kInspections[1]));
  with_site.has_site = true;
  EntrypointArena arena(with_site, wishes);
  TRY(arena.socket());
  std::vector<std::string> copies;
  for (const auto& [target, copy] : input.copies) copies.push_back(copy);
  const ExpectInput expected{arena.policy(), arena, copies, false, kNoServers};
  std::vector<CheckResult> out = check_requests(expected);
  for (const profiles::ExpectedConnection& one : arena.policy().expect.connects) out.push_back(check_connection(arena, one));
  for (CheckResult& row : check_files(expected)) out.push_back(std::move(row));
  return out;
}

void add(Result<std::vector<CheckResult>> rows, const char* name, const char* what, std::vector<CheckResult>& out) {
  if (!rows) out.push_back({name, what, State::failed, rows.error().text()});
  if (rows)
    for (CheckResult& row : rows.value()) out.push_back(std::move(row));
}

bool expects_of_site(const profiles::Expect& expect) { return !expect.requests.empty() || !expect.connects.empty() || !expect.files.empty(); }

}  // namespace

pid_t process_of_box(pid_t first) {
  pid_t found = -1;
  for (const pid_t child : sys::children_of(first)) {
    const pid_t below = process_of_box(child);
    if (below > 0) return below;
    if (const std::string name = name_of(child); !name.empty() && !name.starts_with(kLaunchers)) found = child;
  }
  return found;
}

std::string obstacle_to_site(const SideInput& input) {
  const std::string source = code_source(*input.plan), code = input.targets.at("code");
  if (source.empty()) return "the pool's plan mounts no code";
  for (const auto& [target, copy] : input.copies) {
    const bool is_below = target.starts_with(code + "/");
    if (is_below && ::access((source + target.substr(code.size())).c_str(), F_OK) != 0) return target + " is not in the code, where an engine would make it";
  }
  return {};
}

std::vector<CheckResult> check_entrypoint(const SideInput& input, Wishes wishes) {
  std::vector<CheckResult> out;
  add(read_back(input, wishes), "posture/box", "the running box can be read back against its plan", out);
  if (!expects_of_site(input.policy->expect)) return out;
  const std::string obstacle = obstacle_to_site(input);
  if (obstacle.empty())
    add(check_expected(input, wishes), "expect/site", "what the profile expects can be tried", out);
  else
    out.push_back({"expect/site", "what the profile expects of the pool's own code", State::skipped, obstacle});
  return out;
}

}  // namespace harness
