#include "launcher/plan/container_wishes.h"

#include <algorithm>

#include "launcher/plan/container_gaps.h"
#include "profiles/base/text.h"

namespace launcher {
namespace {

constexpr std::string_view kPrefix = "FPMBOX_";
constexpr const char* kWhy = "FPMBOX_LISTEN of the container";

std::vector<std::string> list_of(const std::string& text) {
  std::vector<std::string> out;
  for (std::string& item : base::split(text, ','))
    if (!item.empty()) out.push_back(std::move(item));
  return out;
}

base::Error wrong(const std::string& name, const std::string& value, const std::string& wanted) {
  return {name + "=" + value + ": " + wanted, {}, 0, {}};
}

base::Status take_strict(const std::string& value, ContainerWishes& out) {
  if (value != "0" && value != "1") return wrong("FPMBOX_STRICT", value, "write 1 or 0");
  out.strict = value == "1";
  return base::success();
}

base::Status take_allowed(const std::string& value, ContainerWishes& out) {
  out.allowed = list_of(value);
  return base::success();
}

base::Status take_listen(const std::string& value, ContainerWishes& out) {
  const bool is_path = base::is_normal_absolute(value) && value.size() > 1;
  const auto colon = value.rfind(':');
  const bool is_address = value.find('/') == value.npos && colon != value.npos && colon > 0 && colon + 1 < value.size();
  if (!is_path && !is_address) return wrong("FPMBOX_LISTEN", value, "write ADDRESS:PORT, such as 0.0.0.0:9000, or the path of a socket");
  out.listen = value;
  return base::success();
}

base::Status take_secrets(const std::string& value, ContainerWishes& out) {
  out.secrets = list_of(value);
  for (const std::string& path : out.secrets)
    if (!base::is_normal_absolute(path) || path == "/") return wrong("FPMBOX_SECRETS", path, "write paths of files or folders, with commas between them");
  return base::success();
}

struct Variable {
  const char* name;
  base::Status (*take)(const std::string& value, ContainerWishes& out);
  const char* meaning;
};
constexpr Variable kVariables[] = {
    {"FPMBOX_STRICT", take_strict, "1: every gap stops the start, but those that FPMBOX_ALLOW_GAPS names."},
    {"FPMBOX_ALLOW_GAPS", take_allowed, "Names of gaps, with commas between them, that do not stop the start; an unknown name is an error."},
    {"FPMBOX_LISTEN", take_listen, "In place of the pool file's listen: ADDRESS:PORT, such as 0.0.0.0:9000, or the path of a Unix socket."},
    {"FPMBOX_SECRETS", take_secrets, "Files and folders, with commas between them, that scripts may read."},
};

base::Error unknown_variable(const std::string& name) {
  std::vector<std::string> names;
  for (const Variable& row : kVariables) names.emplace_back(row.name);
  const std::string near = base::nearest(name, names);
  return {"there is no variable " + name + "; " + (near.empty() ? "there are " + base::join(names, ", ") : "did you mean " + near + "?"), {}, 0, {}};
}

// Kubernetes names its services to every container: one called fpmbox-wiki comes as FPMBOX_WIKI_SERVICE_HOST, FPMBOX_WIKI_PORT.
bool is_of_kubernetes(const std::string& name) { return name.find("_SERVICE_") != name.npos || name.find("_PORT") != name.npos; }

bool is_in(const std::vector<std::string>& names, const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); }

base::Status check_names(const ContainerWishes& wishes, const Plan& plan) {
  for (const std::string& name : wishes.allowed) {
    const bool is_there = std::any_of(plan.gaps.begin(), plan.gaps.end(), [&](const Gap& gap) { return gap.layer == name; });
    if (is_there || is_container_gap(name)) continue;
    const std::string near = base::nearest(name, container_gap_names());
    return wrong("FPMBOX_ALLOW_GAPS", name, "no gap has this name; " + (near.empty() ? "they are named where they are printed" : "did you mean `" + near + "`?"));
  }
  return base::success();
}

}  // namespace

std::vector<VariableMeaning> variable_meanings() {
  std::vector<VariableMeaning> out;
  for (const Variable& row : kVariables) out.push_back({row.name, row.meaning});
  return out;
}

base::Result<ContainerWishes> wishes_of(const std::map<std::string, std::string>& environment) {
  ContainerWishes out;
  for (const auto& [name, value] : environment) {
    if (!name.starts_with(kPrefix) || is_of_kubernetes(name)) continue;
    const auto* const row = std::find_if(std::begin(kVariables), std::end(kVariables), [&name = name](const Variable& one) { return name == one.name; });
    if (row == std::end(kVariables)) return unknown_variable(name);
    TRY(row->take(value, out));
    out.given.push_back(name + "=" + value);
  }
  return out;
}

void grant_wishes(const ContainerWishes& wishes, profiles::Policy& policy) {
  for (const std::string& path : wishes.secrets) policy.filesystem.system.push_back({{path}, false, "FPMBOX_SECRETS of the container"});
  if (wishes.listen.empty()) return;
  const bool is_path = wishes.listen.starts_with('/');
  policy.listen.unix_path.text = is_path ? wishes.listen : "";
  policy.listen.tcp = is_path ? "" : wishes.listen;
  if (!is_path) policy.listen.why = kWhy;
}

base::Status judge_gaps(const ContainerWishes& wishes, Plan& plan) {
  TRY(check_names(wishes, plan));
  for (Gap& gap : plan.gaps) {
    if (gap.absolute) continue;
    if (is_in(wishes.allowed, gap.layer)) gap.required = false;
    else if (wishes.strict) gap.required = true;
  }
  return base::success();
}

}  // namespace launcher
