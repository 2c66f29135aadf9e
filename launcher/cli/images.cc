// fpmbox build, fpmbox image: done by fpmbox-image, which lies beside this program and is linked with what builds images.
#include "launcher/cli/images.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "launcher/cli/commands.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/load.h"
#include "launcher/cli/scope.h"

namespace cli {
namespace {

struct Row {
  const char* name;
  const char* what;
};
constexpr Row kCommands[] = {
    {"build", "an image from a recipe; `fpmbox build --help` lists its options"},
    {"image", "what is in an image, and why; `fpmbox image --help` lists its commands"},
};

}  // namespace

bool is_for_images(int argc, char** argv) {
  return argc > 1 && std::any_of(std::begin(kCommands), std::end(kCommands), [&](const Row& row) { return ::strcmp(argv[1], row.name) == 0; });
}

int start_images(char** argv) {
  const std::string self = own_executable();
  const std::string program = self.substr(0, self.rfind('/') + 1) + "fpmbox-image";
  ::execv(program.c_str(), argv);
  print_error(errno == ENOENT ? "there is no " + program + ": this fpmbox was installed without what builds images"
                              : "starting " + program + ": " + ::strerror(errno));
  return kSetupFailed;
}

// For help, manual and completions; main() has passed these words on before they would be parsed.
void add_images(CLI::App& app, Globals& globals) {
  for (const Row& row : kCommands) {
    CLI::App* command = app.add_subcommand(row.name, row.what)->group(kShip);
    command->allow_extras();
    command->callback([&globals] { globals.command = [] { return kUsage; }; });
  }
}

}  // namespace cli
