// fpmbox: parses the command line, runs one command, prints what nobody else did and maps it to an exit code.
#include <sys/auxv.h>

#include <exception>
#include <new>

#include "launcher/cli/app.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/images.h"
#include "launcher/cli/load.h"

namespace {

int parse_and_run(int argc, char** argv) {
  cli::Globals globals;
  if (const auto code = cli::make_parser(globals, argc > 1 ? argv[1] : "").parse(argc, argv)) return *code;
  return globals.command();
}

}  // namespace

int main(int argc, char** argv) {
  // A set-uid or set-capability copy would let its caller choose profiles and catalog with the owner's rights.
  if (::getauxval(AT_SECURE) != 0) {
    cli::print_error(
        "refuses to run set-user-id, set-group-id or with file capabilities; install it plainly and run it as root");
    return cli::kUsage;
  }
  try {
    return cli::is_for_images(argc, argv) ? cli::start_images(argv) : parse_and_run(argc, argv);
  } catch (const std::bad_alloc&) {
    cli::print_error("out of memory; the machine, or the control group that the launcher runs in, has none left");
    return cli::kSetupFailed;
  } catch (const std::exception& error) {
    cli::print_error(std::string("a bug in fpmbox: ") + error.what());
  }
  return cli::kBug;
}
