// What root shows of a tree that somebody put there: root's alone, above and below.
//
//   TRY(check_trusted_tree("/srv/roots/site/usr/lib"));
#pragma once

#include <string>

#include "profiles/base/result.h"

namespace launcher {

// As sys::check_trusted_path(), and everything below is so, too. Links are not followed, and what is not there is nobody's.
// Ends in an Error that names the first offender.
base::Status check_trusted_tree(const std::string& path);

}  // namespace launcher
