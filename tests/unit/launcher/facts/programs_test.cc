// On this host's own programs and on files made here. Nothing is started but the host's dynamic loader.
#include "launcher/facts/programs.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "tests/support/scratch.h"

using namespace launcher;
using Kind = ProgramFact::Kind;

namespace {

ProgramFact looked_at(const std::string& path) {
  profiles::Policy policy;
  policy.programs = {{{path}, "test"}};
  HostFacts facts;
  Looks looks;
  find_programs(policy, facts, looks);
  return facts.programs[path];
}

}  // namespace

TEST_CASE("a program of this host") {
  const ProgramFact shell = looked_at("/bin/sh");
  REQUIRE(shell.kind == Kind::elf);
  CHECK_EQ(shell.reason, "");
  CHECK(shell.real.find("sh") != std::string::npos);
  CHECK(shell.real.find("/bin/sh") != 0);  // a link, or the folder is one
  if (shell.loader.empty()) return;  // a host whose shell is static
  CHECK_FALSE(shell.libraries.empty());
  for (const std::string& library : shell.libraries) {
    CHECK(library.starts_with("/"));
    CHECK_NE(library, shell.loader);
  }
}

TEST_CASE("what is no program for a box says why") {
  const Scratch scratch;
  CHECK(looked_at(scratch.path("nothing")).kind == Kind::missing);
  const ProgramFact folder = looked_at(scratch.folder("folder"));
  CHECK(folder.kind == Kind::other);
  CHECK_EQ(folder.reason, "it is no file");
  CHECK(looked_at(scratch.file("text", "no program")).kind == Kind::other);
  CHECK(looked_at(scratch.file("odd", "#!sh\n")).kind == Kind::other);
}

TEST_CASE("a script, and what would raise privileges") {
  const Scratch scratch;
  const std::string path = scratch.file("script", "#!/bin/sh -e\n", 0755);
  ProgramFact script = looked_at(path);
  CHECK(script.kind == Kind::script);
  CHECK(script.words == std::vector<std::string>{"/bin/sh", "-e"});
  CHECK_EQ(script.raises, "");
  ::chmod(path.c_str(), 04755);
  CHECK_EQ(looked_at(path).raises, "setuid bit");
  ::chmod(path.c_str(), 02755);
  CHECK_EQ(looked_at(path).raises, "setgid bit");
}
