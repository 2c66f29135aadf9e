// fpmbox denials: what boxes refused, which line of which file decided, and which would permit it.
#include <linux/openat2.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "launcher/boxes/find.h"
#include "launcher/boxes/log_reader.h"
#include "launcher/boxes/pool_files.h"
#include "launcher/boxes/stop.h"
#include "launcher/cli/commands.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/load.h"
#include "launcher/cli/pool_names.h"
#include "launcher/denials/php_messages.h"
#include "launcher/denials/print.h"
#include "launcher/sys/file.h"
#include "profiles/base/text.h"

namespace cli {
namespace {

using launcher::Denial;

constexpr int kLookEveryMs = 200;

struct DenialsOptions {
  std::string name;
  std::string user;
  bool json = false;
  std::optional<std::size_t> count;
  bool follow = false;
};

// A pool's kept denials, and its code as far as a box of it runs.
struct Source {
  std::vector<launcher::LogReader> readers;  // of the pool's box, and of commands beside it
  sys::Fd code;
  sys::Fd writer;  // a pidfd, readable once the launcher has ended
};

// In a path that a pool claimed no link is followed and nothing is opened: only that it is there is asked.
bool exists(const sys::Fd& code, const std::string& path) {
  const auto found = sys::open_beneath(code.get(), path, O_PATH | O_NOFOLLOW, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  return found.ok();
}

std::vector<Denial> read_more(Source& source) {
  std::vector<Denial> out;
  const auto oldest = std::chrono::system_clock::now() - launcher::kLogExpiry;
  std::string lines;
  for (launcher::LogReader& reader : source.readers) lines += reader.more();
  for (const std::string& line : base::split(lines, '\n')) {
    auto denial = launcher::read_denial(line);
    if (!denial || denial.value().time < oldest) continue;
    if (source.code) launcher::settle_write(denial.value(), exists(source.code, denial.value().path));
    out.push_back(std::move(denial).value());
  }
  return out;
}

// nullopt: no launcher of this pool has kept any.
std::optional<Source> open_source(const std::string& run, const std::string& pool) {
  Source source;
  const auto found = launcher::read_box(run, pool);
  if (found && found->mistake.empty() && launcher::is_of_boot(found->record, launcher::boot_id())) {
    if (auto code = sys::open(found->record.code_version, O_PATH | O_DIRECTORY | O_NOFOLLOW)) source.code = std::move(code).value();
    if (auto process = launcher::open_recorded(found->record.launcher)) source.writer = std::move(process).value();
  }
  const auto directory = launcher::open_pool_folder(run, pool);
  if (!directory) return std::nullopt;
  std::vector<launcher::LogFiles> files = {launcher::kDenialFiles};
  files.insert(files.end(), std::begin(launcher::kCommandDenialFiles), std::end(launcher::kCommandDenialFiles));
  for (const launcher::LogFiles& each : files)
    if (auto reader = launcher::LogReader::open(directory.value().get(), each)) source.readers.push_back(std::move(reader).value());
  if (source.readers.empty()) return std::nullopt;
  return source;
}

bool print(std::vector<Denial> denials, const DenialsOptions& options) {
  std::stable_sort(denials.begin(), denials.end(), [](const Denial& a, const Denial& b) { return a.time < b.time; });
  if (options.count && denials.size() > *options.count) denials.erase(denials.begin(), denials.end() - static_cast<long>(*options.count));
  return sys::write_all(STDOUT_FILENO, options.json ? launcher::denials_json(denials) : launcher::denials_text(denials)).ok();
}

std::vector<Denial> read_all(std::vector<Source>& sources) {
  std::vector<Denial> out;
  for (Source& source : sources)
    for (Denial& denial : read_more(source)) out.push_back(std::move(denial));
  return out;
}

// Until no launcher writes any more; what was written last is printed, too.
void follow(std::vector<Source>& sources, DenialsOptions options) {
  options.count.reset();
  for (bool goes_on = true; goes_on;) {
    std::vector<pollfd> ends;
    for (const Source& source : sources)
      if (source.writer) ends.push_back({source.writer.get(), POLLIN, 0});
    ::poll(nullptr, 0, kLookEveryMs);
    ::poll(ends.data(), ends.size(), 0);
    goes_on = std::any_of(ends.begin(), ends.end(), [](const pollfd& end) { return end.revents == 0; });
    if (!print(read_all(sources), options)) return;
  }
}

int denials(const DenialsOptions& options, const Globals& globals) {
  const auto run = run_folder_of(options.user);
  if (!run) {
    print_error(run.error().text());
    return options.user.empty() ? kLayerMissing : kUsage;
  }
  const auto names = options.name.empty() ? launcher::find_pool_folders(run.value()) : known_pools({options.name}, run.value(), globals);
  if (!names) {
    print_error(names.error().text());
    return options.name.empty() ? kSetupFailed : kUsage;
  }
  std::vector<Source> sources;
  for (const std::string& name : names.value())
    if (auto source = open_source(run.value(), name)) sources.push_back(std::move(*source));
  std::vector<Denial> found = read_all(sources);
  if (found.empty() && !options.json && !options.follow) print_error("no denial is known since this machine was started");
  const bool printed = print(std::move(found), options);
  if (printed && options.follow) follow(sources, options);
  return kDone;
}

}  // namespace

void add_denials(App app, Globals& globals) {
  auto options = std::make_shared<DenialsOptions>();
  App command =
      app.add_subcommand("denials", "what boxes refused: the script, the act, the line that decided and the one that would permit it").group(kProve);
  command.add_option("NAME", options->name, "pool; all without");
  command.add_flag("--json", options->json, "for programs: an object a line");
  command.add_option("-n,--lines", options->count, "only the last so many");
  command.add_option("--user", options->user, kWhoseBoxes).type_name("USER");
  command.add_flag("-f,--follow", options->follow, "go on until the boxes have ended");
  command.callback([options, &globals] { globals.command = [options, &globals] { return denials(*options, globals); }; });
}

}  // namespace cli
