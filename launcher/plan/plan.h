// Plan: what will be done on this host for one box. Values only: printed by `fpmbox plan`, compared as golden text, turned
// into resources by prepare(). It does not know PHP: FPM's configuration is a generated file among others.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace launcher {

// One operation on the box's file tree, in order. `target` is the inside path. Directories above a target are made as
// needed. Operations that mount are acquired in prepare() (a detached mount by fd) and attached after clone.
struct MountOp {
  enum class Kind {
    directory,  // an empty folder
    file,       // a generated file: `content`
    symlink,    // to `source`
    bind,       // what `source` is on the host; `is_directory`
    tmpfs,      // empty; size, inodes, mode, uid, gid
    devices,    // a tmpfs with null zero full random urandom
    device,     // one of them, the host's own: in a user namespace no device can be made
    proc,       // process information of this box only
    unreadable, // a copy of the file `source` that may be executed and not read: whatever runs it is not dumpable
    overlay,    // of a recording box: `source` below, a scratch layer above that takes every change and is thrown away
    copy,       // likewise: a file's scratch copy
  };
  Kind kind = Kind::directory;
  std::string target;
  std::string source;
  std::string content;
  bool is_directory = true;
  bool read_only = true;
  bool no_exec = true;
  std::uint64_t size = 0;
  std::uint64_t inodes = 0;
  mode_t mode = 0755;
  bool owned_by_pool = false;
  bool hides_processes = true;  // of proc: those of the box from each other
  bool handed_over = false;  // of an overlay: all that it shows belongs to the pool's user in it
  std::string key;  // the policy's key that asked for it, for errors
  friend bool operator==(const MountOp&, const MountOp&) = default;
};

struct CgroupWrite {
  std::string controller;  // "memory"
  int version = 0;
  std::string parent;      // host directory below which the box's group is made
  std::string file;        // "memory.max" or "memory.limit_in_bytes"
  std::string value;
  std::string key;
  std::string counter_file = {};  // where the kernel counts that the limit was run into; empty: nowhere
  std::string counter = {};       // the word before the number
  friend bool operator==(const CgroupWrite&, const CgroupWrite&) = default;
};

struct RlimitValue {
  std::string name;  // "nofile"
  int resource = 0;
  std::uint64_t value = 0;  // soft and hard
  friend bool operator==(const RlimitValue&, const RlimitValue&) = default;
};

// A Landlock grant beneath an inside path.
struct LandlockRule {
  enum class Access { read, write, execute, device };
  std::string path;
  Access access = Access::read;
  bool is_directory = true;
  friend bool operator==(const LandlockRule&, const LandlockRule&) = default;
};
struct LandlockPlan {
  int abi = 0;  // 0: not used
  std::vector<LandlockRule> rules;
  bool connects_freely = false;             // TCP connections are not looked at
  std::vector<std::uint16_t> connect_ports = {};  // otherwise: to which they may go
  friend bool operator==(const LandlockPlan&, const LandlockPlan&) = default;
};

// What the filter does with a call; a call that is not listed and known is refused with EPERM, an unknown one ENOSYS.
struct FilterRule {
  enum class Action { allow, report, absent, record };
  struct Argument {
    unsigned index = 0;
    std::vector<std::uint64_t> one_of;  // low 32 bits, but for a lone 0 in a pointer argument
    std::uint64_t none_of = 0;
    bool pointer = false;
    std::uint64_t not_together = 0;  // bits of which at least one must be absent
    friend bool operator==(const Argument&, const Argument&) = default;
  };
  std::string name;
  int number = -1;
  Action action = Action::allow;
  std::vector<Argument> arguments;
  friend bool operator==(const FilterRule&, const FilterRule&) = default;
};

// Allowed with some values of its arguments and refused with others.
inline bool is_limited(const FilterRule& rule) { return rule.action == FilterRule::Action::allow && !rule.arguments.empty(); }

// What lets the one exec through and no other. The filter alone sees that it is an execveat on fd K with AT_EMPTY_PATH, but
// not where the path pointer leads, and beside an absolute path the kernel forgets K.
enum class ExecGate {
  pinned_path,  // the pointer is compared too: it leads to page 0, where nothing can be mapped after the exec
  notified,     // execveat is reported; the launcher lets the child's own one through and refuses every later one
  none,         // neither can be had: a gap
};

struct FilterPlan {
  std::vector<FilterRule> rules;
  int program_fd = -1;  // K
  ExecGate exec_gate = ExecGate::none;
  bool report = false;  // reported calls, and limited ones with other arguments, go to the launcher by user notification; otherwise plain EPERM, but for the gate
  bool records = false;  // a recording box: what would be refused with EPERM is reported too
  bool has_listener() const { return report || exec_gate == ExecGate::notified; }
  friend bool operator==(const FilterPlan&, const FilterPlan&) = default;
};

struct SocketPlan {
  std::string key;       // how FPM knows it: the pool's `listen` text
  std::string unix_path; // on the host; empty for TCP and for the status socket
  std::string directory; // created 0750 root:group when it is our own; empty when the path is the operator's
  std::string tcp;
  uid_t owner = 0;
  gid_t group = 0;
  mode_t mode = 0660;
  std::uint32_t backlog = 511;
  std::string reachable_by;  // in words, for `fpmbox plan`
  bool exists() const { return !key.empty(); }
  friend bool operator==(const SocketPlan&, const SocketPlan&) = default;
};

struct ProgramPlan {
  std::string source;               // on the host
  std::string interpreter;          // inside path of the dynamic loader
  std::vector<std::string> argv;
  std::vector<std::string> environment;  // NAME=value; all there is
  std::string directory = "/";      // where it starts; inside
  bool is_readable = false;         // only of a throw-away box of `fpmbox test`: its processes are dumpable then
  bool has_streams = false;         // 0, 1 and 2 are its caller's, through pipes; otherwise 0 is empty, 1 and 2 are its log
  friend bool operator==(const ProgramPlan&, const ProgramPlan&) = default;
};

// What the policy asks for that this host cannot give.
struct Gap {
  std::string layer;   // "limits.cpu", "landlock.network", ...
  std::string reason;
  std::string fix;
  bool required = true;
  bool absolute = false;   // no profile and no operator can do without it
  std::string stands_in = {};  // which wall of ours holds in its place; "" when none does
  friend bool operator==(const Gap&, const Gap&) = default;
};

// Memory that is written and executed.
struct MemoryPlan {
  bool deny_write_execute = false;
  bool mdwe = false;  // by PR_SET_MDWE as well as by the filter
  friend bool operator==(const MemoryPlan&, const MemoryPlan&) = default;
};

// Where the pool's lock and, unless the operator says otherwise, its live socket are.
struct PoolDirectoryPlan {
  std::string path;
  uid_t owner = 0;
  gid_t group = 0;
  mode_t mode = 0750;
  bool closes_above = false;  // root in a container: the folder above it came from the engine, writable for all perhaps
  friend bool operator==(const PoolDirectoryPlan&, const PoolDirectoryPlan&) = default;
};

struct Plan {
  std::string pool;
  bool enclosed = false;       // no namespaces, no mounts: in a container that allows none
  bool in_container = false;   // the launcher is a container's entrypoint
  bool becomes_pool = false;   // root enters the user namespace as the pool's user, who makes the box
  bool keeps_ids = false;      // nobody who could change them: the runtime started the launcher as the pool's user
  std::uint64_t processors = 0;  // on how many the launcher and the box may run; 0: on all
  std::string corrected_command = {};  // what the engine should have been asked, where it gave less than it can
  std::uint64_t namespaces = 0;  // CLONE_NEW* bits
  bool user_namespace = false;   // among them: the launcher enters it before anything is mounted, and an ordinary user is all it is
  std::string hostname;
  std::string user;
  std::string group;
  uid_t uid = 0;
  gid_t gid = 0;
  std::optional<uid_t> supervisor_uid;  // the launcher's own once the box runs
  std::optional<gid_t> supervisor_gid;
  mode_t umask = 0022;
  std::vector<MountOp> mounts;
  PoolDirectoryPlan pool_directory;  // without a path nothing is claimed
  std::string image = {};       // the file that is mounted at `root`, if any
  std::string root = {};        // the folder of a built root, where system and program come from; "" for the host's own
  std::string scratch;          // of a recording box: where what it writes goes, in a mount namespace of the launcher's own
  std::string state_directory;  // host directory made for the pool before mounts: sessions
  std::vector<CgroupWrite> cgroups;
  std::vector<std::string> cgroup_parents;  // hierarchies the box joins, limits or not
  std::vector<RlimitValue> rlimits;
  LandlockPlan landlock;
  MemoryPlan memory;
  FilterPlan filter;
  SocketPlan live;    // these two and pool_directory exist for a pool's service alone
  SocketPlan status;
  ProgramPlan program;
  std::uint64_t start_timeout_ms = 0;
  std::uint64_t stop_timeout_ms = 0;
  std::vector<Gap> gaps;
  std::vector<std::string> notes;  // facts an operator should know: what was computed, and from what
  friend bool operator==(const Plan&, const Plan&) = default;
};

}  // namespace launcher
