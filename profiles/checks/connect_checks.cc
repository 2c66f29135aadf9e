// What the box can reach.
#include "profiles/checks/address.h"
#include "profiles/checks/facets.h"
#include "profiles/checks/report.h"

namespace profiles {

void check_connect(const CheckInput& input) {
  for (const Connect& peer : input.composed.policy.connect) {
    const std::string key = "connect[" + peer.item_name() + "]";
    const bool is_unix = !peer.unix_path.text.empty(), is_tcp = !peer.tcp.empty();
    if (is_unix == is_tcp) {
      error(input, key, is_unix ? "has both unix and tcp" : "has neither unix nor tcp",
            "write {unix: /run/mysqld/mysqld.sock} or {tcp: \"HOST:PORT\", why: WHAT FOR}");
      continue;
    }
    if (!is_tcp) continue;
    if (!parse_peer(peer.tcp))
      error(input, key, "`" + peer.tcp + "` is not a host with a port",
            "write \"HOST:PORT\", such as \"example.org:443\"");
    if (peer.why.empty())
      error(input, key, "opens a way out of the machine, without a reason",
            "add why: WHAT THE APPLICATION SENDS OR FETCHES THERE");
  }
}

void check_network(const CheckInput& input) {
  const Network& network = input.composed.policy.network;
  if (network.mode == NetworkMode::host && network.why.empty())
    error(input, "network.mode", "opens the host's whole network to the site, without a reason",
          "write network: {mode: host, why: WHAT IT REACHES THERE}, or name sockets of servers in connect:");
}

void check_mail(const CheckInput& input) {
  const Mail& mail = input.composed.policy.mail;
  const bool is_unix = !mail.unix_path.text.empty(), is_tcp = !mail.tcp.empty();
  if (is_unix && is_tcp) error(input, "mail.tcp", "mail has both unix and tcp", "name one server that takes the mail");
  if (is_tcp && !parse_peer(mail.tcp))
    error(input, "mail.tcp", "`" + mail.tcp + "` is not a host with a port", "write \"HOST:PORT\", such as \"127.0.0.1:25\"");
  if (mail.from.empty()) return;
  if (!is_unix && !is_tcp)
    error(input, "mail.from", "names a sender, but no server that takes the mail", "add unix: or tcp: to mail");
  if (!is_mail_address(mail.from))
    error(input, "mail.from", "`" + mail.from + "` is not a mail address", "write it as wiki@example.org, without a name or brackets");
}

}  // namespace profiles
