// The commands of fpmbox-image, one file each; as in launcher/cli.
#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace images {

using Command = std::function<int()>;

void add_build(CLI::App& app, Command& command);
void add_inspect(CLI::App& image, Command& command);
void add_why(CLI::App& image, Command& command);
void add_diff(CLI::App& image, Command& command);
void add_verify(CLI::App& image, Command& command);
void add_outdated(CLI::App& image, Command& command);
void add_cost(CLI::App& image, Command& command);
void add_test(CLI::App& image, Command& command);

// "fpmbox-image: WHAT" on stderr, control characters escaped.
void print_error(const std::string& what);

}  // namespace images
