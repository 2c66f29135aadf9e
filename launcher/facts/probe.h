// probe(): looks at this host for what one policy needs of it. The only place, with prepare(), that looks at the host.
//
//   HostFacts facts = probe(policy, {.enclosed = false});
#pragma once

#include <string>

#include "launcher/facts/box_trial.h"
#include "launcher/facts/host_facts.h"
#include "launcher/sys/stopwatch.h"
#include "profiles/model/policy.h"

namespace launcher {

struct ProbeOptions {
  bool enclosed = false;                      // the caller says that a container runtime is around us; as PID 1 we know
  bool with_command = false;                  // PHP's command line is looked for, too; as always with programs:
  std::string run_directory = "/run/fpmbox";  // what php-fpm said about itself is kept in .php/ below it, which no pool
                                              // can be named, by the caller for itself
  bool starts_nothing = false;                // whatever is mounted to look at it ends with this process
  BoxTrial* trial = nullptr;                  // one that was begun before
};

// Never fails: what cannot be found is absent from the facts, with a reason where they have a place for one.
HostFacts probe(const profiles::Policy& policy, const ProbeOptions& options, sys::Stopwatch& laps);

}  // namespace launcher
