// What an operator says by the environment of a container, and what the plan makes of it. All that concerns the application
// stands in the pool file; secrets come as files.
//
//   FPMBOX_STRICT=1  FPMBOX_ALLOW_GAPS=limits.cpu.max,landlock.network  FPMBOX_LISTEN=0.0.0.0:9000  FPMBOX_SECRETS=/run/secrets
#pragma once

#include <map>
#include <string>
#include <vector>

#include "launcher/plan/plan.h"
#include "profiles/base/result.h"
#include "profiles/model/policy.h"

namespace launcher {

struct ContainerWishes {
  bool strict = false;               // every gap stops the launch
  std::vector<std::string> allowed;  // but these; and without `strict`, these do not though nothing covers them
  std::string listen;                // in place of listen: in the pool file: ADDRESS:PORT, or the path of a socket
  std::vector<std::string> secrets;  // files and folders that scripts may read
  std::vector<std::string> given;    // NAME=value, as they came
  friend bool operator==(const ContainerWishes&, const ContainerWishes&) = default;
};

// The same for people who read the manual.
struct VariableMeaning {
  const char* name;
  const char* meaning;
};
std::vector<VariableMeaning> variable_meanings();

// Of all variables that begin with FPMBOX_; one that is not known, or has a value that it cannot have, is an error.
base::Result<ContainerWishes> wishes_of(const std::map<std::string, std::string>& environment);

// Into the policy before it is checked: where it listens, what it sees.
void grant_wishes(const ContainerWishes& wishes, profiles::Policy& policy);

// Onto the finished plan: which of its gaps stop the launch. A name that no gap can have is an error.
base::Status judge_gaps(const ContainerWishes& wishes, Plan& plan);

}  // namespace launcher
