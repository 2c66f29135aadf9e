#include "images/trial/acts.h"

#include <doctest/doctest.h>

#include "profiles/base/text.h"

using namespace images;

namespace {

harness::Act act(const std::string& id) {
  harness::Act out;
  out.id = id;
  return out;
}

profiles::Expect expects(std::vector<std::string> denied, std::vector<std::string> allowed = {}) {
  profiles::Expect out;
  out.denied = std::move(denied);
  for (const std::string& id : allowed) out.allowed.push_back({id, "it has to"});
  return out;
}

}  // namespace

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
