#include "profiles/checks/checks.h"

#include "profiles/checks/facets.h"

namespace profiles {

namespace {

constexpr Check kChecks[] = {
    {"user", check_user},
    {"listen address", check_listen_address},
    {"listen socket", check_listen_socket},
    {"code", check_code},
    {"writable", check_writable},
    {"system paths", check_system_paths},
    {"root", check_root},
    {"umask", check_umask},
    {"owned by pool", check_owned_by_pool},
    {"connect", check_connect},
    {"network", check_network},
    {"mail", check_mail},
    {"limits", check_limits},
    {"workers", check_workers},
    {"memory", check_memory},
    {"php version", check_php_version},
    {"php words", check_php_words},
    {"admin values", check_admin_values},
    {"upload sizes", check_upload_sizes},
    {"granted calls", check_granted_calls},
    {"clone3", check_clone3},
    {"lower rules", check_lower_rules},
    {"argument rules", check_argument_rules},
    {"write execute", check_write_execute},
    {"memory files", check_memory_files},
    {"front controllers", check_front_controllers},
    {"web paths", check_web_paths},
    {"jobs", check_jobs},
    {"environment", check_environment},
    {"programs", check_programs},
    {"expectations", check_expectations},
    {"best effort", check_best_effort},
};

}  // namespace

std::span<const Check> policy_checks() { return kChecks; }

void check_policy(const CheckInput& input) {
  for (const Check& check : policy_checks()) check.run(input);
}

void hint_at_policy(const CheckInput& input) { hint_at_programs(input); }

}  // namespace profiles
