// The whole command line: main() parses it, the manual and the completions are written from it.
//
//   Globals globals;
//   Parser parser = make_parser(globals, argc > 1 ? argv[1] : "");
//   if (const auto code = parser.parse(argc, argv)) return *code;
#pragma once

#include <string_view>

#include "launcher/cli/commands.h"
#include "launcher/cli/parser.h"

namespace cli {

// `globals` must outlive it. Where `word` is a command, that one alone is declared: the options of all the others
// would cost each start of a box a third of a millisecond.
Parser make_parser(Globals& globals, std::string_view word = {});

}  // namespace cli
