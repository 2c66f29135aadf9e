#include "launcher/cli/publish.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>

#include "launcher/boxes/outdated.h"
#include "launcher/boxes/unit.h"
#include "launcher/sys/file.h"

namespace cli {
namespace {

using launcher::BoxRecord;
using launcher::Plan;

// Links stay links: that one leads elsewhere later is a change.
std::string absolute(const std::string& path) {
  std::error_code failed;
  const auto out = std::filesystem::absolute(path, failed);
  return failed ? path : out.string();
}

base::Result<BoxRecord> record_of(const Origin& origin, const launcher::Prepared& prepared, const launcher::RunningBox& box) {
  using namespace std::chrono;
  const Plan& plan = origin.plan;
  BoxRecord record;
  record.pool = plan.pool;
  record.file = absolute(origin.pool.file);
  for (const ReadFile& read : origin.pool.reads) record.layers.push_back({absolute(read.path), digest_of(read)});
  record.boot = launcher::boot_id();
  record.launcher = TRY(launcher::identify(::getpid()));
  record.box = TRY(launcher::identify(box.pid));
  record.started = duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
  record.stop_timeout_ms = plan.stop_timeout_ms;
  record.code = origin.pool.composed.policy.filesystem.code.text;
  record.code_version = code_version(plan, record.code);
  record.socket = plan.live.tcp.empty() ? plan.live.unix_path : plan.live.tcp;
  record.user = plan.user;
  for (const launcher::CgroupOfBox& group : prepared.cgroups) record.cgroups.push_back(group.parent_path + "/" + group.name);
  record.program = plan.program.source;
  record.program_digest = prepared.copy.digest;
  record.root = plan.root;
  record.image = plan.image;
  if (!plan.image.empty()) record.image_state = launcher::state_of_file(plan.image);
  for (const launcher::Gap& gap : plan.gaps) record.gaps.push_back(gap.layer);
  for (const launcher::MountOp& op : plan.mounts)
    if (op.key.starts_with("programs") && !op.is_directory && op.source == op.target)
      record.programs.push_back({op.source, launcher::state_of_file(op.source)});
  record.recording = plan.filter.records;
  record.unit = origin.unit;
  return record;
}

std::string variable(const char* name) {
  const char* value = ::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::string code_version(const Plan& plan, const std::string& named) {
  const auto code = std::find_if(plan.mounts.begin(), plan.mounts.end(), [](const launcher::MountOp& op) {
    return op.kind == launcher::MountOp::Kind::bind && op.key == "filesystem.code";
  });
  if (code != plan.mounts.end()) return code->source;
  std::error_code failed;
  const auto out = std::filesystem::canonical(named, failed);
  return failed ? named : out.string();
}

base::Status publish(const Origin& origin, const launcher::Prepared& prepared, const launcher::RunningBox& box,
                     const launcher::PoolFiles& files) {
  const BoxRecord record = TRY(record_of(origin, prepared, box));
  return launcher::publish_record(prepared.pool_directory.directory.get(), files, record);
}

std::string own_unit() {
  const auto memberships = sys::read_file("/proc/self/cgroup", 1 << 16);
  const launcher::ServiceHints hints{variable("INVOCATION_ID"), variable("SYSTEMD_EXEC_PID"), !variable("NOTIFY_SOCKET").empty(),
                                     ::getpid(), ::getppid()};
  return launcher::unit_of(hints, memberships ? memberships.value() : "");
}

}  // namespace cli
