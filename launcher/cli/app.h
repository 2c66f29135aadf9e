// The whole command line as a CLI::App: main() parses it, the manual and the completions are written from it.
//
//   Globals globals;
//   const auto app = make_app(globals, argc > 1 ? argv[1] : "");
//   app->parse(argc, argv);
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string_view>

#include "launcher/cli/commands.h"

namespace cli {

// `globals` must outlive the App. Where `word` is a command, that one alone is declared: the options of all the others
// would cost each start of a box a third of a millisecond.
std::unique_ptr<CLI::App> make_app(Globals& globals, std::string_view word = {});

}  // namespace cli
