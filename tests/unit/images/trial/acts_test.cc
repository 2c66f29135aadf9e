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
