#include "profiles/checks/checks.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "profiles/checks/address.h"
#include "profiles/checks/ini_size.h"
#include "tests/unit/profiles/load/files.h"

using namespace profiles;

namespace {

// A pool without a mistake. Rows add lines to it; what they say is at line 6 and below.
const std::string kGood =
    "extends: php-fpm\n"
    "identity: {user: www-shop}\n"
    "listen: {group: www-data}\n"
    "filesystem: {code: /srv/shop/www}\n"
    "name: shop\n";

std::string checked(const std::string& text, bool is_pool = true) {
  base::Diagnostics diagnostics;
  const Composed composed = test::compose_text(text, diagnostics);
  check_policy({composed, diagnostics, is_pool});
  hint_at_policy({composed, diagnostics, is_pool});
  diagnostics.sort();
  return test::report(diagnostics);
}

// Where the catalog sets `key`.
std::string in_catalog(const std::string& key) {
  base::Diagnostics diagnostics;
  return test::compose_text("extends: php-fpm\n", diagnostics).origins.find(key).where.text();
}

struct Row {
  std::string text, expected;
};

// Rows whose own lines follow the good pool's.
void check_added(std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK_EQ(checked(kGood + row.text), row.expected);
  }
}

// Rows that replace one line of the good pool.
void check_replaced(const std::string& line, std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    CAPTURE(row.text);
    std::string text = kGood;
    const auto at = text.find(line);
    REQUIRE_NE(at, std::string::npos);
    text.replace(at, line.size(), row.text);
    CHECK_EQ(checked(text), row.expected);
  }
}

}  // namespace

TEST_CASE("a good pool, and the catalog, pass") {
  CHECK_EQ(checked(kGood), "");
  CHECK_EQ(checked("extends: php-fpm\n", false), "");
  CHECK_EQ(checked("extends: base\nphp: {limit_extensions: [.php]}\n", false), "");
}

TEST_CASE("a pool without anything is told what a pool needs") {
  CHECK_EQ(checked("extends: php-fpm\n"),
           "pool.yaml: identity.user: the pool has no user; write identity: {user: www-pool}\n"
           "pool.yaml: listen.group: nobody but root could connect to the pool; write the web server's group, such as "
           "listen: {group: www-data}\n"
           "pool.yaml: filesystem.code: the pool has no application; write filesystem: {code: /var/www/pool/www}");
}

TEST_CASE("user") {
  const std::string own = "; give the pool a user of its own: identity: {user: www-shop}";
  check_replaced(
      "identity: {user: www-shop}",
      {
          {"identity: {user: root}", "pool.yaml:2:18: identity.user: a pool is never root" + own},
          {"identity: {user: \"0\"}", "pool.yaml:2:18: identity.user: a pool is never root" + own},
          {"identity: {user: www-data}",
           "pool.yaml:2:18: identity.user: `www-data` is shared with the web server or other services" + own +
               "\npool.yaml:3:17: listen.group: is the pool's group: the pool would own the socket through which it is "
               "called; write the web server's group, such as www-data"},
          {"identity: {user: nginx}",
           "pool.yaml:2:18: identity.user: `nginx` is shared with the web server or other services" + own},
          {"identity: {user: 1001}", "pool.yaml:2:18: identity.user: `1001` is not the name of an account" + own},
          {"identity: {user: \"a:b\"}", "pool.yaml:2:18: identity.user: `a:b` is not the name of an account" + own},
          {"identity: {user: www-a, group: root}",
           "pool.yaml:2:32: identity.group: a pool is never root; remove the key, the user's own group is the default"},
          {"identity: {group: g}",
           "pool.yaml:2:1: identity.user: the pool has no user; write identity: {user: www-shop}"},
          {"identity: {user: www-a, group: web-a}", ""},
          {"identity: {user: www-a, group: shadow}",
           "pool.yaml:2:32: identity.group: `shadow` is the host's own: its members read the hashes of all passwords; "
           "remove the key, the user's own group is the default"},
          {"identity: {user: www-a, group: docker}",
           "pool.yaml:2:32: identity.group: `docker` is the host's own: its members become root; "
           "remove the key, the user's own group is the default"},
      });
}

TEST_CASE("an ordinary user's own pool needs neither user nor group") {
  const std::string pool = "filesystem: {code: /srv/a}\nphp: {limit_extensions: [.php]}\n";
  base::Diagnostics diagnostics;
  const Composed composed = test::compose_text(pool, diagnostics);
  for (const bool for_caller : {true, false}) {
    base::Diagnostics found;
    check_policy({composed, found, true, for_caller});
    CHECK_EQ(test::report(found).find("has no user") == std::string::npos, for_caller);
    CHECK_EQ(test::report(found).find("nobody but root could connect") == std::string::npos, for_caller);
  }
}

TEST_CASE("listen") {
  const std::string fix = "; write \"127.0.0.1:9001\" or \"[::1]:9001\", with a port of 1 to 65535";
  const auto not_address = [&](const std::string& text) {
    return "pool.yaml:3:15: listen.tcp: `" + text + "` is not an address with a port" + fix;
  };
  check_replaced("listen: {group: www-data}",
                 {
                     {"listen: {tcp: \"127.0.0.1:9001\"}", ""},
                     {"listen: {tcp: \"[::1]:9001\"}", ""},
                     {"listen: {tcp: \"9001\"}", not_address("9001")},
                     {"listen: {tcp: \":9001\"}", not_address(":9001")},
                     {"listen: {tcp: \"localhost:9001\"}", not_address("localhost:9001")},
                     {"listen: {tcp: \"127.0.0.1:0\"}", not_address("127.0.0.1:0")},
                     {"listen: {tcp: \"127.0.0.1:65536\"}", not_address("127.0.0.1:65536")},
                     {"listen: {tcp: \"::1:9001\"}", not_address("::1:9001")},
                     {"listen: {tcp: \"10.0.0.1:9001\"}",
                      "pool.yaml:3:15: listen.tcp: `10.0.0.1:9001` can be reached from other machines, and whoever "
                      "reaches it owns the pool; "
                      "listen on 127.0.0.1 or on a Unix socket, or say in listen.why what protects it"},
                     {"listen: {tcp: \"10.0.0.1:9001\", why: a private network}", ""},
                     {"listen: {unix: /run/a.sock, group: www-data, tcp: \"127.0.0.1:9001\"}",
                      "pool.yaml:3:51: listen.tcp: listen.unix is set too, at pool.yaml:3:16; keep one of them"},
                     {"listen: {unix: /run/a.sock}",
                      "pool.yaml:3:1: listen.group: nobody but root could connect to the pool; write the web server's "
                      "group, such as listen: {group: www-data}"},
                     {"listen: {group: www-shop}",
                      "pool.yaml:3:17: listen.group: is the pool's group: the pool would own the socket through which "
                      "it is called; write the web server's group, such as www-data"},
                     {"listen: {group: www-data, owner: www-shop}",
                      "pool.yaml:3:34: listen.owner: is the pool's user: the pool would own the socket through which "
                      "it is called; remove the key, root is the default"},
                     {"listen: {group: www-data, backlog: 0}",
                      "pool.yaml:3:36: listen.backlog: no connection could wait; write 511"},
                 });
}

TEST_CASE("file system") {
  const std::string line = "filesystem: {code: /srv/shop/www}";
  const auto with = [](const std::string& more) { return "filesystem: {code: /srv/shop/www, " + more + "}"; };
  check_replaced(
      line,
      {
          {with("writable: [tmp, config/config.ini.php]"), ""},
          {with("writable: [.]"),
           "pool.yaml:4:46: filesystem.writable[.]: the whole code would be writable, and what an attacker writes "
           "there is executed; "
           "name the files and folders that the application must write"},
          {with("writable: [tmp, tmp/cache]"),
           "pool.yaml:4:51: warning: filesystem.writable[tmp/cache]: lies in `tmp`, which is writable already; remove "
           "one of them"},
          {with("writable: [tmp, tmpfiles]"), ""},
          {with("data: /var/lib/shop"), ""},
          {with("data: /srv/shop/www/data"),
           "pool.yaml:4:41: filesystem.data: `/srv/shop/www/data` and the code `/srv/shop/www` lie in each other; keep "
           "what is "
           "written outside the code, such as in /var/lib/shop"},
          {with("data: /srv/shop"),
           "pool.yaml:4:41: filesystem.data: `/srv/shop` and the code `/srv/shop/www` lie in each other; keep what is "
           "written outside the code, such as in /var/lib/shop"},
          {with("system: [/usr/share/x]"),
           "pool.yaml:4:44: filesystem.system[/usr/share/x]: shows the box more of the host, without a reason; write "
           "{path: /usr/share/x, why: WHAT NEEDS IT}"},
          {with("system: [{path: /usr/share/x, why: fonts}]"), ""},
          {with("system: [{path: /, why: all}]"),
           "pool.yaml:4:44: filesystem.system[/]: the box would see the whole host; name the files and folders that "
           "are needed"},
          {with("root: /srv/r.erofs"), ""},
          {with("root: r.erofs"),
           "pool.yaml:4:41: filesystem.root: `r.erofs` is neither `system` nor an absolute path; write system, or the "
           "path of a built root such as /srv/roots/php.erofs"},
          {with("owned_by_pool: accepted, why: one user for SFTP"), ""},
          {with("owned_by_pool: accepted"),
           "pool.yaml:4:50: filesystem.owned_by_pool: accepted without a reason; say in filesystem.why why the pool's "
           "user owns the code"},
          {with("owned_by_pool: yes, why: x"),
           "pool.yaml:4:50: filesystem.owned_by_pool: `yes` is not one of its words; write accepted, or remove the "
           "key"},
          {"filesystem: {code: /}",
           "pool.yaml:4:20: filesystem.code: the whole host is not an application; write the application's folder"},
          {"filesystem: {umask: \"0022\"}",
           "pool.yaml:4:1: filesystem.code: the pool has no application; write filesystem: {code: /var/www/shop/www}"},
          {with("umask: \"0077\""), ""},
          {with("umask: \"0027\""), ""},
          {with("umask: \"0002\""),
           "pool.yaml:4:42: warning: filesystem.umask: new files could be changed by the pool's whole group; write "
           "\"0022\""},
          {with("umask: \"0020\""),
           "pool.yaml:4:42: filesystem.umask: new files could be changed by every user of the host; write \"0022\""},
          {with("umask: \"0000\""),
           "pool.yaml:4:42: filesystem.umask: new files could be changed by every user of the host; write \"0022\""},
          {with("tmp: {size: 16MiB}"),
           "pool.yaml:4:47: filesystem.tmp.size: 16MiB do not hold one upload of post_max_size (32MiB); write at least "
           "32MiB, or lower php.admin_values post_max_size"},
          {with("tmp: {size: 32MiB}"), ""},
          {with("tmp: {inodes: 0}"),
           "pool.yaml:4:49: filesystem.tmp.inodes: no file fits into /tmp, uploads need it; write 16384"},
      });
  // A flat profile has nothing below it that it could widen.
  CHECK_EQ(checked("name: a\nidentity: {user: www-a}\nlisten: {group: www-data}\nfilesystem: {code: /srv/a, system: "
                   "[/usr/lib]}\nphp: {limit_extensions: [.php]}\n"),
           "");
}

TEST_CASE("connect") {
  const std::string both = "; write {unix: /run/mysqld/mysqld.sock} or {tcp: \"HOST:PORT\", why: WHAT FOR}";
  check_added({
      {"connect: [{unix: /run/db.sock}, {tcp: \"a.org:443\", why: updates}, {tcp: \"10.0.0.1:3306\", why: db}, {tcp: "
       "\"[::1]:25\", why: mail}]\n",
       ""},
      {"connect: [{unix: /run/db.sock, tcp: \"a.org:443\", why: x}]\n",
       "pool.yaml:6:11: connect[/run/db.sock]: has both unix and tcp" + both},
      {"connect: [{why: x}]\n", "pool.yaml:6:11: connect[]: has neither unix nor tcp" + both},
      {"connect:\n  - {tcp: \"a.org:443\"}\n",
       "pool.yaml:7:5: connect[a.org:443]: opens a way out of the machine, without a reason; add why: WHAT THE "
       "APPLICATION SENDS OR FETCHES THERE"},
      {"connect: [{tcp: a.org, why: x}]\n",
       "pool.yaml:6:11: connect[a.org]: `a.org` is not a host with a port; write \"HOST:PORT\", such as "
       "\"example.org:443\""},
      {"connect: [{tcp: \"*:443\", why: x}]\n",
       "pool.yaml:6:11: connect[*:443]: `*:443` is not a host with a port; write \"HOST:PORT\", such as "
       "\"example.org:443\""},
  });
}

TEST_CASE("limits and workers") {
  check_added({
      {"limits: {nofile: 63}\n",
       "pool.yaml:6:18: limits.nofile: 63 open files are too few to start; write 64 to 1048576; 1024 serves most "
       "sites"},
      {"limits: {nofile: 64}\n", ""},
      {"limits: {nofile: 1048577}\n",
       "pool.yaml:6:18: limits.nofile: 1048577 open files are more than kernels give; write 64 to 1048576; 1024 serves "
       "most sites"},
      {"limits: {cpu.max: 0%}\n", "pool.yaml:6:19: limits.cpu.max: 0% is no processor at all; write 100% for one core"},
      {"limits: {start_timeout: 0s}\n", "pool.yaml:6:25: limits.start_timeout: no pool starts in no time; write 30s"},
      {"limits: {pids.max: 11}\nphp: {pm: {max_children: 10}}\n",
       "pool.yaml:6:20: limits.pids.max: 11 processes do not hold 10 workers and their master; write at least 12, or "
       "lower php.pm.max_children"},
      {"limits: {pids.max: 12}\nphp: {pm: {max_children: 10}}\n", ""},
      {"php: {pm: {max_children: 0}}\n",
       "pool.yaml:6:26: php.pm.max_children: no worker could serve a request; write at least 1, or remove the key"},
      {"php: {pm: {mode: ondemnd}}\n",
       "pool.yaml:6:18: php.pm.mode: `ondemnd` is no way to manage workers; did you mean `ondemand`?"},
      {"php: {pm: {mode: magic}}\n",
       "pool.yaml:6:18: php.pm.mode: `magic` is no way to manage workers; write dynamic, ondemand or static"},
      {"limits: {memory.max: 255MiB}\n",
       "pool.yaml:6:22: limits.memory.max: 255MiB do not hold opcache and two workers; write at least 256MiB, or lower "
       "php.opcache.memory or php.pm.worker_memory"},
      {"limits: {memory.max: 256MiB}\n", ""},
      {"limits: {memory.max: ~}\n", ""},
  });
}

TEST_CASE("php") {
  const auto ini = [](const std::string& name) {
    return "pool.yaml:6:" + std::to_string(22 + name.size() + 2) + ": php.admin_values[" + name + "]: ";
  };
  const std::string name_fix = "; write it as in php.ini, such as memory_limit";
  check_added({
      {"php: {version: \"8.2\", timezone: Europe/Rome, extensions: [pdo_mysql], disable_functions: [exec2], "
       "limit_extensions: [.phtml]}\n",
       ""},
      {"php: {version: \"8\"}\n",
       "pool.yaml:6:16: php.version: `8` is not a version of PHP; write two numbers in quotes, such as \"8.2\""},
      {"php: {version: \"8.2.1\"}\n",
       "pool.yaml:6:16: php.version: `8.2.1` is not a version of PHP; write two numbers in quotes, such as \"8.2\""},
      {"php: {version: \"8.x\"}\n",
       "pool.yaml:6:16: php.version: `8.x` is not a version of PHP; write two numbers in quotes, such as \"8.2\""},
      {"php: {timezone: \"\"}\n",
       "pool.yaml:6:17: php.timezone: `` is not a time zone; write one such as UTC or Europe/Rome"},
      {"php: {timezone: ../etc}\n",
       "pool.yaml:6:17: php.timezone: `../etc` is not a time zone; write one such as UTC or Europe/Rome"},
      {"php: {extensions: [gd.so]}\n",
       "pool.yaml:6:20: php.extensions[gd.so]: `gd.so` is not the name of an extension; write it without folder and "
       ".so, in a-z, 0-9 and _, such as pdo_mysql"},
      {"php: {disable_functions: [\"exec()\"]}\n",
       "pool.yaml:6:27: php.disable_functions[exec()]: `exec()` is not the name of a function; write one name per "
       "item, without parentheses"},
      {"php: {limit_extensions: [php7]}\n",
       "pool.yaml:6:26: php.limit_extensions[php7]: `php7` is not the ending of a file name; begin it with a dot, such "
       "as .php"},
      {"php: {limit_extensions: {set: []}}\n",
       "pool.yaml:6:7: php.limit_extensions: FPM would execute files of every kind, uploads too; write [.php]"},
      {"php: {admin_values: {a: \"x\\ny = 1\"}}\n",
       ini("a") + "its value holds a line end or another control character; write one line"},
      {"php: {admin_values: {a: \"x\\e\"}}\n",
       ini("a") + "its value holds a line end or another control character; write one line"},
      {"php: {admin_values: {a: 'x\"y'}}\n",
       ini("a") +
           "its value holds \", ${ or a \\ at its end, which ini files take for something else; write it without"},
      {"php: {admin_values: {a: 'x${HOME}'}}\n",
       ini("a") +
           "its value holds \", ${ or a \\ at its end, which ini files take for something else; write it without"},
      {"php: {admin_values: {a: 'x\\'}}\n",
       ini("a") +
           "its value holds \", ${ or a \\ at its end, which ini files take for something else; write it without"},
      {"php: {admin_values: {error_append_string: \"it's; #1 = fine\"}}\n", ""},
      {"php: {admin_values: {\"a]b\": x}}\n",
       "pool.yaml:6:29: php.admin_values[a]b]: `a]b` is not the name of an ini setting" + name_fix},
      {"php: {admin_values: {\"a\\nb\": x}}\n",
       "pool.yaml:6:30: php.admin_values[a\\x0ab]: `a\\x0ab` is not the name of an ini setting" + name_fix},
      {"php: {admin_values: {post_max_size: 512M}}\n",
       in_catalog("filesystem.tmp.size") +
           ": filesystem.tmp.size: 256MiB do not hold one upload of post_max_size (512MiB); write at least 512MiB, "
           "or lower php.admin_values post_max_size"},
      {"php: {admin_values: {post_max_size: 32MB}}\n",
       "pool.yaml:6:37: php.admin_values[post_max_size]: `32MB` is not a size of php.ini; write it as in 32M"},
      {"php: {admin_values: {upload_max_filesize: 64M}}\n",
       "pool.yaml:6:43: warning: php.admin_values[upload_max_filesize]: is larger than post_max_size (32MiB), which "
       "decides first; "
       "raise post_max_size, or lower it to that"},
      {"php: {admin_values: {post_max_size: 0}}\n", ""},
  });
}

TEST_CASE("system calls") {
  const std::string reported = in_catalog("syscalls.report[ptrace]");
  check_added({
      {"syscalls: {allow: [ptrace]}\n", "pool.yaml:6:20: syscalls.allow[ptrace]: is reported as dangerous at " +
                                            reported +
                                            ", and allowed without a reason; "
                                            "write {name: ptrace, why: WHAT NEEDS IT}"},
      {"syscalls: {allow: [{name: ptrace, why: a debugger}]}\n", ""},
      {"syscalls: {report: {remove: [ptrace]}, allow: [ptrace]}\n",
       "pool.yaml:6:48: syscalls.allow[ptrace]: is reported as dangerous at " + reported +
           ", and allowed without a reason; write {name: ptrace, why: WHAT NEEDS IT}"},
      {"syscalls: {allow: [\"@sysv-ipc\"]}\n",
       "pool.yaml:6:20: syscalls.allow[ipc]: is added (by @sysv-ipc) to what " + test::kCatalog +
           "/php-fpm.yaml allows, without a reason; write {name: \"@sysv-ipc\", why: WHAT NEEDS IT}"},
      {"syscalls: {allow: [{name: \"@sysv-ipc\", why: shared counters}]}\n", ""},
      {"syscalls: {allow: [clone3, \"@io-uring\"]}\n",
       "pool.yaml:6:20: syscalls.allow[clone3]: its flags lie in memory that a filter cannot see, so it would undo the "
       "rule of `clone` at " +
           in_catalog("syscalls.arguments[clone:0]") +
           "; remove it: where it is absent, libraries call clone\n"
           "pool.yaml:6:28: syscalls.allow[io_uring_setup]: is absent on purpose at " +
           in_catalog("syscalls.absent[io_uring_setup]") +
           ", and allowed without a reason; write {name: \"@io-uring\", why: WHAT NEEDS IT}"},
      {"syscalls: {arguments: {remove: [\"prctl:0\"]}}\n",
       "pool.yaml:6:12: syscalls.arguments[prctl:0]: the rule at " + in_catalog("syscalls.arguments[prctl:0]") +
           " is gone, and `prctl` stays allowed; write the wider rule instead: {name: prctl, index: 0, one_of: [...], "
           "why: WHAT NEEDS IT}, or remove prctl from syscalls.allow"},
      {"syscalls: {arguments: [{name: socket, index: 0, one_of: [AF_UNIX, 0x2]}]}\n", ""},
      {"syscalls: {arguments: [{name: socket, index: 0, one_of: [AF_UNX]}]}\n",
       "pool.yaml:6:24: syscalls.arguments[socket:0]: `AF_UNX` is not a known constant; did you mean `AF_UNIX`?"},
      {"syscalls: {arguments: [{name: socket, index: 6, one_of: [AF_UNIX]}]}\n",
       "pool.yaml:6:24: syscalls.arguments[socket:6]: a system call has six arguments; write an index of 0 to 5"},
      {"syscalls: {arguments: [{name: socket, index: 1}]}\n",
       "pool.yaml:6:24: syscalls.arguments[socket:1]: has neither one_of nor none_of; write one of them"},
      {"syscalls: {arguments: [{name: socket, index: 1, one_of: [1], none_of: [2]}]}\n",
       "pool.yaml:6:24: syscalls.arguments[socket:1]: has both one_of and none_of; write one of them"},
      {"syscalls: {arguments: [{name: sokcet, index: 1, one_of: [1]}]}\n",
       "pool.yaml:6:24: syscalls.arguments[sokcet:1]: `sokcet` is no system call; did you mean `socket`?"},
      {"syscalls: {arguments: [{name: mount, index: 1, one_of: [1]}]}\n",
       "pool.yaml:6:24: warning: syscalls.arguments[mount:1]: `mount` is not allowed at all, so the rule does nothing; "
       "add it to syscalls.allow, or remove the rule"},
  });
}

namespace {

const std::string kBelow =
    "php: {limit_extensions: [.php]}\n"
    "syscalls:\n"
    "  allow: [read, clone, ioctl]\n"
    "  report: [ptrace]\n"
    "  absent: [clone3, io_uring_setup]\n"
    "  arguments:\n"
    "    - {name: clone, index: 0, none_of: [CLONE_NEWNS]}\n"
    "    - {name: ioctl, index: 1, one_of: [TCGETS]}\n";
const std::string kTop =
    "name: shop\nidentity: {user: www-shop}\nlisten: {group: www-data}\nfilesystem: {code: /srv/shop/www}\n";

std::string checked_files(const std::map<std::string, std::string>& files) {
  base::Diagnostics diagnostics;
  const Composed composed = compose("/cat", test::Files{files}, "pool.yaml", diagnostics);
  check_policy({composed, diagnostics, true});
  diagnostics.sort();
  return test::report(diagnostics);
}

const std::string kCloneRemoved =
    ": syscalls.arguments[clone:0]: the rule at below.yaml:7:7 is gone, and `clone` stays allowed; write the wider "
    "rule "
    "instead: {name: clone, index: 0, none_of: [...], why: WHAT NEEDS IT}, or remove clone from syscalls.allow";
const std::string kIoctlRemoved =
    ": syscalls.arguments[ioctl:1]: the rule at below.yaml:8:7 is gone, and `ioctl` stays allowed; write the wider "
    "rule "
    "instead: {name: ioctl, index: 1, one_of: [...], why: WHAT NEEDS IT}, or remove ioctl from syscalls.allow";
const std::string kHiddenFlags =
    ": syscalls.allow[clone3]: its flags lie in memory that a filter cannot see, so it would undo the rule of `clone` "
    "at "
    "below.yaml:7:7; remove it: where it is absent, libraries call clone";

}  // namespace

TEST_CASE("a call that no layer below allows needs a reason") {
  const std::string added = ": is added to what below.yaml allows, without a reason; write {name: ";
  for (const Row& row : {
           Row{"", ""},
           {"allow: [read]", ""},
           {"allow: {set: [read, clone, ioctl]}", ""},
           {"allow: {remove: [read]}", ""},
           {"allow: [mknod]", "pool.yaml:6:20: syscalls.allow[mknod]" + added + "mknod, why: WHAT NEEDS IT}"},
           {"allow: {set: [clone, ioctl, {name: mknod, why: \"\"}]}",
            "pool.yaml:6:40: syscalls.allow[mknod]" + added + "mknod, why: WHAT NEEDS IT}"},
           {"allow: [{name: mknod, why: pipes with names}]", ""},
           {"allow: [io_uring_setup]",
            "pool.yaml:6:20: syscalls.allow[io_uring_setup]: is absent on purpose at below.yaml:5:20, and allowed "
            "without "
            "a reason; write {name: io_uring_setup, why: WHAT NEEDS IT}"},
           {"absent: {set: []}, allow: [io_uring_setup]",
            "pool.yaml:6:39: syscalls.allow[io_uring_setup]: is absent on purpose at below.yaml:5:20, and allowed "
            "without "
            "a reason; write {name: io_uring_setup, why: WHAT NEEDS IT}"},
           {"allow: [ptrace]",
            "pool.yaml:6:20: syscalls.allow[ptrace]: is reported as dangerous at below.yaml:4:12, and allowed without "
            "a "
            "reason; write {name: ptrace, why: WHAT NEEDS IT}"},
       }) {
    CAPTURE(row.text);
    const std::string syscalls = row.text.empty() ? "" : "syscalls: {" + row.text + "}\n";
    CHECK_EQ(checked_files({{"below.yaml", kBelow}, {"pool.yaml", "extends: ./below.yaml\n" + kTop + syscalls}}),
             row.expected);
  }
}

TEST_CASE("clone3 would undo what is asked of clone") {
  for (const Row& row : {
           Row{"allow: [clone3]", "pool.yaml:6:20" + kHiddenFlags},
           {"allow: [{name: clone3, why: threads}]", "pool.yaml:6:20" + kHiddenFlags},
           {"allow: {remove: [clone], add: [{name: clone3, why: threads}]}, arguments: {remove: [\"clone:0\"]}",
            "pool.yaml:6:43" + kHiddenFlags},
       }) {
    CAPTURE(row.text);
    CHECK_EQ(checked_files({{"below.yaml", kBelow},
                            {"pool.yaml", "extends: ./below.yaml\n" + kTop + "syscalls: {" + row.text + "}\n"}}),
             row.expected);
  }
  // Of a flat profile too, and of one of the catalog.
  const std::string flat =
      "syscalls: {allow: [clone, clone3], arguments: [{name: clone, index: 0, none_of: [CLONE_NEWNS]}]}\n";
  CHECK_NE(checked(flat, false), "");
  CHECK_EQ(checked("syscalls: {allow: [clone, clone3]}\n", false), "");
}

TEST_CASE("a rule on arguments that a layer changes or removes") {
  const std::string changed = ": says otherwise than below.yaml:8:7, without a reason; add why: WHAT NEEDS IT";
  for (const Row& row : {
           Row{"arguments: [{name: ioctl, index: 1, one_of: [TCGETS]}]", ""},
           {"arguments: [{name: ioctl, index: 2, one_of: [\"NULL\"]}]", ""},
           {"arguments: [{name: ioctl, index: 1, one_of: ['0x5412']}]",
            "pool.yaml:6:24: syscalls.arguments[ioctl:1]" + changed},
           {"arguments: [{name: ioctl, index: 1, one_of: ['0x5412'], why: a terminal}]", ""},
           {"arguments: {remove: [\"ioctl:1\"], add: [{name: ioctl, index: 1, none_of: [1]}]}",
            "pool.yaml:6:51: syscalls.arguments[ioctl:1]" + changed},
           {"arguments: {remove: [\"ioctl:1\"]}", "pool.yaml:6:12" + kIoctlRemoved},
           {"arguments: {set: []}", "pool.yaml:6:12" + kCloneRemoved + "\npool.yaml:6:12" + kIoctlRemoved},
           {"arguments: {set: []}, allow: {remove: [clone, ioctl]}", ""},
       }) {
    CAPTURE(row.text);
    CHECK_EQ(checked_files({{"below.yaml", kBelow},
                            {"pool.yaml", "extends: ./below.yaml\n" + kTop + "syscalls: {" + row.text + "}\n"}}),
             row.expected);
  }
}

TEST_CASE("what a layer in the middle widens needs its reason there; the catalog's own layers need none") {
  const auto three = [](const std::string& middle_file, const std::string& middle, const std::string& top) {
    const std::string extends = middle_file.starts_with("/cat/") ? "middle" : "./middle.yaml";
    const std::string below = middle_file.starts_with("/cat/") ? "base" : "./below.yaml";
    return checked_files({{"below.yaml", kBelow},
                          {"/cat/base.yaml", kBelow},
                          {middle_file, "extends: " + below + "\n" + middle},
                          {"pool.yaml", "extends: " + extends + "\n" + kTop + top}});
  };
  const std::string widened = "syscalls: {allow: [mknod, io_uring_setup], arguments: {remove: [\"ioctl:1\"]}}\n";
  CHECK_EQ(three("/cat/middle.yaml", widened, ""), "");
  CHECK_EQ(
      three("middle.yaml", widened, ""),
      "middle.yaml:2:20: syscalls.allow[mknod]: is added to what below.yaml allows, without a reason; write {name: "
      "mknod, why: WHAT NEEDS IT}\n"
      "middle.yaml:2:27: syscalls.allow[io_uring_setup]: is absent on purpose at below.yaml:5:20, and allowed "
      "without a reason; write {name: io_uring_setup, why: WHAT NEEDS IT}\n"
      "middle.yaml:2:44" +
          kIoctlRemoved);
  // The call leaves with its rule in the middle, and comes back alone.
  CHECK_EQ(three("middle.yaml", "syscalls: {allow: {remove: [ioctl]}, arguments: {remove: [\"ioctl:1\"]}}\n",
                 "syscalls: {allow: [{name: ioctl, why: x}]}\n"),
           "middle.yaml:2:38" + kIoctlRemoved);
  CHECK_EQ(
      three("middle.yaml", "syscalls: {arguments: {remove: [\"ioctl:1\"]}}\n",
            "syscalls: {arguments: [{name: ioctl, index: 1, one_of: [FIONREAD]}]}\n"),
      "pool.yaml:6:24: syscalls.arguments[ioctl:1]: says otherwise than below.yaml:8:7, without a reason; add why: "
      "WHAT NEEDS IT");
}

TEST_CASE("jobs, environment, expectations, best effort") {
  const std::string hazard =
      ": its value holds \", ${ or a \\ at its end, which ini files take for something else; write it without";
  check_added({
      {"jobs: {tick: {every: 1h, run: [php, x]}}\n", ""},
      {"jobs: {tick: {run: [php, x]}}\n", "pool.yaml:6:8: jobs[tick].every: the job has no interval; write every: 1h"},
      {"jobs: {tick: {every: 1h}}\n",
       "pool.yaml:6:8: jobs[tick].run: the job has no command; write run: [php, SCRIPT]"},
      {"jobs: {../x: {every: 1h, run: [php]}}\n",
       "pool.yaml:6:8: jobs[../x]: `../x` is not a name of a job; write it in a-z, 0-9, - and _"},
      {"environment: {APP_ENV: prod, _x1: \"\"}\n", ""},
      {"environment: {1X: prod}\n",
       "pool.yaml:6:19: environment[1X]: `1X` is not the name of a variable; write it in letters, digits and _, not "
       "beginning with a digit"},
      {"environment: {\"A=B\": prod}\n",
       "pool.yaml:6:22: environment[A=B]: `A=B` is not the name of a variable; write it in letters, digits and _, not "
       "beginning with a digit"},
      {"environment: {A: \"x\\ny\"}\n",
       "pool.yaml:6:18: environment[A]: its value holds a line end or another control character; write one line"},
      {"environment: {A: 'x\"y'}\n", "pool.yaml:6:18: environment[A]" + hazard},
      {"environment: {A: 'x${HOME}'}\n", "pool.yaml:6:18: environment[A]" + hazard},
      {"environment: {A: 'x\\'}\n", "pool.yaml:6:18: environment[A]" + hazard},
      {"environment: {A: 'x\\y $z #;'}\n", ""},
      {"expect: {requests: [/index.php, {path: /x, status: 404}]}\n", ""},
      {"expect: {requests: [index.php]}\n",
       "pool.yaml:6:21: expect.requests[index.php]: `index.php` is not the path of a request; begin it with /, such as "
       "/index.php"},
      {"expect: {requests: [{path: /, status: 99}]}\n",
       "pool.yaml:6:39: expect.requests[/].status: 99 is not a status of HTTP; write 100 to 599, such as 200"},
      {"expect: {requests: [{path: /, status: 600}]}\n",
       "pool.yaml:6:39: expect.requests[/].status: 600 is not a status of HTTP; write 100 to 599, such as 200"},
      {"enforcement: {best_effort: [{layer: landlock, why: an old kernel}]}\n", ""},
      {"enforcement: {best_effort: [landlock]}\n",
       "pool.yaml:6:29: enforcement.best_effort[landlock]: gives a layer up, without a reason; write {layer: landlock, "
       "why: WHY THIS SITE MAY RUN WITHOUT IT}"},
  });
}

TEST_CASE("every check has a name of its own") {
  std::vector<std::string_view> names;
  for (const Check& check : policy_checks()) {
    CHECK_FALSE(std::count(names.begin(), names.end(), check.name));
    names.push_back(check.name);
  }
}

TEST_CASE("sizes of php.ini") {
  struct Case {
    std::string text;
    std::optional<std::uint64_t> count;
  };
  for (const Case& row : {Case{"32M", 32ull << 20},
                          {"1g", 1ull << 30},
                          {"8K", 8192},
                          {"100", 100},
                          {"0", 0},
                          {"", {}},
                          {"-1", {}},
                          {"32MB", {}},
                          {"M", {}},
                          {"1.5G", {}},
                          {" 1M", {}}}) {
    CAPTURE(row.text);
    const auto size = parse_ini_size(row.text);
    CHECK_EQ(size.has_value(), row.count.has_value());
    if (size && row.count) CHECK_EQ(size->count, *row.count);
  }
}

TEST_CASE("addresses") {
  CHECK_EQ(parse_listen_address("[::1]:9001")->host, "::1");
  CHECK_EQ(parse_peer("a.org:443")->port, 443);
  CHECK(is_loopback(*parse_listen_address("127.3.2.1:1")));
  CHECK(is_loopback(*parse_listen_address("[::1]:1")));
  CHECK_FALSE(is_loopback(*parse_listen_address("0.0.0.0:1")));
  CHECK_FALSE(is_loopback(*parse_listen_address("[::]:1")));
  for (const std::string text : {"", ":", ":1", "a", "a:", "a:x", "a:0", "a:65536", "a:01", "-a:1", "a-:1", "a..b:1",
                                 "a b:1", "10.0.0.300:1", "[::1:1", "a_b:1", "[x]:1"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_peer(text).has_value());
  }
}

TEST_CASE("front controllers are scripts of the read-only code, in characters that mean themselves everywhere") {
  const std::string script = "write it relative to the code, such as index.php or lib/exe/*.php";
  check_added({
      {"web: {front_controllers: [index.php, \"lib/exe/*.php\"], fallback: index.php, deny: [vendor, \"conf/*.php\"]}\n", ""},
      {"web: {front_controllers: [/index.php]}\n",
       "pool.yaml:6:27: web.front_controllers[/index.php]: `/index.php` is not the path of a script; " + script},
      {"web: {front_controllers: [\"a/../b.php\"]}\n",
       "pool.yaml:6:27: web.front_controllers[a/../b.php]: `a/../b.php` is not the path of a script; " + script},
      {"web: {front_controllers: [\"(a|b).php\"]}\n",
       "pool.yaml:6:27: web.front_controllers[(a|b).php]: `(a|b).php` is not the path of a script; " + script},
      {"web: {front_controllers: [index.html]}\n",
       "pool.yaml:6:27: web.front_controllers[index.html]: FPM does not start a file of this ending (php.limit_extensions); "
       "name a script, such as index.php"},
      {"web: {deny: [\"a;b\"]}\n",
       "pool.yaml:6:14: web.deny[a;b]: `a;b` is not a path of the code; write it as in vendor or conf/*.php"},
      {"web: {front_controllers: [index.php], fallback: app.php}\n",
       "pool.yaml:6:49: web.fallback: `app.php` is not among web.front_controllers; add it there"},
      {"web: {fallback: \"a b.php\"}\n", "pool.yaml:6:17: web.fallback: `a b.php` is not the path of a script; write it as in index.php"},
      {"web: {document_root: \"a$b\"}\n",
       "pool.yaml:6:22: web.document_root: `a$b` is not a folder of the code; write it as in public"},
      {"web: {document_root: public, front_controllers: [public/index.php, \"*/api.php\"], fallback: public/index.php}\n", ""},
      {"web: {document_root: public, front_controllers: [index.php]}\n",
       "pool.yaml:6:50: warning: web.front_controllers[index.php]: `index.php` lies outside of web.document_root `public`: the web server's snippet "
       "leaves it out; write it relative to the code: public/index.php"},
      {"web: {document_root: public, fallback: index.php}\n",
       "pool.yaml:6:40: warning: web.fallback: `index.php` lies outside of web.document_root `public`: the web server's snippet leaves it out; write it "
       "relative to the code: public/index.php"},
  });
}

TEST_CASE("no front controller lies where the pool can write") {
  for (const char* script : {"data/x.php", "*/x.php", "d*a/a/x.php"}) {
    CAPTURE(script);
    base::Diagnostics diagnostics;
    const Composed composed = test::compose_text(kGood + "web: {front_controllers: [\"" + script + "\"]}\n", diagnostics);
    Composed writable = composed;
    writable.policy.filesystem.writable = {{{"data"}, false}};
    check_policy({composed, diagnostics, true});
    CHECK_EQ(test::report(diagnostics), "");
    check_policy({writable, diagnostics, true});
    CHECK_NE(test::report(diagnostics).find("PHP never starts from there"), std::string::npos);
  }
}

TEST_CASE("the host's network needs a reason; mail one server") {
  check_added({
      {"network: {mode: host, why: an API}\n", ""},
      {"network: {mode: none}\n", ""},
      {"network: {mode: host}\n",
       "pool.yaml:6:17: network.mode: opens the host's whole network to the site, without a reason; write network: {mode: "
       "host, why: WHAT IT REACHES THERE}, or name sockets of servers in connect:"},
      {"mail: {unix: /run/relay/smtp.sock, from: wiki@example.org}\n", ""},
      {"mail: {tcp: \"mail.example.org:25\"}\n", ""},
      {"mail: {unix: /run/a/b, tcp: \"127.0.0.1:25\"}\n",
       "pool.yaml:6:29: mail.tcp: mail has both unix and tcp; name one server that takes the mail"},
      {"mail: {tcp: \"127.0.0.1\"}\n",
       "pool.yaml:6:13: mail.tcp: `127.0.0.1` is not a host with a port; write \"HOST:PORT\", such as \"127.0.0.1:25\""},
      {"mail: {tcp: \"127.0.0.1:25\", from: \"Wiki <wiki@example.org>\"}\n",
       "pool.yaml:6:35: mail.from: `Wiki <wiki@example.org>` is not a mail address; write it as wiki@example.org, without a "
       "name or brackets"},
  });
}

TEST_CASE("no JIT without memory to write and execute, and no way around") {
  const std::string deny = "memory: {deny_write_execute: true}\n";
  const std::string decided = " turns a JIT on, and memory.deny_write_execute at pool.yaml:6:30 leaves it no memory; remove one of them";
  check_added({
      {deny, ""},
      {deny + "php: {admin_values: {pcre.jit: \"0\", opcache.jit: disable, opcache.jit_buffer_size: \"0\"}}\n", ""},
      {deny + "php: {admin_values: {pcre.jit: \"Off\", opcache.jit: \"\", opcache.jit_buffer_size: 0M}}\n", ""},
      {"php: {admin_values: {pcre.jit: \"1\", opcache.jit: tracing, opcache.jit_buffer_size: 64M}}\n", ""},
      {deny + "php: {admin_values: {pcre.jit: \"1\"}}\n", "pool.yaml:7:32: php.admin_values[pcre.jit]: `1`" + decided},
      {deny + "php: {admin_values: {opcache.jit: tracing}}\n", "pool.yaml:7:35: php.admin_values[opcache.jit]: `tracing`" + decided},
      {deny + "php: {admin_values: {opcache.jit_buffer_size: 64M}}\n",
       "pool.yaml:7:47: php.admin_values[opcache.jit_buffer_size]: `64M`" + decided},
      {deny + "syscalls: {allow: [{name: memfd_create, why: test}]}\n",
       "pool.yaml:7:20: syscalls.allow[memfd_create]: gives memory that can be mapped twice, to write and to execute, around "
       "memory.deny_write_execute at pool.yaml:6:30; remove one of them"},
      {"memory: {deny_write_execute: maybe}\n",
       "pool.yaml:6:30: memory.deny_write_execute: `maybe` is neither true nor false; write true or false"},
  });
}

TEST_CASE("programs need a reason, and PHP a function that starts them") {
  const std::string one = "programs: [{path: /usr/bin/convert, why: thumbnails}]\n";
  check_added({
      {"programs: []\n", ""},
      {"programs: [/usr/bin/convert]\nphp: {disable_functions: {remove: [proc_open]}}\n",
       "pool.yaml:6:12: programs[/usr/bin/convert]: lets scripts start a program, without a reason; write {path: "
       "/usr/bin/convert, why: WHAT STARTS IT}"},
      {one, "pool.yaml:6:12: warning: programs[/usr/bin/convert]: no script can start it, for PHP's exec() and its like are in "
            "php.disable_functions; `fpmbox exec` and jobs can; where scripts should, write php: {disable_functions: {remove: "
            "[proc_open]}}"},
      {one + "php: {disable_functions: {remove: [proc_open]}}\n", ""},
      {one + "php: {disable_functions: {remove: [exec, popen]}}\n",
       "pool.yaml:6:12: warning: programs[/usr/bin/convert]: PHP's exec, popen start it by way of /bin/sh, which is not in "
       "programs; add {path: /bin/sh, why: ...}, or leave them disabled: proc_open with a list of words needs no shell"},
      {"programs: [{path: /usr/bin/convert, why: x}, {path: /bin/sh, why: x}]\nphp: {disable_functions: {remove: [exec, popen]}}\n", ""},
  });
}
