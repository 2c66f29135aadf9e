#include "launcher/engine/options.h"

#include <doctest/doctest.h>

using launcher::command_line;
using launcher::needs_of;
using profiles::Dialect;
using profiles::EngineChoice;
using profiles::Start;

namespace {

profiles::Policy shop() {
  profiles::Policy policy;
  policy.name = "shop";
  policy.filesystem.code = {"/srv/www"};
  policy.filesystem.tmp.size = base::Bytes{1 << 20};
  policy.filesystem.writable = {{{"data/my files"}}};
  policy.limits.memory_max = base::Bytes{512 << 20};
  policy.limits.pids_max = 64;
  policy.limits.cpu_max = base::Percent{150};
  return policy;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("the command gives every protection that the engine has, as a shell reads it") {
  const EngineChoice choice{.uid = 10000, .gid = 10001, .start = Start::as_user, .folders = std::vector<std::string>{"data/my files"}};
  const std::string line = command_line(needs_of(shop(), choice), "localhost/shop");
  CHECK(line.starts_with("docker run --user 10000:10001 "));
  for (const char* part : {" --read-only ", " --tmpfs /tmp:rw,noexec,nosuid,nodev,size=1m,mode=1777 ", " --cap-drop ALL --security-opt no-new-privileges ",
                           " --tmpfs /var/lib/fpmbox:rw,noexec,nosuid,nodev,mode=1777 ", " --memory 512m --memory-swap 512m ", " --pids-limit 72 ", " --cpus 1.50 ",
                           " --ulimit nofile=2048 ", " --stop-timeout 35 ", " --network none ", " --volume shop-data-my-files:'/srv/www/data/my files' ",
                           " --volume shop-run:/run/fpmbox "}) {
    CAPTURE(line);
    CAPTURE(part);
    CHECK(has(line, part));
  }
  CHECK(line.ends_with(" localhost/shop"));
}

TEST_CASE("as root the launcher gets the capabilities that it needs, and no user is named; podman seals volumes") {
  const auto folders = std::vector<std::string>{"data/my files"};
  const std::string line = command_line(needs_of(shop(), {.start = Start::as_root, .dialect = Dialect::podman, .folders = folders}), "x");
  CHECK(line.starts_with("podman run "));
  CHECK(has(line, " --read-only --read-only-tmpfs=false "));
  CHECK(has(line, " --cap-drop ALL --cap-add CHOWN --cap-add DAC_OVERRIDE --cap-add FOWNER --cap-add KILL "));
  CHECK(has(line, " --volume shop-data-my-files:'/srv/www/data/my files':noexec,nosuid,nodev "));
  CHECK(!has(line, "--user"));
  CHECK(!has(line, "nr_inodes"));
  const std::string docker = command_line(needs_of(shop(), {.dialect = Dialect::docker, .folders = folders}), "x");
  CHECK(has(docker, " --tmpfs /tmp:rw,noexec,nosuid,nodev,size=1m,nr_inodes="));
}

TEST_CASE("what the pool does not ask for is not there, nor volumes for what is no folder") {
  profiles::Policy policy = shop();
  policy.listen.tcp = "0.0.0.0:9000";
  policy.limits = {};
  const std::string line = command_line(needs_of(policy, {.folders = std::vector<std::string>{}}), "x");
  for (const char* part : {"--network", "--memory", "--pids-limit", "--cpus", "shop-run", "<", "--volume"}) {
    CAPTURE(line);
    CAPTURE(part);
    CHECK(!has(line, part));
  }
  CHECK(has(line, "--tmpfs /run/fpmbox:rw,"));
}

TEST_CASE("words that a shell would take apart stay one") {
  struct Row {
    const char* word;
    const char* spelled;
  };
  for (const Row& row : {Row{"a b", "'a b'"}, Row{"a'b", "'a'\\''b'"}, Row{"$(id)", "'$(id)'"}, Row{"a/b.c", "a/b.c"}, Row{"", "''"}})
    CHECK_EQ(profiles::shell_quoted(row.word), row.spelled);
}
