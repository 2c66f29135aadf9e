// Who the pool is on this host, and who else is the same.
#include <algorithm>

#include "launcher/facts/host_check_facets.h"

namespace launcher {
namespace {

constexpr const char* kWebServerGroups[] = {"www-data", "nginx", "apache", "http", "httpd", "www", "caddy", "lighttpd"};

const UserFact* user_of(const HostCheckInput& input) {
  const auto found = input.facts.users.find(input.policy.identity.user);
  return found == input.facts.users.end() ? nullptr : &found->second;
}

std::string add_user(const std::string& name) {
  return "adduser --system --group --no-create-home --home /nonexistent " + name;
}

bool is_web_server_group(const std::string& group, const profiles::Policy& policy) {
  return group == policy.listen.group ||
         std::find(std::begin(kWebServerGroups), std::end(kWebServerGroups), group) != std::end(kWebServerGroups);
}

}  // namespace

void check_host_user(const HostCheckInput& input) {
  const std::string& name = input.policy.identity.user;
  const UserFact* user = user_of(input);
  if (name.empty())  // no profile gets past this as uid 0, whoever calls us and whatever was checked before
    return host_error(input, "identity.user", "the pool has no user",
                      "write identity: {user: www-" + input.policy.name + "}");
  if (user == nullptr)
    return host_error(input, "identity.user", "there is no user `" + name + "` on this host", "run: " + add_user(name));
  if (user->uid == 0)
    host_error(input, "identity.user", "`" + name + "` is uid 0, root by another name",
               "write a user of the pool's own: " + add_user("www-" + input.policy.name));
  if (name == kSupervisorUser)
    return host_error(input, "identity.user", "`" + name + "` is the launcher's own user, who must not be a pool's",
                      "run: " + add_user("www-" + input.policy.name));
  for (const auto& [other, fact] : input.facts.users)
    if (other != name && fact.uid == user->uid && user->uid != 0)
      host_error(input, "identity.user",
                 "`" + name + "` and `" + other + "` are the same user, uid " + std::to_string(user->uid),
                 "write a user of the pool's own: " + add_user("www-" + input.policy.name));
}

void check_host_groups(const HostCheckInput& input) {
  const auto missing = [&](const std::string& group) { return !group.empty() && !input.facts.groups.contains(group); };
  const std::string& own = input.policy.identity.group;
  const std::string& listen = input.policy.listen.group;
  if (missing(own))
    host_error(input, "identity.group", "there is no group `" + own + "` on this host",
               "run: addgroup --system " + own);
  if (missing(listen))
    host_error(input, "listen.group", "there is no group `" + listen + "` on this host",
               "write the group that the web server runs as");
  if (!input.policy.listen.owner.empty() && !input.facts.ordinary_user && !input.facts.container &&
      !input.facts.users.contains(input.policy.listen.owner))
    host_error(input, "listen.owner", "there is no user `" + input.policy.listen.owner + "` on this host",
               "remove the key, root is the default");
  const auto ids = pool_ids(input.policy, input.facts);
  const bool is_engines = input.facts.container && input.facts.container->uid != 0;  // then the gap identity.group
  if (ids && ids->gid == 0 && !missing(own) && !is_engines)
    host_error(input, own.empty() ? "identity.user" : "identity.group", "the pool's group would be root's, gid 0",
               "write identity.group: a group of the pool's own");
}

// Whoever can connect to the live socket owns the pool, whatever php_admin_value says: FastCGI parameters override it.
void check_host_web_server(const HostCheckInput& input) {
  const UserFact* user = user_of(input);
  if (user == nullptr || input.facts.ordinary_user) return;  // then the gap identity.groups
  const std::string& name = input.policy.identity.user;
  for (const std::string& group : user->groups) {
    // no other pool's socket is in a container
    const bool is_callers = input.facts.container ? group == input.policy.listen.group : is_web_server_group(group, input.policy);
    if (!is_callers) continue;
    const auto gid = input.facts.groups.find(group);
    const bool is_primary = gid != input.facts.groups.end() && gid->second == user->gid;
    host_error(
        input, "identity.user",
        "`" + name + "` is in the web server's group `" + group + "`, so it could call pools through their sockets",
        is_primary ? "give it a group of its own: addgroup --system " + name + " && usermod --gid " + name + " " + name
                   : "run: gpasswd --delete " + name + " " + group);
  }
}

// A warning: the plan names it as a gap, which a profile may accept.
void check_host_launcher_user(const HostCheckInput& input) {
  const auto own = input.facts.users.find(kSupervisorUser);
  if (own == input.facts.users.end() && !input.facts.ordinary_user && !input.facts.container)
    host_warning(
        input, "",
        std::string("there is no user `") + kSupervisorUser + "`, as which the launcher goes on once a box runs",
        "run: " + add_user(kSupervisorUser));
}

}  // namespace launcher
