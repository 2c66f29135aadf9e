// fpmbox probe: hidden. The program of a trial box: it tries what the harness asks of it on stdin (launcher/harness/native.h).
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "launcher/cli/commands.h"
#include "launcher/harness/native.h"

namespace cli {

void add_probe(CLI::App& app, Globals& globals) {
  CLI::App* command = app.add_subcommand("probe", "tries what is asked on stdin; run by `test` in a box")->group("");
  command->callback([&globals] { globals.command = [] { return harness::serve_requests(STDIN_FILENO, STDOUT_FILENO); }; });
}

}  // namespace cli
