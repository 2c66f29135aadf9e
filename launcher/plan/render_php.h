// The one place that knows PHP: from the `php` facet to FPM's configuration, php.ini and command line.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "launcher/facts/host_facts.h"
#include "profiles/base/diagnostics.h"
#include "profiles/load/origins.h"
#include "profiles/model/policy.h"

namespace launcher {

struct PhpInput {
  const profiles::Policy& policy;
  const profiles::Origins& origins;
  const PhpFacts& php;
  std::string config_directory;  // where the files below will be, as FPM sees it
  std::string sessions;
  bool code_is_pinned = false;   // a versioned symlink or a built root: files never change under a running box
  std::string code;              // resolved path of the code
  std::string named_code;        // the same as the pool file says it
  std::optional<uid_t> uid;      // the pool's, where the code must not belong to it
  std::string host_name = {};
  bool is_service = true;        // FPM; otherwise PHP's command line, which has php.ini alone
  std::string program_directory = {};  // of php.ini of PHP's command line, where scripts may start it
  bool is_recording = false;     // requests are marked for the recorder
  std::string trial_script = {};  // of a trial: the script by which acts are tried
};

struct PhpConfiguration {
  std::string php_ini;
  std::string fpm_conf;           // of a service; the others below, too, but for the prelude
  std::string blacklist;          // opcache's: PHP files that may change under it
  std::string program_ini;        // of PHP's command line as a program; "" where there is none
  std::string prelude;            // PHP that runs ahead of every request
  std::vector<std::string> argv;
  std::uint32_t max_children = 0;
  std::vector<std::string> notes;
};

PhpConfiguration render_php(const PhpInput& input, base::Diagnostics& diagnostics);

// How many workers memory.max carries: what opcache and the master leave, over worker_memory; between 1 and pids.max - 4.
std::uint32_t workers_for(const profiles::Policy& policy);

}  // namespace launcher
