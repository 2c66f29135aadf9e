// Sockets into the box, which are bound outside, and connections out of it.
#include <algorithm>

#include "launcher/facts/pool_ids.h"
#include "launcher/plan/facets.h"
#include "launcher/plan/inside.h"

namespace launcher {
namespace {

std::string parent_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

std::string tcp_reach(const std::string& address) {
  const std::string host = address.substr(0, address.rfind(':'));
  if (host.starts_with("127.") || host == "[::1]")
    return "every user and every process of this host (a loopback port has no permissions); prefer listen.unix";
  return "every machine that can route to " + address + "; whoever connects owns the pool";
}

// An ordinary user's socket is its own. `listen.owner` says nothing there: it could be given to nobody else.
void give_to_ordinary_user(const PlanInput& input, SocketPlan& out) {
  const OrdinaryUser& user = *input.facts.ordinary_user;
  const bool has_group = !input.policy.listen.group.empty();
  out.owner = user.uid;
  if (!has_group) out.group = user.gid;
  out.mode = has_group ? 0660 : 0600;
  out.reachable_by = "root, you" + (has_group ? " and group " + input.policy.listen.group : "");
}

// Of a container: as whom the launcher goes on, and the web server's group where the pool file names one.
bool belongs_to_pool(const PlanInput& input) {
  return input.facts.container && (input.facts.ordinary_user || input.facts.container->uid != 0);
}

void give_to_pool(const PlanInput& input, SocketPlan& out) {
  const auto pool = pool_ids(input.policy, input.facts);
  if (!pool) return;
  const auto group = group_of_listener(input);
  out.owner = pool->uid;
  out.group = group.value_or(pool->gid);
  out.reachable_by = "root, " + input.policy.identity.user + (group ? " and group " + input.policy.listen.group : " and its group");
}

}  // namespace

// Nobody but root can give a file to a group that it is not in.
std::optional<gid_t> group_of_listener(const PlanInput& input) {
  const auto group = input.facts.groups.find(input.policy.listen.group);
  if (group == input.facts.groups.end()) return std::nullopt;
  if (!input.facts.container || input.facts.container->uid == 0) return group->second;
  const auto& own = input.facts.container->groups;
  const bool is_in_it = group->second == input.facts.container->gid || std::find(own.begin(), own.end(), group->second) != own.end();
  return is_in_it ? std::optional(group->second) : std::nullopt;
}

PoolDirectoryPlan plan_pool_directory(const PlanInput& input) {
  const auto group = input.facts.groups.find(input.policy.listen.group);
  PoolDirectoryPlan out{.path = input.facts.run_directory + "/" + input.policy.name};
  out.closes_above = input.facts.container && input.facts.container->uid == 0;
  if (group != input.facts.groups.end()) out.group = group->second;
  if (belongs_to_pool(input)) {
    const auto pool = pool_ids(input.policy, input.facts);
    if (pool) out.owner = pool->uid;
    if (pool) out.group = group_of_listener(input).value_or(pool->gid);
    return out;
  }
  if (!input.facts.ordinary_user) return out;
  // below XDG_RUNTIME_DIR, which nobody else enters anyway
  out.owner = input.facts.ordinary_user->uid;
  out.group = input.facts.ordinary_user->gid;
  out.mode = 0700;
  return out;
}

SocketPlan plan_live_socket(const PlanInput& input) {
  const auto& listen = input.policy.listen;
  SocketPlan out;
  out.backlog = listen.backlog;
  if (!listen.tcp.empty()) {
    out.tcp = listen.tcp;
    out.key = inside::kLiveSocket;  // as the generated configuration names it, whatever was bound
    out.reachable_by = tcp_reach(listen.tcp);
    return out;
  }
  out.key = inside::kLiveSocket;
  const std::string own = input.facts.run_directory + "/" + input.policy.name;
  out.unix_path = listen.unix_path.text.empty() ? own + "/live.sock" : past_run_link(input.facts, listen.unix_path.text);
  if (parent_of(out.unix_path) == own) out.directory = own;
  const auto owner = input.facts.users.find(listen.owner);
  const auto group = input.facts.groups.find(listen.group);
  out.owner = owner == input.facts.users.end() ? 0 : owner->second.uid;
  out.group = group == input.facts.groups.end() ? 0 : group->second;
  out.reachable_by = "root, user " + listen.owner + (listen.group.empty() ? "" : " and group " + listen.group);
  if (belongs_to_pool(input))
    give_to_pool(input, out);
  else if (input.facts.ordinary_user)
    give_to_ordinary_user(input, out);
  return out;
}

SocketPlan plan_status_socket() {
  SocketPlan out;
  out.key = inside::kStatusSocket;
  out.mode = 0600;
  out.backlog = 16;
  out.reachable_by = "the launcher; it has no path";
  return out;
}

void plan_connections(const PlanInput& input, Gaps& gaps) {
  if (shares_network(input.policy)) return;
  if (!input.policy.mail.tcp.empty())
    gaps.add("mail", "this version has no relay for TCP connections: mail() could not reach " + input.policy.mail.tcp,
             "let the mail server listen on a Unix socket and write mail: {unix: PATH}, or set network: {mode: host}");
  for (const auto& connection : input.policy.connect) {
    if (connection.tcp.empty()) continue;
    gaps.add("connect[" + connection.tcp + "]", "this version has no relay for TCP connections: the box could not reach it",
             "connect through a Unix socket; or give the box the host's network, network: {mode: host, why: \"...\"}, where this port is one of those it "
             "reaches; or name the layer in enforcement.best_effort to run without that connection");
  }
}

}  // namespace launcher
