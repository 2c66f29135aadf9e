#include "launcher/facts/php_answer.h"

#include <doctest/doctest.h>

#include "launcher/facts/php_cache.h"

using namespace launcher;

namespace {

constexpr const char* kInfo =
    "phpinfo()\nPHP Version => 8.2.36\n\nextension_dir => /usr/lib/php/20220829 => /usr/lib/php/20220829\n"
    "Configuration File (php.ini) Path => /etc/php/8.2/cli\n"
    "PHP Version => 9.9.9\n";
constexpr const char* kModules = "[PHP Modules]\ncgi-fcgi\nCore\nSPL\nstandard\n\n[Zend Modules]\nZend OPcache\n\n";

const PhpAnswer kAnswer{"8.2.36",
                        "/usr/lib/php/20220829",
                        "/lib64/ld-linux-x86-64.so.2",
                        {"cgi-fcgi", "core", "opcache", "spl", "standard"},
                        "/etc/php/8.2/cli"};

}  // namespace

TEST_CASE("what php-fpm says about itself") {
  auto answer = parse_php_answer(kInfo, kModules);
  REQUIRE(answer.ok());
  answer.value().interpreter = kAnswer.interpreter;
  CHECK(answer.value() == kAnswer);
  const std::string nowhere = "PHP Version => 8.2\nextension_dir => /x => /x\nConfiguration File (php.ini) Path => (none)\n";
  CHECK_EQ(parse_php_answer(nowhere, kModules).value().ini_directory, "");
}

TEST_CASE("answers that make no sense are refused") {
  struct Row {
    const char* info;
    const char* modules;
  };
  for (const Row& row : {Row{"", kModules}, Row{kInfo, ""}, Row{kInfo, "[PHP Modules]\n"},
                         Row{"PHP Version => 8.2.36\n", kModules}, Row{"<html>PHP Version => 8.2.36</html>", kModules},
                         Row{"PHP Version => ../../x\nextension_dir => /x => /x\n", kModules},
                         Row{"PHP Version => 8.2\nextension_dir => relative => relative\n", kModules},
                         Row{"PHP Version => 8.2\nextension_dir => /a/../b => /a/../b\n", kModules},
                         Row{"PHP Version => 8.2\nextension_dir => /a\x1b[1m => /a\n", kModules},
                         Row{"PHP Version => 8.2\nextension_dir => no value => no value\n", kModules}}) {
    CAPTURE(row.info);
    CHECK_FALSE(parse_php_answer(row.info, row.modules).ok());
  }
}

TEST_CASE("what is kept reads back, and nothing else does") {
  const std::string text = format_php_answer(kAnswer);
  CHECK(read_php_answer(text) == kAnswer);
  PhpAnswer fixed = kAnswer;
  fixed.interpreter.clear();
  CHECK(read_php_answer(format_php_answer(fixed)) == fixed);
  for (std::size_t length = 0; length < text.size(); ++length) {
    CAPTURE(length);
    CHECK_FALSE(read_php_answer(text.substr(0, length)).has_value());
  }
  for (const std::string& bad :
       {text + "x", text + "\n", "x" + text, std::string("version=8\nextension_dir=/x\ninterpreter=x\nbuilt_in=core\nini_directory=\n"),
        std::string("version=8\nextension_dir=/x\ninterpreter=\nbuilt_in=core\n"),  // of an older fpmbox
        std::string("version=8\nextension_dir=/x\ninterpreter=\nbuilt_in=core\nini_directory=x\n"),
        std::string("version=8\nextension_dir=x\ninterpreter=\nbuilt_in=core\nini_directory=\n"),
        std::string("version=8\nextension_dir=/x\ninterpreter=\nbuilt_in=\nini_directory=\n"),
        std::string("version=8\nextension_dir=/x\ninterpreter=\nbuilt_in=a  b\nini_directory=\n"),
        std::string("version=8\nextension_dir=/x\ninterpreter=\nbuilt_in=A\nini_directory=\n"),
        std::string("version=\nextension_dir=/x\ninterpreter=\nbuilt_in=a\nini_directory=\n"),
        std::string("extension_dir=/x\nversion=8\ninterpreter=\nbuilt_in=a\nini_directory=\n"),
        std::string("version=8\nextension_dir=/x\ninterpreter=\nbuilt_in=a\r\nini_directory=\n")}) {
    CAPTURE(bad);
    CHECK_FALSE(read_php_answer(bad).has_value());
  }
}

TEST_CASE("each state of a binary has its own name") {
  struct stat binary = {};
  binary.st_ino = 7;
  const std::string name = php_cache_name(binary);
  CHECK(name.find('/') == std::string::npos);
  struct stat touched = binary;
  touched.st_ctim.tv_nsec = 1;
  CHECK(php_cache_name(touched) != name);
  touched = binary;
  touched.st_mtim.tv_sec = 1;
  CHECK(php_cache_name(touched) != name);
  touched = binary;
  touched.st_size = 1;
  CHECK(php_cache_name(touched) != name);
}
