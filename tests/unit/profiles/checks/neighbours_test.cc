#include <doctest/doctest.h>

#include "profiles/checks/checks.h"
#include "tests/unit/profiles/load/files.h"

using namespace profiles;

namespace {

std::string neighbours(const std::string& one, const std::string& two, bool of_one_user = false) {
  base::Diagnostics diagnostics;
  const test::Files files{{{"a.yaml", one}, {"b.yaml", two}}};
  const Composed a = compose("cat", files, "a.yaml", diagnostics), b = compose("cat", files, "b.yaml", diagnostics);
  REQUIRE_EQ(test::report(diagnostics), "");
  const NamedPolicy pools[] = {{"a.yaml", &a.policy, &a.origins}, {"b.yaml", &b.policy, &b.origins}};
  check_neighbours(pools, diagnostics, of_one_user);
  return test::report(diagnostics);
}

}  // namespace

TEST_CASE("neighbours share nothing") {
  struct Row {
    std::string one, two, expected;
  };
  for (const Row& row : {
           Row{"identity: {user: www-a}\nfilesystem: {code: /srv/a}\n",
               "identity: {user: www-b}\nfilesystem: {code: /srv/b}\n", ""},
           {"identity: {user: www-a}\n", "identity: {user: www-a}\n",
            "b.yaml:1:18: identity.user: the user `www-a` is also that of the pool at a.yaml:1:18; give each pool a "
            "user of its own"},
           {"listen: {unix: /run/x.sock}\n", "listen: {unix: /run/x.sock}\n",
            "b.yaml:1:16: listen.unix: the socket `/run/x.sock` is also that of the pool at a.yaml:1:16; give each "
            "pool a socket of its own"},
           {"listen: {tcp: \"127.0.0.1:1\"}\n", "listen: {tcp: \"127.0.0.1:1\"}\n",
            "b.yaml:1:15: listen.tcp: the address `127.0.0.1:1` is also that of the pool at a.yaml:1:15; give each "
            "pool a port of its own"},
           {"listen: {tcp: \"127.0.0.1:1\"}\n", "listen: {tcp: \"127.0.0.1:2\"}\n", ""},
           {"filesystem: {data: /d}\n", "filesystem: {data: /d}\n",
            "b.yaml:1:20: filesystem.data: the data folder `/d` is also that of the pool at a.yaml:1:20; give each "
            "pool a data folder of its own"},
           {"filesystem: {data: /d}\n", "filesystem: {data: /d/b}\n",
            "b.yaml:1:20: filesystem.data: `/d/b` lies in `/d`, the data folder of the pool of a.yaml; keep the data "
            "of pools beside each other"},
           {"name: b\n", "limits: {nofile: 64}\n",
            "b.yaml: name: the name `b` is also that of the pool at a.yaml:1:7; give one of them another name"},
           {"filesystem: {data: /d}\n", "filesystem: {code: /d/www}\n",
            "b.yaml:1:20: filesystem.code: `/d/www` lies in `/d`, which the pool of a.yaml writes; keep code where no "
            "pool writes"},
           {"filesystem: {code: /srv/a/files/b}\n", "filesystem: {code: /srv/a, writable: [files]}\n",
            "a.yaml:1:20: filesystem.code: `/srv/a/files/b` lies in `/srv/a/files`, which the pool of b.yaml writes; "
            "keep code where no pool writes"},
           {"filesystem: {code: /srv/a/filesystem}\n", "filesystem: {code: /srv/a, writable: [files]}\n", ""},
           // With a data folder, the writable paths of the tree are mounts of it.
           {"filesystem: {code: /srv/a/files/b}\n", "filesystem: {code: /srv/a, data: /var/lib/a, writable: [files]}\n",
            ""},
       }) {
    CAPTURE(row.one);
    CAPTURE(row.two);
    CHECK_EQ(neighbours(row.one, row.two), row.expected);
  }
}

TEST_CASE("an ordinary user's own pools share the user, and still nothing else") {
  const std::string same = "identity: {user: ada}\n";
  CHECK_NE(neighbours(same, same), "");
  CHECK_EQ(neighbours(same, same, true), "");
  const std::string data = same + "filesystem: {data: /d}\n";
  CHECK_NE(neighbours(data, data, true), "");
}
