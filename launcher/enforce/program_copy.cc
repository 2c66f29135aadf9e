#include "launcher/enforce/program_copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include "launcher/enforce/program_part.h"
#include "launcher/plan/inside.h"
#include "launcher/sys/digest.h"
#include "launcher/sys/file.h"

namespace launcher {
namespace {

using base::Error;
using base::Result;
using base::Status;
using sys::Fd;

constexpr std::string_view kCopy = "php-fpm-";
constexpr std::string_view kLink = "of-";
constexpr std::string_view kStaying = "file-";
constexpr int kTries = 5;
constexpr int kMostCopies = 100;  // each was removed by somebody who clears up before it was held
constexpr int kPatienceMs = 10000;

Result<Fd> open_programs() {
  Fd run = TRY(sys::open("/", O_PATH | O_DIRECTORY));
  run = TRY(sys::make_directories(run.get(), std::string(outside::kRun).substr(1), 0755));
  TRY(sys::make_directory_at(run.get(), ".programs", 0700));
  Fd programs = TRY(sys::open_at(run.get(), ".programs", O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  if (::geteuid() == 0) TRY(sys::check_trusted_path(outside::kPrograms));
  return programs;
}

// What is hashed is the copy, which nobody can change any more, and not the source, which may be written meanwhile. Gives
// the copy's name.
Result<std::string> fill(int directory, int source, const Part& part) {
  TRY(copy_bytes(source, part.file.get()));
  const std::string digest = TRY(sys::sha256_of_file(part.file.get()));
  const std::string name = std::string(kCopy) + digest;
  if (::fchmod(part.file.get(), 0711) != 0) return sys::failure("chmod", part.name);
  TRY(publish(part, directory, name));
  return name;
}

Result<std::string> make_copy(int directory, int source) {
  const Part part = TRY(make_part(directory));
  auto name = fill(directory, source, part);
  if (!name) ::unlinkat(directory, part.name.c_str(), 0);
  return name;
}

std::string target_of(int directory, const std::string& link) {
  std::array<char, 256> target{};
  const ssize_t length = ::readlinkat(directory, link.c_str(), target.data(), target.size() - 1);
  const std::string name(target.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  return name.starts_with(kCopy) && name.find('/') == name.npos ? name : std::string();
}

std::string known_copy(int directory, const std::string& link) {
  const std::string name = target_of(directory, link);
  if (name.empty()) return {};
  auto info = sys::status_at(directory, name);
  return info && is_sound(info.value()) ? name : std::string();
}

bool is_unchanged(const struct stat& before, int file) {
  auto now = sys::status_of(file);
  return now && program_link_name(now.value()) == program_link_name(before);
}

Result<std::string> copy_of(int directory, const std::string& source) {
  const Fd file = TRY(sys::open(source, O_RDONLY | O_NONBLOCK));
  for (int tries = 0; tries < kTries; ++tries) {
    const struct stat info = TRY(sys::status_of(file.get()));
    const std::string link = program_link_name(info);
    const std::string known = known_copy(directory, link);
    if (!known.empty()) return known;
    const std::string name = TRY(make_copy(directory, file.get()));
    if (!is_unchanged(info, file.get())) continue;  // half of one and half of another
    ::unlinkat(directory, link.c_str(), 0);
    auto linked = sys::symlink_at(name, directory, link);
    if (!linked && linked.error().code != EEXIST) return linked.take_error();
    return name;
  }
  return Error{source + " is being written; start again when that is done", {}, 0, {}};
}

// false when it was removed before it was ours.
Result<bool> take(ProgramCopy& copy) {
  auto lock = sys::open_at(copy.directory.get(), copy.name, O_RDONLY | O_NOFOLLOW);
  if (!lock && lock.error().code == ENOENT) return false;
  if (!lock) return lock.take_error();
  copy.lock = std::move(lock).value();
  TRY(lock_shared(copy.lock.get(), copy.name, kPatienceMs));
  ::futimens(copy.lock.get(), nullptr);  // asked for today
  const struct stat info = TRY(sys::status_of(copy.lock.get()));
  return is_sound(info);
}

// false: half of it is of one source and half of another.
Result<bool> fill_staying(int directory, int source, const struct stat& before, const Part& part, const std::string& name) {
  TRY(copy_bytes(source, part.file.get()));
  if (!is_unchanged(before, source)) return false;
  if (::fchmod(part.file.get(), 0711) != 0) return sys::failure("chmod", part.name);
  TRY(publish(part, directory, name));
  return true;
}

Status make_staying(int directory, int source, const struct stat& before, const std::string& name) {
  const Part part = TRY(make_part(directory));
  auto filled = fill_staying(directory, source, before, part, name);
  if (!filled || !filled.value()) ::unlinkat(directory, part.name.c_str(), 0);
  return filled ? base::success() : Status(filled.take_error());
}

// "of-65024-4711-..." as "of-65024-4711": the file, whatever its content.
std::string_view file_of(std::string_view link) { return link.substr(0, link.find('-', link.find('-', kLink.size()) + 1)); }

struct Link {
  std::string name;
  std::string target;  // "" when it names no copy
};

struct Copy {
  timespec asked_for = {};
  bool is_sound = false;
};

// Each name looked at once: every start reads this, and a host that saw many versions has many names.
struct Shelf {
  std::map<std::string, Copy> copies;
  std::vector<Link> links;
  std::vector<std::string> parts;
};

// Of two that were asked for at the very same time one has to count as the later.
bool is_later(const Shelf& shelf, const std::string& one, const std::string& other) {
  const auto found = shelf.copies.find(one), base = shelf.copies.find(other);
  if (found == shelf.copies.end() || base == shelf.copies.end()) return found != shelf.copies.end();
  const timespec &a = found->second.asked_for, &b = base->second.asked_for;
  return std::tie(a.tv_sec, a.tv_nsec, one) > std::tie(b.tv_sec, b.tv_nsec, other);
}

// A program's that the next box may start again: `exec` of one must not cost that of another its copy. The older content of a file
// is nobody's, nor is what was not asked for since yesterday.
bool is_wanted_again(const Shelf& shelf, const std::string& name) {
  constexpr time_t kDay = 24 * 3600;
  if (shelf.copies.at(name).asked_for.tv_sec + kDay < ::time(nullptr)) return false;
  std::vector<std::string_view> files, replaced;
  for (const Link& link : shelf.links) {
    if (link.target == name) files.push_back(file_of(link.name));
    if (link.target != name && is_later(shelf, link.target, name)) replaced.push_back(file_of(link.name));
  }
  return std::any_of(files.begin(), files.end(), [&](std::string_view file) {
    return std::find(replaced.begin(), replaced.end(), file) == replaced.end();
  });
}

// Judged by what the shelf held before any went: one that goes must not make another look like the last of its file.
std::vector<std::string> unwanted_copies(const Shelf& shelf, const std::string& kept) {
  std::vector<std::string> out;
  for (const auto& [name, copy] : shelf.copies)
    if (name != kept && !is_wanted_again(shelf, name)) out.push_back(name);
  return out;
}

std::vector<std::string> names_in(int directory) {
  std::vector<std::string> names;
  auto again = sys::open_at(directory, ".", O_RDONLY | O_DIRECTORY);
  if (!again) return names;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(again.value().get()), ::closedir);
  if (!stream) return names;
  (void)again.value().release();
  while (const dirent* entry = ::readdir(stream.get())) names.emplace_back(entry->d_name);
  return names;
}

Shelf read_shelf(int directory) {
  Shelf shelf;
  for (std::string& name : names_in(directory)) {
    if (name.starts_with(kCopy)) {
      const auto info = sys::status_at(directory, name);
      shelf.copies[name] = info ? Copy{info.value().st_mtim, is_sound(info.value())} : Copy{};
    } else if (name.starts_with(kLink)) {
      std::string target = target_of(directory, name);
      shelf.links.push_back({std::move(name), std::move(target)});
    } else if (name.starts_with(kPart)) {
      shelf.parts.push_back(std::move(name));
    }
  }
  return shelf;
}

}  // namespace

Status copy_bytes(int from, int to) {
  if (::lseek(from, 0, SEEK_SET) != 0) return sys::failure("lseek", {});
  for (;;) {
    const ssize_t count = ::sendfile(to, from, nullptr, 1 << 24);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return sys::failure("copy", {});
    if (count == 0) return base::success();
  }
}

std::string program_link_name(const struct stat& info) {
  auto time = [](const timespec& t) { return std::to_string(t.tv_sec) + "." + std::to_string(t.tv_nsec); };
  return std::string(kLink) + std::to_string(info.st_dev) + "-" + std::to_string(info.st_ino) + "-" + std::to_string(info.st_size) + "-" +
         time(info.st_mtim) + "-" + time(info.st_ctim);
}

// Links last: a copy that went takes them along.
void remove_unused_copies(int directory, const std::string& kept) {
  Shelf shelf = read_shelf(directory);
  for (const std::string& part : shelf.parts) remove_if_unused(directory, part);
  for (const std::string& copy : unwanted_copies(shelf, kept))
    if (remove_if_unused(directory, copy)) shelf.copies.erase(copy);
  for (const Link& link : shelf.links) {
    const auto copy = shelf.copies.find(link.target);
    const bool stays = (copy != shelf.copies.end() && copy->second.is_sound) || !known_copy(directory, link.name).empty();  // it may have come since
    if (!stays) ::unlinkat(directory, link.name.c_str(), 0);
  }
}

Result<ProgramCopy> hold_program_copy(const std::string& source) {
  sys::Fd programs = TRY(open_programs());
  return hold_program_copy_in(std::move(programs), source);
}

Result<ProgramCopy> hold_program_copy_in(sys::Fd directory, const std::string& source) {
  ProgramCopy copy;
  copy.directory = std::move(directory);
  copy.source = TRY(sys::open(source, O_PATH));
  for (int copies = 0; copies < kMostCopies; ++copies) {
    copy.name = TRY(copy_of(copy.directory.get(), source));
    const bool ours = TRY(take(copy));
    if (!ours) continue;
    copy.digest = copy.name.substr(kCopy.size());
    return copy;
  }
  return Error{"the copy of " + source + " in " + outside::kPrograms + " is removed again and again", {}, 0, {}};
}

Result<Fd> unreadable_copy(const std::string& source) {
  const Fd programs = TRY(open_programs());
  const Fd file = TRY(sys::open_without_links(source, O_RDONLY));
  for (int tries = 0; tries < kTries; ++tries) {
    const struct stat info = TRY(sys::status_of(file.get()));
    const std::string name = std::string(kStaying) + program_link_name(info).substr(kLink.size());
    if (auto there = sys::status_at(programs.get(), name); there && is_sound(there.value()))
      return sys::open_at(programs.get(), name, O_PATH | O_NOFOLLOW);
    TRY(make_staying(programs.get(), file.get(), info, name));
  }
  return Error{source + " is being written; start again when that is done", {}, 0, {}};
}

}  // namespace launcher
