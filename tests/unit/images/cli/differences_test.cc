#include "images/cli/differences.h"

#include <doctest/doctest.h>

using images::differences;
using Json = nlohmann::ordered_json;

namespace {

Json image() {
  return {{"packages", {{{"name", "libc6"}, {"version", "2.36"}}}}, {"executables", {"/fpmbox"}}, {"setuid", Json::array()}, {"not_roots", {"/tmp"}},
          {"config", {{"Entrypoint", {"/fpmbox", "run"}}, {"Labels", {{"a", "1"}}}}}, {"policy", "name: x\nphp:\n  version: \"8.2\"\n"},
          {"layers", {{{"name", "runtime"}, {"diff_id", "sha256:1"}}}}};
}

}  // namespace

TEST_CASE("nothing differs of the same image; labels repeat what is compared") {
  Json other = image();
  other["config"]["Labels"]["a"] = "2";
  CHECK(differences(image(), image()).empty());
  CHECK(differences(image(), other).empty());
}

TEST_CASE("each thing that differs has its line") {
  Json other = image();
  other["packages"][0]["version"] = "2.37";
  other["executables"].push_back("/bin/sh");
  other["setuid"].push_back("/bin/su");
  other["not_roots"] = Json::array();
  other["config"]["Entrypoint"][1] = "exec";
  other["policy"] = "name: y\nphp:\n  version: \"8.2\"\n";
  other["layers"][0]["diff_id"] = "sha256:2";
  CHECK_EQ(differences(image(), other),
           std::vector<std::string>{"package - libc6 2.36", "package + libc6 2.37", "executable + /bin/sh", "setuid + /bin/su", "not root's - /tmp",
                                    "setting - Entrypoint/1=\"run\"", "setting + Entrypoint/1=\"exec\"", "policy - name: x", "policy + name: y",
                                    "layer changed: runtime"});
}
