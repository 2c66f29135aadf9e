#include "launcher/harness/targets.h"

#include <doctest/doctest.h>

using namespace harness;

TEST_CASE("targets stand in texts, as numbers and as pointers") {
  const Targets targets = {{"tmp", "/tmp"}, {"victim", "4711"}};
  CHECK_EQ(expand("$tmp/x, ${tmp}y, $$tmp", targets).value(), "/tmp/x, /tmpy, $tmp");
  CHECK_EQ(toString(expand("$no", targets)), "there is no target $no");
  Act act;
  act.id = "x/y";
  using Kind = NativeArgument::Kind;
  act.native = Native{"kill", {{{Kind::target, 0, "victim"}, {Kind::number, 9, {}}, {Kind::target, 0, "tmp"}, {Kind::text, 0, "$tmp/a"}, {Kind::zeros, 8, {}}, {Kind::bytes, 0, "\x7f"}}}, {}};
  CHECK_EQ(request_line(probe_request(act, targets).value()), "x/y\tcall\tkill\tn:4711\tn:9\tt:/tmp\tt:/tmp/a\tz:8\tb:7f");
  act.native->probe = "spawn";
  CHECK(request_line(probe_request(act, targets).value()).starts_with("x/y\tprobe\tspawn\t"));
}

TEST_CASE("PHP gets code and targets, digits as numbers") {
  Act act;
  act.php = "return \"a\\n\";";
  CHECK_EQ(php_body(act, {{"tmp", "/tmp"}, {"victim", "12"}}), R"({"code":"return \"a\\n\";","targets":{"tmp":"/tmp","victim":12}})");
}
