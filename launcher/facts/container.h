// What a container runtime gives to the launcher that is its entrypoint. Nothing is believed: it is looked at or tried.
#pragma once

#include "launcher/facts/host_facts.h"
#include "profiles/model/policy.h"

namespace launcher {

// Are we the first process of a container? Nothing else than an entrypoint can be that; who runs below an init says --enclosed.
bool is_entrypoint();
// Or brought in beside one, as by `docker exec`?
bool is_beside_entrypoint();

void find_container(const profiles::Policy& policy, HostFacts& facts);

// Pure: limits as control groups write them. nullopt for none.
std::optional<std::uint64_t> limit_of(const std::string& text);              // "max", "536870912"; version 1's "none" is a huge number
std::optional<std::uint64_t> cpu_percent_of(const std::string& quota, const std::string& period);

}  // namespace launcher
