#include "profiles/base/diagnostics.h"

#include <doctest/doctest.h>

using namespace base;

TEST_CASE("a diagnostic in one line") {
  // Named, because g++ 12 takes the file of a nested braced Position for uninitialised.
  const Position place{"pool.yaml", 3, 7}, whole_file{"pool.yaml", 0, 0}, nowhere;
  const Diagnostic full{Severity::error, place, "limits.memory.max", "12 is not a size", "write 12MiB"};
  CHECK_EQ(full.text(), "pool.yaml:3:7: limits.memory.max: 12 is not a size; write 12MiB");
  const Diagnostic warning{Severity::warning, whole_file, "", "odd", ""};
  CHECK_EQ(warning.text(), "pool.yaml: warning: odd");
  const Diagnostic hostile{Severity::error, {}, "", "`\x1b[2J\n`", ""};
  CHECK_EQ(hostile.text(), "`\\x1b[2J\\x0a`");
}

TEST_CASE("reports read like the files") {
  Diagnostics diagnostics;
  diagnostics.warning({"b", 1, 1}, "", "third");
  CHECK_FALSE(diagnostics.has_errors());
  diagnostics.error({"a", 10, 1}, "", "second");
  diagnostics.error({"a", 9, 5}, "", "first");
  diagnostics.sort();
  CHECK(diagnostics.has_errors());
  CHECK_EQ(diagnostics.all()[0].what, "first");
  CHECK_EQ(diagnostics.all()[1].what, "second");
  CHECK_EQ(diagnostics.all()[2].what, "third");
}
