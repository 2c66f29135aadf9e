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

// Of an ordinary user who starts the box: it has its own ids to give and no others.
void check_host_ordinary_user(const HostCheckInput& input) {
  if (!input.facts.ordinary_user) return;
  const OrdinaryUser& own = *input.facts.ordinary_user;
  const UserFact* user = user_of(input);
  const auto gid_of = [&](const std::string& group) {
    const auto found = input.facts.groups.find(group);
    return found == input.facts.groups.end() ? std::optional<gid_t>() : found->second;
  };
  if (user != nullptr && user->uid != own.uid)
    host_error(input, "identity.user", "only root can start a box as `" + input.policy.identity.user + "`; you are uid " + std::to_string(own.uid),
               "remove the key, or run it as root");
  if (const auto gid = gid_of(input.policy.identity.group); gid && *gid != own.gid)
    host_error(input, "identity.group", "only root can start a box with a group that is not your own primary one", "remove the key");
  const auto listen = gid_of(input.policy.listen.group);
  const bool in_group = listen && (*listen == own.gid || std::find(own.groups.begin(), own.groups.end(), *listen) != own.groups.end());
  if (listen && !in_group)
    host_error(input, "listen.group", "you are not in group `" + input.policy.listen.group + "`, so that you cannot give it the socket",
               "remove the key: then you alone can connect; or ask root: gpasswd --add " + own.name + " " + input.policy.listen.group);
  const auto& socket = input.policy.listen;
  if (in_group && socket.unix_path.text.empty() && socket.tcp.empty())
    host_error(input, "listen.group", "nobody but you can enter `" + input.facts.run_directory + "`, where the socket is by default",
               "write listen.unix: a path in a folder of yours that group `" + socket.group + "` can enter");
  if (!own.run_obstacle.empty())
    host_error(input, "listen.unix", "there is no folder for your sockets: " + own.run_obstacle,
               "log in through systemd (as root: loginctl enable-linger " + own.name + "), or set XDG_RUNTIME_DIR to a folder of yours with mode 0700");
  if (!own.state_obstacle.empty())
    host_error(input, "", "there is no folder for your pools' sessions: " + own.state_obstacle, "set XDG_STATE_HOME to a folder of yours");
}

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
  if (!input.policy.listen.owner.empty() && !input.facts.ordinary_user && !input.facts.users.contains(input.policy.listen.owner))
    host_error(input, "listen.owner", "there is no user `" + input.policy.listen.owner + "` on this host",
               "remove the key, root is the default");
  const auto ids = pool_ids(input.policy, input.facts);
  if (ids && ids->gid == 0 && !missing(own))
    host_error(input, own.empty() ? "identity.user" : "identity.group", "the pool's group would be root's, gid 0",
               "write identity.group: a group of the pool's own");
}

// Whoever can connect to the live socket owns the pool, whatever php_admin_value says: FastCGI parameters override it.
void check_host_web_server(const HostCheckInput& input) {
  const UserFact* user = user_of(input);
  if (user == nullptr || input.facts.ordinary_user) return;  // then the gap identity.groups
  const std::string& name = input.policy.identity.user;
  for (const std::string& group : user->groups) {
    if (!is_web_server_group(group, input.policy)) continue;
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
  if (own == input.facts.users.end() && !input.facts.ordinary_user)
    host_warning(
        input, "",
        std::string("there is no user `") + kSupervisorUser + "`, as which the launcher goes on once a box runs",
        "run: " + add_user(kSupervisorUser));
}

}  // namespace launcher
