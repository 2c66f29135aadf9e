#include "launcher/plan/render_php.h"

#include <algorithm>
#include <array>

#include "launcher/plan/inside.h"
#include "launcher/plan/plan_programs.h"
#include "launcher/plan/render_mail.h"
#include "launcher/plan/render_prelude.h"
#include "profiles/base/text.h"
#include "profiles/model/extension_needs.h"

namespace launcher {
namespace {

using profiles::Policy;

// Read once when the master starts, so that php_admin_value in a pool is silently ignored: they go on the command line.
constexpr std::array kMasterOnly = {"opcache.memory_consumption", "opcache.interned_strings_buffer",
                                    "opcache.max_accelerated_files", "opcache.jit_buffer_size", "opcache.preload",
                                    "opcache.lockfile_path", "opcache.blacklist_filename", "opcache.enable",
                                    "opcache.jit", "apc.shm_size", "user_ini.filename", "fastcgi.logging",
                                    "expose_php", "enable_dl"};

// What the box's own layout decides; an author's value would point outside the box or undo a layer.
constexpr std::array kOurs = {"upload_tmp_dir", "sys_temp_dir", "session.save_path", "disable_functions", "date.timezone",
                              "extension", "zend_extension", "extension_dir", "error_log", "opcache.lockfile_path",
                              "opcache.blacklist_filename", "fastcgi.logging", "cgi.discard_path"};

// Set to a file of ours that ends with the author's own; no second setting of the same key may follow it.
constexpr const char* kPrepend = "auto_prepend_file";

// Others need their symbols. As in Debian's conf.d priorities.
constexpr std::array<std::string_view, 5> kLoadFirst = {"opcache", "mysqlnd", "pdo", "xml", "dom"};
static_assert(std::all_of(std::begin(profiles::kExtensionNeeds), std::end(profiles::kExtensionNeeds), [](const profiles::ExtensionNeed& row) {
  return std::find(kLoadFirst.begin(), kLoadFirst.end(), row.needs) != kLoadFirst.end();
}));

// Prefixes of keys that belong to PHP itself. Other prefixes are modules' names: FPM refuses a key whose module is not loaded.
constexpr std::array kOfPhpItself = {"arg_separator", "assert", "cgi", "fastcgi", "highlight", "mail", "syslog", "url_rewriter",
                                     "user_ini", "zend"};

constexpr std::uint64_t kMasterMemory = 32ull * 1024 * 1024;
constexpr std::uint32_t kOtherProcesses = 4;  // master, status workers, the moment of a replacement

template <class Table>
bool is_in(const Table& table, std::string_view word) {
  return std::find(table.begin(), table.end(), word) != table.end();
}

std::string quoted(const std::string& value) { return "\"" + value + "\""; }

std::vector<std::string> in_load_order(std::vector<std::string> extensions) {
  auto rank = [](const std::string& name) { return std::find(kLoadFirst.begin(), kLoadFirst.end(), name) - kLoadFirst.begin(); };
  std::stable_sort(extensions.begin(), extensions.end(),
                   [&](const std::string& a, const std::string& b) { return rank(a) < rank(b); });
  return extensions;
}

// Without memory for their code the JITs must be off: else PCRE warns at every start, and with opcache's no worker answers.
constexpr std::array kWithoutJit = {std::pair{"opcache.jit", "disable"}, std::pair{"opcache.jit_buffer_size", "0"}, std::pair{"pcre.jit", "0"}};
constexpr const char* kPrice = "4 to 5 times the time of regular expressions; measured on Matomo: 22 % of the tracker's requests, 4 % of pages";

std::map<std::string, std::string> settings_of(const Policy& policy) {
  auto out = policy.php.admin_values;
  if (policy.memory.deny_write_execute)
    for (const auto& [key, value] : kWithoutJit) out[key] = value;
  return out;
}

std::string memory_note(const Policy& policy) {
  const std::string key = "memory.deny_write_execute: ";
  if (policy.memory.deny_write_execute) return key + "true turns PHP's JITs off, at a price: " + kPrice;
  return key + "false leaves PCRE its JIT, for which memory is written and executed; the price of true: " + kPrice;
}

std::string prelude_path(const PhpInput& input) { return input.config_directory + "/" + kPreludeFile; }

std::string prelude(const PhpInput& input) {
  return render_prelude({input.policy, input.origins, input.named_code, input.code, input.uid, input.host_name, input.is_recording,
                         input.trial_script});
}

std::string open_basedir(const PhpInput& input) {
  return input.code + ":" + inside::kTmp + ":" + input.sessions + ":/usr/share/php:" + prelude_path(input) +
         (input.trial_script.empty() ? "" : ":" + std::string(inside::kTrial));
}

// PHP's own mail() must go, so that the prelude can define one.
std::vector<std::string> disabled_functions(const Policy& policy) {
  std::vector<std::string> out = policy.php.disable_functions;
  if (has_mail(policy) && !is_in(out, "mail")) out.push_back("mail");
  return out;
}

std::string render_ini(const PhpInput& input) {
  std::string ini = "; generated by fpmbox: only the extensions that the profile names\n";
  for (const std::string& name : in_load_order(input.policy.php.extensions)) {
    if (is_in(input.php.built_in, name)) continue;
    ini += (name == "opcache" || name == "xdebug" ? "zend_extension=" : "extension=") + name + "\n";
  }
  ini += "date.timezone=" + quoted(input.policy.php.timezone) + "\n";
  // PHP's own messages leave through the master's log, not through the web server's
  ini += "fastcgi.logging=0\n";
  for (const auto& [key, value] : settings_of(input.policy))
    if (key != kPrepend) ini += key + "=" + quoted(value) + "\n";
  // here too, for what FPM serves beside the pool's own socket
  ini += kPrepend + ("=" + quoted(prelude_path(input))) + "\n";
  return ini;
}

std::string admin_value(const std::string& key, const std::string& value) {
  return "php_admin_value[" + key + "] = " + quoted(value) + "\n";
}

// Such a key stays in php.ini, where it waits for its module in vain and in silence.
bool has_its_module(const std::string& key, const PhpInput& input) {
  const auto dot = key.find('.');
  if (dot == std::string::npos || input.php.built_in.empty()) return true;
  const std::string module = key.substr(0, dot);
  return is_in(kOfPhpItself, module) || is_in(input.php.built_in, module) || is_in(input.policy.php.extensions, module);
}

std::string render_process_manager(const Policy& policy, std::uint32_t max_children) {
  const auto& pm = policy.php.pm;
  std::string out = "pm = " + pm.mode + "\n";
  out += "pm.max_children = " + std::to_string(max_children) + "\n";
  if (pm.mode == "dynamic") {
    const std::uint32_t spare = std::min<std::uint32_t>(2, max_children);
    out += "pm.start_servers = 1\npm.min_spare_servers = 1\npm.max_spare_servers = " + std::to_string(spare) + "\n";
  }
  if (pm.mode == "ondemand") out += "pm.process_idle_timeout = 10s\n";
  out += "pm.max_requests = " + std::to_string(pm.max_requests) + "\n";
  out += "request_terminate_timeout = " + std::to_string(pm.request_timeout.milliseconds / 1000) + "s\n";
  return out;
}

std::string render_paths(const PhpInput& input) {
  std::string out = admin_value("upload_tmp_dir", inside::kTmp);
  out += admin_value("sys_temp_dir", inside::kTmp);
  out += admin_value("session.save_path", input.sessions);
  if (input.policy.php.open_basedir)
    out += admin_value("open_basedir", open_basedir(input));
  return out;
}

std::string render_pool(const PhpInput& input, std::uint32_t max_children) {
  const Policy& policy = input.policy;
  std::string out = "[" + policy.name + "]\n";
  out += std::string("listen = ") + inside::kLiveSocket + "\n";
  out += "listen.backlog = " + std::to_string(policy.listen.backlog) + "\n";
  out += std::string("pm.status_listen = ") + inside::kStatusSocket + "\n";
  out += std::string("pm.status_path = ") + inside::kStatusPath + "\n";
  out += std::string("ping.path = ") + inside::kPingPath + "\nping.response = pong\n";
  out += render_process_manager(policy, max_children);
  out += "catch_workers_output = yes\ndecorate_workers_output = yes\nclear_env = yes\n";
  out += "security.limit_extensions = " + base::join(policy.php.limit_extensions, " ") + "\n";
  for (const auto& [name, value] : script_environment(policy, input.program_directory)) out += "env[" + name + "] = " + quoted(value) + "\n";
  out += render_paths(input);
  if (const auto disabled = disabled_functions(policy); !disabled.empty())
    out += admin_value("disable_functions", base::join(disabled, ","));
  out += admin_value("date.timezone", policy.php.timezone);
  // With PATH_INFO in a request Apache also sends PATH_TRANSLATED, and FPM would start that file in place of SCRIPT_FILENAME
  out += admin_value("cgi.discard_path", "1");
  out += admin_value(kPrepend, prelude_path(input));
  for (const auto& [key, value] : settings_of(policy))
    if (key != kPrepend && !is_in(kMasterOnly, key) && has_its_module(key, input)) out += admin_value(key, value);
  return out;
}

std::string render_global(const Policy& policy) {
  std::string out = "; generated by fpmbox\n[global]\ndaemonize = no\n";
  // with --force-stderr; /proc/self/fd/2 cannot be reopened by a process that is not dumpable
  out += "error_log = /dev/null\nlog_level = notice\nlog_limit = 8192\n";
  out += "process_control_timeout = " + std::to_string(std::max<std::uint64_t>(1, policy.limits.stop_timeout.milliseconds / 1000)) + "s\n";
  return out;
}

// Where nothing looks at timestamps, a PHP file that is written again would never be read again: opcache must not keep it.
bool looks_at_timestamps(const PhpInput& input) {
  return !input.code_is_pinned || (input.policy.php.opcache.written && !input.policy.filesystem.writable.empty());
}

std::vector<std::string> command_line(const PhpInput& input) {
  const auto& php = input.policy.php;
  const std::string ini = input.config_directory + "/php.ini";
  std::vector<std::string> argv = {"php-fpm", "--nodaemonize", "--force-stderr", "--fpm-config",
                                   input.config_directory + "/php-fpm.conf", "-c", ini};
  auto set = [&argv](const std::string& key, const std::string& value) {
    argv.push_back("-d");
    argv.push_back(key + "=" + value);
  };
  for (const auto& [key, value] : settings_of(input.policy))
    if (is_in(kMasterOnly, key)) set(key, value);
  if (!is_in(php.extensions, "opcache")) return argv;
  auto mebibytes = [](base::Bytes size) { return std::to_string(size.count / (1024 * 1024)); };
  set("opcache.memory_consumption", mebibytes(php.opcache.memory));
  set("opcache.interned_strings_buffer", mebibytes(php.opcache.strings));
  set("opcache.max_accelerated_files", std::to_string(php.opcache.max_files));
  set("opcache.lockfile_path", inside::kTmp);
  const bool looks = looks_at_timestamps(input);
  set("opcache.validate_timestamps", looks ? "1" : "0");
  if (looks) set("opcache.revalidate_freq", "2");
  set("opcache.blacklist_filename", input.config_directory + "/opcache-blacklist");
  return argv;
}

std::string render_blacklist(const PhpInput& input) {
  std::string out;
  if (looks_at_timestamps(input)) return out;
  for (const auto& writable : input.policy.filesystem.writable) out += input.code + "/" + writable.path.text + "*\n";
  return out;
}

// What the mail() of the prelude is made of.
constexpr std::array kNeededByMail = {"stream_socket_client", "stream_set_timeout", "fgets", "fwrite", "random_bytes", "trigger_error"};

void check_mail_function(const PhpInput& input, base::Diagnostics& diagnostics) {
  if (!has_mail(input.policy)) return;
  const auto at = [&](const std::string& key) { return input.origins.find(key).where; };
  if (!input.php.version.empty() && input.php.version.front() < '8')
    diagnostics.error(at("mail"), "mail", "PHP " + input.php.version + " lets nobody define mail() anew",
                      "use PHP " + std::string(kMailSince) + " or newer, or send mail by an SMTP library of the application");
  for (const char* name : kNeededByMail)
    if (is_in(input.policy.php.disable_functions, name))
      diagnostics.error(at("php.disable_functions[" + std::string(name) + "]"), "php.disable_functions[" + std::string(name) + "]",
                        "mail() of this pool needs it", "remove it, or leave mail: out");
}

void check_ours(const PhpInput& input, base::Diagnostics& diagnostics) {
  for (const auto& [key, value] : input.policy.php.admin_values) {
    if (!is_in(kOurs, key)) continue;
    const std::string path = "php.admin_values[" + key + "]";
    diagnostics.error(input.origins.find(path).where, path, "fpmbox sets it from the box's layout",
                      "remove it; php.extensions, php.disable_functions, php.timezone and filesystem.tmp are the keys for it");
  }
}

// What a pool says in php_admin_value. max_execution_time is none on the command line, whatever stands there.
std::string render_command_ini(const PhpInput& input) {
  std::string ini = render_ini(input) + "upload_tmp_dir=" + inside::kTmp + "\nsys_temp_dir=" + inside::kTmp + "\n";
  ini += "session.save_path=" + quoted(input.sessions) + "\n";
  if (input.policy.php.open_basedir) ini += "open_basedir=" + quoted(open_basedir(input)) + "\n";
  return ini + "disable_functions=" + quoted(base::join(disabled_functions(input.policy), ",")) + "\n";
}

PhpConfiguration render_for_command(const PhpInput& input) {
  PhpConfiguration out;
  out.php_ini = render_command_ini(input);
  if (!input.program_directory.empty()) out.program_ini = out.php_ini;
  out.prelude = prelude(input);
  return out;
}

}  // namespace

std::uint32_t workers_for(const Policy& policy) {
  constexpr std::uint32_t kWithoutLimit = 16;
  std::uint32_t count = kWithoutLimit;
  if (policy.limits.memory_max) {
    const std::uint64_t fixed = policy.php.opcache.memory.count + kMasterMemory;
    const std::uint64_t left = policy.limits.memory_max->count > fixed ? policy.limits.memory_max->count - fixed : 0;
    const std::uint64_t each = std::max<std::uint64_t>(1, policy.php.pm.worker_memory.count);
    count = static_cast<std::uint32_t>(std::min<std::uint64_t>(left / each, 512));
  }
  if (policy.limits.pids_max && *policy.limits.pids_max > kOtherProcesses)
    count = std::min(count, *policy.limits.pids_max - kOtherProcesses);
  return std::max<std::uint32_t>(count, 1);
}

PhpConfiguration render_php(const PhpInput& input, base::Diagnostics& diagnostics) {
  check_ours(input, diagnostics);
  check_mail_function(input, diagnostics);
  if (!input.is_service) return render_for_command(input);
  PhpConfiguration out;
  const auto& pm = input.policy.php.pm;
  out.max_children = pm.max_children ? *pm.max_children : workers_for(input.policy);
  out.php_ini = render_ini(input);
  if (!input.program_directory.empty()) out.program_ini = render_command_ini(input);
  out.fpm_conf = render_global(input.policy) + "\n" + render_pool(input, out.max_children);
  out.blacklist = render_blacklist(input);
  out.prelude = prelude(input);
  out.argv = command_line(input);
  if (!pm.max_children)
    out.notes.push_back("php.pm.max_children is " + std::to_string(out.max_children) +
                        ", from limits.memory.max, php.opcache.memory and php.pm.worker_memory");
  out.notes.push_back(memory_note(input.policy));
  if (!has_mail(input.policy)) out.notes.push_back("PHP's mail() fails: it starts a program; mail: names a server for it");
  out.notes.push_back(!input.code_is_pinned       ? "opcache looks at timestamps every 2 s: the code may change in place"
                      : looks_at_timestamps(input) ? "opcache looks at timestamps every 2 s: it keeps PHP files of writable paths, too"
                                                   : "opcache does not look at timestamps: the code is a pinned version");
  return out;
}

}  // namespace launcher
