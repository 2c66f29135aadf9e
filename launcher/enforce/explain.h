// From what failed to what an operator can do about it.
#pragma once

#include <string>

#include "launcher/enforce/child/orders.h"
#include "profiles/base/result.h"
#include "profiles/load/origins.h"

namespace launcher {

struct Prepared;

// A step's failure as an error that names the step, its subject and the profile line that asked for it.
base::Error explain(const child::SetupFailure& failure, const Prepared& prepared, const profiles::Origins& origins);

// The error's text, and behind it what to do where its errno says so.
std::string with_advice(const base::Error& error);

}  // namespace launcher
