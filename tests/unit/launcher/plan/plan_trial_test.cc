// A trial is the pool's own box but for the rows of the golden text.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include "launcher/plan/inside.h"
#include "launcher/plan/planner.h"
#include "profiles/base/text.h"
#include "tests/support/golden.h"
#include "tests/support/invented.h"

using launcher::MountOp;
using launcher::Plan;

namespace {

const std::string kConnectedShop = test::kShop + R"(connect:
  - unix: /run/mysqld/mysqld.sock
)";

launcher::Trial trial() {
  launcher::Trial out{.name = "shop.test", .folder = "/var/lib/fpmbox/shop.test", .socket = "1.sock"};
  out.copies = {{"/srv/shop/www-1.4/data", "/var/lib/fpmbox/shop.test/copies/0"}, {"/srv/shop/www-1.4/config.php", "/var/lib/fpmbox/shop.test/copies/1"}};
  return out;
}

Plan planned(const launcher::Request& request) {
  base::Diagnostics diagnostics;
  const auto composed = test::pool(kConnectedShop, diagnostics);
  auto facts = test::good_host();
  facts.paths["/run/mysqld"] = test::folder("/run/mysqld", 110);
  facts.paths["/run/mysqld/mysqld.sock"] = test::file("/run/mysqld/mysqld.sock", 110);
  facts.paths["/run/mysqld/mysqld.sock"].kind = facts.paths["/run/mysqld/mysqld.sock"].real_kind = launcher::PathFact::Kind::socket;
  Plan plan = launcher::plan({composed.policy, composed.origins, facts, request}, diagnostics);
  REQUIRE_EQ(test::text_of(diagnostics), "");
  return plan;
}

// Everything of a plan as lines: what is printed, and generated files line by line.
std::vector<std::string> lines_of(const Plan& plan) {
  std::vector<std::string> out = base::split(launcher::print(plan), '\n');
  for (const MountOp& op : plan.mounts)
    if (op.kind == MountOp::Kind::file)
      for (const std::string& line : base::split(op.content, '\n')) out.push_back(op.target + ": " + line);
  out.push_back("state: " + plan.state_directory);
  out.push_back("claim: " + plan.pool_directory.path + " " + std::to_string(plan.pool_directory.group) + " " + std::to_string(plan.pool_directory.mode));
  return out;
}

// Lines of `a` that are not in `b`, in their order.
std::string only_in(const std::vector<std::string>& a, const std::vector<std::string>& b, const std::string& sign) {
  std::string out;
  for (const std::string& line : a)
    if (std::find(b.begin(), b.end(), line) == b.end() && line.find("bytes") == line.npos) out += sign + line + "\n";
  return out;
}

std::string difference(const Plan& a, const Plan& b) { return only_in(lines_of(a), lines_of(b), "- ") + only_in(lines_of(b), lines_of(a), "+ "); }

// What the golden text shows, put back.
void undo(Plan& plan, const Plan& own) {
  plan.pool = own.pool;
  plan.state_directory = own.state_directory;
  plan.pool_directory = own.pool_directory;
  plan.live = own.live;
  plan.mounts = own.mounts;
}

}  // namespace

TEST_CASE("golden: what a trial has otherwise than its pool's own box") {
  const Plan own = planned({});
  launcher::Request request;
  request.trial = trial();
  Plan tried = planned(request);
  test::check_golden("plan/shop-trial.txt", difference(own, tried));
  undo(tried, own);
  CHECK(tried == own);  // and nothing that no line shows
}

TEST_CASE("a trial's mounts are the pool's, with copies, without servers, and with the acts") {
  const Plan own = planned({});
  launcher::Request request;
  request.trial = trial();
  const Plan tried = planned(request);
  for (const MountOp& op : tried.mounts) {
    if (op.target == launcher::inside::kTrial) {
      CHECK(op.read_only);
      CHECK(op.no_exec);
      continue;
    }
    CAPTURE(op.target);
    const auto same = std::find_if(own.mounts.begin(), own.mounts.end(), [&](const MountOp& one) { return one.target == op.target; });
    REQUIRE(same != own.mounts.end());
    MountOp restored = op;
    restored.source = same->source;
    if (op.target.ends_with("/prelude.php")) restored.content = same->content;
    CHECK(restored == *same);
    const bool is_written = op.kind == MountOp::Kind::bind && !op.read_only;
    if (is_written) CHECK(op.source.starts_with("/var/lib/fpmbox/shop.test/"));
  }
}

TEST_CASE("a live trial keeps the servers") {
  launcher::Request request;
  request.trial = trial();
  const auto has_server = [](const Plan& plan) {
    return std::any_of(plan.mounts.begin(), plan.mounts.end(), [](const MountOp& op) { return op.source == "/run/mysqld"; });
  };
  CHECK_FALSE(has_server(planned(request)));
  request.trial->is_live = true;
  CHECK(has_server(planned(request)));
}

TEST_CASE("a trial of another program has the same walls, and no socket") {
  launcher::Request request;
  request.trial = trial();
  const Plan pool = planned(request);
  request.trial->program = "/usr/sbin/fpmbox";
  request.trial->arguments = {"probe"};
  Plan probe = planned(request);
  CHECK_FALSE(probe.live.exists());
  CHECK_FALSE(probe.status.exists());
  CHECK_EQ(probe.program.argv, std::vector<std::string>{"fpmbox", "probe"});
  CHECK(probe.program.has_streams);
  probe.program = pool.program;
  probe.live = pool.live;
  probe.status = pool.status;
  probe.pool_directory = pool.pool_directory;
  probe.mounts.push_back(pool.mounts.back());  // the acts, of which PHP alone has need
  CHECK(probe == pool);
}
