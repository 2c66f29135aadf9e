#include "launcher/supervise/pool_status.h"

#include <doctest/doctest.h>

using namespace launcher;
using std::chrono::microseconds;

namespace {

const std::string kText =
    "pool:                 shop\nprocess manager:      static\nstart time:           26/Nov/2026:13:15:40 +0000\nactive processes:     1\n"
    "\n************************\npid:                  3\nstate:                Running\nstart time:           26/Nov/2026\nstart since:          10\n"
    "requests:             2\nrequest duration:     1500\nrequest method:       GET\nrequest URI:          /x.php?password=secret\n"
    "content length:       0\nuser:                 -\nscript:               /srv/shop/www/x.php\nlast request cpu:     0.00\n"
    "\n************************\npid:                  5\nstate:                Idle\nrequest duration:     90\nscript:               /srv/shop/www/y.php?a=b\n"
    "\n************************\npid:                  7\nstate:                Idle\nrequest duration:     0\nscript:               -\n";

}  // namespace

TEST_CASE("the scripts of FPM's full status, and nothing else of a request") {
  const auto workers = parse_status(kText);
  REQUIRE_EQ(workers.size(), 3u);
  CHECK(workers[0] == WorkerStatus{3, true, microseconds(1500), "/srv/shop/www/x.php"});
  CHECK(workers[1] == WorkerStatus{5, false, microseconds(90), "/srv/shop/www/y.php"});
  CHECK(workers[2] == WorkerStatus{7, false, microseconds(0), ""});
  CHECK(parse_status("").empty());
  CHECK(parse_status("\n************************\n").empty());
  CHECK(parse_status("\n************************\npid: -3\n").empty());
}

TEST_CASE("whose request it was") {
  const auto workers = parse_status(kText);
  CHECK_EQ(script_of(workers, 3, microseconds(1000)), "/srv/shop/www/x.php");
  CHECK_EQ(script_of(workers, 3, microseconds(2000)), "");  // this request began after the call
  CHECK_EQ(script_of(workers, 3, microseconds(-5)), "/srv/shop/www/x.php");
  CHECK_EQ(script_of(workers, 5, microseconds(2000)), "/srv/shop/www/y.php");
  CHECK_EQ(script_of(workers, 99, microseconds(0)), "");
  // a process that a worker started: of the one request that runs
  CHECK_EQ(script_of(workers, std::nullopt, microseconds(0)), "/srv/shop/www/x.php");
  auto two = workers;
  two[1].runs = true;
  CHECK_EQ(script_of(two, std::nullopt, microseconds(0)), "");
  CHECK_EQ(script_of({workers[1]}, std::nullopt, microseconds(0)), "/srv/shop/www/y.php");
  CHECK_EQ(script_of({}, 3, microseconds(0)), "");
}

TEST_CASE("nobody to ask") {
  StatusQuestion question(-1);
  CHECK_FALSE(question.ask(Instant()));
  CHECK_FALSE(question.advance(Instant()));
  CHECK_FALSE(question.due());
}
