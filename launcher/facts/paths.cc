#include "launcher/facts/paths.h"

#include <dirent.h>
#include <unistd.h>

#include <memory>

#include "launcher/facts/follow.h"
#include "launcher/facts/image_paths.h"
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

PathFact fact_of(const std::string& path, Looks& looks) {
  PathFact fact;
  const Look& look = looks.at(path);
  if (!look.is_there) return fact;
  fact.kind = kind_of(look.status.st_mode);
  fact.link = look.link;
  Followed target = follow(path, looks);
  if (target.real.empty()) return fact;
  fact.real = std::move(target.real);
  fact.links = std::move(target.links);
  fact.real_kind = kind_of(target.status.st_mode);
  fact.uid = target.status.st_uid;
  fact.gid = target.status.st_gid;
  fact.mode = target.status.st_mode & 07777;
  return fact;
}

struct Found {
  HostFacts& facts;
  Looks& looks;
};

void add(const std::string& path, Found& found) {
  auto& paths = found.facts.paths;
  if (path.empty() || path.front() != '/' || paths.contains(path)) return;
  paths[path] = is_in_image(found.facts, path) ? look_in_image(found.facts, path) : fact_of(path, found.looks);
}

// Whoever can write a folder above a file can replace the file.
void add_with_parents(const std::string& path, Found& found) {
  if (path.empty() || path.front() != '/') return;
  add(path, found);
  for (std::string above = path; above != "/";) {
    above = parent_of(above);
    add(above, found);
  }
}

void add_code(const profiles::Filesystem& filesystem, Found& found) {
  add_with_parents(filesystem.code.text, found);
  const std::string real = found.facts.paths[filesystem.code.text].real;
  add_with_parents(real, found);
  add(filesystem.data.text, found);
  for (const auto& writable : filesystem.writable) {
    if (!real.empty()) add(real + "/" + writable.path.text, found);
    if (!filesystem.data.text.empty()) add(filesystem.data.text + "/" + writable.path.text, found);
  }
}

void add_server_socket(const std::string& path, Found& found) {
  if (path.empty()) return;
  const std::string directory = parent_of(path);
  add(directory, found);
  add(path, found);
  PathFact& socket = found.facts.paths[path];
  socket.neighbours = sockets_below(directory, path.substr(path.rfind('/') + 1));
  for (const std::string& neighbour : std::vector(socket.neighbours)) add(directory + "/" + neighbour, found);
}

// Every way to a program: whoever can write a folder on it, or a link, decides what is started.
void add_programs(const profiles::Php& php, Found& found) {
  if (found.facts.programs.empty()) return;
  for (const std::string& extension : php.extensions) add(found.facts.php.extension_dir + "/" + extension + ".so", found);
  for (const char* path : {"/bin", "/sbin"}) add(path, found);  // links into /usr, by which scripts know their interpreters
  add(found.facts.php.interpreter, found);
  for (const auto& [path, program] : found.facts.programs) {
    add_with_parents(path, found);
    add_with_parents(program.real, found);
    for (const LinkFact& link : std::vector(found.facts.paths[path].links)) add_with_parents(link.path, found);
    if (!program.words.empty()) add(program.words.front(), found);
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
  Looks looks;
  return fact_of(path, looks);
}

std::vector<std::string> sockets_below(const std::string& directory, const std::string& own) {
  const PathFact real = look_at(directory);  // /var/run is a symlink
  Walk state{own, {}};
  if (!real.real.empty()) walk(AT_FDCWD, real.real, "", 0, state);
  return std::move(state.found);
}

void find_paths(const profiles::Policy& policy, HostFacts& facts, Looks& looks) {
  Found found{facts, looks};
  for (const auto& system : policy.filesystem.system) add(facts.root + system.path.text, found);
  add_code(policy.filesystem, found);
  add(policy.filesystem.root, found);  // "system" is no path and passed over
  add(policy.filesystem.root + policy.filesystem.code.text, found);  // for who wrote the path of inside
  for (const auto& connection : policy.connect) add_server_socket(connection.unix_path.text, found);
  add_server_socket(policy.mail.unix_path.text, found);
  add_with_parents(policy.listen.unix_path.text, found);
  add_with_parents(facts.php.binary, found);
  add_programs(policy.php, found);
}

}  // namespace launcher
