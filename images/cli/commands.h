// The commands of fpmbox-image, one file each; as in launcher/cli.
#pragma once

#include <functional>
#include <string>

#include "launcher/cli/parser.h"

namespace images {

using Command = std::function<int()>;

void add_build(cli::App app, Command& command);
void add_inspect(cli::App image, Command& command);
void add_why(cli::App image, Command& command);
void add_diff(cli::App image, Command& command);
void add_verify(cli::App image, Command& command);
void add_outdated(cli::App image, Command& command);
void add_cost(cli::App image, Command& command);
void add_test(cli::App image, Command& command);

// "fpmbox-image: WHAT" on stderr, control characters escaped.
void print_error(const std::string& what);

}  // namespace images
