// PHP's mail() for a box in which no sendmail can be started: the same function in PHP, which speaks SMTP (RFC 5321) to the one
// server that the profile names. Part of the prelude; pure.
#pragma once

#include <string>

#include "profiles/model/policy.h"

namespace launcher {

// PHP lets scripts define a function that disable_functions took away from 8.0 on; before, it keeps a stub of that name.
inline constexpr const char* kMailSince = "8.0";

bool has_mail(const profiles::Policy& policy);

// PHP statements. `host_name` is what the server is greeted with, and the host of a sender whom nobody names.
std::string render_mail(const profiles::Policy& policy, const std::string& host_name);

}  // namespace launcher
