// Which network the box is in. Its own, empty one, unless a site cannot work so.
#pragma once
#include "profiles/model/describe.h"

namespace profiles {

enum class NetworkMode { none, host };
inline EnumNames<NetworkMode> names(NetworkMode) { return {{NetworkMode::none, "none"}, {NetworkMode::host, "host"}}; }

struct Network {
  NetworkMode mode = NetworkMode::none;
  std::string why;  // required for host
  friend bool operator==(const Network&, const Network&) = default;
};

template <class V>
void describe(V& v, Network& f) {
  v.field("mode", f.mode, "none: nothing but what `connect` names; host: the host's whole network, a printed gap.");
  v.field("why", f.why, "Why the site needs the host's network.");
}

}  // namespace profiles
