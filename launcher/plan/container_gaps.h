// Names of the gaps that a container can have.
#pragma once

#include <string>
#include <vector>

namespace launcher {

std::vector<std::string> container_gap_names();
bool is_container_gap(const std::string& name);

}  // namespace launcher
