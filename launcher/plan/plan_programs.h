// The programs that a policy names: what the box sees of them, what it may execute, and how they are found.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "launcher/facts/host_facts.h"
#include "launcher/plan/plan.h"
#include "profiles/model/policy.h"

namespace launcher {

// Canonical path of the dynamic loader `interpreter`, as far as the facts know it.
std::string real_loader(const HostFacts& facts, const std::string& interpreter);

// Each program alone under its own path, links as on the host, and the dynamic loaders of all that the box executes as copies
// that cannot be read. `mounts` is all that the box sees otherwise: in the parts of the system that hold libraries only their folders stay
// executable.
void add_programs(const profiles::Policy& policy, const HostFacts& facts, std::vector<MountOp>& mounts);

// What Landlock lets the box execute beside its one program.
void add_program_rules(const HostFacts& facts, const std::string& interpreter, std::vector<LandlockRule>& rules);

// What scripts see: the policy's own, the folders of the programs in their order as PATH, and PHPRC.
std::map<std::string, std::string> script_environment(const profiles::Policy& policy, const std::string& php_directory);

// Where php.ini of PHP's command line lies, when it is among them: where it looks of its own accord, whatever its environment
// says; in a folder of `config_directory` where that cannot be. "" when it is not granted.
std::string php_program_directory(const HostFacts& facts, const std::string& config_directory);

// The named program that `word` means, by its path or its name; nullptr for none.
const profiles::Program* named_program(const profiles::Policy& policy, const std::string& word);

// What naming programs opens, in words.
std::vector<std::string> notes_on_programs(const profiles::Policy& policy, const std::vector<MountOp>& mounts);

}  // namespace launcher
