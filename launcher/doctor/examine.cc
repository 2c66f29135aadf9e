#include "launcher/doctor/examine.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "launcher/doctor/attempts.h"
#include "launcher/doctor/causes.h"
#include "launcher/facts/cgroups.h"
#include "launcher/facts/own_folders.h"
#include "launcher/facts/php.h"
#include "launcher/facts/php_candidates.h"
#include "launcher/facts/users.h"
#include "launcher/plan/inside.h"
#include "launcher/sys/landlock.h"
#include "profiles/base/text.h"

namespace launcher {
namespace {

using Word = Outcome::Word;

Outcome works(std::string detail) { return {Word::works, 0, std::move(detail)}; }
Outcome fails(std::string detail, int code = 0) { return {Word::fails, code, std::move(detail)}; }

// Root's boxes need no user namespace: for root it only says what ordinary users can have.
Finding user_namespace(bool root) {
  Finding out{.name = "user namespace", .kind = Kind::user_namespace, .needed = !root};
  out.why = "boxes that an ordinary user makes for itself";
  out.outcome = try_in_child(try_user_namespace_as_ordinary_user, false);
  return out;
}

std::string landlock_detail() {
  const int abi = sys::landlock_abi();
  std::string text = "ABI " + std::to_string(abi) + ": files";
  if (abi >= 4) text += ", TCP";
  if (abi >= 6) text += ", signals, abstract sockets";
  return text;
}

void add_kernel(bool root, std::vector<Finding>& out) {
  out.push_back(user_namespace(root));
  for (const Attempt& attempt : kernel_attempts()) {
    Finding finding{.name = attempt.name, .kind = attempt.kind, .why = attempt.why, .since = attempt.since};
    finding.outcome = try_in_child(attempt.run, attempt.as == Attempt::As::maker && !root);
    if (attempt.kind == Kind::landlock && finding.outcome.word == Word::works) finding.outcome.detail = landlock_detail();
    out.push_back(std::move(finding));
  }
}

void add_capabilities(const Surroundings& around, std::vector<Finding>& out) {
  if (!around.root) return;
  Finding finding{.name = "capabilities", .kind = Kind::privilege, .why = "mounts, devices and other users' ids"};
  finding.outcome = around.missing_capabilities.empty() ? works("") : fails("missing: " + base::join(around.missing_capabilities, ", "));
  out.push_back(std::move(finding));
}

struct Limit {
  const char* controller;
  const char* why;
  bool needed;
};
constexpr Limit kLimits[] = {{"memory", "memory.max: one pool cannot take the others' memory", true},
                             {"pids", "pids.max: nor all process numbers", true},
                             {"cpu", "cpu.max: nor all processors", true},
                             {"kill", "a box is ended at once (without it, by the end of its pid namespace)", false}};

void add_limits(std::vector<Finding>& out) {
  const auto found = find_cgroups();
  for (const Limit& limit : kLimits) {
    const CgroupController& place = found.at(limit.controller);
    Finding finding{.name = std::string("cgroup ") + limit.controller, .kind = Kind::cgroup, .needed = limit.needed, .why = limit.why};
    finding.outcome = place.version > 0 ? works("version " + std::to_string(place.version) + ", " + place.path) : fails(place.reason);
    out.push_back(std::move(finding));
  }
}

// A noexec /run is no obstacle: the program stands on a mount of its own.
Finding run_folder(bool root) {
  Finding out{.name = "folder for sockets", .kind = Kind::folder, .why = "where the web server finds the pools"};
  if (!root) {
    const OwnFolder own = own_run_directory(::getenv("XDG_RUNTIME_DIR"), ::geteuid());
    out.outcome = own.path.empty() ? fails(own.reason) : works(own.path);
    out.cause = own.path.empty() ? "no folder of yours alone is known" : "";
    out.fix = own.path.empty() ? "log in by way of systemd-logind, or set XDG_RUNTIME_DIR to a folder of yours with mode 0700" : "";
    return out;
  }
  struct statfs info = {};
  const bool there = ::statfs("/run", &info) == 0;
  const bool writable = there && ::access("/run", W_OK) == 0;
  const bool volatile_ = there && static_cast<unsigned long>(info.f_type) == TMPFS_MAGIC;
  out.outcome = writable ? works(std::string(outside::kRun) + (volatile_ ? ", on a tmpfs" : ", not on a tmpfs: what is in it outlives a reboot"))
                         : fails("/run cannot be written", errno);
  if (writable) return out;
  out.cause = "/run is missing or read-only";
  out.fix = "mount a tmpfs there: docker run --tmpfs /run, or mount -t tmpfs none /run";
  return out;
}

Finding supervisor_user() {
  Finding out{.name = "user fpmbox", .kind = Kind::user, .why = "what a launcher is once its box runs"};
  HostFacts facts;
  find_users({}, facts);
  const bool there = facts.users.contains(kSupervisorUser);
  out.outcome = there ? works("uid " + std::to_string(facts.users.at(kSupervisorUser).uid)) : fails("there is no such user");
  out.cause = there ? "" : "it was not installed from a package";
  out.fix = there ? "" : "adduser --system --group --no-create-home --home /nonexistent fpmbox";
  return out;
}

std::string installed_versions() {
  std::vector<std::string> there;
  for (const std::string& path : php_candidates(""))
    if (::access(path.c_str(), X_OK) == 0 && std::find(there.begin(), there.end(), path) == there.end()) there.push_back(path);
  return base::join(there, ", ");
}

Finding php(bool root) {
  Finding out{.name = "php-fpm", .kind = Kind::php, .why = "the program of every box"};
  const PhpFacts facts = find_php({}, {root ? std::string(outside::kRun) + "/.php" : ""});
  out.outcome = facts.binary.empty() ? fails(facts.reason) : works(facts.version + "; installed: " + installed_versions());
  if (!facts.binary.empty()) return out;
  const std::string there = installed_versions();
  out.cause = there.empty() ? "none is installed where distributions put it" : "installed, but not to be used as it is: " + there;
  out.fix = there.empty() ? "apt install php-fpm, dnf install php-fpm; or name one with php.binary in the pool file"
                          : "mend what is said of it above, or name another with php.binary in the pool file";
  return out;
}

struct WebServer {
  const char* name;
  const char* path;
};
constexpr WebServer kWebServers[] = {{"nginx", "/usr/sbin/nginx"}, {"apache", "/usr/sbin/apache2"}, {"apache", "/usr/sbin/httpd"},
                                     {"caddy", "/usr/bin/caddy"}, {"lighttpd", "/usr/sbin/lighttpd"}};

Finding web_servers() {
  Finding out{.name = "web server", .kind = Kind::hint, .needed = false, .why = "what asks the pools"};
  std::vector<std::string> names;
  for (const WebServer& one : kWebServers)
    if (::access(one.path, X_OK) == 0) names.push_back(one.name);
  out.outcome = works(names.empty() ? "none here; any that speaks FastCGI will do" : base::join(names, ", "));
  return out;
}

}  // namespace

Examination examine() {
  Examination out{look_around(), {}};
  const bool root = out.around.root;
  add_capabilities(out.around, out.findings);
  add_kernel(root, out.findings);
  add_limits(out.findings);
  out.findings.push_back(run_folder(root));
  if (root) out.findings.push_back(supervisor_user());
  out.findings.push_back(php(root));
  out.findings.push_back(web_servers());
  for (Finding& finding : out.findings) explain(out.around, finding);
  return out;
}

bool is_complete(const Examination& examination) {
  return std::none_of(examination.findings.begin(), examination.findings.end(),
                      [](const Finding& one) { return one.needed && one.outcome.word != Word::works; });
}

}  // namespace launcher
