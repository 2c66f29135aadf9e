#include "launcher/enforce/explain.h"

#include <doctest/doctest.h>
#include <sched.h>
#include <errno.h>

#include <string>

#include "launcher/enforce/child/steps.h"
#include "launcher/enforce/prepared.h"

using namespace launcher;

namespace {

int step_number(const std::string& name) {
  for (std::size_t i = 0; i < child::kStepCount; ++i)
    if (name == child::kSteps[i].name) return static_cast<int>(i);
  return -1;
}

Plan planned() {
  Plan plan;
  plan.pool = plan.hostname = "shop";
  plan.user = "www-shop";
  plan.program.source = "/usr/sbin/php-fpm8.2";
  plan.rlimits = {{"nofile", 0, 0}};
  MountOp code;
  code.target = "/srv/shop";
  code.key = "filesystem.code";
  plan.mounts = {code};
  return plan;
}

Prepared prepared(const Plan& plan) {
  Prepared box;
  box.plan = &plan;
  box.attach.push_back({-1, "srv/shop", 0});
  return box;
}

}  // namespace

TEST_CASE("a failed step is told with its subject and its line of the profile") {
  const Plan plan = planned();
  Prepared box = prepared(plan);
  box.namespaces.push_back({CLONE_NEWNET, "net", {}});
  profiles::Origins origins;
  origins.set("identity.user", {{"shop.yaml", 2, 17}, {}});
  origins.set("filesystem.code", {{"shop.yaml", 5, 9}, {}});
  origins.set("filesystem", {{"shop.yaml", 4, 1}, {}});
  origins.set("limits.nofile", {{"shop.yaml", 7, 20}, {}});
  origins.set("listen", {{"base.yaml", 9, 1}, {}});
  const struct {
    const char* step;
    int subject;
    const char* text;
  } rows[] = {
      {"identity", -1, "step `identity` on user www-shop (identity.user, shop.yaml:2:17): Operation not permitted"},
      {"mounts", 0, "step `mounts` on /srv/shop (filesystem.code, shop.yaml:5:9): Operation not permitted"},
      {"mounts", 7, "step `mounts` on row 7 (filesystem, shop.yaml:4:1): Operation not permitted"},
      {"limits", 0, "step `limits` on limits.nofile, shop.yaml:7:20: Operation not permitted"},
      {"read back", 3, "step `read back` on bounding set (identity.user, shop.yaml:2:17): Operation not permitted"},
      {"namespaces", 0, "step `namespaces` on net namespace (network, which shop.yaml leaves open): Operation not permitted"},
      {"namespaces", 1, "step `namespaces` on row 1 (network, which shop.yaml leaves open): Operation not permitted"},
      {"fds", 4, "step `fds` on fd 4 (listen, base.yaml:9:1): Operation not permitted"},
      {"pivot", -1, "step `pivot` on filesystem, shop.yaml:4:1: Operation not permitted"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.step);
    REQUIRE_GE(step_number(row.step), 0);
    CHECK_EQ(explain({step_number(row.step), EPERM, row.subject}, box, origins).text(), row.text);
  }
  for (const int step : {-1, static_cast<int>(child::kStepCount), 1 << 30})
    CHECK_NE(explain({step, EPERM, 0}, box, origins).text().find("names no step"), std::string::npos);
}

TEST_CASE("whatever step fails, its error has a subject and a place in the profile") {
  const Plan plan = planned();
  const Prepared box = prepared(plan);
  profiles::Origins origins;
  origins.set("identity.user", {{"shop.yaml", 2, 17}, {}});
  for (std::size_t i = 0; i < child::kStepCount; ++i) {
    for (const int subject : {-1, 0}) {
      const std::string text = explain({static_cast<int>(i), EPERM, subject}, box, origins).text();
      CAPTURE(text);
      const auto on = text.find("` on ");
      REQUIRE_NE(on, std::string::npos);
      const bool has_place = text.find("shop.yaml", on) != std::string::npos;
      const bool is_row_of_profile = subject == 0 && (text.find("filesystem.code") != std::string::npos || text.find("limits.nofile") != std::string::npos);
      CHECK((has_place || is_row_of_profile));
    }
  }
}

TEST_CASE("what to do follows from the errno, where it does") {
  CHECK_NE(with_advice({"fsopen", "tmpfs", ENOSYS, {}}).find("; this kernel does not have that call"), std::string::npos);
  CHECK_NE(with_advice({"pipe", {}, EMFILE, {}}).find("; raise LimitNOFILE="), std::string::npos);
  CHECK_EQ(with_advice({"refused", {}, 0, {}}), "refused");
}
