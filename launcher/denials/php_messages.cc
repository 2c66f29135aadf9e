#include "launcher/denials/php_messages.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "launcher/denials/explain_paths.h"
#include "launcher/denials/message_shape.h"
#include "launcher/denials/php_extensions.h"
#include "profiles/base/text.h"

namespace launcher {
namespace {

using Kind = Denial::Kind;
using Source = Message::Source;

// From the parts of a message that has the row's shape to a denial; false when it is none after all.
using Explain = bool (*)(Denial& denial, const Captures& parts, const DenialContext& context);

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string in_mebibytes(std::uint64_t bytes) { return std::to_string((bytes + (1 << 20) - 1) >> 20); }

std::string admin_value(std::string_view key, const std::string& value) {
  return "php: {admin_values: {" + std::string(key) + ": " + value + "}}";
}

// ---- servers

bool is_program_starter(std::string_view name) {
  constexpr std::string_view kStarters[] = {"exec", "shell_exec", "system", "passthru", "popen", "proc_open", "pcntl_exec"};
  return std::find(std::begin(kStarters), std::end(kStarters), name) != std::end(kStarters);
}

bool has_network(const DenialContext& context) { return context.policy.network.mode == profiles::NetworkMode::host; }

// A box in the host's network that names ports gets another; any other box has no network to reach anything by.
bool explain_tcp(Denial& denial, std::string_view host, std::string_view port, const DenialContext& context) {
  denial.kind = Kind::connect;
  denial.decided_by = decided_at(context, has_network(context) ? "connect" : "network");
  const bool is_complete = !host.empty() && !port.empty() && number_of(port).has_value();
  const std::string address = is_complete ? std::string(host) + ":" + std::string(port) : "HOST:PORT";
  const std::string named = "connect: [{tcp: " + yaml_text(address) + ", why: \"...\"}]";
  const std::string network = "network: {mode: host, why: \"...\"}";
  if (!has_network(context)) denial.permit = network;
  if (is_complete && (has_network(context) || !context.policy.connect.empty()))
    denial.permit += (denial.permit.empty() ? "" : "\n") + named;
  denial.note = !is_complete ? "or with the server's Unix socket: connect: [{unix: PATH}]" : "";
  return true;
}

bool explain_unix(Denial& denial, std::string_view path, const DenialContext& context) {
  denial.kind = Kind::connect;
  denial.act = "connect to " + std::string(path);
  denial.decided_by = decided_at(context, "connect");
  if (base::is_normal_absolute(path)) denial.permit = "connect: [{unix: " + yaml_text(path) + "}]";
  return true;
}

struct Endpoint {
  std::string_view host;
  std::string_view port;
};

// "tcp://192.0.2.1:80", "example.org:3306", "https://example.org/path".
Endpoint endpoint_of(std::string_view text) {
  const std::size_t scheme = text.find("://");
  std::string_view port;
  if (scheme != text.npos) {
    port = text.starts_with("https") ? "443" : text.starts_with("http") ? "80" : text.starts_with("ftp") ? "21" : "";
    text.remove_prefix(scheme + 3);
  }
  text = text.substr(0, text.find_first_of("/?#"));
  if (const std::size_t at = text.rfind('@'); at != text.npos) text.remove_prefix(at + 1);
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos || text.ends_with(']')) return {text, port};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

// The server's own answers are no denials.
bool is_out_of_reach(std::string_view reason, const DenialContext& context) {
  constexpr std::string_view kReasons[] = {"Unknown error", "operation failed", "Network is unreachable", "Operation not permitted",
                                           "Permission denied", "No such file or directory", "Unknown error while connecting"};
  if (std::find(std::begin(kReasons), std::end(kReasons), reason) != std::end(kReasons)) return true;
  if (reason.starts_with("php_network_getaddresses: ")) return !has_network(context);
  return reason == "Connection refused" && !has_network(context);
}

bool could_not_connect(Denial& denial, const Captures& parts, const DenialContext& context) {
  std::string_view to = parts[1];
  if (!is_out_of_reach(parts[2], context)) return false;
  for (const std::string_view scheme : {"unix://", "udg://"}) {
    if (!to.starts_with(scheme)) continue;
    to.remove_prefix(scheme.size());
    return explain_unix(denial, to.ends_with(":-1") ? to.substr(0, to.size() - 3) : to, context);
  }
  const Endpoint endpoint = endpoint_of(to);
  denial.act = "connect to " + std::string(endpoint.host) + ":" + std::string(endpoint.port);
  return explain_tcp(denial, endpoint.host, endpoint.port, context);
}

bool could_not_open_url(Denial& denial, const Captures& parts, const DenialContext& context) {
  constexpr std::string_view kSchemes[] = {"http", "https", "ftp", "ftps", "tcp", "ssl", "tls"};
  const bool is_of_network = std::find(std::begin(kSchemes), std::end(kSchemes), parts[1]) != std::end(kSchemes);
  if (!is_of_network || !is_out_of_reach(parts[3], context)) return false;
  const std::string url = std::string(parts[1]) + "://" + std::string(parts[2]);
  const Endpoint endpoint = endpoint_of(url);
  denial.act = "connect to " + std::string(endpoint.host) + ":" + std::string(endpoint.port);
  return explain_tcp(denial, endpoint.host, endpoint.port, context);
}

// MySQL's client does not say which socket it tried: the one of its setting, or as Debian builds it.
bool no_database_socket(Denial& denial, const Captures&, const DenialContext& context) {
  const auto& values = context.policy.php.admin_values;
  const auto set = values.find("mysqli.default_socket");
  explain_unix(denial, set == values.end() ? "/run/mysqld/mysqld.sock" : set->second, context);
  denial.act = "connect to the database's socket";
  denial.note = "where its socket has another path, name that";
  return true;
}

bool no_database_server(Denial& denial, const Captures&, const DenialContext& context) {
  denial.act = "connect to the database";
  return explain_tcp(denial, {}, {}, context);
}

bool no_database_host(Denial& denial, const Captures& parts, const DenialContext& context) {
  const std::string_view host = parts[0].empty() ? parts[1] : parts[0];
  denial.act = "connect to " + std::string(host) + ":3306";
  return explain_tcp(denial, host, "3306", context);
}

bool no_socket_there(Denial& denial, const Captures&, const DenialContext& context) {
  denial.kind = Kind::connect;
  denial.act = "connect to a Unix socket";
  denial.decided_by = decided_at(context, "connect");
  denial.note = "the message does not say which; connect: [{unix: PATH}] would permit it";
  return true;
}

bool no_names(Denial& denial, const Captures& parts, const DenialContext& context) {
  if (has_network(context)) return false;
  denial.act = std::string(parts[0]) + "()";
  explain_tcp(denial, {}, {}, context);
  denial.note.clear();
  return true;
}

bool no_mail(Denial& denial, const Captures&, const DenialContext& context) {
  denial.kind = Kind::connect;
  denial.act = "mail()";
  denial.decided_by = decided_at(context, "mail");
  denial.note = "mail: {unix: PATH} names the server that takes it";
  return true;
}

// ---- extensions and functions

bool explain_extension(Denial& denial, std::string act, std::string_view extension, const DenialContext& context) {
  const auto& loaded = context.policy.php.extensions;
  const auto is_loaded = [&](std::string_view name) { return std::find(loaded.begin(), loaded.end(), name) != loaded.end(); };
  if (extension.empty() || is_loaded(extension)) return false;
  std::vector<std::string> missing = with_needed(extension);
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
  if (is_program_starter(name))
    denial.note = "no profile can permit it: there is no program in a box";
  else
    denial.permit = "php: {disable_functions: {remove: [" + yaml_text(name) + "]}}";
  return true;
}

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
  denial.note = "the message does not say which driver; php: {extensions: [pdo_mysql]}, pdo_pgsql or pdo_sqlite would permit it";
  return true;
}

bool no_program(Denial& denial, const Captures& parts, const DenialContext& context) {
  if (!is_program_starter(parts[0])) return false;
  denial.kind = Kind::function;
  denial.act = std::string(parts[0]) + "()";
  denial.decided_by = decided_at(context, "syscalls.report", "execve");
  denial.note = "no profile can permit it: there is no program in a box";
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

// ---- limits

bool memory_exhausted(Denial& denial, const Captures& parts, const DenialContext& context) {
  const auto bytes = number_of(parts[0]);
  if (!bytes || *bytes > (std::uint64_t{1} << 50)) return false;
  denial.kind = Kind::limit;
  denial.act = "more memory than " + in_mebibytes(*bytes) + " MiB";
  denial.decided_by = decided_at(context, "php.admin_values", "memory_limit");
  denial.permit = admin_value("memory_limit", in_mebibytes(*bytes * 2) + "M");
  denial.note = "limits.memory.max is for all workers together";
  return true;
}

bool time_exceeded(Denial& denial, const Captures& parts, const DenialContext& context) {
  const auto seconds = number_of(parts[0]);
  if (!seconds || *seconds > 1000000) return false;
  const bool is_set = context.policy.php.admin_values.contains("max_execution_time");
  denial.kind = Kind::limit;
  denial.act = "to run longer than " + std::to_string(*seconds) + " s";
  denial.decided_by = is_set ? decided_at(context, "php.admin_values", "max_execution_time") : "PHP's max_execution_time";
  denial.permit = admin_value("max_execution_time", "\"" + std::to_string(*seconds * 2) + "\"");
  return true;
}

bool post_too_large(Denial& denial, const Captures& parts, const DenialContext& context) {
  const auto sent = number_of(parts[0]);
  if (!sent || *sent > (std::uint64_t{1} << 50)) return false;
  denial.kind = Kind::limit;
  denial.act = "a request of " + std::to_string(*sent) + " bytes";
  denial.decided_by = decided_at(context, "php.admin_values", "post_max_size");
  denial.permit = admin_value("post_max_size", in_mebibytes(*sent) + "M");
  return true;
}

// Size or number of files: which of them is full only the box knows.
bool explain_full(Denial& denial, std::string act, const DenialContext& context) {
  const auto& tmp = context.policy.filesystem.tmp;
  denial.kind = Kind::limit;
  denial.act = std::move(act);
  denial.decided_by = decided_at(context, "filesystem.tmp");
  denial.permit = "filesystem: {tmp: {size: " + in_mebibytes(tmp.size.count * 2) + "MiB, inodes: " + std::to_string(tmp.inodes * 2) + "}}";
  return true;
}

bool no_space(Denial& denial, const Captures& parts, const DenialContext& context) {
  explain_full(denial, std::string(parts[0]) + "(): no space left", context);
  denial.note = "if it is /tmp that is full; the message does not say";
  return true;
}

bool no_space_for_file(Denial& denial, const Captures& parts, const DenialContext& context) {
  const std::string_view path = parts[1].empty() ? parts[0] : parts[1];
  return path.starts_with("/tmp/") && explain_full(denial, "create " + std::string(path) + ": no space left", context);
}

bool no_upload(Denial& denial, const Captures&, const DenialContext& context) {
  return explain_full(denial, "a file for an upload in /tmp", context);
}

bool no_worker_left(Denial& denial, const Captures& parts, const DenialContext& context) {
  const auto workers = number_of(parts[0]);
  if (!workers || *workers == 0 || *workers > 100000) return false;
  const bool is_set = context.policy.php.pm.max_children.has_value();
  denial.kind = Kind::limit;
  denial.act = "more than " + std::to_string(*workers) + (*workers == 1 ? " request at once" : " requests at once");
  denial.decided_by = decided_at(context, is_set ? "php.pm.max_children" : "limits.memory.max");
  denial.permit = "php: {pm: {max_children: " + std::to_string(*workers * 2) + "}}";
  if (!is_set) denial.note = "it was computed from limits.memory.max and php.pm.worker_memory; look whether there is memory for so many";
  return true;
}

// FPM says the request's address too, which is not looked at.
bool request_too_long(Denial& denial, const Captures& parts, const DenialContext& context) {
  const auto pid = number_of(parts[0]);
  const std::uint64_t seconds = context.policy.php.pm.request_timeout.milliseconds / 1000;
  denial.kind = Kind::limit;
  denial.pid = pid && *pid < 1000000000 ? static_cast<std::int64_t>(*pid) : 0;
  denial.script = parts[1];
  denial.act = "a request longer than " + std::to_string(seconds) + " s";
  denial.decided_by = decided_at(context, "php.pm.request_timeout");
  denial.permit = "php: {pm: {request_timeout: " + std::to_string(seconds * 2) + "s}}";
  return true;
}

// ---- scripts

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

// ---- all of them

struct Row {
  Source source;
  std::string_view shape;
  Explain explain;
};

// The first row that fits and explains counts. Each shape was seen in the log of a real PHP 8.2
// (tests/golden/denials/messages.txt).
constexpr Row kRows[] = {
    {Source::php, "*(*://*): Failed to open stream: *", could_not_open_url},
    {Source::php, "*(*): Failed to open stream: Read-only file system", paths::read_only},
    {Source::php, "*(*): Failed to open stream: Permission denied", paths::not_permitted},
    {Source::php, "*(*): Failed to open stream: No such file or directory", paths::absent},
    {Source::php, "*(*): Failed to open directory: No such file or directory", paths::absent},
    {Source::php, "*(*): Failed to open stream: No space left on device", no_space_for_file},
    {Source::php, "touch(): Unable to create file * because Read-only file system", paths::read_only_file},
    {Source::php, "touch(): Unable to create file * because No space left on device", no_space_for_file},
    {Source::php, "rename(*,*): Read-only file system", paths::read_only_names},
    {Source::php, "unlink(*): Read-only file system", paths::read_only_names},
    {Source::php, "rmdir(*): Read-only file system", paths::read_only_names},
    {Source::php, "*(): Utime failed: Read-only file system", paths::read_only_somewhere},
    {Source::php, "*(): Read-only file system", paths::read_only_somewhere},
    {Source::php, "*: open_basedir restriction in effect. File(*) is not within the allowed path(s): (*)", paths::open_basedir},
    {Source::php, "PDOException: SQLSTATE[HY000] [14] unable to open database file", paths::database},
    {Source::php, "PDOException: SQLSTATE[HY000]: General error: 8 attempt to write a readonly database", paths::database},
    {Source::php, "Exception: Unable to open database: unable to open database file", paths::database},
    {Source::php, "SQLite3::*(): attempt to write a readonly database", paths::database},
    {Source::php, "*(): Unable to connect to * (*)", could_not_connect},
    {Source::php, "mysqli_sql_exception: No such file or directory", no_database_socket},
    {Source::php, "mysqli*(): (HY000/2002): No such file or directory", no_database_socket},
    {Source::php, "PDOException: SQLSTATE[HY000] [2002] No such file or directory", no_database_socket},
    {Source::php, "mysqli_sql_exception: Unknown error while connecting", no_database_server},
    {Source::php, "mysqli*(): (HY000/2002): Unknown error while connecting", no_database_server},
    {Source::php, "PDOException: SQLSTATE[HY000] [2002] Unknown error while connecting", no_database_server},
    {Source::php, "mysqli_sql_exception: php_network_getaddresses: getaddrinfo for * failed: *", no_database_host},
    {Source::php, "PDOException: SQLSTATE[HY000] [2002] php_network_getaddresses: getaddrinfo for * failed: *", no_database_host},
    {Source::php, "socket_connect(): unable to connect [2]: No such file or directory", no_socket_there},
    {Source::php, "*(): A temporary server error occurred.", no_names},
    {Source::php, "mail(): Could not execute mail delivery program *", no_mail},
    {Source::php, "Error: Call to undefined function *()", undefined_function},
    {Source::php, "*() has been disabled for security reasons", disabled_function},
    {Source::php, "Error: Class \"*\" not found", unknown_class},
    {Source::php, "Error: Interface \"*\" not found", unknown_class},
    {Source::php, "Error: Undefined constant \"*\"", unknown_constant},
    {Source::php, "PDOException: could not find driver", no_driver},
    {Source::php, "*(): Unable to fork [*]", no_program},
    {Source::php, "*(): Unable to execute '*'", no_program},
    {Source::php, "*(): Exec failed: *", no_program},
    {Source::php, "*(): Unable to attach or create shared memory segment *", no_shared_memory},
    {Source::php, "*(): Failed for key *: Operation not permitted", no_shared_memory},
    {Source::php, "Allowed memory size of * bytes exhausted*", memory_exhausted},
    {Source::php, "Maximum execution time of * second exceeded", time_exceeded},
    {Source::php, "Maximum execution time of * seconds exceeded", time_exceeded},
    {Source::php, "POST Content-Length of * bytes exceeds the limit of * bytes", post_too_large},
    {Source::php, "*(): Write of * bytes failed with errno=28 No space left on device", no_space},
    {Source::php, "File upload error - unable to create a temporary file", no_upload},
    {Source::fpm, "server reached pm.max_children setting (*), consider raising it", no_worker_left},
    {Source::fpm, "child *, script '*' (request: *", request_too_long},
    {Source::fpm, "NOTICE: Access to the script '*' has been denied (see security.limit_extensions)", not_an_extension_of_scripts},
    {Source::guard, "*: *", guarded},
};

}  // namespace

std::optional<Denial> recognise(std::string_view line, const DenialContext& context) {
  const auto message = read_message(line);
  if (!message) return std::nullopt;
  for (const Row& row : kRows) {
    if (row.source != message->source) continue;
    const auto parts = match(row.shape, message->text);
    if (!parts) continue;
    Denial denial;
    denial.script = message->script;
    denial.pid = message->pid;
    if (row.explain(denial, *parts, context)) return bounded(std::move(denial));
  }
  return std::nullopt;
}

}  // namespace launcher
