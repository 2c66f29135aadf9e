// Which network the box is in, and what it reaches there.
#include <sched.h>

#include <algorithm>

#include "launcher/plan/facets.h"
#include "profiles/base/text.h"
#include "profiles/base/units.h"
#include "profiles/kernel/syscall_names.h"

namespace launcher {
namespace {

constexpr std::uint16_t kNameService = 53;  // resolvers fall back to TCP for long answers

std::optional<std::uint16_t> port_of(const std::string& address) {
  const auto port = base::parse_unsigned(std::string_view(address).substr(address.rfind(':') + 1));
  if (!port || *port > 0xffff) return std::nullopt;
  return static_cast<std::uint16_t>(*port);
}

std::string text_of(const std::vector<std::uint16_t>& ports) {
  std::vector<std::string> texts;
  for (const std::uint16_t port : ports) texts.push_back(std::to_string(port));
  return base::join(texts, ", ");
}

// Of all that may be made: a datagram carries its address itself, past connect(2), and one end of a pair sends anywhere, too. What else a
// stream socket could reach it would have to connect to.
FilterRule::Argument stream_sockets() {
  const std::uint64_t stream = *profiles::kernel_constant("SOCK_STREAM");
  const std::uint64_t at_exec = *profiles::kernel_constant("SOCK_CLOEXEC"), at_once = *profiles::kernel_constant("SOCK_NONBLOCK");
  return {.index = 1, .one_of = {stream, stream | at_exec, stream | at_once, stream | at_exec | at_once}};
}

}  // namespace

bool shares_network(const profiles::Policy& policy) { return policy.network.mode == profiles::NetworkMode::host; }

bool connects_out(const profiles::Policy& policy) {
  return shares_network(policy) || !policy.connect.empty() || !policy.mail.unix_path.text.empty();
}

std::vector<std::uint16_t> named_ports(const profiles::Policy& policy) {
  std::vector<std::uint16_t> out;
  const auto add = [&out](const std::string& address) {
    if (const auto port = address.empty() ? std::nullopt : port_of(address)) out.push_back(*port);
  };
  for (const auto& connection : policy.connect) add(connection.tcp);
  add(policy.mail.tcp);
  if (out.empty()) return out;
  out.push_back(kNameService);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

// The author asked for it, with a reason: it stops no launch, and is never silent.
void plan_network(const PlanInput& input, Plan& plan, Gaps& gaps) {
  if (!shares_network(input.policy)) return;
  plan.namespaces &= ~static_cast<std::uint64_t>(CLONE_NEWNET);
  const bool limits = input.facts.landlock_abi >= 4;
  const auto ports = named_ports(input.policy);
  if (limits) {
    plan.landlock.connects_freely = ports.empty();
    plan.landlock.connect_ports = ports;
  }
  const std::string tcp = !limits || ports.empty() ? "connects to every address by TCP"
                                                   : "connects to every address by TCP, on the ports " + text_of(ports) + " alone";
  gaps.inherent("network", "the box is in the host's own network: it " + tcp + " and by UDP, services on 127.0.0.1 included",
                ports.empty() ? "name the servers in connect: and their ports are the only ones; or leave network: out"
                              : "leave network: out where Unix sockets will do");
}

// One network, one view of files, and one user perhaps: the pool could call itself by its own socket, and others by theirs. What
// connects nowhere needs no connect(2). Where it does, a server may be one of datagrams (/dev/log): nothing tells which.
void close_ways_out(const PlanInput& input, Plan& plan) {
  if (!plan.enclosed || connects_out(input.policy)) return;
  std::erase_if(plan.filter.rules, [](const FilterRule& rule) { return rule.name == "connect"; });
  for (FilterRule& rule : plan.filter.rules)
    if (rule.action == FilterRule::Action::allow && (rule.name == "socket" || rule.name == "socketpair")) rule.arguments.push_back(stream_sockets());
}

}  // namespace launcher
