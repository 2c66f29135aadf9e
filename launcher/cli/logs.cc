// fpmbox logs: what a launcher said, wherever its stderr went.
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <optional>

#include "launcher/boxes/find.h"
#include "launcher/boxes/log_reader.h"
#include "launcher/boxes/pool_files.h"
#include "launcher/boxes/stop.h"
#include "launcher/cli/commands.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/load.h"
#include "launcher/cli/pool_names.h"
#include "launcher/sys/file.h"

namespace cli {
namespace {

constexpr int kLookEveryMs = 200;

struct LogsOptions {
  std::string name;
  std::string user;
  std::optional<std::size_t> lines;
  bool follow = false;
};

// The launcher that writes now, if one does; a pidfd, which becomes readable at its end.
sys::Fd writer_of(const std::string& run, const std::string& pool) {
  const auto found = launcher::read_box(run, pool);
  if (!found || !found->mistake.empty() || !launcher::is_of_boot(found->record, launcher::boot_id())) return sys::Fd();
  auto process = launcher::open_recorded(found->record.launcher);
  if (!process) return sys::Fd();
  return std::move(process).value();
}

bool print(std::string_view text) { return sys::write_all(STDOUT_FILENO, launcher::shown(text)).ok(); }

// Until the launcher has ended; what it said last is printed, too.
void follow(launcher::LogReader& log, const sys::Fd& writer) {
  for (bool has_ended = !writer; !has_ended;) {
    pollfd end = {writer.get(), POLLIN, 0};
    has_ended = ::poll(&end, 1, kLookEveryMs) > 0;
    if (!print(log.more())) return;
  }
}

int nothing_kept(const std::string& pool, const std::string& word, const base::Error& error) {
  if (error.code != ENOENT) {
    print_error(error.text());
    return kSetupFailed;
  }
  print_error("no launcher of " + pool + " has kept a log since this machine was started; fpmbox check " + word +
              " says what is wrong with its file");
  return kDone;
}

int logs(const LogsOptions& options, const Globals& globals) {
  const auto run = run_folder_of(options.user);
  if (!run) {
    print_error(run.error().text());
    return options.user.empty() ? kLayerMissing : kUsage;
  }
  const auto names = known_pools({options.name}, run.value(), globals);
  if (!names) {
    print_error(names.error().text());
    return kUsage;
  }
  const std::string& pool = names.value().front();
  const sys::Fd writer = options.follow ? writer_of(run.value(), pool) : sys::Fd();  // before the first look: nothing is missed between
  const auto directory = launcher::open_pool_folder(run.value(), pool);
  if (!directory) return nothing_kept(pool, options.name, directory.error());
  auto log = launcher::LogReader::open(directory.value().get());
  if (!log) return nothing_kept(pool, options.name, log.error());
  const std::string all = log.value().more();
  const bool printed = print(options.lines ? launcher::last_lines(all, *options.lines) : all);
  if (printed && options.follow) follow(log.value(), writer);
  return kDone;
}

}  // namespace

void add_logs(App app, Globals& globals) {
  auto options = std::make_shared<LogsOptions>();
  App command = app.add_subcommand("logs", "what a pool's launcher said, also before a failed start").group(kRun);
  command.add_option("NAME", options->name, "pool").required();
  command.add_option("-n,--lines", options->lines, "only the last so many lines");
  command.add_option("--user", options->user, kWhoseBoxes).type_name("USER");
  command.add_flag("-f,--follow", options->follow, "go on until the box has ended");
  command.callback([options, &globals] { globals.command = [options, &globals] { return logs(*options, globals); }; });
}

}  // namespace cli
