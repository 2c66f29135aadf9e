#include "launcher/facts/paths.h"

#include <dirent.h>
#include <limits.h>
#include <unistd.h>

#include <memory>

#include "launcher/facts/follow.h"
#include "launcher/sys/file.h"

namespace launcher {
namespace {

constexpr int kDeepest = 4;
constexpr std::size_t kMostEntries = 1000;

PathFact::Kind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return PathFact::Kind::file;
  if (S_ISDIR(mode)) return PathFact::Kind::directory;
  if (S_ISLNK(mode)) return PathFact::Kind::symlink;
  if (S_ISSOCK(mode)) return PathFact::Kind::socket;
  return PathFact::Kind::other;
}

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

void add(const std::string& path, HostFacts& facts) {
  if (path.empty() || path.front() != '/' || facts.paths.contains(path)) return;
  facts.paths[path] = look_at(path);
}

// Whoever can write a folder above a file can replace the file.
void add_with_parents(const std::string& path, HostFacts& facts) {
  if (path.empty() || path.front() != '/') return;
  add(path, facts);
  for (std::string above = path; above != "/";) {
    above = parent_of(above);
    add(above, facts);
  }
}

void add_code(const profiles::Filesystem& filesystem, HostFacts& facts) {
  add_with_parents(filesystem.code.text, facts);
  const std::string real = facts.paths[filesystem.code.text].real;
  add_with_parents(real, facts);
  add(filesystem.data.text, facts);
  for (const auto& writable : filesystem.writable) {
    if (!real.empty()) add(real + "/" + writable.path.text, facts);
    if (!filesystem.data.text.empty()) add(filesystem.data.text + "/" + writable.path.text, facts);
  }
}

void add_server_socket(const std::string& path, HostFacts& facts) {
  if (path.empty()) return;
  const std::string directory = parent_of(path);
  add(directory, facts);
  add(path, facts);
  PathFact& socket = facts.paths[path];
  socket.neighbours = sockets_below(directory, path.substr(path.rfind('/') + 1));
  for (const std::string& neighbour : std::vector(socket.neighbours)) add(directory + "/" + neighbour, facts);
}

// Every way to a program: whoever can write a folder on it, or a link, decides what is started.
void add_programs(const profiles::Php& php, HostFacts& facts) {
  if (facts.programs.empty()) return;
  for (const std::string& extension : php.extensions) add(facts.php.extension_dir + "/" + extension + ".so", facts);
  for (const char* path : {"/bin", "/sbin"}) add(path, facts);  // links into /usr, by which scripts know their interpreters
  add(facts.php.interpreter, facts);
  for (const auto& [path, program] : facts.programs) {
    add_with_parents(path, facts);
    add_with_parents(program.real, facts);
    for (const LinkFact& link : std::vector(facts.paths[path].links)) add_with_parents(link.path, facts);
    if (!program.words.empty()) add(program.words.front(), facts);
  }
}

struct Walk {
  const std::string& own;
  std::vector<std::string> found;
  std::size_t seen = 0;
};

void walk(int parent, const std::string& name, const std::string& prefix, int depth, Walk& state) {
  auto fd = sys::open_at(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!fd) return;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(fd.value().release()), ::closedir);
  if (!stream) return;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string base = entry->d_name;
    if (base == "." || base == ".." || state.seen > kMostEntries) continue;
    if (++state.seen > kMostEntries) return state.found.push_back("...");
    const std::string relative = prefix + base;
    if (entry->d_type == DT_SOCK && relative != state.own) state.found.push_back(relative);
    if (entry->d_type == DT_DIR && depth < kDeepest)
      walk(::dirfd(stream.get()), base, relative + "/", depth + 1, state);
  }
}

}  // namespace

PathFact look_at(const std::string& path) {
  PathFact fact;
  const auto status = sys::status_at(AT_FDCWD, path);
  if (!status) return fact;
  fact.kind = kind_of(status.value().st_mode);
  if (fact.kind == PathFact::Kind::symlink) {
    char text[PATH_MAX] = {};
    if (::readlink(path.c_str(), text, sizeof text - 1) > 0) fact.link = text;
  }
  Followed target = follow(path);
  if (target.real.empty()) return fact;
  fact.real = std::move(target.real);
  fact.links = std::move(target.links);
  fact.real_kind = kind_of(target.status.st_mode);
  fact.uid = target.status.st_uid;
  fact.gid = target.status.st_gid;
  fact.mode = target.status.st_mode & 07777;
  return fact;
}

std::vector<std::string> sockets_below(const std::string& directory, const std::string& own) {
  const PathFact real = look_at(directory);  // /var/run is a symlink
  Walk state{own, {}};
  if (!real.real.empty()) walk(AT_FDCWD, real.real, "", 0, state);
  return std::move(state.found);
}

void find_paths(const profiles::Policy& policy, HostFacts& facts) {
  for (const auto& system : policy.filesystem.system) add(facts.root + system.path.text, facts);
  add_code(policy.filesystem, facts);
  add(policy.filesystem.root, facts);  // "system" is no path and passed over
  for (const auto& connection : policy.connect) add_server_socket(connection.unix_path.text, facts);
  add_server_socket(policy.mail.unix_path.text, facts);
  add_with_parents(policy.listen.unix_path.text, facts);
  add_with_parents(facts.php.binary, facts);
  add_programs(policy.php, facts);
}

}  // namespace launcher
