#include "launcher/plan/render_prelude.h"

#include "launcher/plan/inside.h"
#include "launcher/plan/render_mail.h"

namespace launcher {
namespace {

// "filesystem.writable[data] in /etc/fpmbox/pools/wiki.yaml:6:14"
std::string key_and_line(const PreludeInput& input, const std::string& key) {
  const std::string where = input.origins.find(key).where.text();
  return where.empty() ? key : key + " in " + where;
}

std::string with_slash(const std::string& path) { return path == "/" ? path : path + "/"; }

std::string starts_with(const std::string& variable, const std::string& text) {
  return "strncmp(" + variable + ", " + php_string(text) + ", " + std::to_string(text.size()) + ") === 0";
}

std::string below(const std::string& variable, const std::string& folder) {
  const std::string text = with_slash(folder);
  return starts_with(variable, text) + " ? substr(" + variable + ", " + std::to_string(text.size()) + ")";
}

// $name is what the script is below the code with every link followed, $spelled what the request calls it. Both count:
// a link in a writable folder can be turned between the moment at which FPM opened the script and this one.
std::string find_names(const PreludeInput& input) {
  std::string out = "    $real = (string) realpath($script);\n";
  out += "    while (strpos($script, '//') !== false) $script = str_replace('//', '/', $script);\n";
  out += "    $name = " + below("$real", input.resolved_code) + " : '';\n";
  out += "    $spelled = " + below("$script", input.resolved_code) + "\n";
  if (input.named_code != input.resolved_code)
    out += "        : (" + below("$script", input.named_code) + " : '')";
  else
    out += "        : ''";
  return out + ";\n";
}

std::string refuse_if(const std::string& condition, const std::string& why) {
  return "    if ($why === '' && (" + condition + ")) $why = " + php_string(why) + ";\n";
}

std::string refuse_strangers(const PreludeInput& input) {
  std::string out = refuse_if(
      "$name === '' || $spelled === '' || $name !== $spelled && "
      "(strpos(\"/$spelled\", '/../') !== false || strpos(\"/$spelled\", '/./') !== false)",
      "it is not in the code (" + key_and_line(input, "filesystem.code") + ")");
  // FPM has more than one way to find its script (PATH_TRANSLATED, cgi.fix_pathinfo); getmyinode() is the one that it
  // took
  out += refuse_if("getmyinode() !== fileinode($real)", "another script was started than SCRIPT_FILENAME says");
  return out;
}

std::string refuse_writable(const PreludeInput& input) {
  std::string out;
  for (const auto& writable : input.policy.filesystem.writable) {
    const std::string key = "filesystem.writable[" + writable.path.text + "]";
    const std::string folder = with_slash(writable.path.text);
    out += refuse_if(starts_with("\"$name/\"", folder) + " || " + starts_with("\"$spelled/\"", folder),
                     "the pool can write it (" + key_and_line(input, key) + ")");
  }
  // whatever wrote it: nothing else on the machine makes files of this owner. It also holds where one folder has two
  // names
  if (input.uid && input.policy.filesystem.owned_by_pool.empty())
    out += refuse_if("getmyuid() === " + std::to_string(*input.uid),
                     "it belongs to the pool's own user (" + key_and_line(input, "identity.user") + ")");
  return out;
}

std::string front_controllers_line(const PreludeInput& input) {
  const auto& first = input.policy.web.front_controllers.front();
  const std::string where = input.origins.find("web.front_controllers[" + first + "]").where.text();
  return where.empty() ? "web.front_controllers" : "web.front_controllers in " + where;
}

std::string refuse_others(const PreludeInput& input) {
  std::string exact, patterns;
  for (const std::string& script : input.policy.web.front_controllers) {
    if (script.find('*') == std::string::npos)
      exact += (exact.empty() ? "" : ", ") + php_string(script) + " => 1";
    else
      patterns += " && !fnmatch(" + php_string(script) + ", $name, FNM_PATHNAME | FNM_PERIOD)";
  }
  if (input.policy.web.front_controllers.empty()) return {};
  const std::string table = "[" + exact + "]";
  const std::string is_other =
      exact.empty() ? "true" : "!isset(" + table + "[$name]) && !isset(" + table + "[$spelled])";
  return refuse_if(is_other + patterns, "it is no front controller (" + front_controllers_line(input) + ")");
}

// It must be the script that FPM took, too: else a request that names it could start another.
std::string admit_trial(const PreludeInput& input) {
  if (input.trial_script.empty()) return {};
  return "    if ($script === " + php_string(input.trial_script) + " && getmyinode() === fileinode($script)) return;\n";
}

std::string render_guard(const PreludeInput& input) {
  std::string out = "// Which script may start. The closure leaves nothing behind for the application to see.\n";
  out += std::string("if (") + kGuardCondition + ") (static function (string $script): void {\n";
  out += admit_trial(input) + find_names(input) + "    $why = '';\n";
  out += refuse_strangers(input) + refuse_writable(input) + refuse_others(input);
  out += "    if ($why === '') return;\n";
  out +=
      "    error_log('fpmbox: refused to start ' . addcslashes(substr($spelled ?: $script, 0, 300), "
      "\"\\0..\\37\\177\") . \": $why\");\n";
  out += "    http_response_code(403);\n";
  out += "    header('Content-Type: text/plain');\n";
  out += "    exit(\"403: this script may not be started here. The log says why.\\n\");\n";
  // not $_SERVER, which is empty under some values of variables_order
  return out + "})((string) getenv('SCRIPT_FILENAME'));\n";
}

// In the global scope, as PHP itself would have done it.
std::string render_operators_own(const PreludeInput& input) {
  const auto& values = input.policy.php.admin_values;
  const auto own = values.find("auto_prepend_file");
  if (own == values.end() || own->second.empty() || own->second == "none") return {};
  return "require " + php_string(own->second) + ";\n";
}

std::string render_mail_function(const PreludeInput& input) { return render_mail(input.policy, input.host_name); }

// Of a recording box: a path that leads nowhere tells the recorder, which sees every open(), whose request this is. Ahead of
// the guard, so that what the guard refuses has a name too.
std::string render_mark(const PreludeInput& input) {
  if (!input.is_recording) return {};
  std::string out = "if (PHP_SAPI === 'fpm-fcgi') {\n";
  out += "    if (getenv('SCRIPT_FILENAME') === " + php_string(inside::kExtensionsScript) + ") return;\n";
  out += "    if (function_exists('fopen')) @fopen(" + php_string(inside::kRequestMark) + " . getenv('SCRIPT_FILENAME'), 'r');\n";
  return out + "    error_clear_last();\n}\n";
}

// In this order: nothing runs ahead of the guard.
constexpr std::string (*kParts[])(const PreludeInput&) = {render_mark, render_guard, render_mail_function, render_operators_own};

}  // namespace

std::string php_string(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string render_prelude(const PreludeInput& input) {
  std::string out = "<?php\n// generated by fpmbox: runs ahead of every request\n";
  for (const auto part : kParts) out += part(input);
  return out;
}

}  // namespace launcher
