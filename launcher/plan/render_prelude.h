// The PHP that runs ahead of every request of a pool (auto_prepend_file), generated, owned by root and read-only in the
// box: the guard, which decides whether the script of the request may start, mail() where it is SMTP, and last an operator's own auto_prepend_file.
//
// Parts share one file, one after the other. What a part defines in the global scope is seen by every application, so
// a part defines nothing there but what it is for.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "profiles/load/origins.h"
#include "profiles/model/policy.h"

namespace launcher {

struct PreludeInput {
  const profiles::Policy& policy;
  const profiles::Origins& origins;
  std::string named_code;     // as the pool file says, what the web server passes
  std::string resolved_code;  // the version it leads to
  std::optional<uid_t> uid;   // the pool's, where a script of that owner is none of the code's
  std::string host_name = {};
  bool is_recording = false;
  std::string trial_script = {};  // of a trial: one more script that may start
};

// Its name in the folder of generated configuration.
inline constexpr const char* kPreludeFile = "prelude.php";

// Where the guard applies, as it stands in the text: programs on the command line are started by somebody who may.
inline constexpr const char* kGuardCondition = "PHP_SAPI === 'fpm-fcgi'";

std::string render_prelude(const PreludeInput& input);

// `text` as a PHP literal.
std::string php_string(const std::string& text);

}  // namespace launcher
