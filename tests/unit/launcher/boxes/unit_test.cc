#include "launcher/boxes/unit.h"

#include <doctest/doctest.h>

using namespace launcher;

TEST_CASE("only the main process of a system service is that service") {
  const ServiceHints main{.invocation_id = "ab", .exec_pid = "7", .notified = true, .pid = 7, .parent = 1};
  const ServiceHints child{.invocation_id = "ab", .exec_pid = "6", .notified = false, .pid = 7, .parent = 6};
  const ServiceHints older{.invocation_id = "ab", .exec_pid = "", .notified = true, .pid = 7, .parent = 1};
  const ServiceHints orphan{.invocation_id = "ab", .exec_pid = "", .notified = false, .pid = 7, .parent = 1};
  const ServiceHints terminal{.invocation_id = "", .exec_pid = "7", .notified = false, .pid = 7, .parent = 1};
  const std::string wiki = "0::/system.slice/fpmbox.slice/fpmbox@wiki.service\n";
  const struct {
    ServiceHints hints;
    std::string memberships;
    const char* unit;
  } rows[] = {
      {main, wiki, "fpmbox@wiki.service"},
      {main, "0::/system.slice/fpmbox@wiki.service/launcher\n", "fpmbox@wiki.service"},
      {main, "4:memory:/x\n1:name=systemd:/system.slice/fpmbox@wiki.service\n0::/\n", "fpmbox@wiki.service"},
      {older, wiki, "fpmbox@wiki.service"},
      {orphan, wiki, ""},
      {child, "0::/system.slice/cron.service\n", ""},  // a job of cron's
      {terminal, wiki, ""},
      {main, "0::/user.slice/user-0.slice/session-2.scope\n", ""},
      {main, "0::/user.slice/user-0.slice/user@0.service/app.slice/wiki.service\n", ""},
      {main, "0::/system.slice/-x.service\n", ""},
      {main, "0::/system.slice/a b.service\n", ""},
      {main, "4:memory:/system.slice/other.service\n", ""},
      {main, "", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.memberships);
    CHECK(unit_of(row.hints, row.memberships) == row.unit);
  }
}
