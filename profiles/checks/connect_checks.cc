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

}  // namespace profiles
