// fpmbox learn: records what a pool's application uses, and writes the profile lines for it.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>


#include "launcher/boxes/state.h"
#include "launcher/cli/catalog.h"
#include "launcher/cli/commands.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/start.h"
#include "launcher/learn/fragment.h"
#include "launcher/learn/record_box.h"
#include "launcher/sys/file.h"
#include "profiles/load/groups.h"

namespace cli {
namespace {

using base::Result;
using launcher::Before;
using launcher::Plan;

struct LearnOptions {
  std::string file;
  std::string lasts;
  std::string output;
  bool in_scope = false;  // started again by ourselves
};

constexpr const char* kFirstLine =
    "RECORDING, NOT A BOUNDARY: this box is in the host's network, sees its sockets in /run, has no Landlock, and makes nearly every system call. "
    "Run it with nobody but yourself as its visitor";
constexpr const char* kScratchLine =
    "what is written to the code, the writable paths and sessions goes to scratch and is thrown away at the end; what is written to "
    "databases and other servers is not";
constexpr const char* kLastLine = "the recording box is gone; it was NOT A BOUNDARY. Its scratch was thrown away";

// Made before the box, so that nobody clicks for nothing.
Result<sys::Fd> open_output(const std::string& path) {
  auto file = sys::open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644);
  if (!file && file.error().code == EEXIST) return base::Error{path + " is there already; move it away, or name another file", {}, 0, {}};
  return file;
}

const launcher::MountOp* code_of(const Plan& plan) {
  for (const launcher::MountOp& op : plan.mounts)
    if (op.key == "filesystem.code" && op.kind == launcher::MountOp::Kind::overlay) return &op;
  return nullptr;
}

Before look_below(const std::string& code, const std::string& relative) {
  struct stat info = {};
  if (::lstat((code + "/" + relative).c_str(), &info) != 0) return Before::missing;
  return S_ISDIR(info.st_mode) ? Before::folder : Before::file;
}

bool is_socket(const std::string& path) {
  struct stat info = {};
  return ::stat(path.c_str(), &info) == 0 && S_ISSOCK(info.st_mode);
}

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

launcher::FoldInput fold_input(const std::string& code, const profiles::Policy& policy, const launcher::Record& record) {
  launcher::FoldInput out{code, {}, [code](const std::string& relative) { return look_below(code, relative); }, {}};
  for (const auto& writable : policy.filesystem.writable) out.granted.push_back(writable.path.text);
  for (const auto& seen : record.scripts.all())
    if (seen.thing.starts_with(code + "/")) out.scripts.insert(seen.thing.substr(code.size() + 1));
  return out;
}

// What the pool's file extends, as the fragment has to say it: a name of the catalog, or a path.
std::string extended_by(const Loaded& pool, const std::string& catalog) {
  const auto& layers = pool.composed.layers;
  if (layers.size() < 2) return "base";
  const std::string& below = layers[layers.size() - 2];
  const std::string folder = catalog + "/", ending = ".yaml";
  if (below.starts_with(folder) && below.ends_with(ending)) return below.substr(folder.size(), below.size() - folder.size() - ending.size());
  return below;
}

launcher::CallGroups call_groups(const std::string& catalog) {
  base::Diagnostics unread;  // a catalog without groups has composed the pool all the same
  const profiles::ReadFile read = read_profile;
  const profiles::DocumentStore store = {};
  return profiles::SyscallGroups(catalog + "/syscalls.yaml", read, store).all(unread);
}

// Whole seconds, once there are any.
std::string took(launcher::Milliseconds time) {
  const auto count = static_cast<std::uint64_t>(time.count());
  return base::format(base::Duration{count < 1000 ? count : count / 1000 * 1000});
}

std::string fragment_of(const PlannedPool& pool, const launcher::Recorded& recorded, const Globals& globals) {
  const profiles::Policy& policy = pool.pool.composed.policy;
  const auto catalog = find_catalog(globals.catalog);
  const std::string folder = catalog ? catalog.value() : "";
  const launcher::MountOp* code = code_of(pool.plan);
  const auto writes = launcher::fold_writes(recorded.record.writes, fold_input(code == nullptr ? "" : code->source, policy, recorded.record));
  const auto extensions = launcher::missing_extensions(launcher::parse_extensions(recorded.extensions), policy, pool.php);
  const auto groups = call_groups(folder);
  return launcher::write_fragment({extended_by(pool.pool, folder), took(recorded.took),
                                   policy, pool.pool.composed.origins, pool.php, recorded.record, writes, extensions,
                                   recorded.extensions_obstacle, groups, is_socket, exists});
}

int record(PlannedPool& pool, const LearnOptions& options, const std::optional<launcher::Milliseconds>& lasts,
           int file, const Globals& globals) {
  launcher::Output output(STDERR_FILENO);
  sys::Stopwatch laps;
  pool.say(kFirstLine);
  pool.say(kScratchLine);
  Kept kept;
  auto box = start_box(pool, laps, kept);
  if (!box) return kSetupFailed;
  if (kept.state) (void)launcher::write_state(kept.state.get(), launcher::BoxState::running).ok();
  output.keep_in(std::move(pool.log));
  const auto recorded = launcher::record_box(std::move(*box), {pool.plan, lasts}, output);
  output.finish(launcher::Milliseconds(2000));
  if (!recorded) {
    pool.say(recorded.error());
    pool.say(kLastLine);
    return kSetupFailed;
  }
  const auto written = sys::write_all(file, fragment_of(pool, recorded.value(), globals));
  if (!written) pool.say(written.error());
  if (written && !options.output.empty()) pool.say("written to " + options.output);
  pool.say(kLastLine);
  return written ? kDone : kSetupFailed;
}

std::optional<std::optional<launcher::Milliseconds>> duration_of(const std::string& text) {
  if (text.empty()) return std::optional<launcher::Milliseconds>();
  const auto parsed = base::parse_duration(text);
  if (!parsed || parsed->milliseconds == 0) return std::nullopt;
  return std::optional(launcher::Milliseconds(static_cast<long>(parsed->milliseconds)));
}

int learn(const LearnOptions& options, const Globals& globals) {
  if (::geteuid() != 0) {
    print_error("learn needs root: it reads the memory of the pool's processes, and lets them write to scratch in place of the code; "
                "run it as root for the pool file of a site");
    return kUsage;
  }
  const auto lasts = duration_of(options.lasts);
  if (!lasts) {
    print_error("--for: `" + options.lasts + "` is not a time; write it as in 90s or 10m");
    return kUsage;
  }
  sys::Stopwatch laps;
  int code = kDone;
  std::vector<std::string> again = {"learn", "--in-scope", options.file};
  if (!options.lasts.empty()) again.insert(again.end(), {"--for", options.lasts});
  if (!options.output.empty()) again.insert(again.end(), {"--output", options.output});
  auto pool = plan_pool({options.file, false, options.in_scope, {.is_recording = true}, std::move(again)}, globals, laps, code);
  if (!pool) return code;
  sys::Fd file;
  if (!options.output.empty()) {
    auto opened = open_output(options.output);
    if (!opened) return print_error(opened.error().text()), kSetupFailed;
    file = std::move(opened).value();
  }
  const int done = record(*pool, options, *lasts, file ? file.get() : STDOUT_FILENO, globals);
  if (done != kDone && file) ::unlink(options.output.c_str());
  return done;
}

}  // namespace

void add_learn(App app, Globals& globals) {
  auto options = std::make_shared<LearnOptions>();
  App command =
      app.add_subcommand("learn", "record what a pool uses in a box that is NO boundary, and write the profile lines for it").group(kProve);
  command.add_option("FILE", options->file, "pool file, or the name of a pool; it must not be running").required();
  command.add_option("--for", options->lasts, "how long to record, such as 10m; until Ctrl-C when absent").type_name("TIME");
  command.add_option("--output", options->output, "where to write the fragment; standard output when absent").type_name("FRAGMENT");
  command.add_flag("--in-scope", options->in_scope).group("");  // hidden: how `learn` starts itself again
  command.callback([options, &globals] { globals.command = [options, &globals] { return learn(*options, globals); }; });
}

}  // namespace cli
