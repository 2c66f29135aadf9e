#include "launcher/denials/php_messages.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "launcher/sys/file.h"
#include "profiles/base/text.h"
#include "tests/unit/launcher/denials/shop.h"

using namespace launcher;

namespace {

const std::string kGolden = SOURCE_DIR "/tests/golden/denials/messages.txt";

std::string said(const std::string& what) {
  return "[26-Nov-2026 13:09:10] WARNING: [pool shop] child 2 said into stderr: \"NOTICE: PHP message: " + what + "\"";
}

std::string labelled(const char* label, const std::string& text) { return text.empty() ? "" : std::string("    ") + label + text + "\n"; }

std::string on_one_line(std::string text) {
  for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n')) text.replace(at, 1, " | ");
  return text;
}

std::string description(const std::string& line, const DenialContext& context) {
  const auto denial = recognise(line, context);
  if (!denial) return "    nothing\n";
  return "    " + std::string(name_of(denial->kind)) + ": " + denial->act + (denial->script.empty() ? "" : " in " + denial->script) + "\n" +
         labelled("path: ", denial->path) + labelled("decided by: ", test::shortened(denial->decided_by)) +
         labelled("permit: ", on_one_line(denial->permit)) + labelled("note: ", denial->note);
}

}  // namespace

TEST_CASE("what PHP 8.2 and FPM say in boxes, line by line") {
  const test::Shop shop;
  const std::string golden = sys::read_file(kGolden, 1 << 20).value();
  std::string text;
  int recognised = 0;
  for (const std::string& line : base::split(golden, '\n')) {
    if (line.starts_with("    ") || line.empty()) continue;
    text += line + "\n";
    if (line.starts_with('#')) continue;
    const std::string found = description(line, shop.context());
    recognised += found != "    nothing\n";
    text += found;
  }
  if (std::getenv("FPMBOX_UPDATE_GOLDENS") != nullptr) std::ofstream(kGolden) << text;
  CHECK_EQ(text, golden);
  CHECK_GT(recognised, 60);
}

TEST_CASE("a command's errors are read as well") {
  const test::Shop shop;
  const auto denial = recognise("PHP Warning:  file_put_contents(/srv/shop/www-1.4/cache/x): Failed to open stream: Read-only file system in /srv/shop/www/a.php on line 2",
                                shop.context());
  REQUIRE(denial);
  CHECK_EQ(denial->path, "cache/x");
  CHECK_EQ(denial->script, "/srv/shop/www/a.php");
  CHECK_EQ(denial->pid, 0);
}

TEST_CASE("what is writable, loaded or set otherwise is another matter") {
  const test::Shop shop("php: {extensions: [mbstring], disable_functions: {remove: [exec]}}\nnetwork: {mode: host, why: test}\n");
  const struct {
    const char* message;
    const char* found;
  } rows[] = {
      {"PHP Fatal error:  Uncaught Error: Call to undefined function mb_strlen() in /a.php:3", "    nothing\n"},
      {"PHP Fatal error:  Uncaught Error: Call to undefined function exec() in /a.php:3", "    nothing\n"},
      {"PHP Warning:  fsockopen(): Unable to connect to 127.0.0.1:80 (Connection refused) in /a.php on line 2", "    nothing\n"},
      {"PHP Warning:  fsockopen(): Unable to connect to db.example.org:3306 (php_network_getaddresses: getaddrinfo for db.example.org failed: Name or service not known) in /a.php on line 2",
       "    nothing\n"},
      {"PHP Warning:  fsockopen(): Unable to connect to 127.0.0.1:80 (Permission denied) in /a.php on line 2",
       "    connect: connect to 127.0.0.1:80 in /a.php\n    decided by: connect (not set)\n    permit: connect: [{tcp: \"127.0.0.1:80\", why: \"...\"}]\n"},
      {"PHP Warning:  file_put_contents(/srv/shop/www/lib/../var//cache/x): Failed to open stream: Read-only file system in /a.php on line 2",
       "    write: write /srv/shop/www/lib/../var//cache/x in /a.php\n    path: var/cache/x\n    decided by: filesystem.code (/pools/shop.yaml:5:9)\n"
       "    permit: filesystem: {writable: [var/cache/x]}\n    note: if it is not there yet, its folder: [var/cache]\n"},
      {"PHP Warning:  file_put_contents(../var/x): Failed to open stream: Read-only file system in /a.php on line 2",
       "    write: write ../var/x in /a.php\n    decided by: filesystem.code (/pools/shop.yaml:5:9)\n"
       "    note: the path is relative, as a rule to the folder of the script that was asked for; filesystem: {writable: [PATH]} with its path below the "
       "code would permit it\n"},
      {"PHP Warning:  file_get_contents(/srv/shop/www/lib/../../other/x): Failed to open stream: No such file or directory in /a.php on line 2",
       "    absent: open /srv/shop/other/x in /a.php\n    decided by: filesystem.system (catalog/php-fpm.yaml:8:3), which does not name it\n"
       "    permit: filesystem: {system: [{path: /srv/shop/other/x, why: \"...\"}]}\n    note: if the host has it\n"},
      {"PHP Warning:  file_put_contents(/srv/shop/www/data/x): Failed to open stream: Read-only file system in /a.php on line 2",
       "    write: write /srv/shop/www/data/x in /a.php\n    decided by: the host\n"
       "    note: it is writable in the box; look whether the pool's user may write it on the host\n"},
  };
  for (const auto& row : rows) {
    CHECK_EQ(description(said(row.message), shop.context()), row.found);
    CHECK_EQ(description(said(row.message), shop.whole_context()), row.found);
  }
}

TEST_CASE("programs: what is granted already is not advised again") {
  const test::Shop shop("programs: [{path: /bin/sh, why: test}, {path: /usr/bin/convert, why: test}]\n");
  const std::string decided = "    decided by: programs (/pools/shop.yaml:7:40), which does not name it\n";
  const std::string each = "    note: each program that is started has to be named by its path: programs: [{path: PATH, why: \"...\"}]";
  const struct {
    std::string message;
    std::string found;
  } rows[] = {
      {"PHP Warning:  exec(): Unable to fork [/usr/bin/ls] in /a.php on line 2", "    nothing\n"},  // the shell is there: it failed for another reason
      {"PHP Fatal error:  Uncaught Error: Call to undefined function exec() in /a.php:3",
       "    function: exec() in /a.php\n    decided by: php.disable_functions (catalog/php-fpm.yaml:27:23)\n"
       "    permit: php: {disable_functions: {remove: [exec]}}\n" + each + "\n"},
      {"sh: 1: /usr/bin/convert: not found", "    nothing\n"},  // it is granted
      {"sh: 1: /usr/bin/ls: not found", "    function: start /usr/bin/ls\n" + decided + "    permit: programs: [{path: /usr/bin/ls, why: \"...\"}]\n"},
      {"sh: 1: /usr/bin/ls: Permission denied", "    function: start /usr/bin/ls\n" + decided + "    permit: programs: [{path: /usr/bin/ls, why: \"...\"}]\n"},
      {"sh: 1: /usr/sbin/sendmail: not found",
       "    function: start /usr/sbin/sendmail\n" + decided + "    permit: programs: [{path: /usr/sbin/sendmail, why: \"...\"}]\n"
       "    note: where it was mail(): mail: {unix: PATH} names a server, without the program\n"},
      {"sh: 12: ls: not found", "    function: start ls\n" + decided + each + "\n"},
      {"sh: 1: /usr/../bin/ls: not found", "    function: start /usr/../bin/ls\n" + decided + each + "\n"},
      {"sh: 1: a b: not found", "    nothing\n"},
      {"PHP Warning:  file_get_contents(/usr/bin/ls): Failed to open stream: No such file or directory in /a.php on line 2",
       "    absent: open /usr/bin/ls in /a.php\n    decided by: filesystem.system (catalog/php-fpm.yaml:8:3), which does not name it\n"
       "    permit: programs: [{path: /usr/bin/ls, why: \"...\"}]\n    note: if the host has it; scripts can start it, too, then\n"},
      {"sh: 1: : not found", "    nothing\n"},
      {"PHP Warning:  proc_open(): Exec failed: No such file or directory in /a.php on line 2",
       "    function: proc_open() in /a.php\n" + decided + each + "; with a text for a command it wants /bin/sh, too\n"},
      {"PHP Warning:  pcntl_exec(): Exec failed: Permission denied in /a.php on line 2", "    function: pcntl_exec() in /a.php\n" + decided + each + "\n"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.message);
    CHECK_EQ(description(said(row.message), shop.context()), row.found);
  }
}

TEST_CASE("programs: of a command no more than its first word is told, and that as a path alone") {
  const test::Shop shop("php: {disable_functions: {remove: [exec]}}\n");
  const std::string head = "    function: exec() in /a.php\n    decided by: programs (not set)\n    permit: programs: [{path: /bin/sh, why: \"...\"}";
  const std::string each = "]\n    note: each program that is started has to be named by its path: programs: [{path: PATH, why: \"...\"}]\n";
  const struct {
    const char* command;
    std::string found;
  } rows[] = {
      {"/usr/bin/convert --password=x a.png", head + ", {path: /usr/bin/convert, why: \"...\"}]\n"},
      {"/usr/bin/a],b: x", head + ", {path: \"/usr/bin/a],b:\", why: \"...\"}]\n"},
      {"convert a.png", head + each},
      {"/usr/../bin/x", head + each},
      {"", head + each},
  };
  for (const auto& row : rows) {
    CAPTURE(row.command);
    CHECK_EQ(description(said("PHP Warning:  exec(): Unable to fork [" + std::string(row.command) + "] in /a.php on line 2"), shop.context()), row.found);
  }
}

TEST_CASE("hostile lines claim nothing but text") {
  const test::Shop shop;
  const struct {
    const char* message;
    const char* found;
  } rows[] = {
      // no profile's line may be made of a path that leads elsewhere
      {"PHP Warning:  file_put_contents(/srv/shop/www/../../etc/x): Failed to open stream: Read-only file system in /a.php on line 2",
       "    write: write /srv/shop/www/../../etc/x in /a.php\n    decided by: filesystem.writable (/pools/shop.yaml:6:3), which names paths of the code\n"
       "    note: no profile can permit it: a box writes below its code, in /tmp, and nowhere else\n"},
      {"PHP Warning:  file_get_contents(/etc/../x): Failed to open stream: No such file or directory in /a.php on line 2",
       "    absent: open /x in /a.php\n    decided by: filesystem.system (catalog/php-fpm.yaml:8:3), which does not name it\n"
       "    permit: filesystem: {system: [{path: /x, why: \"...\"}]}\n    note: if the host has it\n"},
      {"PHP Warning:  file_get_contents(/etc/../../): Failed to open stream: No such file or directory in /a.php on line 2", "    nothing\n"},
      {"PHP Warning:  fopen(/etc/a], evil: [b): Failed to open stream: No such file or directory in /a.php on line 2",
       "    absent: open /etc/a], evil: [b in /a.php\n    decided by: filesystem.system (catalog/php-fpm.yaml:8:3), which does not name it\n"
       "    permit: filesystem: {system: [{path: \"/etc/a], evil: [b\", why: \"...\"}]}\n    note: if the host has it\n"},
      {"PHP Warning:  fopen(/etc/a?token=1): Failed to open stream: No such file or directory in /a.php?b on line 2",
       "    absent: open /etc/a?... in /a.php?...\n    decided by: filesystem.system (catalog/php-fpm.yaml:8:3), which does not name it\n"
       "    note: what stands behind a question mark is not kept, so that no line can be made of it\n"},
      {"PHP Warning:  x", "    nothing\n"},
      {"PHP :  ", "    nothing\n"},
      {"fpmbox: refused to start a: whatever", "    nothing\n"},
  };
  for (const auto& row : rows) CHECK_EQ(description(said(row.message), shop.context()), row.found);
  for (const char* line : {"", "[", "[]", "[] WARNING: [pool x] child", "[a] WARNING: [pool shop] child 99999999999999999999 said into stderr: \"PHP Warning:  mkdir(): Read-only file system\""})
    CHECK_FALSE(recognise(line, shop.context()));
}

TEST_CASE("an existing file is named itself, a new one by its folder") {
  Denial denial;
  denial.path = "cache/a/x";
  denial.permit = "filesystem: {writable: [cache/a/x]}";
  Denial file = denial, folder = denial;
  settle_write(file, true);
  settle_write(folder, false);
  CHECK_EQ(file.permit, "filesystem: {writable: [cache/a/x]}");
  CHECK_EQ(folder.permit, "filesystem: {writable: [cache/a]}");
  Denial script;
  script.path = "plugins/a.php";
  script.permit = "filesystem: {writable: [plugins/a.php]}";
  settle_write(script, false);
  CHECK_NE(script.note.find("plants code"), std::string::npos);
  CHECK_EQ(folder.note, "");
  Denial top;
  top.path = "x";
  top.permit = "filesystem: {writable: [x]}";
  settle_write(top, false);
  CHECK_EQ(top.permit, "filesystem: {writable: [x]}");
  CHECK_EQ(top.note, "make it first");
}
