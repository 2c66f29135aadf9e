#include "launcher/denials/explain_extensions.h"

#include <algorithm>
#include <string>

#include "launcher/denials/explain_programs.h"
#include "launcher/denials/php_extensions.h"
#include "profiles/base/text.h"
#include "profiles/model/extension_needs.h"

namespace launcher {
namespace {

using Kind = Denial::Kind;

bool explain_extension(Denial& denial, std::string act, std::string_view extension, const DenialContext& context) {
  const auto& loaded = context.policy.php.extensions;
  const auto is_loaded = [&](std::string_view name) { return std::find(loaded.begin(), loaded.end(), name) != loaded.end(); };
  if (extension.empty() || is_loaded(extension)) return false;
  std::vector<std::string> missing = profiles::with_needed(extension);
  std::erase_if(missing, is_loaded);
  denial.kind = Kind::extension;
  denial.act = std::move(act);
  denial.decided_by = decided_at(context, "php.extensions", loaded.empty() ? "" : loaded.back());
  denial.permit = "php: {extensions: [" + base::join(missing, ", ") + "]}";
  return true;
}

std::string_view last_name(std::string_view name) { return name.substr(name.rfind('\\') + 1); }

bool explain_disabled(Denial& denial, std::string_view name, const DenialContext& context) {
  denial.kind = Kind::function;
  denial.act = std::string(name) + "()";
  denial.decided_by = decided_at(context, "php.disable_functions", std::string(name));
  if (starts_programs(name))
    permit_programs_of(denial, name, context);
  else
    denial.permit = "php: {disable_functions: {remove: [" + yaml_text(name) + "]}}";
  return true;
}

}  // namespace

namespace extensions {

// A function that is disabled is one that does not exist (PHP 8.0).
bool undefined_function(Denial& denial, const Captures& parts, const DenialContext& context) {
  const std::string_view name = last_name(parts[0]);
  const auto& disabled = context.policy.php.disable_functions;
  if (std::find(disabled.begin(), disabled.end(), name) != disabled.end()) return explain_disabled(denial, name, context);
  return explain_extension(denial, std::string(name) + "()", extension_of_function(name), context);
}

bool disabled_function(Denial& denial, const Captures& parts, const DenialContext& context) {
  return explain_disabled(denial, parts[0], context);
}

bool unknown_class(Denial& denial, const Captures& parts, const DenialContext& context) {
  return explain_extension(denial, "class " + std::string(parts[0]), extension_of_class(parts[0]), context);
}

bool unknown_constant(Denial& denial, const Captures& parts, const DenialContext& context) {
  const std::string_view name = last_name(parts[0]);
  return explain_extension(denial, "constant " + std::string(name), extension_of_constant(name), context);
}

bool no_driver(Denial& denial, const Captures&, const DenialContext& context) {
  const auto& loaded = context.policy.php.extensions;
  denial.kind = Kind::extension;
  denial.act = "new PDO()";
  denial.decided_by = decided_at(context, "php.extensions", loaded.empty() ? "" : loaded.back());
  denial.note = "the message does not say which driver; php: {extensions: [mysqlnd, pdo_mysql]}, or pdo_pgsql or pdo_sqlite alone, would permit it";
  return true;
}

bool no_shared_memory(Denial& denial, const Captures& parts, const DenialContext& context) {
  constexpr std::string_view kFunctions[] = {"shmop_open", "shm_attach", "sem_get", "msg_get_queue"};
  if (std::find(std::begin(kFunctions), std::end(kFunctions), parts[0]) == std::end(kFunctions)) return false;
  denial.kind = Kind::function;
  denial.act = std::string(parts[0]) + "()";
  denial.decided_by = decided_at(context, "syscalls.allow") + ", which does not name it";
  denial.permit = "syscalls: {allow: [{name: \"@sysv-ipc\", why: \"...\"}]}";
  return true;
}

}  // namespace extensions

}  // namespace launcher
