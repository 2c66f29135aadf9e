// All findings about this machine, each with cause and fix.
#pragma once

#include <string>
#include <vector>

#include "launcher/doctor/finding.h"
#include "launcher/doctor/surroundings.h"

namespace launcher {

struct Examination {
  Surroundings around;
  std::vector<Finding> findings;
};
Examination examine();

// Can a box be made here, with every layer?
bool is_complete(const Examination& examination);

std::string print(const Examination& examination);
std::string print_json(const Examination& examination);

}  // namespace launcher
