// What containers are asked of their engines, word for word, but for what differs from machine to machine: the root's own entries.
#include "launcher/harness/engine.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "launcher/harness/worker_words.h"
#include "profiles/base/text.h"

using namespace harness;

namespace {

std::string words(const std::string& program) {
  const Engine engine(program, "/var/lib/fpmbox/shop.test/against/x", "shop.test");
  return base::join(engine.words("shop.test-1", {{"/srv/acts"}, {"/srv/code"}}, {"/usr/sbin/php-fpm8.2", "-F"}), " ");
}

}  // namespace

TEST_CASE("podman is given a store of its own, and a folder for the root") {
  const std::string all = words("/usr/bin/podman");
  const std::string folder = "/var/lib/fpmbox/shop.test/against/x";
  CHECK(all.starts_with("/usr/bin/podman --root " + folder + "/store --runroot /run/fpmbox/.podman-" + all.substr(all.find("podman-") + 7, 8) + " --tmpdir " + folder +
                        "/state --storage-driver vfs run --rm --interactive --log-driver none --name shop.test-1 --label fpmbox=shop.test "));
  CHECK_NE(all.find(" --volume /usr:/usr:ro --volume /"), std::string::npos);
  CHECK(all.ends_with("--volume " + folder + "/passwd:/etc/passwd:ro --volume " + folder + "/group:/etc/group:ro --volume " + folder +
                      "/tmp:/tmp --volume " + folder + "/var-tmp:/var/tmp --volume /srv/acts:/srv/acts:ro --volume /srv/code:/srv/code --rootfs " +
                      folder + "/root /usr/sbin/php-fpm8.2 -F"));
}

TEST_CASE("podman takes no longer path than 50 characters for what runs, however long a pool's name is") {
  const std::string name = std::string(32, 'x') + ".test";
  const auto all = Engine("/usr/bin/podman", "/var/lib/fpmbox/" + name + "/against/container", name).words(name + "-1", {}, {"true"});
  const auto option = std::find(all.begin(), all.end(), "--runroot");
  REQUIRE(option != all.end());
  CHECK_LE((option + 1)->size(), 50);
}

TEST_CASE("docker is given an image, and nothing that its defaults would not do") {
  const std::string all = words("/usr/bin/docker");
  CHECK(all.starts_with("/usr/bin/docker run --rm --interactive --log-driver none --name shop.test-1 --label fpmbox=shop.test --volume /usr:/usr:ro"));
  CHECK(all.ends_with(" --volume /srv/code:/srv/code shop.test /usr/sbin/php-fpm8.2 -F"));
  for (const char* weaker : {"--privileged", "--security-opt", "--cap-", "--network", "--ulimit", "--user", "--read-only", "--pid"}) {
    CHECK_EQ(all.find(weaker), std::string::npos);
    CHECK_EQ(words("/usr/bin/podman").find(weaker), std::string::npos);
  }
}

TEST_CASE("machine code is tried as a worker: root's process that changes its user") {
  BarePool pool;
  pool.uid = 990;
  pool.gid = 991;
  CHECK_EQ(base::join(worker_words(pool, {"/fpmbox", "probe"}), " "), "/usr/bin/setpriv --reuid=990 --regid=991 --clear-groups -- /fpmbox probe");
}
