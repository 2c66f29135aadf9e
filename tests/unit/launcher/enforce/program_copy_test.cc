#include "launcher/enforce/program_copy.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <vector>

#include "launcher/sys/digest.h"
#include "launcher/sys/file.h"
#include "tests/support/scratch.h"
#include "tests/unit/launcher/supervise/in_child.h"

using namespace launcher;

namespace {

std::set<std::string> names_in(const std::string& folder) {
  std::set<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) out.insert(entry.path().filename());
  return out;
}

void age(const std::string& path, time_t seconds) {
  const timespec times[2] = {{0, UTIME_OMIT}, {::time(nullptr) - seconds, 0}};
  REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
}

void ask_at(const std::string& path, long nanoseconds) {
  const timespec times[2] = {{0, UTIME_OMIT}, {::time(nullptr) - 5, nanoseconds}};
  REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
}

// One file's two contents, both asked for within one second; what is left of them.
std::set<std::string> left_of_two(long first, long second) {
  const Scratch scratch;
  for (const char* name : {"php-fpm-a", "php-fpm-b"}) scratch.file(name, "", 0711);
  scratch.link("of-1-10-4-2.0-2.0", "php-fpm-a");
  scratch.link("of-1-10-5-3.0-3.0", "php-fpm-b");
  ask_at(scratch.path("php-fpm-a"), first);
  ask_at(scratch.path("php-fpm-b"), second);
  const sys::Fd folder(::open(scratch.root().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  remove_unused_copies(folder.get(), "php-fpm-of-another-file");
  return names_in(scratch.root());
}

constexpr int kRounds = 60;
std::string source_of(int round) { return "php-" + std::to_string(round); }

// What a launcher does with its copy of that source. 0: it holds what has the name, which is whole, and clears up behind it.
enum Mistake { none, not_made, not_the_named, not_whole };
Mistake hold_and_clear_up(const Scratch& scratch, int round) {
  auto directory = sys::open(scratch.path("programs"), O_RDONLY | O_DIRECTORY);
  if (!directory) return not_made;
  auto copy = hold_program_copy_in(std::move(directory).value(), scratch.path(source_of(round)));
  if (!copy) return not_made;
  const int folder = copy.value().directory.get();
  remove_unused_copies(folder, copy.value().name);
  const auto held = sys::status_of(copy.value().lock.get()), named = sys::status_at(folder, copy.value().name);
  if (!held || !named || held.value().st_ino != named.value().st_ino || named.value().st_mode != (S_IFREG | 0711)) return not_the_named;
  const auto digest = sys::sha256_of_file(copy.value().lock.get());
  return digest && digest.value() == copy.value().digest ? none : not_whole;
}

int hold_all(const Scratch& scratch, int begin) {
  char byte = 0;
  if (::read(begin, &byte, 1) != 0) return -1;
  for (int round = 0; round < kRounds; ++round)
    if (const Mistake mistake = hold_and_clear_up(scratch, round); mistake != none) return mistake;
  return 0;
}

}  // namespace

TEST_CASE("launchers that copy the same new program at the same moment, and clear up, all hold the copy that has the name") {
  const Scratch scratch;
  scratch.folder("programs", 0700);
  for (int round = 0; round < kRounds; ++round) scratch.file(source_of(round), "program " + std::to_string(round), 0755);
  int begin[2];
  REQUIRE_EQ(::pipe2(begin, O_CLOEXEC), 0);
  std::vector<pid_t> launchers;
  for (int i = 0; i < 3; ++i) launchers.push_back(start_child([&] {
    ::close(begin[1]);
    return hold_all(scratch, begin[0]);
  }));
  ::close(begin[0]);
  ::close(begin[1]);
  for (const pid_t launcher : launchers) CHECK_EQ(wait_for(launcher), 0);
  std::set<std::string> parts = names_in(scratch.path("programs"));
  std::erase_if(parts, [](const std::string& name) { return !name.starts_with(".part-"); });
  CHECK(parts.empty());
}

TEST_CASE("of a file that changed within a second the content that was asked for last stays, however the copies are called") {
  CHECK(left_of_two(1000, 2000) == std::set<std::string>{"php-fpm-b", "of-1-10-5-3.0-3.0"});
  CHECK(left_of_two(2000, 1000) == std::set<std::string>{"php-fpm-a", "of-1-10-4-2.0-2.0"});
  CHECK(left_of_two(1000, 1000).size() == 2);  // one of them and its link
}

TEST_CASE("a copy that nobody holds stays while it is the last of its file and was asked for lately") {
  const Scratch scratch;
  const auto copy = [&](const char* name, const char* link) {
    scratch.file(name, "", 0711);
    if (*link != '\0') scratch.link(link, name);
  };
  copy("php-fpm-kept", "of-1-10-5-3.0-3.0");
  copy("php-fpm-before", "of-1-10-4-2.0-2.0");       // the same file, as it was
  copy("php-fpm-other", "of-1-11-4-2.0-2.0");
  copy("php-fpm-other-before", "of-1-11-3-1.0-1.0");
  copy("php-fpm-of-yesterday", "of-1-12-4-2.0-2.0");
  copy("php-fpm-of-nobody", "");
  copy("php-fpm-held", "");
  copy(".part-1", "");
  copy("php-fpm-changed", "of-1-14-4-2.0-2.0");
  scratch.file("php-fpm-changed", "", 0755);  // no longer as it was left
  scratch.link("of-1-13-4-2.0-2.0", "php-fpm-gone");
  age(scratch.path("php-fpm-before"), 20);
  age(scratch.path("php-fpm-other"), 100);
  age(scratch.path("php-fpm-other-before"), 200);
  age(scratch.path("php-fpm-of-yesterday"), 25 * 3600);
  age(scratch.path("php-fpm-held"), 25 * 3600);
  const sys::Fd held(::open(scratch.path("php-fpm-held").c_str(), O_RDONLY | O_CLOEXEC));
  REQUIRE(::flock(held.get(), LOCK_SH) == 0);
  const sys::Fd folder(::open(scratch.root().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (int times = 0; times < 2; ++times) remove_unused_copies(folder.get(), "php-fpm-kept");
  CHECK(names_in(scratch.root()) ==
        std::set<std::string>{"php-fpm-kept", "of-1-10-5-3.0-3.0", "php-fpm-other", "of-1-11-4-2.0-2.0", "php-fpm-held"});
}
