// What is different where fpmbox is the entrypoint of a container.
#pragma once

#include <string>

#include "launcher/facts/host_facts.h"
#include "launcher/plan/container_wishes.h"
#include "profiles/base/result.h"
#include "profiles/model/policy.h"

namespace cli {

// As PID 1 we know it ourselves; below an init of the engine's it is said.
bool is_contained(bool enclosed);

// What the environment says, where it has a say.
base::Result<launcher::ContainerWishes> read_wishes(bool contained);

// The facts, with what the operator said, as the plan wants them.
void settle_container(const profiles::Policy& policy, const launcher::ContainerWishes& wishes, launcher::HostFacts& facts);

// Behind the gaps, the last lines of all: the command that closes those which the engine can close.
void print_corrected_command(const std::string& pool, const std::string& command);

}  // namespace cli
