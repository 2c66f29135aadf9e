// What an act may presuppose of a box (`when:`). An act that does not apply is neither stopped nor leaked: it is counted
// apart, with the condition that does not hold.
#pragma once

#include <string>
#include <vector>

#include "launcher/harness/act.h"
#include "launcher/plan/plan.h"
#include "profiles/model/policy.h"

namespace harness {

struct Condition {
  const char* name;
  const char* otherwise;  // why an act does not apply, for the report
  bool (*holds)(const launcher::Plan& plan, const profiles::Policy& policy);
};
const std::vector<Condition>& conditions();
std::vector<std::string> condition_names();

// The first condition of `act` that does not hold; nullptr when it applies.
const Condition* obstacle(const Act& act, const launcher::Plan& plan, const profiles::Policy& policy);

}  // namespace harness
