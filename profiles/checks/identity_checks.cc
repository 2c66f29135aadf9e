// Who the pool is, and who may connect to it.
#include <algorithm>

#include "profiles/checks/address.h"
#include "profiles/checks/facets.h"
#include "profiles/checks/report.h"

namespace profiles {

namespace {

// Who serves files or is shared by services: a pool with such a user could read, signal or be reached by others.
constexpr std::string_view kSharedUsers[] = {"www-data", "nginx",  "apache", "apache2", "http",     "httpd",
                                             "www",      "wwwrun", "nobody", "caddy",   "lighttpd", "daemon"};

// Groups to which distributions give a part of the host. A pool in one of them would hold it too.
struct HostGroup {
  std::string_view name;
  std::string_view members;  // what they can do
};
constexpr std::string_view kBecomeRoot = "become root";
constexpr std::string_view kSystemFiles = "own files of the system";
constexpr std::string_view kReadMemory = "read the kernel's memory";
constexpr std::string_view kReadLogs = "read the host's logs";
constexpr std::string_view kUseDevices = "use the machine's devices";
constexpr HostGroup kHostGroups[] = {
    {"shadow", "read the hashes of all passwords"},
    {"disk", "read and write the disks themselves"},
    {"backup", "read what backups read"},
    {"tape", "read and write the backups"},
    {"kmem", kReadMemory},
    {"mem", kReadMemory},
    {"sudo", kBecomeRoot},
    {"wheel", kBecomeRoot},
    {"admin", kBecomeRoot},
    {"docker", kBecomeRoot},
    {"lxd", kBecomeRoot},
    {"incus", kBecomeRoot},
    {"incus-admin", kBecomeRoot},
    {"libvirt", kBecomeRoot},
    {"sys", kSystemFiles},
    {"bin", kSystemFiles},
    {"staff", "write programs that root starts"},
    {"operator", "read the disks"},
    {"kvm", "run virtual machines"},
    {"adm", kReadLogs},
    {"systemd-journal", kReadLogs},
    {"utmp", "write who is logged in"},
    {"tty", "write to everybody's terminal"},
    {"input", "read what is typed"},
    {"video", "see the screen"},
    {"render", kUseDevices},
    {"dialout", kUseDevices},
    {"plugdev", kUseDevices},
    {"crontab", "read and change others' jobs"},
    {"ssl-cert", "read the keys of certificates"},
    {"netdev", "change the network"},
    {"fpmbox", "reach what the launcher holds"},
};

bool is_shared(const std::string& user) {
  return std::find(std::begin(kSharedUsers), std::end(kSharedUsers), user) != std::end(kSharedUsers);
}

// As useradd(8) takes it. A number would be another user on the next host.
bool is_account_name(const std::string& name) {
  return name.size() <= 32 && consists_of(name, {kLower, kUpper, kDigits, "_-."}) && !consists_of(name, {kDigits}) &&
         name.front() != '-' && name.front() != '.';
}

void check_account(const CheckInput& input, const std::string& key, const std::string& name,
                   const std::string& instead) {
  if (name == "root" || name == "0")
    error(input, key, "a pool is never root", instead);
  else if (is_shared(name) && !input.in_container)
    error(input, key, "`" + name + "` is shared with the web server or other services", instead);
  else if (!is_account_name(name))
    error(input, key, "`" + name + "` is not the name of an account", instead);
}

void check_group(const CheckInput& input, const std::string& group) {
  const std::string instead = "remove the key, the user's own group is the default";
  check_account(input, "identity.group", group, instead);
  for (const HostGroup& of_host : kHostGroups)
    if (of_host.name == group)
      error(input, "identity.group", "`" + group + "` is the host's own: its members " + std::string(of_host.members),
            instead);
}

}  // namespace

void check_user(const CheckInput& input) {
  const Identity& identity = input.composed.policy.identity;
  const std::string own = "www-" + input.composed.policy.name;
  if (!identity.user.empty())
    check_account(input, "identity.user", identity.user,
                  "give the pool a user of its own: identity: {user: " + own + "}");
  else if (input.is_pool && !input.for_caller)
    missing(input, "identity.user", "the pool has no user", "write identity: {user: " + own + "}");
  if (!identity.group.empty()) check_group(input, identity.group);
}

void check_listen_address(const CheckInput& input) {
  const Listen& listen = input.composed.policy.listen;
  if (listen.tcp.empty()) return;
  if (!listen.unix_path.text.empty())
    error(input, "listen.tcp", "listen.unix is set too, at " + place_of(input, "listen.unix").text(),
          "keep one of them");
  const auto address = parse_listen_address(listen.tcp);
  if (!address)
    error(input, "listen.tcp", "`" + listen.tcp + "` is not an address with a port",
          "write \"127.0.0.1:9001\" or \"[::1]:9001\", with a port of 1 to 65535");
  else if (!is_loopback(*address) && listen.why.empty())
    error(input, "listen.tcp",
          "`" + listen.tcp + "` can be reached from other machines, and whoever reaches it owns the pool",
          "listen on 127.0.0.1 or on a Unix socket, or say in listen.why what protects it");
}

void check_listen_socket(const CheckInput& input) {
  const Policy& policy = input.composed.policy;
  if (policy.listen.backlog == 0) error(input, "listen.backlog", "no connection could wait", "write 511");
  if (input.for_caller) return;
  const std::string& user = policy.identity.user;
  const std::string& group = policy.identity.group.empty() ? user : policy.identity.group;
  const std::string owned = "the pool would own the socket through which it is called";
  if (!user.empty() && user != "root" && policy.listen.owner == user)
    error(input, "listen.owner", "is the pool's user: " + owned, "remove the key, root is the default");
  if (!user.empty() && !policy.listen.group.empty() && (policy.listen.group == group || policy.listen.group == user))
    error(input, "listen.group", "is the pool's group: " + owned, "write the web server's group, such as www-data");
  if (input.is_pool && !input.in_container && policy.listen.group.empty() && policy.listen.tcp.empty())
    missing(input, "listen.group", "nobody but root could connect to the pool",
            "write the web server's group, such as listen: {group: www-data}");
}

}  // namespace profiles
