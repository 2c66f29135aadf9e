// Which program a start of one means. Pure.
#pragma once

#include <string>
#include <vector>

namespace launcher {

// `path` and the first words of what execve(2) was given. PHP starts its programs through a shell, `sh -c "exec convert x.png"`:
// then the first word of that command is meant.
// A shell that was started for that is wanted, too (is_shell).
std::string program_meant(const std::string& path, const std::vector<std::string>& words);

bool is_shell(const std::string& path);

}  // namespace launcher
