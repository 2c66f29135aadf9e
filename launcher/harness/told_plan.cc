#include "launcher/harness/told_plan.h"

#include <array>

#include "profiles/base/json.h"
#include "profiles/base/text.h"

namespace harness {
namespace {

using base::Json;
using launcher::FilterRule;
using launcher::MountOp;
using launcher::Plan;

constexpr int kPatienceMs = 60000;  // an engine makes a container for it

// Words of launcher/plan/print_json.cc, in the order of the enums.
constexpr std::array kMountKinds = {"directory", "file", "symlink", "bind", "tmpfs", "devices", "device", "proc", "unreadable", "overlay", "copy"};
constexpr std::array kActions = {"allow", "report", "absent"};
constexpr std::array kGates = {"pinned_path", "notified", "none"};

// Remembers the first thing that is not as it should be.
class Reader {
 public:
  const Json& member(const Json& of, const char* name) {
    const Json* const found = of.find(name);
    if (found != nullptr) return *found;
    miss(name);
    return kNothing;
  }
  std::string text(const Json& of, const char* name) {
    const std::string* const found = member(of, name).text();
    return found != nullptr ? *found : (miss(name), std::string());
  }
  bool boolean(const Json& of, const char* name) {
    const auto found = member(of, name).boolean();
    return found ? *found : (miss(name), false);
  }
  std::int64_t number(const Json& of, const char* name) { return number_of(member(of, name), name); }
  std::int64_t number_of(const Json& value, const char* name) {
    if (const auto found = value.number()) return static_cast<std::int64_t>(*found);
    const auto found = value.signed_number();
    return found ? *found : (miss(name), 0);
  }
  const std::vector<Json>& list(const Json& of, const char* name) {
    const Json& found = member(of, name);
    if (!found.is_array()) miss(name);
    return found.is_array() ? found.items() : kNone;
  }
  template <class Enum, std::size_t kCount>
  Enum word(const Json& of, const char* name, const std::array<const char*, kCount>& words) {
    const std::string said = text(of, name);
    for (std::size_t i = 0; i < kCount; ++i)
      if (said == words[i]) return static_cast<Enum>(i);
    miss(name);
    return {};
  }
  const std::string& missed() const { return missed_; }

 private:
  void miss(const char* name) {
    if (missed_.empty()) missed_ = name;
  }
  inline static const Json kNothing;
  inline static const std::vector<Json> kNone;
  std::string missed_;
};

std::uint64_t optional_number(const Json& of, const char* name) {
  const Json* const found = of.find(name);
  return found == nullptr ? 0 : found->number().value_or(0);
}

void read_identity(Reader& read, const Json& from, Plan& plan) {
  plan.user = read.text(from, "user");
  plan.group = read.text(from, "group");
  plan.uid = static_cast<uid_t>(read.number(from, "uid"));
  plan.gid = static_cast<gid_t>(read.number(from, "gid"));
  plan.becomes_pool = read.boolean(from, "becomes_pool");
  if (const auto uid = read.member(from, "launcher").number()) plan.supervisor_uid = static_cast<uid_t>(*uid);
}

MountOp mount_of(Reader& read, const Json& from) {
  MountOp out;
  out.kind = read.word<MountOp::Kind>(from, "kind", kMountKinds);
  out.target = read.text(from, "target");
  out.key = read.text(from, "key");
  out.read_only = read.boolean(from, "read_only");
  out.no_exec = read.boolean(from, "noexec");
  out.size = optional_number(from, "size");
  out.inodes = optional_number(from, "inodes");
  if (out.kind == MountOp::Kind::file) out.content = read.text(from, "content");
  if (out.kind == MountOp::Kind::proc) out.hides_processes = read.boolean(from, "hides_processes");
  return out;
}

FilterRule::Argument argument_of(Reader& read, const Json& from) {
  FilterRule::Argument out;
  out.index = static_cast<unsigned>(read.number(from, "index"));
  for (const Json& one : read.list(from, "one_of")) out.one_of.push_back(static_cast<std::uint64_t>(read.number_of(one, "one_of")));
  out.none_of = static_cast<std::uint64_t>(read.number(from, "none_of"));
  out.not_together = static_cast<std::uint64_t>(read.number(from, "not_together"));
  out.pointer = read.boolean(from, "pointer");
  return out;
}

FilterRule rule_of(Reader& read, const Json& from) {
  FilterRule out;
  out.name = read.text(from, "name");
  out.number = static_cast<int>(read.number(from, "number"));
  out.action = read.word<FilterRule::Action>(from, "action", kActions);
  if (from.find("arguments") == nullptr) return out;
  for (const Json& one : read.list(from, "arguments")) out.arguments.push_back(argument_of(read, one));
  return out;
}

void read_filter(Reader& read, const Json& root, Plan& plan) {
  for (const Json& one : read.list(root, "syscalls")) plan.filter.rules.push_back(rule_of(read, one));
  const Json& program = read.member(root, "program");
  plan.filter.program_fd = static_cast<int>(read.number(program, "fd"));
  plan.filter.exec_gate = read.word<launcher::ExecGate>(program, "gate", kGates);
  const Json& denials = read.member(root, "denials");
  plan.filter.report = read.boolean(denials, "report");
  plan.filter.records = read.boolean(denials, "record");
}

void read_program(Reader& read, const Json& from, Plan& plan) {
  plan.program.source = read.text(from, "source");
  for (const Json& word : read.list(from, "argv"))
    if (word.text() != nullptr) plan.program.argv.push_back(*word.text());
}

}  // namespace

base::Result<Plan> told_plan(const std::string& json) {
  const Json root = TRY(Json::parse(json));
  Reader read;
  Plan plan;
  plan.pool = read.text(root, "pool");
  plan.enclosed = read.boolean(root, "enclosed");
  plan.in_container = read.member(root, "tier").text() != nullptr;
  plan.umask = static_cast<mode_t>(read.number(root, "umask"));
  plan.namespaces = static_cast<std::uint64_t>(read.number(root, "namespaces"));
  plan.user_namespace = read.boolean(root, "user_namespace");
  read_identity(read, read.member(root, "identity"), plan);
  plan.memory.deny_write_execute = read.boolean(read.member(root, "memory"), "deny_write_execute");
  read_program(read, read.member(root, "program"), plan);
  read_filter(read, root, plan);
  for (const Json& one : read.list(root, "mounts")) plan.mounts.push_back(mount_of(read, one));
  for (const Json& one : read.list(root, "limits"))
    if (one.find("rlimit") != nullptr) plan.rlimits.push_back({read.text(one, "rlimit"), 0, static_cast<std::uint64_t>(read.number(one, "value"))});
  if (!read.missed().empty()) return base::Error{"the plan that was told lacks `" + read.missed() + "`", {}, 0, {}};
  return plan;
}

base::Result<Plan> ask_for_plan(const AskLauncher& ask, const std::string& pool_file) {
  const std::vector<std::string> lines = TRY(ask({""}, kPatienceMs, {"plan", "--json", pool_file}));
  return told_plan(base::join(lines, "\n"));
}

}  // namespace harness
