// Of an ordinary user who starts the box: it has its own ids to give and no others, and needs folders of its own.
#include <algorithm>

#include "launcher/facts/host_check_facets.h"

namespace launcher {
namespace {

void check_ids(const HostCheckInput& input, const OrdinaryUser& own) {
  const auto& [user, group] = input.policy.identity;
  if (const auto found = input.facts.users.find(user); found != input.facts.users.end() && found->second.uid != own.uid)
    host_error(input, "identity.user", "only root can start a box as `" + user + "`; you are uid " + std::to_string(own.uid),
               "remove the key, or run it as root");
  if (const auto found = input.facts.groups.find(group); found != input.facts.groups.end() && found->second != own.gid)
    host_error(input, "identity.group", "only root can start a box with a group that is not your own primary one", "remove the key");
}

void check_group_of_socket(const HostCheckInput& input, const OrdinaryUser& own) {
  const auto& listen = input.policy.listen;
  const auto found = input.facts.groups.find(listen.group);
  if (found == input.facts.groups.end()) return;  // absent, or reported as unknown
  const bool is_in_it = found->second == own.gid || std::find(own.groups.begin(), own.groups.end(), found->second) != own.groups.end();
  if (!is_in_it)
    host_error(input, "listen.group", "you are not in group `" + listen.group + "`, so that you cannot give it the socket",
               "remove the key: then you alone can connect; or ask root: gpasswd --add " + own.name + " " + listen.group);
  else if (listen.unix_path.text.empty() && listen.tcp.empty())
    host_error(input, "listen.group", "nobody but you can enter `" + input.facts.run_directory + "`, where the socket is by default",
               "write listen.unix: a path in a folder of yours that group `" + listen.group + "` can enter");
}

void check_folders(const HostCheckInput& input, const OrdinaryUser& own) {
  if (!own.run_obstacle.empty())
    host_error(input, "listen.unix", "there is no folder for your sockets: " + own.run_obstacle,
               "log in through systemd (as root: loginctl enable-linger " + own.name +
                   "), or set XDG_RUNTIME_DIR to a folder of yours with mode 0700");
  if (!own.state_obstacle.empty())
    host_error(input, "", "there is no folder for your pools' sessions: " + own.state_obstacle, "set XDG_STATE_HOME to a folder of yours");
}

}  // namespace

void check_host_ordinary_user(const HostCheckInput& input) {
  if (!input.facts.ordinary_user || input.facts.container) return;
  check_ids(input, *input.facts.ordinary_user);
  check_group_of_socket(input, *input.facts.ordinary_user);
  check_folders(input, *input.facts.ordinary_user);
}

}  // namespace launcher
