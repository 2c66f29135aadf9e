// HostFacts: what this host offers to one policy. A plain value: probe() finds it by looking and trying, tests invent it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace launcher {

struct UserFact {
  uid_t uid = 0;
  gid_t gid = 0;                    // primary group
  std::vector<std::string> groups;  // names of all groups the user is in
  friend bool operator==(const UserFact&, const UserFact&) = default;
};

// A symlink on the way to somewhere.
struct LinkFact {
  std::string path;
  uid_t uid = 0;  // the link's own
  std::string text = {};
  friend bool operator==(const LinkFact&, const LinkFact&) = default;
};

// One path of the host that the policy names, looked at without following a final symlink.
struct PathFact {
  enum class Kind { missing, file, directory, symlink, socket, other };
  Kind kind = Kind::missing;
  std::string link;  // a symlink's text
  std::string real;  // canonical path of what it leads to; empty when it leads nowhere
  Kind real_kind = Kind::missing;
  uid_t uid = 0;     // of what it leads to
  gid_t gid = 0;
  mode_t mode = 0;
  std::vector<std::string> neighbours;  // of a socket: other sockets in its directory
  std::vector<LinkFact> links = {};     // all that were followed to `real`
  friend bool operator==(const PathFact&, const PathFact&) = default;
};

// Where one cgroup controller can be used: version 0 means nowhere, and `reason` says why.
struct CgroupController {
  int version = 0;
  std::string path;    // our own cgroup's directory in that hierarchy; known without being usable, too
  std::string reason;
  friend bool operator==(const CgroupController&, const CgroupController&) = default;
};

struct PhpFacts {
  std::string binary;         // "" when none was found; then `reason`
  std::string reason;
  std::string version;        // "8.2.36"
  std::string extension_dir;
  std::string interpreter;    // PT_INTERP, the dynamic loader; "" for a static program
  std::vector<std::string> shared;    // extensions that are files
  std::vector<std::string> built_in;  // modules that are always there, lower case
  std::string ini_directory = {};     // where it looks for php.ini of its own accord; "" when nowhere
  friend bool operator==(const PhpFacts&, const PhpFacts&) = default;
};

// A program that the policy names. Who owns it and which links lead to it, HostFacts::paths say.
struct ProgramFact {
  enum class Kind { missing, elf, script, other };
  Kind kind = Kind::missing;
  std::string reason;                  // what is wrong with `other`
  std::string real;                    // canonical path
  std::string loader;                  // of elf: canonical path of its dynamic loader; "" for a static program
  std::vector<std::string> libraries;  // of elf: canonical paths of those that it is linked with
  std::vector<std::string> words;      // of a script: what its first line starts, with at most one argument
  std::string raises;                  // which bit or attribute of it asks for privileges; "" for none
  friend bool operator==(const ProgramFact&, const ProgramFact&) = default;
};

// A call that this kernel, or a container's filter, does not let us have.
struct MissingCall {
  std::string name;
  std::string since;  // the first release of Linux that has it
  friend bool operator==(const MissingCall&, const MissingCall&) = default;
};

// Who starts the box, when it is not root: an ordinary user makes boxes for itself, in a user namespace.
struct OrdinaryUser {
  std::string name;           // "" when this host has none for it
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  // besides gid: nobody but root could take them from the box
  // What cannot be had, in words; "" when it can.
  std::string obstacle;       // boxes at all
  std::string remedy;         // what to do about it
  std::string proc_obstacle;  // process information of a box's own
  std::string run_obstacle;   // a folder for sockets
  std::string state_obstacle; // a folder for sessions
  friend bool operator==(const OrdinaryUser&, const OrdinaryUser&) = default;
};

// A mount that is there.
struct MountFact {
  std::string point;
  std::string type;
  bool read_only = false;
  bool no_exec = false;
  bool no_suid = false;
  bool no_dev = false;
  std::optional<std::uint64_t> size = {};    // in bytes, of a file system that has one of its own
  std::optional<std::uint64_t> inodes = {};  // likewise: how many files it may have
  friend bool operator==(const MountFact&, const MountFact&) = default;
};

// What a container runtime made around the launcher, its entrypoint: found by looking and trying, like all else.
struct ContainerFacts {
  std::string engine;                // "podman" where it says so of itself; "docker" for any other
  std::string namespaces_obstacle;   // why no box can be made inside; "" when one can
  std::string proc_obstacle;         // why that box has no process information of its own
  uid_t uid = 0;                     // as whom the runtime starts us
  gid_t gid = 0;
  std::vector<gid_t> groups;         // besides gid
  std::vector<std::string> missing_capabilities;  // root's: of those with which it becomes others
  std::vector<MountFact> mounts;
  std::optional<std::uint64_t> memory_limit;      // of our control group; none: no limit is seen
  std::optional<std::uint64_t> pids_limit;
  std::optional<std::uint64_t> cpu_percent;       // 100 is a whole processor
  std::uint64_t processors = 0;      // on which we may run
  std::uint64_t nofile = 0;          // hard limit
  bool is_first_process = false;     // PID 1: no process of its pid namespace is another's but those brought in later (exec)
  std::vector<std::string> wishes;                // FPMBOX_NAME=value, as the operator gave them
  std::vector<std::string> closed_folders;        // of run_directory and state_directory: where nothing can be made
  friend bool operator==(const ContainerFacts&, const ContainerFacts&) = default;
};

struct HostFacts {
  bool privileged = false;      // root with CAP_SYS_ADMIN: mounts, namespaces, devices, other users' ids
  std::optional<OrdinaryUser> ordinary_user;  // neither root nor enclosed
  std::string run_directory = "/run/fpmbox";  // holds the folders of running pools
  std::string state_directory = "/var/lib/fpmbox";  // holds what pools keep
  std::optional<ContainerFacts> container = {};  // where we are a container's entrypoint
  bool enclosed = false;        // no namespaces and mounts of our own: what the runtime gives has to do (settle_tier)
  std::vector<MissingCall> missing_calls = {};  // of those that no launch can do without
  int landlock_abi = 0;
  bool user_notification = false;  // refused calls can be reported (Linux 5.19)
  bool exec_notification = false;  // one call can be let through: the same without patience for signals (Linux 5.5)
  bool has_swap = false;
  bool mdwe = false;            // PR_SET_MDWE (Linux 6.3)
  bool page_zero = false;       // we may map page 0, and an unprivileged process may not (vm.mmap_min_addr)
  std::map<std::string, CgroupController> cgroups;  // "memory", "pids", "cpu", and "kill" (the v2 tree)
  std::map<std::string, UserFact> users;            // by name; only those the policy names, and "fpmbox"
  std::map<std::string, gid_t> groups;
  std::map<std::string, PathFact> paths;
  std::string root = {};         // the folder in which a built root lies: filesystem.system and PHP are there; "" for the host's own
  std::string image = {};        // the file that is mounted there, when the policy names an image
  std::string root_reason = {};  // why the root that the policy names cannot be used
  PhpFacts php;
  std::map<std::string, ProgramFact> programs = {};  // by the path that the policy names
  PhpFacts php_command;         // PHP's command line of the same version; looked for only when a command is to be run or programs are named
  std::string host_name;
  // Texts of the host's own, by path: how names are resolved. Read only for a box in the host's network.
  std::map<std::string, std::string> name_files = {};
  friend bool operator==(const HostFacts&, const HostFacts&) = default;
};

// The launcher's own unprivileged user once a box runs.
inline constexpr const char* kSupervisorUser = "fpmbox";

}  // namespace launcher
