// fpmbox export: a policy in the language of another program.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <map>

#include "launcher/cli/commands.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/load.h"
#include "launcher/export/oci_seccomp.h"
#include "launcher/export/systemd_unit.h"
#include "launcher/export/timers.h"
#include "launcher/facts/probe.h"
#include "launcher/plan/planner.h"
#include "launcher/sys/file.h"
#include "profiles/base/text.h"
#include "profiles/export/engines.h"
#include "profiles/export/web_site.h"

namespace cli {
namespace {

using profiles::EngineChoice;
using profiles::Exported;
using profiles::Policy;
using Exporter = base::Result<Exported> (*)(const Policy&, const EngineChoice&);
// What the policy says of this machine.
using PlanExporter = base::Result<Exported> (*)(const Policy&, const launcher::Plan&);

base::Result<Exported> without_gaps(base::Result<std::string> text) {
  if (!text) return text.take_error();
  return Exported{std::move(text).value(), {}};
}

// A web server reads stylesheets and images as files of this host, and asks whether they are there before it asks PHP.
base::Status check_served(const Policy& policy) {
  const std::string &root = policy.filesystem.root, &code = policy.filesystem.code.text;
  const auto there = sys::open(root, O_PATH | O_NOFOLLOW);
  const auto info = there ? sys::status_of(there.value().get()) : base::Result<struct stat>(there.error());
  if (!code.starts_with(root + "/") || !info || !S_ISREG(info.value().st_mode)) return base::success();
  const std::string folder = root.ends_with(".erofs") ? root.substr(0, root.rfind('.')) : root + ".mounted";
  return base::Error{"filesystem.code lies in the image " + root + ", and a web server of this host serves no file out of it; mount it by a line of /etc/fstab, `" + root + " " +
                         folder + " erofs loop,ro,nosuid,nodev 0 0`, and name that folder: filesystem: {root: " + folder + ", code: " + folder + code.substr(root.size()) + "}",
                     {}, 0, {}};
}

base::Result<Exported> for_web_server(const Policy& policy, base::Result<std::string> (*exporter)(const Policy&)) {
  TRY(check_served(policy));
  return without_gaps(exporter(policy));
}

// What can be exported to: a row a kind.
const std::map<std::string, Exporter> kKinds = {
    {"nginx", [](const Policy& policy, const EngineChoice&) { return for_web_server(policy, profiles::export_nginx); }},
    {"apache", [](const Policy& policy, const EngineChoice&) { return for_web_server(policy, profiles::export_apache); }},
    {"oci-seccomp", [](const Policy& policy, const EngineChoice&) { return base::Result<Exported>(launcher::export_oci_seccomp(policy)); }},
    {"docker", profiles::export_docker},
    {"compose", profiles::export_compose},
    {"quadlet", profiles::export_quadlet},
    {"kubernetes", profiles::export_kubernetes},
};

// By what `fpmbox exec` will be told of the pool: its name, or the file's whole path.
using CommandExporter = base::Result<Exported> (*)(const Policy&, const std::string& pool);
const std::map<std::string, CommandExporter> kKindsOfCommands = {{"timers", launcher::export_timers}};

const std::map<std::string, PlanExporter> kKindsOfPlan = {{"systemd", launcher::export_systemd}};

std::vector<std::string> kinds() {
  std::vector<std::string> out;
  for (const auto& [kind, exporter] : kKinds) out.push_back(kind);
  for (const auto& [kind, exporter] : kKindsOfPlan) out.push_back(kind);
  for (const auto& [kind, exporter] : kKindsOfCommands) out.push_back(kind);
  return out;
}

struct ExportOptions {
  std::string kind;
  std::string file;
  std::string output;
  EngineChoice choice;
};

base::Status write_one(int folder, const profiles::ExportedFile& file) {
  const auto slash = file.path.rfind('/');
  const sys::Fd directory = TRY(sys::make_directories(folder, file.path.substr(1, slash - 1), 0755));
  const std::string name = file.path.substr(slash + 1);
  if (::unlinkat(directory.get(), name.c_str(), 0) != 0 && errno != ENOENT) return sys::failure("unlink", file.path);
  TRY(sys::write_file_at(directory.get(), name, file.text, file.mode));
  const sys::Fd written = TRY(sys::open_at(directory.get(), name, O_PATH | O_NOFOLLOW));
  return sys::change_owner(written.get(), 0, file.gid);
}

base::Status write_below(const std::string& output, const Exported& exported) {
  if (exported.files.empty()) return base::Error{"it is one text, for stdout: leave --output out", {}, 0, {}};
  const sys::Fd folder = TRY(sys::open(output, O_PATH | O_DIRECTORY));
  for (const auto& file : exported.files)
    if (auto done = write_one(folder.get(), file); !done) return done.take_error().during(output + file.path);
  return base::success();
}

// Whoever can write a folder above could put a link in the place of a source, which systemd follows at each restart, as root.
// What is not there yet is made by systemd, in the first folder that is.
base::Status check_sources(const launcher::Plan& plan) {
  for (const launcher::MountOp& op : plan.mounts) {
    if (op.kind != launcher::MountOp::Kind::bind) continue;
    std::string above = op.source.substr(0, op.source.rfind('/'));
    while (!above.empty() && ::access(above.c_str(), F_OK) != 0) above.resize(above.rfind('/'));
    if (auto trusted = sys::check_trusted_path(above.empty() ? "/" : above); !trusted)
      return trusted.take_error().during("a unit that mounts `" + op.source + "`");
  }
  return base::success();
}

// Who mounts an image for boxes is the launcher, which is not there.
base::Status check_root(const profiles::Policy& policy, const launcher::HostFacts& facts) {
  const std::string& root = policy.filesystem.root;
  if (facts.image.empty()) return base::success();
  return base::Error{"filesystem.root: " + root + " is an image; for a unit build a folder (--rootfs dir), or mount it by /etc/fstab and name that folder", {}, 0, {}};
}

base::Result<Exported> export_plan(const ExportOptions& options, const profiles::Composed& composed, base::Diagnostics& diagnostics) {
  sys::Stopwatch laps;
  const launcher::HostFacts facts = launcher::probe(composed.policy, {.starts_nothing = true}, laps);
  if (!facts.privileged) return base::Error{"a unit of the system is written from what root sees of this machine: run it as root", {}, 0, {}};
  TRY(check_root(composed.policy, facts));
  const launcher::Plan plan = launcher::plan({composed.policy, composed.origins, facts}, diagnostics);
  Exported out = TRY(kKindsOfPlan.at(options.kind)(composed.policy, plan));
  TRY(check_sources(plan));
  return out;
}

// A timer starts its command in another folder than this one.
base::Result<std::string> for_exec(const std::string& word) {
  if (word.find('/') == word.npos) return word;
  std::error_code error;
  const auto path = std::filesystem::absolute(word, error);
  if (error) return base::Error{"the path of `" + base::escape_control(word) + "`: " + error.message(), {}, 0, {}};
  return path.lexically_normal().string();
}

base::Result<Exported> export_pool(const ExportOptions& options, const profiles::Composed& composed, base::Diagnostics& diagnostics) {
  if (const auto commands = kKindsOfCommands.find(options.kind); commands != kKindsOfCommands.end()) {
    const std::string pool = TRY(for_exec(options.file));
    return commands->second(composed.policy, pool);
  }
  const auto found = kKinds.find(options.kind);
  if (found == kKinds.end()) return export_plan(options, composed, diagnostics);
  return found->second(composed.policy, profiles::with_defaults(options.choice, composed.policy));
}

void print(const Exported& exported) {
  std::fputs(exported.text.c_str(), stdout);
  for (const auto& file : exported.files) std::printf("# ---- %s\n%s\n", file.path.c_str(), file.text.c_str());
}

int print_export(const ExportOptions& options, const Globals& globals) {
  base::Diagnostics diagnostics;
  const auto loaded = load_profile(options.file, globals, diagnostics);
  if (!loaded) {
    print_error(loaded.error().text());
    return kUsage;
  }
  if (!check_loaded(loaded.value(), diagnostics) || diagnostics.has_errors()) {
    print_diagnostics(diagnostics, stderr);
    return kBadProfile;
  }
  if (!loaded.value().is_pool) {
    print_diagnostics(diagnostics, stderr);
    print_error(loaded.value().file + " is a profile of the catalog; a pool file that extends it has a site to serve");
    return kBadProfile;
  }
  const profiles::Composed& composed = loaded.value().composed;
  const auto exported = export_pool(options, composed, diagnostics);
  print_diagnostics(diagnostics, stderr);
  if (!exported) print_error(exported.error().text());
  if (!exported || diagnostics.has_errors()) return kBadProfile;
  for (const auto& gap : exported.value().gaps) print_error(composed.policy.name, "gap: " + gap.protection + ": " + gap.text);
  if (options.output.empty()) {
    print(exported.value());
    return kDone;
  }
  const auto written = write_below(options.output, exported.value());
  if (written) return kDone;
  print_error(written.error().text());
  return kSetupFailed;
}

}  // namespace

void add_export(App app, Globals& globals) {
  auto options = std::make_shared<ExportOptions>();
  App command = app.add_subcommand("export", "the pool for a web server or a container engine, its filter, its jobs as timers").group(kShip);
  command.add_option("KIND", options->kind, base::join(kinds(), ", ")).required().one_of(kinds());
  command.add_option("FILE", options->file, "pool file, or the name of a pool").required();
  command.add_option("--output", options->output, "folder below which the files of systemd are written, such as /").type_name("FOLDER");
  command.add_option("--image", options->choice.image, "image of the pool; localhost/fpmbox/NAME:latest when absent").type_name("IMAGE");
  command.add_option("--web-image", options->choice.web_image, "image of its web server; that name with -web when absent").type_name("IMAGE");
  command.add_option("--uid", options->choice.uid, "number of the pool's user in the image").show_default();
  command.add_option("--gid", options->choice.gid, "number of its group").show_default();
  command.callback(
      [options, &globals] { globals.command = [options, &globals] { return print_export(*options, globals); }; });
}

}  // namespace cli
