// An act, and what a profile expects of acts, by their ids alone.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "launcher/harness/act.h"
#include "profiles/model/policy.h"

namespace test {

inline harness::Act act(const std::string& id) {
  harness::Act out;
  out.id = id;
  return out;
}

inline profiles::Expect expects(std::vector<std::string> denied, const std::vector<std::string>& allowed = {}) {
  profiles::Expect out;
  out.denied = std::move(denied);
  for (const std::string& id : allowed) out.allowed.push_back({id, "it has to"});
  return out;
}

}  // namespace test
