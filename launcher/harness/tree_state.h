// What lies in some folders, to see what a request wrote.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace harness {

using TreeState = std::map<std::string, std::string>;  // path: size, time and number

TreeState state_of(const std::vector<std::string>& roots);
std::vector<std::string> difference(const TreeState& before, const TreeState& after);  // at most a few paths

}  // namespace harness
