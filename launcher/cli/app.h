// The whole command line as a CLI::App: main() parses it, the manual and the completions are written from it.
//
//   Globals globals;
//   const auto app = make_app(globals);
//   app->parse(argc, argv);
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "launcher/cli/commands.h"

namespace cli {

// `globals` must outlive the App.
std::unique_ptr<CLI::App> make_app(Globals& globals);

}  // namespace cli
