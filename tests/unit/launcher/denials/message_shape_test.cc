#include "launcher/denials/message_shape.h"

#include <doctest/doctest.h>

#include <string>

using launcher::match;
using launcher::read_message;

TEST_CASE("a shape's parts, from left to right") {
  const struct {
    const char* shape;
    const char* text;
    bool fits;
    const char* first;
    const char* second;
  } rows[] = {
      {"a", "a", true, "", ""},
      {"a", "b", false, "", ""},
      {"*", "", true, "", ""},
      {"*(*): x", "f(/a): x", true, "f", "/a"},
      {"*(*): x", "f(/a): y", false, "", ""},
      {"*(*): x", "f(/a): x): x", true, "f", "/a): x"},  // the last part is at the end
      {"a*b", "ab", true, "", ""},
      {"ab*ba", "aba", false, "", ""},  // no letter counts twice
      {"*b*", "b", true, "", ""},
      {"*, *", "a, b, c", true, "a", "b, c"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.shape);
    CAPTURE(row.text);
    const auto parts = match(row.shape, row.text);
    CHECK_EQ(parts.has_value(), row.fits);
    if (!parts) continue;
    CHECK_EQ((*parts)[0], row.first);
    CHECK_EQ((*parts)[1], row.second);
  }
}

TEST_CASE("what stands around a message") {
  const std::string head = "[26-Nov-2026 13:09:10] WARNING: [pool shop] ";
  const struct {
    std::string line;
    const char* text;  // nullptr: no message
    const char* script;
    int pid;
  } rows[] = {
      {head + "child 2 said into stderr: \"NOTICE: PHP message: PHP Warning:  mkdir(): Read-only file system in /a b.php on line 2\"", "mkdir(): Read-only file system", "/a b.php", 2},
      {head + "child 2 said into stderr: \"NOTICE: PHP message: PHP Fatal error:  Uncaught Error: Call to undefined function x() in /a.php:2\"", "Error: Call to undefined function x()", "/a.php", 2},
      {head + "child 2 said into stderr: \"NOTICE: PHP message: PHP Warning:  PHP Request Startup: POST in Unknown on line 0\"", "POST", "", 2},
      {head + "server reached pm.max_children setting (5), consider raising it", "server reached pm.max_children setting (5), consider raising it", "", 0},
      {"PHP Warning:  x in y in /a.php on line 12", "x in y", "/a.php", 0},
      {"PHP Warning:  x in /a.php on line x", "x in /a.php on line x", "", 0},
      {head + "child x said into stderr: \"PHP Warning:  x\"", "child x said into stderr: \"PHP Warning:  x\"", "", 0},
      {"whatever PHP Warning:  x", nullptr, "", 0},
      {"", nullptr, "", 0},
  };
  for (const auto& row : rows) {
    CAPTURE(row.line);
    const auto message = read_message(row.line);
    CHECK_EQ(message.has_value(), row.text != nullptr);
    if (!message || row.text == nullptr) continue;
    CHECK_EQ(message->text, row.text);
    CHECK_EQ(message->script, row.script);
    CHECK_EQ(message->pid, row.pid);
  }
}
