#include "launcher/engine/options.h"

#include <doctest/doctest.h>

#include <set>

using namespace launcher;

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
  const std::string line = command_line(Engine::docker, needs_of(shop(), Start::as_user, {10000, 10001}), "localhost/shop");
  CHECK(line.starts_with("docker run --read-only --tmpfs /tmp:rw,noexec,nosuid,nodev,size=1048576,mode=1777 "));
  for (const char* part : {" --user 10000:10001 ", " --cap-drop ALL --security-opt no-new-privileges ", " --memory 536870912 --memory-swap 536870912 ",
                           " --pids-limit 68 ", " --cpus 1.50 ", " --ulimit nofile=2048 ", " --stop-timeout 35 ", " --network none ",
                           " --volume 'shop-data-my files:/srv/www/data/my files' ", " --volume shop-run:/run/fpmbox "}) {
    CAPTURE(line);
    CAPTURE(part);
    CHECK(has(line, part));
  }
  CHECK(line.ends_with(" localhost/shop"));
}

TEST_CASE("as root the launcher gets the capabilities that it needs, and no user is named") {
  const std::string line = command_line(Engine::podman, needs_of(shop(), Start::as_root, {10000, 10000}), "x");
  CHECK(line.starts_with("podman run --read-only --read-only-tmpfs=false "));
  CHECK(has(line, " --cap-drop ALL --cap-add CHOWN --cap-add DAC_OVERRIDE --cap-add FOWNER --cap-add KILL "));
  CHECK(!has(line, "--user"));
}

TEST_CASE("what the pool does not ask for is not there") {
  profiles::Policy policy = shop();
  policy.listen.tcp = "0.0.0.0:9000";
  policy.limits = {};
  const std::string line = command_line(Engine::docker, needs_of(policy, Start::as_user, {1, 1}), "x");
  for (const char* part : {"--network", "--memory", "--pids-limit", "--cpus", "shop-run", "{"}) {
    CAPTURE(line);
    CAPTURE(part);
    CHECK(!has(line, part));
  }
  CHECK(has(line, "--tmpfs /run/fpmbox:rw,"));
}

TEST_CASE("every row has a spelling or none, and no name that is never filled") {
  const auto user = needs_of(shop(), Start::as_user, {1, 1});
  profiles::Policy policy = shop();
  policy.listen.tcp = "0.0.0.0:9000";
  const auto tcp = needs_of(policy, Start::as_root, {1, 1});
  for (const EngineOption& option : engine_options())
    for (const Engine engine : {Engine::docker, Engine::podman}) {
      CAPTURE(option.protection);
      CHECK(!(words_of(option, engine, user).empty() && words_of(option, engine, tcp).empty()));
    }
}
