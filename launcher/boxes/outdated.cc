#include "launcher/boxes/outdated.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "launcher/boxes/maps.h"
#include "launcher/sys/digest.h"
#include "launcher/sys/file.h"

namespace launcher {
namespace {

using What = Outdated::What;

constexpr std::size_t kLongestMaps = 16 << 20;
constexpr const char* kRemoved = "removed";
constexpr off_t kLongestLayer = 1 << 20;  // nothing longer is read as a profile

std::optional<struct stat> follow(const std::string& path) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return info;
}

bool is_same(const struct stat& one, const struct stat& other) { return one.st_dev == other.st_dev && one.st_ino == other.st_ino; }

// By way of map_files(5) both are stat(2) of an inode: file systems of several layers give maps other numbers.
void compare_library(const std::string& process, const std::string& root, const MappedFile& file, std::vector<Outdated>& out) {
  const auto there = follow(root + file.path);
  const auto mapped = follow(process + "/map_files/" + file.range);
  if (there && mapped && !is_same(*there, *mapped)) return out.push_back({What::library, file.path, {}});
  if (file.is_deleted) out.push_back({What::library, file.path, there ? "" : kRemoved});
}

void compare_libraries(const BoxRecord& record, std::vector<Outdated>& out) {
  const std::string process = "/proc/" + std::to_string(record.box.pid);
  const auto maps = sys::read_file(process + "/maps", kLongestMaps);
  if (!maps) return;
  const auto program = follow(process + "/exe");
  const auto is_copied = [&](const std::string& path) {  // a loader, of which the box has a copy: compare_programs()
    return std::any_of(record.programs.begin(), record.programs.end(), [&](const RecordedProgram& one) { return one.path == path; });
  };
  for (const MappedFile& file : mapped_code(maps.value())) {
    if (is_copied(file.path)) continue;
    const auto mapped = follow(process + "/map_files/" + file.range);
    if (program && mapped && is_same(*program, *mapped)) continue;  // our copy, which has a name nowhere in the box
    compare_library(process, record.root, file, out);
  }
}

// php-fpm itself is compared by what it holds: a copy runs, so that another inode means nothing.
void compare_program(const BoxRecord& record, std::vector<Outdated>& out) {
  const auto file = sys::open(record.program, O_RDONLY | O_NONBLOCK);
  if (!file && file.error().code == ENOENT) return out.push_back({What::php, record.program, kRemoved});
  const auto info = file ? sys::status_of(file.value().get()) : file.error();
  if (!info || !S_ISREG(info.value().st_mode)) return;
  const auto digest = sys::sha256_of_file(file.value().get());
  if (digest && digest.value() != record.program_digest) out.push_back({What::php, record.program, {}});
}

void compare_programs(const BoxRecord& record, std::vector<Outdated>& out) {
  for (const RecordedProgram& program : record.programs) {
    const std::string now = state_of_file(program.path);
    if (now != program.state) out.push_back({What::program, program.path, now.empty() ? kRemoved : ""});
  }
}

void compare_root(const BoxRecord& record, std::vector<Outdated>& out) {
  if (record.image.empty()) return;
  const std::string now = state_of_file(record.image);
  if (now != record.image_state) out.push_back({What::root, record.image, now.empty() ? kRemoved : ""});
}

void compare_launcher(const BoxRecord& record, std::vector<Outdated>& out) {
  const std::string link = "/proc/" + std::to_string(record.launcher.pid) + "/exe";
  char text[PATH_MAX] = {};
  const auto running = follow(link);
  if (!running || ::readlink(link.c_str(), text, sizeof text - 1) <= 0) return;
  std::string path = text;
  constexpr std::string_view kDeleted = " (deleted)";
  if (path.ends_with(kDeleted)) path.resize(path.size() - kDeleted.size());
  const auto there = follow(path);
  if (!there) return out.push_back({What::launcher, path, kRemoved});
  if (!is_same(*running, *there)) out.push_back({What::launcher, path, {}});
}

// What became of it, "" for another content; nullopt: nothing, as far as one may look. A device, a pipe or what never ends in its
// place is another file, and is not read.
std::optional<std::string> change_of(const RecordedLayer& layer) {
  const std::optional<std::string> another = "", nothing;
  const auto info = follow(layer.path);
  if (!info && errno == ENOENT) return kRemoved;
  if (!info) return errno == ELOOP ? another : nothing;  // a folder that may not be searched says nothing
  if (!S_ISREG(info->st_mode) || info->st_size > kLongestLayer) return another;
  const auto file = sys::open(layer.path, O_RDONLY | O_NONBLOCK);
  const auto text = file ? sys::read_all(file.value().get(), kLongestLayer) : file.error();
  return text && sys::sha256(text.value()) != layer.digest ? another : nothing;
}

void compare_layers(const BoxRecord& record, std::vector<Outdated>& out) {
  for (const RecordedLayer& layer : record.layers)
    if (auto change = change_of(layer)) out.push_back({What::profile, layer.path, std::move(*change)});
}

void compare_code(const BoxRecord& record, std::vector<Outdated>& out) {
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(record.code.c_str(), nullptr), ::free);
  if (real && record.code_version != real.get()) out.push_back({What::code, record.code, real.get()});
}

struct Row {
  What what;
  const char* name;
  const char* text;
  void (*compare)(const BoxRecord&, std::vector<Outdated>&);
};
constexpr Row kRows[] = {
    {What::library, "library", "library", compare_libraries},
    {What::php, "php", "PHP", compare_program},
    {What::program, "program", "program", compare_programs},
    {What::root, "root", "root", compare_root},
    {What::launcher, "launcher", "fpmbox", compare_launcher},
    {What::profile, "profile", "profile", compare_layers},
    {What::code, "code", "new version", compare_code},
};

}  // namespace

std::string state_of_file(const std::string& path) {
  const auto info = follow(path);
  if (!info) return {};
  return std::to_string(info->st_dev) + " " + std::to_string(info->st_ino) + " " + std::to_string(info->st_size) + " " +
         std::to_string(info->st_mtim.tv_sec) + "." + std::to_string(info->st_mtim.tv_nsec);
}

const char* name_of(What what) { return kRows[static_cast<int>(what)].name; }

std::string describe(const Outdated& one) {
  const std::string start = std::string(kRows[static_cast<int>(one.what)].text) + " " + one.subject;
  if (one.what == What::code) return start + " leads to " + one.detail;
  const std::string verb = one.what == What::profile ? " was changed" : " was replaced";
  return start + (one.detail == kRemoved ? " was removed" : verb);
}

std::vector<Outdated> find_outdated(const BoxRecord& record) {
  std::vector<Outdated> out;
  for (const Row& row : kRows) row.compare(record, out);
  return out;
}

}  // namespace launcher
