// fpmbox run: one box in the foreground.
#include <optional>

#include "launcher/cli/commands.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/start.h"

namespace cli {
namespace {

struct RunOptions {
  std::string file;
  bool enclosed = false;
  bool timings = false;
  bool in_scope = false;  // started again by ourselves
};

int run(const RunOptions& options, const Globals& globals) {
  sys::Stopwatch laps;
  int code = kDone;
  PoolOptions asked;
  asked.file = options.file;
  asked.enclosed = options.enclosed;
  asked.in_scope = options.in_scope;
  asked.again = {"run", "--in-scope", options.file};
  auto planned = plan_pool(asked, globals, laps, code);
  if (!planned) return code;
  if (const auto ended = stay_first_process(planned)) return *ended;
  auto notify = launcher::Notifier::from_environment();
  if (!notify) {
    planned->say(notify.error());
    return kSetupFailed;
  }
  launcher::Output output(STDERR_FILENO);
  const auto print_timings = [&laps, &output, name = planned->plan.pool] {
    laps.lap("php-fpm, until its first answer");
    for (const std::string& line : sys::table(laps)) output.line(name + ": " + line);
  };
  return serve(std::move(*planned), output, {std::move(notify).value(), options.timings ? print_timings : std::function<void()>()}, laps);
}

}  // namespace

void add_run(App app, Globals& globals) {
  auto options = std::make_shared<RunOptions>();
  App command =
      app.add_subcommand("run", "one box in the foreground: a systemd unit, a container, a terminal").group(kRun);
  command.add_option("FILE", options->file, "pool file, or the name of a pool").required();
  command.add_flag("--enclosed", options->enclosed,
                    "as the entrypoint of a container, below an init of the engine's; PID 1 is one anyway");
  command.add_flag("--timings", options->timings, "print how long each phase of the start took");
  command.add_flag("--in-scope", options->in_scope).group("");  // hidden: how `run` starts itself again
  command.callback([options, &globals] { globals.command = [options, &globals] { return run(*options, globals); }; });
}

}  // namespace cli
