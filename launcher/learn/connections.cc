#include "launcher/learn/connections.h"

#include <algorithm>

#include "profiles/base/text.h"

namespace launcher {
namespace {

using Kind = WantedConnection::Kind;

// The C library looks for a cache of names before it reads files; it does without one.
constexpr std::string_view kOfTheLibrary[] = {"/var/run/nscd/socket", "/run/nscd/socket"};

std::string port_of(const std::string& address) { return address.substr(address.rfind(':')); }

WantedConnection named(const Connected& peer, const std::string& script) {
  switch (peer.kind) {
    case Connected::Kind::unix_socket: return {Kind::unix_socket, peer.address, {}, script};
    case Connected::Kind::abstract_socket: return {Kind::other, "@" + base::escape_control(peer.address), "abstract socket", script};
    case Connected::Kind::udp: return {Kind::other, (peer.name.empty() ? "" : peer.name + " ") + peer.address, "UDP", script};
    case Connected::Kind::tcp: break;
  }
  if (peer.name.empty()) return {Kind::tcp, peer.address, {}, script};
  return {Kind::tcp, peer.name + port_of(peer.address), "it was asked for just before " + peer.address, script};
}

bool is_granted(const WantedConnection& wanted, const profiles::Policy& policy) {
  if (wanted.text == policy.mail.unix_path.text || wanted.text == policy.mail.tcp) return true;
  return std::any_of(policy.connect.begin(), policy.connect.end(), [&](const profiles::Connect& peer) { return peer.item_name() == wanted.text; });
}

}  // namespace

std::vector<WantedConnection> wanted_connections(const FirstSeen<Connected>& connections, const profiles::Policy& policy) {
  std::vector<WantedConnection> out;
  for (const auto& seen : connections.all()) {
    WantedConnection wanted = named(seen.thing, seen.script);
    const auto is_it = [&](const WantedConnection& one) { return one.kind == wanted.kind && one.text == wanted.text; };
    const bool is_known = std::any_of(out.begin(), out.end(), is_it);
    const bool is_library = std::find(std::begin(kOfTheLibrary), std::end(kOfTheLibrary), wanted.text) != std::end(kOfTheLibrary);
    if (!is_known && !is_library && !is_granted(wanted, policy)) out.push_back(std::move(wanted));
  }
  return out;
}

}  // namespace launcher
