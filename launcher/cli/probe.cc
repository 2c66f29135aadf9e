// fpmbox probe: hidden. The program of a trial box: it tries what the harness asks of it on stdin (launcher/harness/native.h).
#include <unistd.h>


#include "launcher/cli/commands.h"
#include "launcher/harness/native.h"

namespace cli {

void add_probe(App app, Globals& globals) {
  App command = app.add_subcommand("probe", "tries what is asked on stdin; run by `test` in a box").group("");
  command.callback([&globals] { globals.command = [] { return harness::serve_requests(STDIN_FILENO, STDOUT_FILENO); }; });
}

}  // namespace cli
