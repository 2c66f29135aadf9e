#include "launcher/facts/container.h"

#include <doctest/doctest.h>

#include "launcher/facts/mount_text.h"

using launcher::cpu_percent_of;
using launcher::limit_of;
using launcher::mount_of;
using launcher::parse_mounts;

TEST_CASE("mountinfo: flags of the mount and of its file system, blanks in names, the later on top") {
  const auto mounts = parse_mounts(
      "1 0 0:30 / / ro,relatime - overlay overlay rw,lowerdir=/x\n"
      "2 1 0:31 / /tmp rw,nosuid,nodev,noexec - tmpfs tmpfs rw,size=65536k\n"
      "3 1 0:32 / /srv/my\\040data rw,relatime shared:1 - ext4 /dev/x rw\n"
      "4 1 0:33 / /srv/locked rw - ext4 /dev/y ro\n"
      "5 1 0:34 / /tmp rw - ext4 /dev/z rw\n"
      "rubbish\n");
  REQUIRE_EQ(mounts.size(), 5);
  CHECK(mounts[0].read_only);
  CHECK(mounts[1].no_exec);
  CHECK_EQ(mounts[1].size, std::optional<std::uint64_t>(64ULL << 20));
  CHECK_FALSE(mounts[2].size.has_value());
  CHECK_EQ(mounts[2].point, "/srv/my data");
  CHECK(mounts[3].read_only);
  CHECK_EQ(mount_of(mounts, "/tmp/x")->type, "ext4");
  CHECK_EQ(mount_of(mounts, "/tmpx")->point, "/");
  CHECK_EQ(mount_of(mounts, "/srv/my data/a")->point, "/srv/my data");
  CHECK(mount_of({}, "/") == nullptr);
}

TEST_CASE("sizes of file systems as the kernel writes them; what is no number is none") {
  CHECK_EQ(parse_mounts("2 1 0:31 / /tmp rw - tmpfs tmpfs rw,size=64k,nr_inodes=16k\n")[0].inodes, 16384U);
  CHECK_FALSE(parse_mounts("2 1 0:31 / /tmp rw - tmpfs tmpfs rw,size=64k,nr_inodes=0\n")[0].inodes.has_value());
  CHECK_FALSE(parse_mounts("2 1 0:31 / /tmp rw - tmpfs tmpfs rw,size=64k\n")[0].inodes.has_value());
  const auto size_in = [](const std::string& text) { return parse_mounts("2 1 0:31 / /tmp rw - tmpfs tmpfs rw,size=" + text + "\n")[0].size; };
  struct Row {
    const char* text;
    std::uint64_t size;
  };
  for (const Row& row : {Row{"4096", 4096}, Row{"4k", 4096}, Row{"1m", 1ULL << 20}, Row{"100g", 100ULL << 30}}) {
    CAPTURE(row.text);
    CHECK_EQ(size_in(row.text), std::optional<std::uint64_t>(row.size));
  }
  for (const char* text : {"0", "0k", "", "k", "10%", "-1k", "99999999999999999999", "18446744073709551615k"}) {
    CAPTURE(text);
    CHECK_FALSE(size_in(text).has_value());
  }
}

TEST_CASE("limits as control groups write them") {
  CHECK_EQ(limit_of("536870912"), 536870912);
  CHECK_FALSE(limit_of("max").has_value());
  CHECK_FALSE(limit_of("").has_value());
  CHECK_FALSE(limit_of("9223372036854771712").has_value());  // version 1's way to say none
  CHECK_EQ(cpu_percent_of("150000", "100000"), 150);
  CHECK_FALSE(cpu_percent_of("max", "100000").has_value());
  CHECK_FALSE(cpu_percent_of("-1", "100000").has_value());
  CHECK_FALSE(cpu_percent_of("1", "0").has_value());
}
