#include "launcher/facts/built_root.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "scratch.h"

using namespace launcher;

namespace {

HostFacts found(const std::string& root, HostFacts facts = {}) {
  profiles::Policy policy;
  policy.filesystem.root = root;
  find_root(policy, facts);
  return facts;
}

}  // namespace

TEST_CASE("a folder of root's own is a root; one that others can change, or that is none, has a reason") {
  const Scratch scratch;
  const std::string folder = scratch.path("root");
  std::filesystem::create_directory(folder);
  CHECK_EQ(found(folder).root, folder);
  CHECK_EQ(found(folder).root_reason, "");
  CHECK_EQ(found("system").root, "");
  CHECK_EQ(found("system").root_reason, "");
  ::chmod(folder.c_str(), 0777);
  CHECK_EQ(found(folder).root, "");
  CHECK(found(folder).root_reason.find("can be written") != std::string::npos);
  ::chmod(folder.c_str(), 0755);
  std::filesystem::create_directory_symlink(folder, scratch.path("link"));
  CHECK(found(scratch.path("link")).root_reason.find("link") != std::string::npos);
  CHECK(found("/dev/null").root_reason.find("neither a folder nor an image") != std::string::npos);
}

TEST_CASE("an ordinary user has no built root, and in a container it is not looked for") {
  HostFacts ordinary;
  ordinary.ordinary_user = OrdinaryUser{};
  CHECK(found("/usr", ordinary).root_reason.find("ordinary user") != std::string::npos);
  HostFacts enclosed;
  enclosed.enclosed = true;
  CHECK_EQ(found("/usr", enclosed).root, "");
  CHECK_EQ(found("/usr", enclosed).root_reason, "");
}
