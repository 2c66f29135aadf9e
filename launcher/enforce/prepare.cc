#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>

#include "launcher/enforce/filter_cache.h"
#include "launcher/enforce/prepared.h"
#include "launcher/enforce/program.h"
#include "launcher/enforce/scratch.h"
#include "launcher/plan/inside.h"
#include "launcher/sys/fault.h"
#include "launcher/sys/file.h"
#include "launcher/sys/processors.h"
#include "launcher/sys/user_namespace.h"

namespace launcher {
namespace {

using base::Error;
using base::Result;
using base::Status;
using base::during;
using sys::Fd;

constexpr int kFirstFreeFd = 16;

// K must be placed before the limit is lowered below it, so the hard limit must be above it now.
Status check_program_number(int number, const profiles::Origins& origins) {
  struct rlimit limit {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return sys::failure("getrlimit", "nofile");
  if (limit.rlim_max > static_cast<rlim_t>(number)) return base::success();
  return Error{describe_key("limits.nofile", origins) + ": must be below this process's own hard limit of " +
                   std::to_string(limit.rlim_max) + "; lower it, or raise LimitNOFILE= of the unit",
               {}, 0, {}};
}

// A plan that would run as root is refused here once more, whatever checks came before.
Status check_identity(const Plan& plan) {
  const bool is_root = plan.uid == 0 || (plan.gid == 0 && !plan.keeps_ids);
  if (is_root) return Error{"the box would run as root; identity.user must be another user", {}, 0, {}};
  return base::success();
}

// /var/lib/fpmbox/NAME belongs to root, so that the pool cannot put a link in place of its session folder.
Status make_state(const Plan& plan) {
  Fd here = TRY(sys::open("/", O_PATH | O_DIRECTORY));
  if (plan.pool_directory.closes_above) {
    const std::string above = plan.state_directory.substr(0, plan.state_directory.rfind('/'));
    const Fd folder = TRY(sys::make_directories(here.get(), above.substr(1), 0755));
    TRY(sys::close_to_others(folder.get()));
  }
  const bool is_callers_own = plan.user_namespace && !plan.becomes_pool;
  here = TRY(sys::make_directories(here.get(), plan.state_directory.substr(1), is_callers_own ? 0700 : 0755));
  if (::geteuid() == 0) TRY(sys::check_trusted_path(plan.state_directory));
  if (auto made = sys::make_directory_at(here.get(), "sessions", 0700); !made)
    return Error{"mkdir", plan.state_directory + "/sessions", made.error().code, {}};
  const Fd sessions = TRY(sys::open_at(here.get(), "sessions", O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  const struct stat info = TRY(sys::status_of(sessions.get()));
  if (info.st_uid == plan.uid && info.st_gid == plan.gid && (info.st_mode & 07777) == 0700) return base::success();  // nothing to write
  if (::fchown(sessions.get(), plan.uid, plan.gid) != 0 || ::fchmod(sessions.get(), 0700) != 0)
    return sys::failure("chown", plan.state_directory + "/sessions");
  return base::success();
}

Status do_not_wait(const Fd& end) {
  if (::fcntl(end.get(), F_SETFL, O_NONBLOCK) != 0) return sys::failure("fcntl", "pipe");
  return base::success();
}

Status open_pipe(Fd& read, Fd& write, const Fd& ours) {
  int pair[2] = {};
  if (::pipe2(pair, O_CLOEXEC) != 0) return sys::failure("pipe", {});
  read = Fd(pair[0]);
  write = Fd(pair[1]);
  return do_not_wait(ours);
}

// Pipes even for a caller's terminal: who holds a terminal can push characters into it (TIOCSTI).
Status open_streams(const ProgramPlan& program, Streams& streams) {
  TRY(open_pipe(streams.our_output, streams.output, streams.our_output));
  if (program.has_streams) {
    TRY(open_pipe(streams.our_errors, streams.errors, streams.our_errors));
    return open_pipe(streams.input, streams.our_input, streams.our_input);
  }
  streams.input = TRY(sys::open("/dev/null", O_RDWR));
  return base::success();
}

Status open_channels(Prepared& box) {
  int pair[2] = {};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return sys::failure("socketpair", "handshake");
  box.handshake_parent = Fd(pair[0]);
  box.handshake_child = Fd(pair[1]);
  if (::pipe2(pair, O_CLOEXEC) != 0) return sys::failure("pipe", "report");
  box.report_read = Fd(pair[0]);
  box.report_write = Fd(pair[1]);
  TRY(do_not_wait(box.report_read));
  return open_streams(box.plan->program, box.streams);
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

unsigned long promised_flags(const MountOp& op) {
  unsigned long flags = ST_NOSUID;
  if (op.kind != MountOp::Kind::devices && op.kind != MountOp::Kind::device) flags |= ST_NODEV;
  if (op.read_only) flags |= ST_RDONLY;
  if (op.no_exec) flags |= ST_NOEXEC;
  return flags;
}

// `orders` holds pointers into `box`, whose vectors and plan do not move when it does.
void lay_out_orders(Prepared& box) {
  const Plan& plan = *box.plan;
  for (const AcquiredMount& mount : box.tree.mounts)
    box.attach.push_back({mount.tree ? mount.tree.get() : -1, mount.target.c_str(), promised_flags(*mount.op)});
  for (const RlimitValue& limit : plan.rlimits) box.rlimits.push_back({limit.resource, limit.value});
  box.argv = pointers(plan.program.argv);
  box.environment = pointers(plan.program.environment);
  child::Orders& orders = box.orders;
  orders.enclosed = plan.enclosed;
  orders.handshake = box.handshake_child.get();
  orders.report = box.report_write.get();
  for (const CgroupOfBox& group : box.cgroups)
    if (group.tasks) box.cgroup_tasks.push_back(group.tasks.get());
  orders.cgroup_tasks = box.cgroup_tasks.data();
  orders.cgroup_count = box.cgroup_tasks.size();
  orders.root = box.tree.root.get();
  orders.attach = box.attach.data();
  orders.attach_count = box.attach.size();
  orders.hides_processes = std::none_of(plan.mounts.begin(), plan.mounts.end(), [](const MountOp& op) { return !op.hides_processes; });
  orders.own_cgroup_namespace = (plan.namespaces & CLONE_NEWCGROUP) != 0;
  orders.hostname = plan.hostname.c_str();
  // without a namespace for it the call would rename the machine
  orders.hostname_length = (plan.namespaces & CLONE_NEWUTS) != 0 ? plan.hostname.size() : 0;
  orders.uid = plan.uid;
  orders.gid = plan.gid;
  orders.has_capabilities = ::geteuid() == 0 || plan.user_namespace;
  orders.keeps_groups = plan.user_namespace || plan.keeps_ids;
  orders.root_group = plan.gid == 0 && plan.keeps_ids;
  orders.umask = plan.umask;
  orders.rlimits = box.rlimits.data();
  orders.rlimit_count = box.rlimits.size();
  orders.deny_write_execute = plan.memory.mdwe;
  orders.landlock = box.landlock ? box.landlock.get() : -1;
  orders.filter = box.filter.data();
  orders.filter_length = static_cast<unsigned short>(box.filter.size());
  orders.listener = plan.filter.has_listener();
  orders.listener_waits = plan.filter.report;
  orders.input = box.streams.input.get();
  orders.output = box.streams.output.get();
  orders.errors = box.streams.errors ? box.streams.errors.get() : box.streams.output.get();
  orders.live = box.live.listener.get();
  orders.status = box.status.listener.get();
  orders.directory = plan.program.directory.c_str();
  orders.pin_path = plan.filter.exec_gate == ExecGate::pinned_path;
  orders.program = box.program.get();
  orders.program_number = plan.filter.program_fd;
  orders.argv = box.argv.data();
  orders.environment = box.environment.data();
  orders.fault_step = sys::fault("FPMBOX_FAIL_STEP", -1);
  orders.fault_errno = sys::fault("FPMBOX_FAIL_ERRNO", EIO);
}

// What others see, so that it comes last. Before a user namespace all the same: inside, most ids and groups have no name.
Status acquire_outside(Prepared& box, const profiles::Origins& origins) {
  const Plan& p = *box.plan;
  const uid_t uid = p.becomes_pool ? p.uid : p.supervisor_uid.value_or(::geteuid());
  const gid_t gid = p.becomes_pool ? p.gid : p.supervisor_gid.value_or(::getegid());
  if (p.status.exists())
    box.status = TRY(during("status socket", open_status_socket(p.status, box.pool_directory.directory.get(), uid, gid)));
  box.cgroups = TRY(during("control groups", make_cgroups(p, "fpmbox-" + p.pool + "-" + std::to_string(::getpid()))));
  if (!p.live.exists()) return base::success();
  auto live = open_live_socket(p.live);
  if (!live) return std::move(live).take_error().during(describe_key("listen", origins));
  box.live = std::move(live).value();
  return base::success();
}

Status acquire_program(Prepared& box) {
  const Plan& p = *box.plan;
  if (p.program.is_readable) {
    box.program = TRY(sys::open(p.program.source, O_PATH));
    return base::success();
  }
  if (p.user_namespace) {
    OwnProgram own = TRY(make_own_program(p.program.source));
    box.copy.digest = std::move(own.digest);
    box.program = std::move(own.program);
    return base::success();
  }
  if (p.enclosed) {
    OwnProgram own = TRY(make_program_in_memory(p.program.source));
    box.copy.digest = std::move(own.digest);
    box.program = std::move(own.program);
    return base::success();
  }
  box.copy = TRY(hold_program_copy(p.program.source));
  box.program = TRY(open_program(box.copy));
  return base::success();
}

Status acquire_inside(Prepared& box, const profiles::Origins& origins, sys::Stopwatch& laps) {
  const Plan& p = *box.plan;
  if (!p.scratch.empty()) TRY(during("scratch", make_scratch(p)));
  if (p.becomes_pool) TRY(during("the pool's user", sys::become(p.uid, p.gid)));
  if (p.user_namespace) TRY(during("user namespace", sys::enter_user_namespace(p.uid, p.gid)));
  const std::string copy = "copy of " + p.program.source;
  TRY(during(p.user_namespace || p.enclosed ? copy : copy + " to " + outside::kPrograms, acquire_program(box)));
  laps.lap("copy of the program");
  box.tree = TRY(during("tree of the box", build_tree(p, origins)));
  laps.lap("mounts and files");
  box.landlock = TRY(during("landlock", build_ruleset(p, box.tree, box.program)));
  laps.lap("landlock rules");
  return base::success();
}

Status acquire(Prepared& box, const profiles::Origins& origins, sys::Stopwatch& laps) {
  const bool enters = box.plan->user_namespace;
  if (!enters) TRY(acquire_inside(box, origins, laps));
  TRY(acquire_outside(box, origins));
  laps.lap("cgroups, sockets");
  return enters ? acquire_inside(box, origins, laps) : base::success();
}

}  // namespace

Status reserve_low_fds() {
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) return sys::failure("open", "/dev/null");
  for (int fd = null; fd < kFirstFreeFd;) {
    if (fd <= 2 && ::fcntl(fd, F_SETFD, 0) != 0) return sys::failure("fcntl", {});
    fd = ::fcntl(null, F_DUPFD_CLOEXEC, 0);
    if (fd < 0) return sys::failure("dup", "/dev/null");
    if (fd >= kFirstFreeFd) ::close(fd);
  }
  if (null >= kFirstFreeFd) ::close(null);
  return base::success();
}

void take_back(const Prepared& box) {
  remove_cgroups(box.cgroups);
  remove_live_socket(box.live);
}

void remove_remains_of_others(const Prepared& box) {
  remove_stale_cgroups(box.cgroups, box.plan->pool);
  if (box.copy.directory) remove_unused_copies(box.copy.directory.get(), box.copy.name);
}

Result<Prepared> prepare(const Plan& p, PoolDirectory claimed, const profiles::Origins& origins, sys::Stopwatch& laps) {
  Prepared box;
  box.pool_directory = std::move(claimed);
  box.plan = &p;
  TRY(check_identity(p));
  TRY(check_program_number(p.filter.program_fd, origins));
  if (p.processors != 0) TRY(during("limits.cpu.max", sys::stay_on_processors(p.processors)));
  TRY(during("the pool's state", make_state(p)));
  laps.lap("claim and state");
  box.filter = TRY(during("filter of system calls", cached_filter(p.filter, sys::Cache::open(outside::kFilters))));
  laps.lap("filter");
  TRY(during("channels", open_channels(box)));
  if (auto acquired = acquire(box, origins, laps); !acquired) {
    take_back(box);
    return acquired.take_error();
  }
  lay_out_orders(box);
  return box;
}

}  // namespace launcher
