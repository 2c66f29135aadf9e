#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "launcher/harness/bare_arena.h"

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
  for (const Row& row : {Row{Control::user, 12345, 12346, 0700}, Row{Control::stock, 0, 12346, 0710}, Row{Control::root, 0, 0, 0700}}) {
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
