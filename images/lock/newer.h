// What the mirrors have newer than a lock, security updates first. With a mirror alone that is most of what somebody who runs an
// image has to know each day.
//
//   for (const Newer& one : newer(lock, resolved)) ...   // {"libssl3", "3.0.11", "3.0.14", "openssl", true}
#pragma once

#include <string>
#include <vector>

#include "images/lock/lock.h"

namespace images {

struct Newer {
  std::string name;
  std::string from;  // empty: the newer ones need it, and the lock has it not
  std::string to;
  std::string source;
  bool is_security = false;
  friend bool operator==(const Newer&, const Newer&) = default;
};

// `now` is what the same recipe resolves to at the moment.
std::vector<Newer> newer(const Lock& lock, const Lock& now);

}  // namespace images
