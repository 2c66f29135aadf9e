#include "launcher/init/perform.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <iterator>
#include <memory>

#include "launcher/facts/paths.h"
#include "launcher/facts/php.h"
#include "launcher/facts/php_candidates.h"
#include "launcher/facts/users.h"
#include "launcher/init/applications.h"
#include "launcher/sys/file.h"
#include "profiles/base/text.h"

namespace launcher {
namespace {

using Kind = PathFact::Kind;

base::Error mistake(std::string what) { return {std::move(what), {}, 0, {}}; }

struct WebServer {
  const char* name;
  const char* programs[2];
  const char* running[3];  // a file that is there while it runs
  const char* groups[3];   // the first that exists
};
constexpr WebServer kWebServers[] = {
    {"nginx", {"/usr/sbin/nginx", ""}, {"/run/nginx.pid", "", ""}, {"www-data", "nginx", "http"}},
    {"apache",
     {"/usr/sbin/apache2", "/usr/sbin/httpd"},
     {"/run/apache2/apache2.pid", "/run/httpd/httpd.pid", ""},
     {"www-data", "apache", "http"}},
};

constexpr const char* kDatabases[] = {"/run/mysqld/mysqld.sock", "/run/mysql/mysql.sock",
                                      "/run/postgresql/.s.PGSQL.5432"};

bool exists(const std::string& path) { return !path.empty() && look_at(path).kind != Kind::missing; }

template <class Names>
bool any_exists(const Names& names) {
  return std::any_of(std::begin(names), std::end(names), [](const char* name) { return exists(name); });
}

const WebServer* web_server_for(const std::string& wanted) {
  const WebServer* installed = nullptr;
  for (const WebServer& server : kWebServers) {
    if (wanted == server.name) return &server;
    if (!wanted.empty() || !any_exists(server.programs)) continue;
    if (any_exists(server.running)) return &server;
    if (installed == nullptr) installed = &server;
  }
  return installed;
}

bool has_user(const std::string& name) {
  profiles::Policy policy;
  policy.identity.user = name;
  HostFacts facts;
  find_users(policy, facts);
  return facts.users.contains(name);
}

bool has_group(const std::string& name) {
  profiles::Policy policy;
  policy.listen.group = name;
  HostFacts facts;
  find_users(policy, facts);
  return facts.groups.contains(name);
}

// The path without a symlink on its way, but for the last one, which an upgrade changes.
base::Result<std::string> absolute(const std::string& given) {
  std::string path = given;
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  const auto slash = path.rfind('/');
  const std::string above = slash == path.npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  const std::string last = slash == path.npos ? path : path.substr(slash + 1);
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(above.c_str(), nullptr), ::free);
  if (!real && errno == ENOTDIR)
    return mistake("`" + given + "` lies in a file; of an image that you built mount it and give the folder, or write the pool file by hand, with filesystem.root");
  if (real && (last.empty() || last == "." || last == "..")) {  // the folder that one is in
    const std::unique_ptr<char, void (*)(void*)> itself(::realpath(path.c_str(), nullptr), ::free);
    if (itself && !path.empty()) return std::string(itself.get());
  }
  if (!real || last.empty() || last == "." || last == "..")
    return mistake("there is no `" + given + "`; give the folder in which the application lies");
  return (std::string(real.get()) == "/" ? "" : std::string(real.get())) + "/" + last;
}

base::Result<PathFact> look_at_code(const std::string& code) {
  const PathFact fact = look_at(code);
  if (fact.kind == Kind::missing) return mistake("there is no `" + code + "`; unpack the application there, as root");
  if (fact.real == "/") return mistake("`" + code + "` is the whole host; give the folder in which the application lies");
  if (fact.real_kind != Kind::directory) return mistake("`" + code + "` is not a folder; give that of the application");
  if (!is_plain_path(code) || !is_plain_path(fact.real))
    return mistake(
        "`" + base::escape_control(code) +
        "` has characters that a web server's configuration cannot hold; use letters, digits and . _ - + @ , = ~");
  if (fact.uid != 0)
    return mistake("`" + fact.real + "` belongs to `" + user_name(fact.uid) + "` (uid " + std::to_string(fact.uid) +
                   "), who could change the code; run: " + as_typed({"chown", "-R", "root:root", fact.real}) + " && " +
                   as_typed({"chmod", "-R", "go-w", fact.real}) + ", then this again: what the site must write is given to its own user");
  return fact;
}

base::Status name_application(const InitRequest& request, Findings& out) {
  const auto known = [&](std::string_view name) {
    return std::find(request.profiles.begin(), request.profiles.end(), name) != request.profiles.end();
  };
  if (request.application != "auto") {
    const std::string& wanted = request.application;
    if (!known(wanted)) {
      const std::string near = base::nearest(wanted, request.profiles);
      return mistake("the catalog has no application `" + wanted + "`; " +
                     (near.empty() ? "" : "did you mean `" + near + "`? ") + "It has: auto, " +
                     base::join(request.profiles, ", ") + "; php-fpm is for any other");
    }
    const Application* row = find_application(wanted);
    out.profile = wanted;
    out.title = row != nullptr ? std::string(row->title) : wanted;
    return base::success();
  }
  const Application* found =
      recognize([&](std::string_view file) { return exists(out.version + "/" + std::string(file)); });
  if (found == nullptr)
    return mistake("no application that is known lies in `" + out.version +
                   "`; name its profile: " + base::join(request.profiles, ", ") + "; php-fpm is for any other");
  out.title = found->title;
  // one that the catalog does not know is a site like any other: what it writes is its operator's to say
  out.profile = known(found->profile) ? std::string(found->profile) : "php-fpm";
  return base::success();
}

std::string timezone() {
  const auto text = sys::read_file("/etc/timezone", 256);
  if (!text.ok()) return "";
  const std::string zone = text.value().substr(0, text.value().find('\n'));
  const bool plain = std::all_of(zone.begin(), zone.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '/' || c == '_' || c == '-' || c == '+';
  });
  return plain ? zone : "";
}

std::vector<std::string> php_versions() {
  std::vector<std::string> out;
  for (const std::string& program : php_candidates("")) {
    const auto at = program.rfind("php-fpm");
    if (at != program.npos && program.size() > at + 7 && exists(program)) out.push_back(program.substr(at + 7));
  }
  if (!out.empty()) return out;
  // one without a version in its name, as Fedora has it, or of /usr/local: it says itself
  const std::vector<std::string> parts = base::split(find_php({}, {}).version, '.');
  if (parts.size() > 1) out.push_back(parts[0] + "." + parts[1]);
  return out;
}

base::Status name_web_server(const std::string& wanted, Findings& out) {
  const WebServer* server = web_server_for(wanted);
  if (server == nullptr)
    return mistake("neither nginx nor Apache is installed; install one, or say which it will be: --web nginx");
  out.web_server = server->name;
  for (const char* group : server->groups)
    if (out.web_group.empty() && has_group(group)) out.web_group = group;
  if (out.web_group.empty())
    return mistake(std::string("there is no group of ") + server->name + " (www-data); install it first");
  return base::success();
}

base::Status name_pool(const InitRequest& request, Findings& out) {
  out.name = request.name.empty() ? name_for(out.code) : request.name;
  if (name_for("/" + out.name) != out.name)
    return mistake("`" + out.name + "` is no name for a pool; write it in a-z, 0-9 and -, with at most 28 characters");
  out.user = "www-" + out.name;
  if (!request.data.empty() && !is_plain_path(request.data))
    return mistake("`" + base::escape_control(request.data) + "` is no absolute path of plain characters");
  out.data = request.data.empty() ? "/var/lib/www-" + out.name : request.data;
  return base::success();
}

// It becomes root's, 0755: nothing that others use is taken for it, such as /tmp.
base::Status check_data(const Findings& findings) {
  const PathFact fact = look_at(findings.data);
  if (fact.real_kind != Kind::directory) return base::success();  // none yet; or the first step says what it is
  const std::string there = "`" + findings.data + "` is there, and ", instead = "; give a folder of its own with --data, such as /var/lib/www-" + findings.name;
  if ((fact.mode & S_IWOTH) != 0) return mistake(there + "others than root can write in it" + instead);
  if (const std::string owner = user_name(fact.uid); fact.uid != 0 && owner != findings.user) return mistake(there + "belongs to `" + owner + "`" + instead);
  return base::success();
}

// After fork, in the child.
[[noreturn]] void become(char* const* argv) {
  char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", language[] = "LC_ALL=C";
  char* const environment[] = {path, language, nullptr};
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing >= 0 && ::dup2(nothing, 0) == 0 && ::syscall(SYS_close_range, 3U, ~0U, 0U) == 0 && ::chdir("/") == 0)
    ::execve(argv[0], argv, environment);
  ::_exit(127);
}

}  // namespace

base::Result<Findings> look_at_site(const InitRequest& request) {
  Findings out;
  out.code = TRY(absolute(request.path));
  const PathFact fact = TRY(look_at_code(out.code));
  out.version = fact.real;
  TRY(name_application(request, out));
  TRY(name_pool(request, out));
  TRY(check_data(out));
  TRY(name_web_server(request.web_server, out));
  out.timezone = timezone();
  out.php_versions = php_versions();
  if (out.php_versions.empty()) return mistake("no php-fpm lies where distributions put it; on Debian: apt install php-fpm");
  // whether it needs one, a profile does not say: an application that is not known may
  const Application* row = find_application(out.profile);
  out.database_is_sure = row != nullptr && row->has_database;
  if (row == nullptr || row->has_database)
    for (const char* socket : kDatabases)
      if (look_at(socket).real_kind == Kind::socket) out.databases.emplace_back(socket);
  if (row != nullptr && !row->settings.empty() && !exists(out.version + "/" + std::string(row->settings)) &&
      !exists(out.data + "/" + std::string(row->settings))) {
    out.settings = row->settings;
    out.installer_writes = row->installer_writes;
    out.installer_began = !row->installer_writes.empty() && exists(out.data + "/" + std::string(row->installer_writes));
  }
  out.user_exists = has_user(out.user);
  out.launcher_user_exists = has_user(kSupervisorUser);
  return out;
}

std::vector<Place> look_at_places(const Findings& findings, const profiles::Filesystem& filesystem) {
  std::vector<Place> out;
  for (const auto& writable : filesystem.writable) {
    const PathFact version = look_at(findings.version + "/" + writable.path.text);
    const PathFact data = look_at(findings.data + "/" + writable.path.text);
    Place place{writable.path.text, writable.optional, version.kind != Kind::missing, data.kind != Kind::missing, true};
    const Kind kind = place.in_version ? version.kind : data.kind;
    const std::string name = place.path.substr(place.path.rfind('/') + 1);
    place.is_directory = kind == Kind::missing ? name.find('.', 1) == name.npos : kind == Kind::directory;
    if (place.in_version && version.uid != 0) place.writer = user_name(version.uid);
    out.push_back(std::move(place));
  }
  return out;
}

base::Status run_step(const Step& step) {
  TRY(sys::check_trusted_path(step.words.front()));
  std::vector<std::string> words = step.words;
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) return sys::failure("fork", words.front());
  if (child == 0) become(argv.data());
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return sys::failure("wait", words.front());
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return base::success();
  return mistake("`" + as_typed(step.words) + "` failed" +
                 (WIFEXITED(status) ? " with exit code " + std::to_string(WEXITSTATUS(status)) : " by a signal"));
}

base::Status write_new_file(const std::string& path, const std::string& content) {
  const auto slash = path.rfind('/');
  const sys::Fd root = TRY(sys::open("/", O_PATH | O_DIRECTORY));
  const sys::Fd folder = TRY(sys::make_directories(root.get(), slash == 0 ? "" : path.substr(1, slash - 1), 0755));
  return sys::write_file_at(folder.get(), path.substr(slash + 1), content, 0644);
}

}  // namespace launcher
