#include "launcher/facts/built_root.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/support/scratch.h"

using namespace launcher;

namespace {

HostFacts found(const std::string& root, HostFacts facts = {}) {
  profiles::Policy policy;
  policy.filesystem.root = root;
  for (const char* path : {"/etc/ssl/certs", "/usr/lib", "/lib64"}) policy.filesystem.system.emplace_back().path.text = path;
  find_root(policy, MountedFor::this_process, facts);
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

TEST_CASE("of a folder, all that a pool sees is root's: what lies above and below a path of the system, too") {
  const Scratch scratch;
  const std::string root = scratch.folder("root");
  scratch.file("root/etc/ssl/certs/ca.crt");
  scratch.file("root/usr/lib/x86_64-linux-gnu/libc.so.6");
  scratch.file("root/srv/www/data/x");
  for (const char* open : {"etc", "etc/ssl", "usr", "usr/lib", "usr/lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu/libc.so.6"}) {
    CAPTURE(open);
    const std::string path = root + "/" + open;
    CHECK_EQ(found(root).root_reason, "");
    const auto before = std::filesystem::status(path).permissions();
    std::filesystem::permissions(path, std::filesystem::perms::group_write, std::filesystem::perm_options::add);
    CHECK_EQ(found(root).root, "");
    CHECK(found(root).root_reason.find(path) != std::string::npos);
    std::filesystem::permissions(path, before);
    if (::geteuid() != 0) continue;
    REQUIRE_EQ(::chown(path.c_str(), 65534, 65534), 0);
    CHECK(found(root).root_reason.find(path) != std::string::npos);
    REQUIRE_EQ(::chown(path.c_str(), 0, 0), 0);
  }
  ::chmod((root + "/srv/www/data").c_str(), 0777);  // what the pool writes is looked at elsewhere
  CHECK_EQ(found(root).root_reason, "");
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
