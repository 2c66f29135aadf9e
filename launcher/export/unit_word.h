// A word as systemd reads it in a unit's command line (systemd.service(5), "Command lines").
#pragma once

#include <string>

#include "profiles/base/result.h"

namespace launcher {

// The error is for what a quoted word cannot hold.
base::Result<std::string> unit_word(const std::string& text);

}  // namespace launcher
