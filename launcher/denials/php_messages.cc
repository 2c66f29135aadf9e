#include "launcher/denials/php_messages.h"

#include "launcher/denials/explain_extensions.h"
#include "launcher/denials/explain_limits.h"
#include "launcher/denials/explain_paths.h"
#include "launcher/denials/explain_programs.h"
#include "launcher/denials/explain_scripts.h"
#include "launcher/denials/explain_servers.h"
#include "launcher/denials/message_shape.h"

namespace launcher {
namespace {

using Source = Message::Source;

// From the parts of a message that has the row's shape to a denial; false when it is none after all.
using Explain = bool (*)(Denial& denial, const Captures& parts, const DenialContext& context);

struct Row {
  Source source;
  std::string_view shape;
  Explain explain;
};

// The first row that fits and explains counts. As PHP 8.2 and its FPM write them in a box (tests/golden/denials/messages.txt);
// a disabled function is PHP 7's, and a database's host is also looked up by clients that were not tried.
constexpr Row kRows[] = {
    {Source::php, "*(*://*): Failed to open stream: *", servers::could_not_open_url},
    {Source::php, "*(*): Failed to open stream: Read-only file system", paths::read_only},
    {Source::php, "*(*): Failed to open stream: Permission denied", paths::not_permitted},
    {Source::php, "*(*): Failed to open stream: No such file or directory", paths::absent},
    {Source::php, "*(*): Failed to open directory: No such file or directory", paths::absent},
    {Source::php, "*(*): Failed to open stream: No space left on device", limits::no_space_for_file},
    {Source::php, "touch(): Unable to create file * because Read-only file system", paths::read_only_file},
    {Source::php, "touch(): Unable to create file * because No space left on device", limits::no_space_for_file},
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
    {Source::php, "*(): Unable to connect to * (*)", servers::could_not_connect},
    {Source::php, "mysqli_sql_exception: No such file or directory", servers::no_database_socket},
    {Source::php, "mysqli*(): (HY000/2002): No such file or directory", servers::no_database_socket},
    {Source::php, "PDOException: SQLSTATE[HY000] [2002] No such file or directory", servers::no_database_socket},
    {Source::php, "mysqli_sql_exception: Unknown error while connecting", servers::no_database_server},
    {Source::php, "mysqli*(): (HY000/2002): Unknown error while connecting", servers::no_database_server},
    {Source::php, "PDOException: SQLSTATE[HY000] [2002] Unknown error while connecting", servers::no_database_server},
    {Source::php, "mysqli_sql_exception: php_network_getaddresses: getaddrinfo for * failed: *", servers::no_database_host},
    {Source::php, "PDOException: SQLSTATE[HY000] [2002] php_network_getaddresses: getaddrinfo for * failed: *", servers::no_database_host},
    {Source::php, "socket_connect(): unable to connect [2]: No such file or directory", servers::no_socket_there},
    {Source::php, "*(): A temporary server error occurred.", servers::no_names},
    {Source::php, "mail(): Could not execute mail delivery program *", servers::no_mail},
    {Source::php, "Error: Call to undefined function *()", extensions::undefined_function},
    {Source::php, "*() has been disabled for security reasons", extensions::disabled_function},
    {Source::php, "Error: Class \"*\" not found", extensions::unknown_class},
    {Source::php, "Error: Interface \"*\" not found", extensions::unknown_class},
    {Source::php, "Error: Undefined constant \"*\"", extensions::unknown_constant},
    {Source::php, "PDOException: could not find driver", extensions::no_driver},
    {Source::php, "*(): Unable to fork [*]", programs::no_shell},
    {Source::php, "*(): Unable to execute '*'", programs::no_shell},
    {Source::php, "*(): Exec failed: *", programs::no_exec},
    {Source::php, "*(): Unable to attach or create shared memory segment *", extensions::no_shared_memory},
    {Source::php, "*(): Failed for key *: Operation not permitted", extensions::no_shared_memory},
    {Source::php, "Allowed memory size of * bytes exhausted*", limits::memory_exhausted},
    {Source::php, "Maximum execution time of * second exceeded", limits::time_exceeded},
    {Source::php, "Maximum execution time of * seconds exceeded", limits::time_exceeded},
    {Source::php, "POST Content-Length of * bytes exceeds the limit of * bytes", limits::post_too_large},
    {Source::php, "*(): Write of * bytes failed with errno=28 No space left on device", limits::no_space},
    {Source::php, "File upload error - unable to create a temporary file", limits::no_upload},
    {Source::fpm, "server reached pm.max_children setting (*), consider raising it", limits::no_worker_left},
    {Source::fpm, "child *, script '*' (request: *", limits::request_too_long},
    {Source::fpm, "NOTICE: Access to the script '*' has been denied (see security.limit_extensions)", scripts::not_an_extension_of_scripts},
    {Source::fpm, "sh: *: *: not found", programs::not_found},
    {Source::fpm, "sh: *: *: Permission denied", programs::not_found},
    {Source::guard, "*: *", scripts::guarded},
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
