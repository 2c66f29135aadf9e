// From a failure and its surroundings to its cause and the exact fix. Pure: a table, of which the first row that fits is
// taken.
#pragma once

#include "launcher/doctor/finding.h"
#include "launcher/doctor/surroundings.h"

namespace launcher {

// Fills cause and fix of a finding that failed.
void explain(const Surroundings& around, Finding& finding);

}  // namespace launcher
