// What the kernel alone takes for a box: the namespaces, mounts, files, groups, sockets and filter of a plan, made by nothing but the calls
// that make them, then the program and its end. No profile is read, nothing is looked at, checked, read back or watched over.
//
//   box_floor ORDERS PROGRAM [ARGUMENT...]
//
// ORDERS is a file with a line for each: folders before what is in them, and all targets without their first slash.
//   folder TARGET | file TARGET | copy TARGET SOURCE | link TARGET TO          in the root, a tmpfs; a file is empty
//   bind TARGET SOURCE ATTRIBUTES | tmpfs TARGET | devices TARGET | proc TARGET   ATTRIBUTES as mount_setattr(2) has them
//   group FOLDER NAME | limit FOLDER NAME FILE VALUE                           a control group of version 1, which the program joins
//   leaf FOLDER NAME                                                           of version 2: born in it, for a join waits for all processors
//   socket PATH FD                                                             listens, and is the program's by that number
//   user UID GID                                                               whom the program runs as; without it root
//   filter FILE                                                                of struct sock_filter
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif

namespace {

constexpr unsigned kHere = AT_EMPTY_PATH | AT_RECURSIVE;
constexpr long kClone = OPEN_TREE_CLONE | O_CLOEXEC;

struct Mount {
  std::string target;
  int tree;  // -1: proc, which is made by the one that is in the pid namespace
};
struct Group {
  std::string path;
  int members;
};
struct Socket {
  int fd;
  int wanted;
};
struct Floor {
  int root = -1;
  int leaf = -1;
  std::vector<Mount> mounts;
  std::vector<Group> groups;
  std::vector<Socket> sockets;
  std::vector<id_t> user;  // uid and gid, or nothing
  std::vector<sock_filter> filter;
};

long must(long result, const std::string& what) {
  if (result >= 0) return result;
  std::fprintf(stderr, "box_floor: %s: %s\n", what.c_str(), std::strerror(errno));
  std::_Exit(71);
}

int new_filesystem(const char* type, unsigned attributes) {
  const auto context = static_cast<int>(must(::syscall(SYS_fsopen, type, 1U), type));
  must(::syscall(SYS_fsconfig, context, 6U, nullptr, nullptr, 0), type);  // FSCONFIG_CMD_CREATE
  const long tree = must(::syscall(SYS_fsmount, context, 1U, attributes), type);
  ::close(context);
  return static_cast<int>(tree);
}

void set_attributes(int tree, std::uint64_t set) {
  struct mount_attr attributes {};
  attributes.attr_set = set;
  attributes.propagation = MS_PRIVATE;
  must(::syscall(SYS_mount_setattr, tree, "", kHere, &attributes, sizeof attributes), "mount_setattr");
}

int bind(const std::string& source, std::uint64_t attributes) {
  const auto tree = static_cast<int>(must(::syscall(SYS_open_tree, AT_FDCWD, source.c_str(), kClone | AT_RECURSIVE), source));
  set_attributes(tree, attributes);
  return tree;
}

int devices() {
  const int tree = new_filesystem("tmpfs", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
  for (const auto& [name, minor] : {std::pair{"null", 3U}, {"zero", 5U}, {"full", 7U}, {"random", 8U}, {"urandom", 9U}})
    must(::mknodat(tree, name, S_IFCHR | 0666, makedev(1, minor)), name);
  set_attributes(tree, MOUNT_ATTR_RDONLY);
  return tree;
}

void write_file(int at, const std::string& name, const std::string& content, int flags) {
  const auto fd = static_cast<int>(must(::openat(at, name.c_str(), O_WRONLY | O_CLOEXEC | flags, 0444), name));
  if (!content.empty()) must(::write(fd, content.data(), content.size()), name);
  ::close(fd);
}

Group make_group(const std::string& folder, const std::string& name) {
  Group group{folder + "/" + name, -1};
  must(::mkdir(group.path.c_str(), 0755), group.path);
  group.members = ::open((group.path + "/tasks").c_str(), O_WRONLY | O_CLOEXEC);  // version 1
  return group;
}

std::string read_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) must(-1, file);
  std::stringstream all;
  all << in.rdbuf();
  return all.str();
}

// Whatever number the program wants for its own.
int out_of_the_way(int fd, const std::string& what) {
  constexpr int kAbove = 100;
  const auto out = static_cast<int>(must(::fcntl(fd, F_DUPFD_CLOEXEC, kAbove), what));
  ::close(fd);
  return out;
}

Socket listen_at(const std::string& path, int wanted) {
  constexpr int kBacklog = 511;
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const auto made = static_cast<int>(must(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), path));
  must(::bind(made, reinterpret_cast<const sockaddr*>(&address), sizeof address), path);
  must(::listen(made, kBacklog), path);
  return {out_of_the_way(made, path), wanted};
}

std::vector<sock_filter> read_filter(const std::string& file) {
  const std::string bytes = read_file(file);
  std::vector<sock_filter> out(bytes.size() / sizeof(sock_filter));
  std::memcpy(out.data(), bytes.data(), out.size() * sizeof(sock_filter));
  return out;
}

void obey(const std::string& line, Floor& floor) {
  std::istringstream in(line);
  std::string order, target, a, b, c;
  in >> order >> target >> a >> b >> c;
  if (order == "folder") must(::mkdirat(floor.root, target.c_str(), 0755), line);
  if (order == "file") write_file(floor.root, target, "", O_CREAT | O_EXCL);
  if (order == "copy") write_file(floor.root, target, read_file(a), O_CREAT | O_EXCL);
  if (order == "link") must(::symlinkat(a.c_str(), floor.root, target.c_str()), line);
  if (order == "bind") floor.mounts.push_back({target, bind(a, std::stoull(b))});
  if (order == "tmpfs") floor.mounts.push_back({target, new_filesystem("tmpfs", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)});
  if (order == "devices") floor.mounts.push_back({target, devices()});
  if (order == "proc") floor.mounts.push_back({target, -1});
  if (order == "group" || order == "leaf") floor.groups.push_back(make_group(target, a));
  if (order == "leaf") floor.leaf = static_cast<int>(must(::open((target + "/" + a).c_str(), O_PATH | O_CLOEXEC), line));
  if (order == "limit") write_file(AT_FDCWD, target + "/" + a + "/" + b, c, 0);
  if (order == "socket") floor.sockets.push_back(listen_at(target, std::stoi(a)));
  if (order == "user") floor.user = {static_cast<id_t>(std::stoul(target)), static_cast<id_t>(std::stoul(a))};
  if (order == "filter") floor.filter = read_filter(target);
}

void attach(const Floor& floor) {
  must(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "private");
  must(::syscall(SYS_move_mount, floor.root, "", AT_FDCWD, "/tmp", 4U), "root");  // MOVE_MOUNT_F_EMPTY_PATH
  must(::fchdir(floor.root), "root");
  for (const Mount& mount : floor.mounts) {
    const int tree = mount.tree >= 0 ? mount.tree : new_filesystem("proc", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
    must(::syscall(SYS_move_mount, tree, "", AT_FDCWD, mount.target.c_str(), 4U), mount.target);
  }
  must(::syscall(SYS_pivot_root, ".", "."), "pivot_root");
  must(::umount2(".", MNT_DETACH), "umount");
}

void become(const std::vector<id_t>& user) {
  if (user.empty()) return;
  must(::setgroups(0, nullptr), "setgroups");
  must(::setresgid(user[1], user[1], user[1]), "setresgid");
  must(::setresuid(user[0], user[0], user[0]), "setresuid");
}

[[noreturn]] void be_the_box(const Floor& floor, int file, char** command) {
  for (const Group& group : floor.groups)
    if (group.members >= 0) must(::write(group.members, "0", 1), group.path);
  attach(floor);
  must(::unshare(CLONE_NEWCGROUP), "unshare");
  for (const Socket& socket : floor.sockets) must(::dup2(socket.fd, socket.wanted), "dup2");
  become(floor.user);
  must(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
  const sock_fprog program = {static_cast<unsigned short>(floor.filter.size()), const_cast<sock_filter*>(floor.filter.data())};
  if (!floor.filter.empty()) must(::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), "seccomp");
  ::execv(("/proc/self/fd/" + std::to_string(file)).c_str(), command);  // the filter lets execve through alone
  must(-1, command[0]);
  std::_Exit(71);
}

pid_t clone_box(const Floor& floor) {
  struct clone_args arguments {};
  arguments.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | (floor.leaf >= 0 ? CLONE_INTO_CGROUP : 0ULL);
  arguments.exit_signal = SIGCHLD;
  arguments.cgroup = static_cast<std::uint64_t>(floor.leaf);
  return static_cast<pid_t>(must(::syscall(SYS_clone3, &arguments, sizeof arguments), "clone3"));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 64;
  ::umask(0);  // devices are everybody's
  Floor floor;
  floor.root = new_filesystem("tmpfs", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
  std::ifstream orders(argv[1]);
  if (!orders) must(-1, argv[1]);
  for (std::string line; std::getline(orders, line);) obey(line, floor);
  set_attributes(floor.root, MOUNT_ATTR_RDONLY);
  const int file = out_of_the_way(static_cast<int>(must(::open(argv[2], O_PATH | O_CLOEXEC), argv[2])), argv[2]);  // the box need not show it
  const pid_t pid = clone_box(floor);
  if (pid == 0) be_the_box(floor, file, argv + 2);
  int status = 0;
  must(::waitpid(pid, &status, 0), "wait");
  for (auto group = floor.groups.rbegin(); group != floor.groups.rend(); ++group) must(::rmdir(group->path.c_str()), group->path);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 71;
}
