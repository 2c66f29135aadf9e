#include "launcher/denials/explain_scripts.h"

#include <string>

namespace launcher {
namespace {

using Kind = Denial::Kind;

// The reason that follows is the guard's, or that of whoever writes like it: only the lines of the policy itself are shown.
struct Guard {
  std::string_view reason;
  const char* key;
  const char* note;
};
constexpr Guard kGuards[] = {
    {"it is not in the code (*)", "filesystem.code", "what is not below it is no part of the application"},
    {"the pool can write it (*)", "filesystem.writable", "whoever can write a script and start it, runs what he likes; no profile can permit it"},
    {"it belongs to the pool's own user (*)", "identity.user", "chown it to root"},
    {"another script was started than SCRIPT_FILENAME says", "filesystem.code", "no profile can permit it"},
    {"it is no front controller (*)", "web.front_controllers", ""},
};

}  // namespace

namespace scripts {

bool not_an_extension_of_scripts(Denial& denial, const Captures& parts, const DenialContext& context) {
  const std::string_view name = parts[0].substr(parts[0].rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  denial.kind = Kind::start;
  denial.script = parts[0];
  denial.act = "start " + std::string(name);
  denial.decided_by = decided_at(context, "php.limit_extensions");
  if (dot != name.npos) denial.permit = "php: {limit_extensions: [" + yaml_text(name.substr(dot)) + "]}";
  return true;
}

bool guarded(Denial& denial, const Captures& parts, const DenialContext& context) {
  const auto& controllers = context.policy.web.front_controllers;
  for (const Guard& row : kGuards) {
    if (!match(row.reason, parts[1])) continue;
    const bool is_controller = row.key == std::string_view("web.front_controllers");
    denial.kind = Kind::start;
    denial.act = "start " + std::string(parts[0]);
    denial.script = parts[0];
    denial.decided_by = decided_at(context, row.key, is_controller && !controllers.empty() ? controllers.back() : "");
    denial.note = row.note;
    if (is_controller) denial.permit = "web: {front_controllers: [" + yaml_text(parts[0]) + "]}";
    return true;
  }
  return false;
}

}  // namespace scripts

}  // namespace launcher
