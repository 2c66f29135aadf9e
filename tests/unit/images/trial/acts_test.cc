#include "images/trial/acts.h"

#include <doctest/doctest.h>

#include "profiles/base/text.h"
#include "tests/support/named_acts.h"

using namespace images;
using test::act;
using test::expects;

TEST_CASE("the scripts that try acts are there for whom an act is named, and for nobody else") {
  StoredImage image;
  image.layers.emplace_back();
  profiles::Policy policy;
  policy.filesystem.code.text = "/srv/www";
  const TrialActs acts = {{act("exec/memfd")}, {{"act.php", "<?php"}}};
  add_acts(policy, acts, image);
  CHECK(image.layers.back().members.empty());
  policy.expect = expects({"exec/memfd"});
  add_acts(policy, acts, image);
  std::vector<std::string> paths;
  for (const Member& member : image.layers.back().members) paths.push_back("/" + member.path);
  CHECK_EQ(base::join(paths, " "), "/srv/www/fpmbox-image-acts " + act_script_of(policy));
}

TEST_CASE("the pool's user is read from the image's own passwd, of its uppermost layer") {
  StoredImage image;
  const auto passwd = [&](const std::string& text) {
    image.layers.emplace_back().members.push_back({Member::Kind::file, "etc/passwd", 0644, 0, 0, 0, {}, text});
  };
  CHECK_EQ(user_of(image, "shop").error().text(), "the image knows no user shop");
  passwd("root:x:0:0::/:\nshop:x:1001:1001::/:\n");
  passwd("shop:x:2002:2003::/:\nodd:x:-1:0::/:\n");
  const auto found = user_of(image, "shop");
  REQUIRE(found.ok());
  CHECK(found.value() == launcher::UserEntry{"shop", 2002, 2003});
  CHECK(!user_of(image, "root").ok());
  CHECK(!user_of(image, "odd").ok());
}

TEST_CASE("what an act presupposes is asked of the box that is made there, and of the image") {
  std::vector<harness::Act> all = {act("proc/own"), act("code/data"), act("resources/limits"), act("host/native"), act("exec/other")};
  all[0].when = {"own_proc"};
  all[1].when = {"has_data"};
  all[2].when = {"own_limits"};
  all[3].native.emplace();
  profiles::Policy policy;
  policy.filesystem.writable.emplace_back();
  policy.expect = expects({"proc/own", "code/data", "resources/limits", "host/native"});
  launcher::Plan with_proc;
  with_proc.mounts.push_back({.kind = launcher::MountOp::Kind::proc});
  const Footing whole = {"/usr/sbin/php-fpm8.2", "/srv/www/data"};
  const struct {
    const char* what;
    launcher::Plan plan;
    Footing footing;
    const char* tried;
    std::map<std::string, std::string> not_tried;
  } rows[] = {
      {"all but limits", with_proc, whole, "proc/own code/data host/native", {{"resources/limits", "it takes the limits that an engine sets: fpmbox test tries it, on a host"}}},
      {"no /proc", {}, whole, "code/data host/native", {{"proc/own", "the box has no /proc"}}},
      {"a file alone", with_proc, {whole.php_fpm, ""}, "proc/own host/native",
       {{"code/data", "it makes files in a folder, and of this image the profile lets it write none"}}},
      {"no php-fpm", with_proc, {"", whole.data}, "host/native",
       {{"proc/own", "the image has no php-fpm in /usr/sbin to compare with"}, {"code/data", "the image has no php-fpm in /usr/sbin to compare with"}}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    const ChosenActs chosen = choose_acts(all, policy, row.plan, row.footing);
    std::vector<std::string> ids;
    for (const harness::Act* one : chosen.acts) ids.push_back(one->id);
    CHECK_EQ(base::join(ids, " "), row.tried);
    CHECK_EQ(chosen.not_tried.size(), row.not_tried.size() + (row.not_tried.count("resources/limits") == 0 ? 1 : 0));
    for (const auto& [id, why] : row.not_tried) {
      const auto found = chosen.not_tried.find(id);
      REQUIRE(found != chosen.not_tried.end());
      CHECK_EQ(found->second, why);
    }
  }
}
