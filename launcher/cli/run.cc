// fpmbox run: one box in the foreground.
#include <unistd.h>

#include <optional>

#include "launcher/cli/commands.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/start.h"
#include "launcher/supervise/first_process.h"

namespace cli {
namespace {

struct RunOptions {
  std::string file;
  bool enclosed = false;
  bool timings = false;
  bool in_scope = false;  // started again by ourselves
};

bool is_first_process(const launcher::Plan& plan) { return plan.in_container && plan.user_namespace && ::getpid() == 1; }

// As PID 1, until the launcher has ended; nothing in the launcher itself.
std::optional<int> stay_first_process(std::optional<PlannedPool>& planned) {
  auto forked = launcher::fork_launcher();
  if (forked && !forked.value().is_first) return std::nullopt;
  const std::string name = planned->plan.pool;
  planned.reset();
  const auto code = forked ? launcher::serve_first(std::move(forked).value()) : base::Result<int>(forked.take_error());
  if (code) return code.value();
  print_error(name, code.error().text());
  return kSetupFailed;
}

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
  if (is_first_process(planned->plan))
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
