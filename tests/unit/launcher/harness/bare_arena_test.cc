#include <doctest/doctest.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "launcher/harness/bare_arena.h"
#include "launcher/sys/file.h"

using harness::Control;

// Its master is a program that ends at once: what is looked at is the folder in which a master's socket would be.
TEST_CASE("nobody comes near a control but those whose rights it has") {
  if (::geteuid() != 0) {
    MESSAGE("not tried: only root gives folders to others");
    return;
  }
  struct Row {
    Control control;
    uid_t uid;
    gid_t gid;
    mode_t mode;
  };
  for (const Row& row : {Row{Control::user, 0, 12346, 0710}, Row{Control::stock, 0, 12346, 0710}, Row{Control::root, 0, 0, 0700}}) {
    CAPTURE(static_cast<int>(row.control));
    std::string folder = "/var/tmp/fpmbox-unit-XXXXXX";
    REQUIRE(::mkdtemp(folder.data()) != nullptr);
    const harness::BarePool pool{.control = row.control, .php_fpm = "/bin/true", .user = "x", .group = "x", .uid = 12345, .gid = 12346,
                                 .groups = {}, .environment = {}, .leaked = "/etc/passwd", .folder = folder, .act_script = {}};
    CHECK_FALSE(harness::BareArena(pool, {}, {}).socket().ok());
    std::size_t looked = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      struct stat info {};
      REQUIRE_EQ(::stat(entry.path().c_str(), &info), 0);
      CHECK_EQ(info.st_uid, row.uid);
      CHECK_EQ(info.st_gid, row.gid);
      CHECK_EQ(info.st_mode & 07777, row.mode);
      ++looked;
    }
    CHECK_EQ(looked, 1);
    std::filesystem::remove_all(folder);
  }
}

// Whoever is the pool's user reads it in /proc/PID/environ.
TEST_CASE("a control has the decoys among its variables, and none of the caller's own") {
  std::string folder = "/var/tmp/fpmbox-unit-XXXXXX";
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  const std::string program = folder + "/says-its-variables", control = folder + "/control";
  std::filesystem::create_directory(control);
  {
    const auto here = sys::open(folder, O_RDONLY | O_DIRECTORY);
    REQUIRE(sys::write_file_at(here.value().get(), "says-its-variables", "#!/bin/sh\nexec env\n", 0755).ok());
  }
  ::setenv("FPMBOX_TEST_TOKEN", "of-the-caller", 1);
  const harness::BarePool pool{.control = Control::root, .php_fpm = program, .user = "x", .group = "x", .groups = {},
                               .environment = {{"FPMBOX_BAIT", "decoy"}}, .leaked = "/etc/passwd", .folder = control, .act_script = {}};
  const auto said = harness::BareArena(pool, {}, {}).socket();
  ::unsetenv("FPMBOX_TEST_TOKEN");
  REQUIRE_FALSE(said.ok());
  CHECK_NE(said.error().text().find("FPMBOX_BAIT=decoy"), std::string::npos);
  CHECK_EQ(said.error().text().find("of-the-caller"), std::string::npos);
  std::filesystem::remove_all(folder);
}
