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
  else if (is_shared(name))
    error(input, key, "`" + name + "` is shared with the web server or other services", instead);
  else if (!is_account_name(name))
    error(input, key, "`" + name + "` is not the name of an account", instead);
}

}  // namespace

void check_user(const CheckInput& input) {
  const Identity& identity = input.composed.policy.identity;
  const std::string own = "www-" + input.composed.policy.name;
  if (!identity.user.empty())
    check_account(input, "identity.user", identity.user,
                  "give the pool a user of its own: identity: {user: " + own + "}");
  else if (input.is_pool)
    missing(input, "identity.user", "the pool has no user", "write identity: {user: " + own + "}");
  if (!identity.group.empty())
    check_account(input, "identity.group", identity.group, "remove the key, the user's own group is the default");
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
  const std::string& user = policy.identity.user;
  const std::string& group = policy.identity.group.empty() ? user : policy.identity.group;
  const std::string owned = "the pool would own the socket through which it is called";
  if (!user.empty() && user != "root" && policy.listen.owner == user)
    error(input, "listen.owner", "is the pool's user: " + owned, "remove the key, root is the default");
  if (!user.empty() && !policy.listen.group.empty() && (policy.listen.group == group || policy.listen.group == user))
    error(input, "listen.group", "is the pool's group: " + owned, "write the web server's group, such as www-data");
  if (input.is_pool && policy.listen.group.empty() && policy.listen.tcp.empty())
    missing(input, "listen.group", "nobody but root could connect to the pool",
            "write the web server's group, such as listen: {group: www-data}");
  if (policy.listen.backlog == 0) error(input, "listen.backlog", "no connection could wait", "write 511");
}

}  // namespace profiles
