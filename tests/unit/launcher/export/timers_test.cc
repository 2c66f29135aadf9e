// The text; that systemd takes it and runs the job: tests/machine/systemd_unit.py.
#include "launcher/export/timers.h"

#include <doctest/doctest.h>

#include "tests/support/golden.h"
#include "tests/support/invented.h"

namespace {

base::Result<profiles::Exported> timers(const std::string& jobs, const std::string& pool = "shop") {
  base::Diagnostics diagnostics;
  const auto composed = test::pool(test::kShop + jobs, diagnostics);
  REQUIRE_EQ(test::text_of(diagnostics), "");
  return launcher::export_timers(composed.policy, pool);
}

}  // namespace

TEST_CASE("golden: a job is a service that execs, and its timer") {
  const auto written = timers("jobs: {tick: {every: 5m, run: [php, bin/tick.php, --quiet]}}\n");
  REQUIRE(written.ok());
  REQUIRE_EQ(written.value().files.size(), 2);
  CHECK_EQ(written.value().files[0].path, "/etc/systemd/system/fpmbox-shop.tick.service");
  CHECK_EQ(written.value().files[1].path, "/etc/systemd/system/fpmbox-shop.tick.timer");
  test::check_golden("export/shop.tick.service", written.value().files[0].text);
  test::check_golden("export/shop.tick.timer", written.value().files[1].text);
}

TEST_CASE("the words of a job reach it as they are, whatever systemd makes of them") {
  struct Row {
    const char* word;
    const char* text;
  };
  for (const Row& row : {Row{"a b", "\"a b\""}, Row{"100%", "100%%"}, Row{"$HOME", "$$HOME"}, Row{"x;y", "\"x;y\""}, Row{"a=1&b=2", "a=1&b=2"}}) {
    CAPTURE(row.word);
    const auto written = timers(std::string("jobs: {tick: {every: 1h, run: [php, \"") + row.word + "\"]}}\n", "/srv/my pools/shop.yaml");
    REQUIRE(written.ok());
    CHECK_NE(written.value().files[0].text.find("\nExecStart=fpmbox exec \"/srv/my pools/shop.yaml\" -- php " + std::string(row.text) + "\n"), std::string::npos);
  }
  CHECK_FALSE(timers("jobs: {tick: {every: 1h, run: [php, \"it's\"]}}\n").ok());
}

TEST_CASE("every job has its files; a pool without any is told so") {
  const auto written = timers("jobs: {a: {every: 1h, run: [php, a.php]}, b: {every: 24h, run: [php, b.php]}}\n");
  REQUIRE(written.ok());
  CHECK_EQ(written.value().files.size(), 4);
  CHECK_NE(written.value().files[3].text.find("\nOnUnitActiveSec=1d\n"), std::string::npos);
  const auto none = timers("");
  REQUIRE_FALSE(none.ok());
  CHECK_NE(none.error().text().find("has no jobs"), std::string::npos);
}
