// The small pure parts of a recording.
#include <doctest/doctest.h>

#include "launcher/learn/box_paths.h"
#include "launcher/learn/connections.h"
#include "launcher/learn/extensions.h"
#include "launcher/learn/name_question.h"
#include "launcher/learn/programs.h"
#include "launcher/learn/record.h"

using launcher::Connected;
using launcher::ExtensionUse;
using launcher::FirstSeen;
using launcher::WantedConnection;

TEST_CASE("each thing once, with the first script, in the order of coming") {
  FirstSeen<std::string> seen;
  CHECK(seen.see("b", ""));
  CHECK(seen.see("a", "one"));
  CHECK_FALSE(seen.see("a", "two"));
  CHECK_FALSE(seen.see("b", "three"));  // php-fpm itself was first: a script says more
  REQUIRE_EQ(seen.all().size(), 2);
  CHECK_EQ(seen.all()[0].thing + seen.all()[0].script, "bthree");
  CHECK_EQ(seen.all()[1].thing + seen.all()[1].script, "aone");
}

TEST_CASE("long names fill a list, too, and the script that is learnt later is within the same bounds") {
  launcher::Record record;
  const std::string script(4096, 's');
  for (int i = 0; i < 2000; ++i) record.scripts.see(std::to_string(i) + std::string(4096, 'x'), i == 0 ? "" : script);
  CHECK_LT(record.scripts.all().size(), 700);
  CHECK_GT(record.scripts.all().size(), 600);
  CHECK_EQ(record.untold(), 2000 - record.scripts.all().size());
  record.absent.see("still has room", script);
  CHECK_EQ(record.absent.all().size(), 1);
  std::size_t bytes = 0;
  for (const auto& item : record.scripts.all()) bytes += 2 * item.thing.size() + item.script.size();
  CHECK_LE(bytes, FirstSeen<std::string>::kMostBytes);
}

TEST_CASE("a list that is full counts what it does not take") {
  FirstSeen<std::string> seen;
  for (int i = 0; i < 20005; ++i) seen.see(std::to_string(i), "");
  CHECK_EQ(seen.all().size(), 20000);
  CHECK_EQ(seen.untold(), 5);
}

TEST_CASE("the name in a question to a name server") {
  const std::string header("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12);
  const std::string question = header + std::string("\7example\3org\0\0\1\0\1", 17);
  CHECK_EQ(launcher::name_in_question(question), "example.org");
  std::string answer = question;
  answer[2] = '\x81';
  const std::pair<const char*, std::string> rows[] = {
      {"an answer", answer},
      {"too short", question.substr(0, 16)},
      {"no end", question.substr(0, 20)},
      {"a label beyond the packet", header + "\x3f" + "short" + std::string(20, 'a')},
      {"a pointer", header + "\xc0\x0c" + std::string(5, '\0')},
      {"bytes that are no name", header + std::string("\3a\nb\0\0\1\0\1", 9)},
      {"empty", ""},
      {"HTTP", "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.first);
    CHECK_EQ(launcher::name_in_question(row.second), "");
  }
}

TEST_CASE("a name of a name server has 253 characters at most, dots included") {
  const auto question = [](char last) {
    std::string packet("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12);
    for (const char length : {'\x3f', '\x3f', '\x3f', last}) packet += length + std::string(static_cast<std::size_t>(length), 'a');
    return packet + std::string("\0\0\1\0\1", 5);
  };
  CHECK_EQ(launcher::name_in_question(question(61)).size(), 253);
  CHECK_EQ(launcher::name_in_question(question(62)), "");
}

TEST_CASE("which program is meant") {
  struct Row {
    const char* path;
    std::vector<std::string> words;
    const char* meant;
  };
  const Row rows[] = {
      {"/usr/bin/convert", {"convert", "x"}, "/usr/bin/convert"},
      {"/bin/sh", {"sh", "-c", "/usr/bin/convert 'a b' c"}, "/usr/bin/convert"},
      {"/bin/sh", {"sh", "-c", "exec '/usr/bin/convert' a"}, "/usr/bin/convert"},
      {"/bin/sh", {"sh", "-c", "LANG=C  convert a"}, "convert"},
      {"/bin/sh", {"sh", "-c", ""}, "/bin/sh"},
      {"/bin/sh", {"sh", "script.sh"}, "/bin/sh"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    CHECK_EQ(launcher::program_meant(row.path, row.words), row.meant);
  }
}

TEST_CASE("connections as the profile names them") {
  using Kind = Connected::Kind;
  FirstSeen<Connected> seen;
  seen.see({Kind::unix_socket, "/run/mysqld/mysqld.sock", ""}, "a.php");
  seen.see({Kind::unix_socket, "/run/redis/redis.sock", ""}, "b.php");
  seen.see({Kind::unix_socket, "/var/run/nscd/socket", ""}, "b.php");
  seen.see({Kind::tcp, "192.0.2.1:443", "example.org"}, "c.php");
  seen.see({Kind::tcp, "192.0.2.2:443", "example.org"}, "d.php");
  seen.see({Kind::tcp, "[2001:db8::1]:25", ""}, "e.php");
  seen.see({Kind::udp, "192.0.2.9:514", ""}, "f.php");
  seen.see({Kind::abstract_socket, "x", ""}, "g.php");
  profiles::Policy policy;
  policy.connect.push_back({{"/run/redis/redis.sock"}, {}, {}});
  using Wanted = WantedConnection::Kind;
  const std::vector<WantedConnection> wanted = {
      {Wanted::unix_socket, "/run/mysqld/mysqld.sock", "", "a.php"},
      {Wanted::tcp, "example.org:443", "it was asked for just before 192.0.2.1:443", "c.php"},
      {Wanted::tcp, "[2001:db8::1]:25", "", "e.php"},
      {Wanted::other, "192.0.2.9:514", "UDP", "f.php"},
      {Wanted::other, "@x", "abstract socket", "g.php"},
  };
  CHECK(launcher::wanted_connections(seen, policy) == wanted);
}

TEST_CASE("what the extensions' script answers is a pool's text") {
  const auto uses = launcher::parse_extensions(
      "mbstring\tneeded\tmb_strlen()\t/srv/x.php\t12\t\n"
      "mysqli\tperhaps\tmysqli\t/srv/y.php\t3\tmysqlnd,spl\n"
      "../evil\tneeded\tx\ty\t1\t\n"
      "gd\tsure\tx\ty\t1\t\n"
      "<b>Warning</b>: nothing\n"
      "gd\tasked_for\tgd_info()\t/srv/z.php\tnan\t\n");
  REQUIRE_EQ(uses.size(), 3);
  CHECK(uses[0] == ExtensionUse{"mbstring", ExtensionUse::How::needed, "mb_strlen()", "/srv/x.php", 12, {}});
  CHECK(uses[1].depends_on == std::vector<std::string>{"mysqlnd", "spl"});
  CHECK_EQ(uses[2].line, 0);
}

TEST_CASE("extensions that are missing, with what they need") {
  using How = ExtensionUse::How;
  launcher::PhpFacts php;
  php.shared = {"ffi", "gd", "mbstring", "mysqli", "mysqlnd", "opcache"};
  profiles::Policy policy;
  policy.php.extensions = {"opcache", "mbstring"};
  const std::vector<ExtensionUse> uses = {{"gd", How::asked_for, "gd_info()", "a", 1, {}},  {"json", How::needed, "json_encode()", "a", 1, {}},
                                          {"mbstring", How::needed, "mb_strlen()", "a", 1, {}}, {"mysqli", How::perhaps, "mysqli", "b", 2, {"mysqlnd", "spl"}},
                                          {"opcache", How::asked_for, "opcache_reset()", "a", 1, {}},
                                          {"ffi", How::needed, "FFI", "a", 1, {}}};  // a claim: no recording box has it
  const std::vector<ExtensionUse> wanted = {{"gd", How::asked_for, "gd_info()", "a", 1, {}},
                                            {"mysqli", How::perhaps, "mysqli", "b", 2, {"mysqlnd", "spl"}},
                                            {"mysqlnd", How::needed, "extension mysqli", "b", 2, {}}};
  CHECK(launcher::missing_extensions(uses, policy, php) == wanted);
}
