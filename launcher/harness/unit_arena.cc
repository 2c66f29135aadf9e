#include "launcher/harness/unit_arena.h"

#include <unistd.h>

#include "launcher/harness/command.h"
#include "launcher/harness/own_program.h"
#include "launcher/harness/probe_process.h"
#include "launcher/harness/worker_words.h"

namespace harness {
namespace {

using base::Result;
using base::Status;
using Words = std::vector<std::string>;

constexpr const char* kSystemctl = "/usr/bin/systemctl";
constexpr const char* kIsBooted = "/run/systemd/system";  // as sd_booted(3) tells it
constexpr int kStopMs = 20000;

std::string prefix_of(const std::string& name) { return "fpmbox-against-" + name + "-"; }

Status stop(const std::string& unit) {
  const Said said = TRY(run_program({kSystemctl, "stop", unit}, {}, kStopMs));
  return said.code == 0 ? base::success() : Status(base::Error{"systemctl stop " + unit + ": " + brief(said), {}, 0, {}});
}

}  // namespace

const UnitHardening& upstream_unit() {
  static const UnitHardening kUnit = {
      {"PrivateTmp=true", "ProtectSystem=full", "PrivateDevices=true", "ProtectKernelModules=true", "ProtectKernelTunables=true", "ProtectControlGroups=true",
       "RestrictRealtime=true", "RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX", "RestrictNamespaces=true"},
      true};
  return kUnit;
}

const UnitHardening& nixos_unit() {
  static const UnitHardening kUnit = {
      {"PrivateDevices=true", "PrivateTmp=true", "ProtectSystem=full", "ProtectHome=true", "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK"}, false};
  return kUnit;
}

Words unit_words(const std::string& systemd_run, const UnitHardening& hardening, const std::string& unit, const Words& command) {
  Words out = {systemd_run, "--quiet", "--collect", "--wait", "--pipe", "--unit=" + unit, "--property=TimeoutStopSec=5"};
  for (const std::string& property : hardening.properties) out.push_back("--property=" + property);
  out.emplace_back("--");
  out.insert(out.end(), command.begin(), command.end());
  return out;
}

UnitArena::UnitArena(SideInput input, const UnitHardening& hardening)
    : FpmArena(std::move(input.pool), std::move(input.targets)), name_(std::move(input.name)), program_(std::move(input.program)), hardening_(hardening) {
  targets_["tmp"] = "/tmp";  // PrivateTmp: its own
  if (!hardening.shares_master) pool_.neighbour_uid = 0;
}

UnitArena::~UnitArena() { end_pool(); }

std::string UnitArena::next_name() { return prefix_of(name_) + std::to_string(next_number()) + ".service"; }

int UnitArena::run(const std::string& unit, const Words& command) const {
  if (const int code = enter(pool_); code != 0) return code;
  return become_program(unit_words(program_, hardening_, unit, command));
}

Result<std::string> UnitArena::start() {
  unit_ = next_name();
  const FpmFolder folder = TRY(make_fpm_folder(pool_, std::to_string(number()), false));
  process_ = TRY(start_fpm(folder, {}, "php-fpm as a service of systemd", [&] { return run(unit_, fpm_command(pool_, folder.configuration)); }));
  return folder.socket;
}

void UnitArena::end_pool() {
  if (!unit_.empty() && is_alive()) (void)stop(unit_).ok();
  unit_.clear();
  end_process();
}

Result<std::vector<std::string>> UnitArena::probe(const std::vector<std::string>& lines, int timeout_ms) {
  const std::string program = TRY(own_program(pool_.folder));
  const std::string unit = next_name();
  auto answers = ask_probe(lines, timeout_ms, {}, [&] { return run(unit, worker_words(pool_, {program, "probe"})); });
  if (!answers || answers.value().size() < lines.size()) (void)stop(unit).ok();
  return answers;
}

Status has_systemd() {
  if (::geteuid() != 0) return base::Error{"needs root: it starts services of the machine; run it as root, or leave the side out", {}, 0, {}};
  if (::access(kIsBooted, F_OK) == 0) return base::success();
  return base::Error{"needs a machine that systemd has booted, and there is no " + std::string(kIsBooted) +
                         " here: run the test on one, as scripts/compare does in a machine of its own, or leave the side out", {}, 0, {}};
}

Status clean_up_units(const SidePlace& place) { return stop(prefix_of(place.name) + "*"); }

}  // namespace harness
