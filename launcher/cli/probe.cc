// fpmbox probe: hidden. Tries what the harness asks of it on stdin (launcher/harness/native.h): itself, as the program of a trial box,
// or, as the entrypoint of a container, in the box that the pool has there.
#include <unistd.h>

#include "launcher/cli/commands.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/start.h"
#include "launcher/facts/container.h"
#include "launcher/harness/native.h"
#include "launcher/harness/stand_in.h"

namespace cli {
namespace {

// The pool's own plan with another program; what it writes it writes where the pool does.
launcher::Request probe_request(const launcher::Plan& own) {
  launcher::Request out;
  out.trial = launcher::Trial{.name = own.pool, .folder = own.state_directory, .socket = {}};
  out.trial->is_live = true;
  out.trial->program = "/proc/self/exe";
  out.trial->arguments = {"probe"};
  return out;
}

int probe_in_box(const std::string& file, const Globals& globals) {
  // Without the pool's claim: on a host it would be a second box on the state of one that runs.
  if (!launcher::is_entrypoint()) {
    print_error("probe FILE is for the entrypoint of a container, whose one box it makes; `fpmbox test` makes a box of its own");
    return kUsage;
  }
  sys::Stopwatch laps;
  int code = kDone;
  auto loaded = load_pool({file, true, true, {}, {}}, globals, laps, code);
  if (!loaded) return code;
  const auto own = plan_loaded(*loaded, {}, code);
  if (!own) return code;
  auto plan = plan_loaded(*loaded, probe_request(*own), code);
  if (!plan) return code;
  std::optional<PlannedPool> planned(PlannedPool{std::move(loaded->pool), std::move(*plan), false});
  if (!say_gaps(*planned)) return kLayerMissing;
  if (const auto ended = stay_first_process(planned)) return *ended;
  return attend(std::move(*planned), "fpmbox probe", laps);
}

struct ProbeOptions {
  std::string file;
  std::vector<std::string> servers;
};

int probe(const ProbeOptions& options, const Globals& globals) {
  const auto servers = harness::stand_ins(options.servers);  // until the last line is answered
  if (!servers) {
    print_error(servers.error().text());
    return kSetupFailed;
  }
  return options.file.empty() ? harness::serve_requests(STDIN_FILENO, STDOUT_FILENO) : probe_in_box(options.file, globals);
}

}  // namespace

void add_probe(App app, Globals& globals) {
  auto options = std::make_shared<ProbeOptions>();
  App command = app.add_subcommand("probe", "tries what is asked on stdin; run by `test` in a box").group("");
  command.add_option("FILE", options->file, "a pool file: in the box of that pool, as the entrypoint of a container");
  command.add_option("--listen", options->servers, "ADDRESS:PORT, where a server is to stand in meanwhile, outside the box");
  command.callback([options, &globals] { globals.command = [options, &globals] { return probe(*options, globals); }; });
}

}  // namespace cli
