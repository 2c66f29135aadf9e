// The table. Sources: docker-run(1), podman-systemd.unit(5), the Compose specification, the Kubernetes API reference,
// systemd.exec(5). Columns in the order of Engine.
#include "profiles/export/engine.h"

namespace profiles {
namespace {

using Kind = Cell::Kind;

constexpr Cell says(const char* text) { return {Kind::option, text}; }
constexpr Cell lacks(const char* text) { return {Kind::gap, text}; }
constexpr Cell kInside{Kind::inside, ""};
constexpr Cell kGiven{Kind::given, ""};

// Said of more than one engine.
constexpr const char* kNoLoader = "volumes cannot be mounted noexec here: a script that may start programs can start the dynamic loader on what it wrote<when_programs>";
constexpr const char* kExecVolumes = "volumes are not noexec here: exec is off, but native code that already runs in a worker can map what it wrote<when_volumes>";
constexpr const char* kExecFolders = "neither volumes nor an emptyDir are noexec: exec is off, but native code that already runs in a worker can map what it wrote";
constexpr const char* kDevices = "/dev has terminals and message queues beside null, zero, full, random and urandom; no option takes them away";
constexpr const char* kRelay = "no engine forwards one connection, and fpmbox has no relay yet: <tcp_server> is reached only in a network, with network: {mode: host} "
                               "in the pool file";
constexpr const char* kOwnNetwork = "the pool is in the network that the engine gives to the container: connect: names the only ports, TCP alone<when_open>";
constexpr const char* kFileVolume = "<file> is a file, and a volume is a folder: bind it from the host, or make its folder writable";
constexpr const char* kInodes = "the number of files in /tmp is not limited, for podman has no word for it; docker takes nr_inodes=<tmp_inodes> beside size=";
constexpr const char* kSockets = "no filter sees which path connect() is asked for: the pool reaches every Unix socket in this container that its user may write to, not those of connect: "
                                 "alone; mount no folder with another's<when_connects>";
constexpr const char* kTcp = "the web server comes by TCP, which has no permissions: it shares this container's network (--network container:<name>), and whatever else is in it reaches the pool<when_tcp>";

// A + makes a path one of the unit's own root (systemd.exec(5)): without it, it is the host's, which is out of sight.
// fpmbox's copy of php-fpm stands on a mount of its own or in memory: no folder has to let programs start.
// /run of the unit's own root would be a tmpfs of MountAPIVFS=, which executes.
// systemd shows a StateDirectory= under its own name, too, writable: beside the pool's bind of it.
// clang-format off
constexpr Protection kProtections[] = {
  //                  docker, compose, quadlet, kubernetes, systemd
  {"identity", {says("--user <uid>:<gid><when_user>"), kInside, kInside,
      says("pod.securityContext.runAsNonRoot = true\npod.securityContext.runAsUser = <uid>\npod.securityContext.runAsGroup = <gid>\npod.securityContext.fsGroup = <gid>"),
      says("User=<user>\nGroup=<group>\nSupplementaryGroups=")}},
  {"launcher.identity", {kInside, kInside, kInside,
      lacks("launcher and pool are one user, as the restricted Pod Security Standard wants it: the pool can end its own launcher"), kGiven}},
  {"launcher.files", {kGiven, kGiven, kGiven,
      lacks("the launcher's logs and what it wrote for PHP are the pool's own files: Landlock keeps it from writing them, not from changing their modes"), kGiven}},
  {"namespaces", {says("--ipc none\n--cgroupns private\n--hostname <name>"), says("ipc = none\nhostname = <name>"), says("PodmanArgs=--ipc=none --cgroupns=private\nHostName=<name>"),
      says("pod.hostIPC = false\npod.hostNetwork = false\npod.hostPID = false\npod.shareProcessNamespace = false"),
      says("PrivateIPC=yes\nProtectHostname=yes\nPrivateMounts=yes")}},
  {"namespaces.pid", {kGiven, kGiven, kGiven, kGiven, lacks("the pool is in the host's process tree: ProtectProc= hides the others from it, but it can name them by number")}},
  {"namespaces.user", {lacks("the container's root is the host's: a user namespace is a setting of the daemon (userns-remap)"),
      lacks("the container's root is the host's: a user namespace is a setting of the daemon (userns-remap)"),
      lacks("the container's root is the host's, unless UserNS=auto is added where /etc/subuid names `containers`"),
      lacks("hostUsers: false is not written, because nodes without support for it refuse the pod; no process of this pod is root"), kGiven}},
  {"root", {says("--read-only<no_other_tmpfs>"), says("read_only = true"), says("ReadOnly=true\nReadOnlyTmpfs=false"), says("fpm.securityContext.readOnlyRootFilesystem = true"),
      says("RootDirectory=/etc/fpmbox/systemd/<name>\nMountAPIVFS=yes\nReadOnlyPaths=+/\nInaccessiblePaths=-+/sys")}},
  {"code", {kGiven, kGiven, kGiven, kGiven, kGiven}},
  {"noexec", {kGiven, kGiven, kGiven, kGiven, says("NoExecPaths=+/\nTemporaryFileSystem=/run:rw,noexec,nosuid,nodev,mode=0755")}},
  {"writable", {lacks(kExecVolumes), lacks(kExecVolumes), kGiven, lacks(kExecFolders), kGiven}},
  {"writable", {says("--volume <name><volume>:<path><sealed>"), says("volumes[] = <name><volume>:<path>"), says("Volume=<name><volume>:<path>:noexec,nosuid,nodev"),
      says("fpm.volumeMounts[] = {name: data<volume>, mountPath: <path>}\npod.volumes[] = {name: data<volume>, persistentVolumeClaim: {claimName: <name><volume>}}"), kGiven}},
  {"writable", {lacks(kFileVolume), lacks(kFileVolume), lacks(kFileVolume), lacks(kFileVolume), kGiven}},
  {"programs.noexec", {lacks(kNoLoader), lacks(kNoLoader), kGiven, lacks(kNoLoader), kGiven}},
  {"tmp", {says("--tmpfs /tmp:rw,noexec,nosuid,nodev,size=<tmp><tmp_files>,mode=1777"),
      says("tmpfs[] = /tmp:rw,noexec,nosuid,nodev,size=<tmp>,mode=1777"),
      says("Tmpfs=/tmp:rw,noexec,nosuid,nodev,size=<tmp>,mode=1777"),
      says("fpm.volumeMounts[] = {name: tmp, mountPath: /tmp}\npod.volumes[] = {name: tmp, emptyDir: {medium: Memory, sizeLimit: <tmp>}}"),
      says("TemporaryFileSystem=/tmp:rw,noexec,nosuid,nodev,size=<tmp>,nr_inodes=<tmp_inodes>,mode=1777")}},
  {"tmp.inodes", {lacks(kInodes), lacks(kInodes), lacks("podman limits the bytes of a tmpfs, not its files: the pool's memory is what ends them"),
      lacks("an emptyDir counts bytes, not files: the pool's memory is what ends them"), kGiven}},
  {"state", {says("--tmpfs /var/lib/fpmbox:rw,noexec,nosuid,nodev,mode=<folder_mode>"), says("tmpfs[] = /var/lib/fpmbox:rw,noexec,nosuid,nodev,mode=0755"),
      says("Tmpfs=/var/lib/fpmbox:rw,noexec,nosuid,nodev,mode=0755"),
      says("fpm.volumeMounts[] = {name: state, mountPath: /var/lib/fpmbox}\npod.volumes[] = {name: state, emptyDir: {medium: Memory, sizeLimit: 64Mi}}"),
      says("StateDirectory=fpmbox/<name>/sessions\nStateDirectoryMode=0700\nNoExecPaths=+/var/lib/fpmbox/<name>/sessions")}},
  {"listen", {says("--volume <name>-run:/run/fpmbox<sealed><when_unix>"), says("volumes[] = <name>-run:/run/fpmbox<when_unix>"), says("Volume=<name>-run:/run/fpmbox:noexec,nosuid,nodev<when_unix>"),
      kGiven, kGiven}},
  {"listen", {says("--tmpfs /run/fpmbox:rw,noexec,nosuid,nodev,mode=<folder_mode><when_tcp>"), says("tmpfs[] = /run/fpmbox:rw,noexec,nosuid,nodev,mode=0755<when_tcp>"),
      says("Tmpfs=/run/fpmbox:rw,noexec,nosuid,nodev,mode=0755<when_tcp>"), kGiven, kGiven}},
  {"listen", {kGiven, kGiven, kGiven,
      says("fpm.volumeMounts[] = {name: run, mountPath: /run/fpmbox}\npod.volumes[] = {name: run, emptyDir: {medium: Memory, sizeLimit: 16Mi}}"), kGiven}},
  // by which a launcher that is no root opens the socket to the web server
  {"listen", {kGiven, kGiven, kGiven, says("pod.securityContext.supplementalGroups = [33]<when_unix>"), kGiven}},
  {"listen", {lacks(kTcp), lacks(kTcp), lacks(kTcp), kGiven, kGiven}},
  {"listen.own", {kGiven, kGiven, kGiven,
      lacks("the pool's user owns its own socket and may connect to it: fpmbox does not start so unless FPMBOX_ALLOW_GAPS names it; listen: {tcp: \"127.0.0.1:9000\"} is closed "
            "to the pool by Landlock and by its filter<when_own_socket>"), kGiven}},
  {"proc", {kGiven, kGiven, kGiven, says("fpm.securityContext.procMount = Default"), says("ProtectProc=invisible\nProcSubset=pid")}},
  {"dev", {kGiven, kGiven, kGiven, kGiven, says("PrivateDevices=yes\nDevicePolicy=closed\nInaccessiblePaths=-+/dev/shm -+/dev/mqueue -+/dev/hugepages")}},
  {"dev", {lacks(kDevices), lacks(kDevices), lacks(kDevices), lacks(kDevices), lacks(kDevices)}},
  {"kernel", {kGiven, kGiven, kGiven, kGiven,
      says("ProtectKernelTunables=yes\nProtectKernelModules=yes\nProtectKernelLogs=yes\nProtectControlGroups=yes\nProtectClock=yes\nKeyringMode=private")}},
  {"limits.memory.max", {says("--memory <memory>\n--memory-swap <memory>"), says("mem_limit = <memory>\nmemswap_limit = <memory>"), says("PodmanArgs=--memory=<memory> --memory-swap=<memory>"),
      says("fpm.resources.limits.memory = <memory>\nfpm.resources.requests.memory = <memory>"), says("MemoryMax=<memory>\nMemorySwapMax=0")}},
  {"limits.pids.max", {says("--pids-limit <pids>"), says("pids_limit = <pids>"), says("PidsLimit=<pids>"),
      lacks("a pod has no limit of processes: the kubelet's podPidsLimit is for every pod of a node; fpmbox sets RLIMIT_NPROC inside<when_pids>"), says("TasksMax=<pids>")}},
  {"limits.cpu.max", {says("--cpus <cpus>"), says("cpus = <cpus>"), says("PodmanArgs=--cpus=<cpus>"), says("fpm.resources.limits.cpu = <cpus>"), says("CPUQuota=<cpus>")}},
  {"limits.nofile", {says("--ulimit nofile=<nofile>"), says("ulimits.nofile = <nofile>"), says("Ulimit=nofile=<nofile>:<nofile>"), kInside, says("LimitNOFILE=<nofile>")}},
  {"limits.core", {says("--ulimit core=<core>"), says("ulimits.core = <core>"), says("Ulimit=core=<core>:<core>"), kInside, says("LimitCORE=<core>")}},
  {"capabilities", {says("--cap-drop ALL<cap_add>"),
      says("cap_drop = [ALL]\ncap_add = [<cap_list>]"),
      says("DropCapability=all\nAddCapability=<cap_names>"),
      says("fpm.securityContext.capabilities.drop = [ALL]\nfpm.securityContext.privileged = false"),
      says("CapabilityBoundingSet=\nAmbientCapabilities=\nSecureBits=noroot-locked")}},
  {"no_new_privs", {says("--security-opt no-new-privileges"), says("security_opt[] = no-new-privileges:true"), says("NoNewPrivileges=true"),
      says("fpm.securityContext.allowPrivilegeEscalation = false"), says("NoNewPrivileges=yes\nRestrictSUIDSGID=yes")}},
  {"memory", {kInside, kInside, kInside, kInside, says("MemoryDenyWriteExecute=yes<when_strict_memory>")}},
  {"landlock", {kInside, kInside, kInside, kInside, lacks("systemd sets no Landlock rules: what the mounts above let through is not looked at twice")}},
  {"exec", {kInside, kInside, kInside, kInside,
      lacks("systemd starts php-fpm by execve, behind the filter: scripts may start what they find; NoExecPaths= leaves them php-fpm and libraries, "
            "but code in memory (memfd) is stopped by the filter alone")}},
  {"binary", {kInside, kInside, kInside, kInside, lacks("php-fpm can be read by the pool, so its processes are dumpable and can read each other's memory")}},
  {"syscalls", {kInside, kInside, kInside, says("pod.securityContext.seccompProfile = {type: RuntimeDefault}"), says("SystemCallArchitectures=native\nSystemCallErrorNumber=ENOSYS\nLockPersonality=yes\nRestrictRealtime=yes")}},
  {"syscalls.arguments", {kInside, kInside, kInside, kInside,
      lacks("systemd's filter does not look at arguments but of families, namespaces, set-user-ID bits and memory: ioctl, prctl and sendto are open")}},
  {"syscalls.absent", {kInside, kInside, kInside, kInside,
      lacks("every refused call fails with ENOSYS, not EPERM: by that number alone libraries fall back from clone3, and systemd 257 takes no second one")}},
  {"syscalls.report", {kInside, kInside, kInside, kInside, lacks("refused calls are not named: fpmbox denials has nothing to say")}},
  {"clone", {kInside, kInside, kInside, kInside, says("RestrictNamespaces=yes")}},
  {"network", {says("--network none<when_closed>"), says("network_mode = none<when_closed>"), says("Network=none<when_closed>"),
      says("network.spec.policyTypes = [Ingress, Egress]\nnetwork.spec.egress = []<when_closed>"), says("PrivateNetwork=yes\nRestrictAddressFamilies=AF_UNIX<when_closed>")}},
  {"network", {lacks(kOwnNetwork), lacks(kOwnNetwork), lacks(kOwnNetwork),
      lacks("no rule of egress is written: name the servers in the NetworkPolicy; connect: names the only ports, TCP alone<when_open>"),
      says("RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6<when_open>")}},
  {"network.pod", {kGiven, kGiven, kGiven, lacks("web server and pool are in one network: it is fpmbox's own filter and Landlock that keep the pool out of it, and a NetworkPolicy holds "
      "only where the cluster's network enforces them"), kGiven}},
  {"connect", {says("--volume <socket_folder>:<socket_folder>:ro"), says("volumes[] = <socket_folder>:<socket_folder>:ro"), says("Volume=<socket_folder>:<socket_folder>:ro,noexec,nosuid,nodev"),
      lacks("<socket_folder>: a pod does not reach a Unix socket of its node: let the server run in the pod and share an emptyDir with it"), kGiven}},
  {"connect", {lacks(kSockets), lacks(kSockets), kGiven, lacks(kSockets), kGiven}},
  {"connect", {lacks(kRelay), lacks(kRelay), lacks(kRelay), lacks(kRelay), lacks(kRelay)}},
  {"token", {kGiven, kGiven, kGiven, says("pod.automountServiceAccountToken = false\npod.enableServiceLinks = false"), kGiven}},
  {"health", {lacks("`docker run` gives health checks to a shell, which the image has not: ask by docker exec <name> /fpmbox health"),
      says("healthcheck.test = [CMD, /fpmbox, health]\nhealthcheck.interval = 30s"), says("HealthCmd=[\"CMD\",\"/fpmbox\",\"health\"]\nHealthInterval=30s"),
      says("fpm.startupProbe = {exec: {command: [/fpmbox, health]}, periodSeconds: 2, failureThreshold: 30}\n"
           "fpm.readinessProbe = {exec: {command: [/fpmbox, health]}, periodSeconds: 10}\nfpm.livenessProbe = {exec: {command: [/fpmbox, health]}, periodSeconds: 30, failureThreshold: 3}"),
      lacks("systemd asks nothing of the pool: READY is what php-fpm says of itself, and a pool that hangs is not restarted")}},
  {"stop", {says("--stop-timeout <stop>"), says("stop_grace_period = <stop>s"), says("PodmanArgs=--stop-timeout=<stop>"), says("pod.terminationGracePeriodSeconds = <stop>"), says("TimeoutStopSec=<stop>")}},
};
// clang-format on

}  // namespace

std::span<const Protection> protections() { return kProtections; }

}  // namespace profiles
