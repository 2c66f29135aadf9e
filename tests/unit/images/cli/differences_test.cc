#include "images/cli/differences.h"

#include <doctest/doctest.h>

#include "profiles/base/text.h"

using images::Change;
using images::differences;
using Json = nlohmann::ordered_json;

namespace {

Json image() {
  return {{"packages", {{{"name", "libc6"}, {"version", "2.36"}}}}, {"executables", {"/fpmbox"}}, {"setuid", Json::array()}, {"not_roots", {"/tmp"}}, {"extensions", {"/usr/lib/php/20220829/curl.so"}},
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

TEST_CASE("each thing that differs has its line, and what widens is told from what does not") {
  Json other = image();
  other["packages"][0]["version"] = "2.37";
  other["executables"].push_back("/bin/sh");
  other["setuid"].push_back("/bin/su");
  other["not_roots"] = Json::array();
  other["extensions"] = {"/usr/lib/php/20220829/ffi.so"};
  other["config"]["Entrypoint"][1] = "exec";
  other["policy"] = "name: x\nphp: {version: \"8.2\", extensions: [ffi]}\nsyscalls: {allow: [ptrace]}\nfilesystem: {writable: [data]}\n";
  other["layers"][0]["diff_id"] = "sha256:2";
  std::string said;
  for (const Change& one : differences(image(), other)) said += one.text + (one.widens ? " !" : "") + "\n";
  const std::vector<std::string> wanted = {"package - libc6 2.36", "package + libc6 2.37", "executable + /bin/sh !", "setuid + /bin/su !", "not root's - /tmp",
                                          "extension - /usr/lib/php/20220829/curl.so", "extension + /usr/lib/php/20220829/ffi.so !",
                                          "setting - Entrypoint/1=\"run\"", "setting + Entrypoint/1=\"exec\"",
                                          "policy + filesystem.writable data  (widens) !", "policy + syscalls.allow ptrace  (widens) !",
                                          "policy + php.extensions ffi  (widens) !", "layer changed: runtime"};
  CHECK_EQ(said, base::join(wanted, "\n") + "\n");
}

TEST_CASE("what is no policy is compared by lines, and nothing is taken for harmless") {
  Json other = image();
  other["policy"] = "name: x\nphp:\n  version: \"8.2\"\n\"oops\n";
  CHECK_EQ(differences(image(), other), std::vector<Change>{{"policy + \"oops", true}});
}
