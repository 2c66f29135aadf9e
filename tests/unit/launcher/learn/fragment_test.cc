#include "launcher/learn/fragment.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include "profiles/checks/checks.h"
#include "tests/support/golden.h"
#include "tests/support/invented.h"

using launcher::Connected;
using launcher::ExtensionUse;
using launcher::Record;
using launcher::Refusal;

namespace {

const launcher::CallGroups kGroups = {
    {"@debug", {"ptrace", "kcmp"}},
    {"@sysv-ipc", {"ipc", "msgctl", "msgget", "msgrcv", "msgsnd", "semctl", "semget", "semop", "semtimedop", "shmat", "shmctl", "shmdt", "shmget"}},
};

profiles::Composed shop() {
  base::Diagnostics diagnostics;
  auto composed = test::pool(test::kShop, diagnostics);
  REQUIRE_EQ(test::text_of(diagnostics), "");
  // as on every machine, whatever the sources lie in
  profiles::Origins origins;
  for (auto [key, origin] : composed.origins.all()) {
    origin.where.file = origin.where.file.substr(origin.where.file.rfind('/') + 1);
    origins.set(key, origin);
  }
  composed.origins = origins;
  return composed;
}

Record full_record() {
  Record record;
  record.requests = 41;
  for (const char* script : {"/srv/shop/www/index.php", "/srv/shop/www/admin.php"}) record.requested.see(script, script);
  record.connections.see({Connected::Kind::unix_socket, "/run/mysqld/mysqld.sock", ""}, "/srv/shop/www/index.php");
  record.connections.see({Connected::Kind::unix_socket, "/run/gone.sock", ""}, "/srv/shop/www/index.php");
  record.connections.see({Connected::Kind::unix_socket, "/srv/db/db.sock", ""}, "/srv/shop/www/index.php");
  record.programs.see("/usr/sbin/sendmail", "/srv/shop/www/index.php");
  record.absent.see("/etc/host.conf", "/srv/shop/www/index.php");
  record.connections.see({Connected::Kind::tcp, "192.0.2.1:443", "example.org"}, "/srv/shop/www/admin.php");
  record.connections.see({Connected::Kind::udp, "192.0.2.1:514", ""}, "/srv/shop/www/admin.php");
  record.programs.see("/usr/bin/convert", "/srv/shop/www/admin.php");
  record.absent.see("/usr/share/fonts/x.ttf", "/srv/shop/www/index.php");
  record.absent.see("/etc/nowhere", "/srv/shop/www/index.php");
  for (const char* name : {"shmget", "shmat", "shmdt", "shmctl", "semget", "semctl", "semop"})
    record.calls[name] = {"/srv/shop/www/index.php", Refusal::none, ""};
  record.calls["setpriority"] = {"/srv/shop/www/x\n# y: \"z\".php", Refusal::none, ""};
  record.calls["splice"] = {"", Refusal::none, ""};
  record.calls["ptrace"] = {"/srv/shop/www/admin.php", Refusal::dangerous, ""};
  record.calls["ioctl"] = {"/srv/shop/www/admin.php", Refusal::argument, "ioctl(4, 0x5412, ...)"};
  return record;
}

launcher::Folded full_writes() {
  launcher::Folded out;
  out.lines = {{"cache", "/srv/shop/www/index.php", "made cache/a", {"PHP that the application makes and reads: cache/t.php"}},
               {"yes: no # \"x\"", "/srv/shop/www/index.php", "rewrote it", {}}};
  out.outside = {{"/var/log/x", "/srv/shop/www/index.php", "made /var/log/x", {}}};
  out.in_root = {{"index.php", "/srv/shop/www/admin.php", "renamed, removed or made index.php", {}}};
  return out;
}

std::string fragment(const profiles::Composed& pool, const Record& record, const launcher::Folded& writes, const std::vector<ExtensionUse>& extensions,
                     const std::string& obstacle = {}) {
  return launcher::write_fragment({"php-fpm", "3m", pool.policy, pool.origins, {}, record, writes, extensions, obstacle, kGroups,
                                   [](const std::string& path) { return path != "/run/gone.sock"; },
                                   [](const std::string& path) { return path != "/etc/nowhere"; }});
}

const std::vector<ExtensionUse> kExtensions = {{"gd", ExtensionUse::How::asked_for, "gd_info()", "/srv/shop/www/a.php", 3, {}},
                                               {"mbstring", ExtensionUse::How::needed, "mb_strlen()", "/srv/shop/www/b.php", 12, {}},
                                               {"mysqli", ExtensionUse::How::perhaps, "mysqli", "/srv/shop/www/c.php", 7, {}}};

}  // namespace

TEST_CASE("golden: a fragment with everything in it, which is a profile without a mistake") {
  const auto pool = shop();
  const std::string text = fragment(pool, full_record(), full_writes(), kExtensions);
  test::check_golden("learn/fragment.yaml", text);

  base::Diagnostics diagnostics;
  const auto composed = test::pool(text, diagnostics);
  profiles::check_policy({composed, diagnostics, false, false});
  CHECK_EQ(test::text_of(diagnostics), "");
  const auto has_call = [&](const char* name) {
    const auto& allow = composed.policy.syscalls.allow;
    return std::any_of(allow.begin(), allow.end(), [&](const auto& grant) { return grant.name == name; });
  };
  for (const char* name : {"shmget", "setpriority"}) CHECK(has_call(name));
  for (const char* name : {"ptrace", "splice"}) CHECK_FALSE(has_call(name));
  REQUIRE_EQ(composed.policy.filesystem.writable.size(), 2);
  CHECK_EQ(composed.policy.filesystem.writable[1].path.text, "yes: no # \"x\"");
}

TEST_CASE("nothing new is said to be nothing") {
  const auto pool = shop();
  const std::string text = fragment(pool, {}, {}, {});
  CHECK_NE(text.find("# Nothing was seen that the pool's profile does not grant already.\n"), std::string::npos);
  CHECK_NE(fragment(pool, {}, {}, {}, "no answer").find("Which extensions are used is not known: no answer"), std::string::npos);
  base::Diagnostics diagnostics;
  CHECK(test::pool(text, diagnostics).policy.filesystem.writable.empty());
  CHECK_EQ(test::text_of(diagnostics), "");
}

TEST_CASE("long names are cut, and never within a character: a profile is UTF-8 throughout") {
  const auto pool = shop();
  for (std::size_t length = 195; length < 201; ++length) {
    launcher::Folded writes;
    writes.lines = {{"cache", std::string(length, 'x') + "\u20ac\u20ac\u2028", "made \u2028 it", {}}};
    base::Diagnostics diagnostics;
    CHECK_EQ(test::pool(fragment(pool, {}, writes, {}), diagnostics).policy.filesystem.writable.size(), 1);
    CHECK_EQ(test::text_of(diagnostics), "");
  }
  launcher::Folded odd;
  odd.lines = {{"a\nb", "x", "made it", {}}, {"a\xff", "x", "made it", {}}};
  CHECK_NE(fragment(pool, {}, odd, {}).find("#   a\\x0ab (first by x)\n#   a\\xff (first by x)"), std::string::npos);
}

TEST_CASE("a record that was full is said before all other remarks") {
  Record record = full_record();
  CHECK_EQ(fragment(shop(), record, {}, {}).find("RECORD WAS FULL"), std::string::npos);
  for (int i = 0; i < 3000; ++i) record.absent.see(std::to_string(i) + std::string(4000, 'x'), "/srv/shop/www/index.php");
  const std::string text = fragment(shop(), record, {}, {});
  const auto full = text.find("\n# THE RECORD WAS FULL, and this is not all that was used.");
  REQUIRE_NE(full, std::string::npos);
  CHECK_LT(full, text.find("DANGEROUS calls"));
  CHECK_NE(text.find("\n#   " + std::to_string(record.absent.untold()) + " more times something was seen and is not in it\n"), std::string::npos);
}

TEST_CASE("a program that is granted is not told") {
  auto pool = shop();
  Record record;
  record.programs.see("/usr/bin/convert", "a.php");
  CHECK_NE(fragment(pool, record, {}, {}).find("/usr/bin/convert"), std::string::npos);
  pool.policy.programs.push_back({{"/usr/bin/convert"}, "a test"});
  CHECK_EQ(fragment(pool, record, {}, {}).find("/usr/bin/convert"), std::string::npos);
}

TEST_CASE("programs can be taken as they stand: without the comment's sign they are granted, and not before") {
  const auto pool = shop();
  Record record;
  record.programs.see("/usr/bin/convert", "a.php");
  record.programs.see("/bin/sh", "b\n- {path: /x}\".php");
  record.programs.see("/usr/sbin/sendmail", "a.php");
  record.programs.see("ls", "a.php");
  record.programs.see("/usr/bin/a\xff", "a.php");
  std::string text = fragment(pool, record, {}, {});
  base::Diagnostics diagnostics;
  CHECK(test::pool(text, diagnostics).policy.programs.empty());
  for (const std::string_view sign : {"# programs:", "#   - {path: "})
    for (auto at = text.find(sign); at != text.npos; at = text.find(sign)) text.erase(at, 2);
  const auto granted = test::pool(text, diagnostics).policy.programs;
  CHECK_EQ(test::text_of(diagnostics), "");
  REQUIRE_EQ(granted.size(), 3);
  CHECK_EQ(granted[0].path.text, "/usr/bin/convert");
  CHECK_EQ(granted[0].why, "recorded, first by a.php");
  CHECK_EQ(granted[1].path.text, "/bin/sh");
  CHECK_EQ(granted[2].path.text, "/usr/sbin/sendmail");
  CHECK_NE(text.find("#   ls (first by a.php)\n#   /usr/bin/a\\xff (first by a.php)\n"), std::string::npos);
}

TEST_CASE("calls are named by their group where half of it was called and nothing of it is refused on purpose") {
  using launcher::name_calls;
  using launcher::NamedCalls;
  profiles::Syscalls policy;
  const std::vector<NamedCalls> alone = {{"semget", {"semget"}}, {"shmget", {"shmget"}}};
  CHECK(name_calls({"semget", "shmget"}, kGroups, policy) == alone);
  const std::vector<NamedCalls> debug = {{"@debug", {"kcmp", "ptrace"}}, {"splice", {"splice"}}};
  CHECK(name_calls({"kcmp", "ptrace", "splice"}, kGroups, policy) == debug);
  policy.report = {"ptrace"};
  CHECK_EQ(name_calls({"kcmp", "splice"}, kGroups, policy).front().name, "kcmp");
}
