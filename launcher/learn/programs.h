// Which program a start of one means. Pure.
#pragma once

#include <string>
#include <vector>

namespace launcher {

// `path` and the first words of what execve(2) was given. PHP starts its programs through a shell, `sh -c "exec convert x.png"`:
// then the first word of that command is meant.
std::string program_meant(const std::string& path, const std::vector<std::string>& words);

}  // namespace launcher
