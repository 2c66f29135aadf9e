#include "launcher/enforce/program_part.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>

#include "launcher/sys/file.h"
#include "tests/support/scratch.h"
#include "tests/unit/launcher/supervise/in_child.h"

using namespace launcher;

namespace {

sys::Fd folder_of(const Scratch& scratch) { return sys::Fd(::open(scratch.root().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)); }

// As whoever clears up has a file, or another launcher: another open description of it.
sys::Fd locked(const std::string& path, int operation) {
  sys::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  REQUIRE_EQ(::flock(file.get(), operation | LOCK_NB), 0);
  return file;
}

ino_t number_of(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 ? info.st_ino : 0;
}

}  // namespace

TEST_CASE("a file that was opened is not ours when somebody else has its lock, or has removed it") {
  const Scratch scratch;
  const std::string path = scratch.file("part");
  const sys::Fd file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  {
    const sys::Fd other = locked(path, LOCK_EX);
    const auto ours = lock_alone(file.get());
    REQUIRE(ours.ok());
    CHECK_FALSE(ours.value());
  }
  CHECK(lock_alone(file.get()).value());
  REQUIRE_EQ(::unlink(path.c_str()), 0);
  CHECK_FALSE(lock_alone(file.get()).value());
}

TEST_CASE("parts have names of their own, and who clears up takes none that is being filled") {
  const Scratch scratch;
  const sys::Fd folder = folder_of(scratch);
  const auto one = make_part(folder.get()), two = make_part(folder.get());
  REQUIRE(one.ok());
  REQUIRE(two.ok());
  CHECK_NE(one.value().name, two.value().name);
  CHECK_FALSE(remove_if_unused(folder.get(), one.value().name));
  CHECK(std::filesystem::exists(scratch.path(one.value().name)));
  scratch.file(".part-of-the-dead");
  CHECK(remove_if_unused(folder.get(), ".part-of-the-dead"));
  CHECK_FALSE(std::filesystem::exists(scratch.path(".part-of-the-dead")));
}

TEST_CASE("a name is given in the place of what is unsound, and not of a sound file, which somebody may hold") {
  const Scratch scratch;
  const sys::Fd folder = folder_of(scratch);
  const struct {
    const char* name;
    mode_t mode;
    bool stays;
  } rows[] = {{"sound", 0711, true}, {"readable", 0755, false}, {"begun", 0600, false}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const ino_t before = number_of(scratch.file(row.name, "", row.mode));
    const auto part = make_part(folder.get());
    REQUIRE(part.ok());
    REQUIRE(publish(part.value(), folder.get(), row.name).ok());
    CHECK_EQ(number_of(scratch.path(row.name)) == before, row.stays);
    CHECK_FALSE(std::filesystem::exists(scratch.path(part.value().name)));
  }
  scratch.link("elsewhere", "sound");
  const auto part = make_part(folder.get());
  REQUIRE(part.ok());
  REQUIRE(publish(part.value(), folder.get(), "elsewhere").ok());
  CHECK_FALSE(std::filesystem::is_symlink(scratch.path("elsewhere")));
}

TEST_CASE("a shared lock is waited for, and not for ever") {
  const Scratch scratch;
  const std::string path = scratch.file("copy");
  const sys::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  sys::Fd other = locked(path, LOCK_EX);
  const auto never = lock_shared(file.get(), "copy", 5);
  REQUIRE_FALSE(never.ok());
  CHECK_NE(never.error().text().find("copy has been locked by another launcher"), std::string::npos);
  const int held = other.get();
  const pid_t holder = start_child([&] {  // the last that has that description open
    ::usleep(20000);
    return ::flock(held, LOCK_UN);
  });
  other.reset();
  CHECK(lock_shared(file.get(), "copy", 60000).ok());
  CHECK_EQ(wait_for(holder), 0);
  const sys::Fd another = locked(path, LOCK_SH);
  CHECK(lock_shared(file.get(), "copy", 0).ok());
}
