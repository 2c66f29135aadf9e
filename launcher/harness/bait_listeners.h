// The sockets of bait.h: bound by whoever makes the decoys, answered by the keeper.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "launcher/harness/bait.h"

namespace harness {

struct Listener {
  sys::Fd socket;
  std::string_view answer;  // empty: datagrams, which are dropped
};

// All of them, with their targets.
base::Result<std::vector<Listener>> listen_everywhere(const BaitInput& input, std::map<std::string, std::string>& targets);

// One connection is taken and answered; what it says is dropped.
void answer(const Listener& listener);

}  // namespace harness
