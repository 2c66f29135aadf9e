// Which network the box is in, and what it reaches there.
#include <sched.h>

#include <algorithm>

#include "launcher/plan/facets.h"
#include "profiles/base/text.h"
#include "profiles/base/units.h"

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

}  // namespace launcher
