// The checks, by facet. Private to this folder; the table that runs them is in checks.cc.
#pragma once

#include "profiles/checks/checks.h"

namespace profiles {

void check_user(const CheckInput& input);
void check_listen_address(const CheckInput& input);
void check_listen_socket(const CheckInput& input);
void check_code(const CheckInput& input);
void check_writable(const CheckInput& input);
void check_system_paths(const CheckInput& input);
void check_root(const CheckInput& input);
void check_umask(const CheckInput& input);
void check_owned_by_pool(const CheckInput& input);
void check_connect(const CheckInput& input);
void check_network(const CheckInput& input);
void check_mail(const CheckInput& input);
void check_limits(const CheckInput& input);
void check_workers(const CheckInput& input);
void check_memory(const CheckInput& input);
void check_php_version(const CheckInput& input);
void check_php_words(const CheckInput& input);
void check_admin_values(const CheckInput& input);
void check_upload_sizes(const CheckInput& input);
void check_granted_calls(const CheckInput& input);
void check_clone3(const CheckInput& input);
void check_lower_rules(const CheckInput& input);
void check_argument_rules(const CheckInput& input);
void check_write_execute(const CheckInput& input);
void check_memory_files(const CheckInput& input);
void check_front_controllers(const CheckInput& input);
void check_web_paths(const CheckInput& input);
void check_jobs(const CheckInput& input);
void check_programs(const CheckInput& input);
void hint_at_programs(const CheckInput& input);
void check_environment(const CheckInput& input);
void check_expectations(const CheckInput& input);
void check_best_effort(const CheckInput& input);

}  // namespace profiles
