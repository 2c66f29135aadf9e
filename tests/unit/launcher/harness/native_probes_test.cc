#include <doctest/doctest.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <set>

#include "launcher/harness/native_probes.h"
#include "launcher/harness/tiny_program.h"
#include "launcher/sys/file.h"

using harness::ProbeArgument;
using harness::ProbeRequest;
using Kind = ProbeArgument::Kind;

namespace {

struct Folder {
  Folder() { ::mkdtemp(path.data()); }
  ~Folder() { ::rmdir(path.c_str()); }
  std::string path = "/var/tmp/fpmbox-unit-XXXXXX";
};

ProbeArgument number(std::uint64_t value) { return {Kind::number, value, {}}; }
ProbeArgument text(const std::string& value) { return {Kind::text, 0, value}; }

std::string tried(std::string_view name, harness::ProbeArguments arguments) {
  const auto* const probe = harness::find_native_probe(name);
  REQUIRE(probe != nullptr);
  return harness::try_in_child([&] { return probe->run(arguments); }, 5000);
}

// The answers of a whole session.
std::string served(const std::string& questions) {
  int in[2], out[2];
  REQUIRE(::pipe(in) == 0);
  REQUIRE(::pipe(out) == 0);
  REQUIRE(sys::write_all(in[1], questions).ok());
  ::close(in[1]);
  harness::serve_requests(in[0], out[1]);
  ::close(out[1]);
  const auto answers = sys::read_all(out[0], 65536);
  ::close(in[0]);
  ::close(out[0]);
  return answers ? answers.value() : "";
}

}  // namespace

TEST_CASE("probes have names of their own") {
  std::set<std::string_view> names;
  for (const auto& probe : harness::native_probes()) {
    CAPTURE(probe.name);
    CHECK(names.insert(probe.name).second);
    CHECK((probe.run != nullptr));
  }
  CHECK(harness::find_native_probe("exec_memfd") != nullptr);
  CHECK(harness::find_native_probe("none") == nullptr);
}

// The controls of tests/sandbox/catalogue.py try all of them; these are the ones that need nothing of a machine.
TEST_CASE("where nothing confines them, probes succeed") {
  const Folder folder;
  struct Row {
    const char* probe;
    harness::ProbeArguments arguments;
    const char* outcome;
  };
  const Row rows[] = {
      {"exec_uploaded", {text(folder.path)}, "ran"},
      {"exec_uploaded_fd", {text(folder.path)}, "ran"},
      {"exec_script", {text(folder.path)}, "ran"},
      {"spawn", {text("/bin/true")}, "ran"},
      {"map_uploaded", {text(folder.path)}, "ok"},
      {"map_uploaded_later", {text(folder.path)}, "ok"},
      {"setuid_bit", {text(folder.path), text("fchmod")}, "ok"},
      {"make_node", {text(folder.path), number(0x11a4), number(0)}, "ok"},
      {"fork_bomb", {number(3)}, "ok"},
      {"open_files", {number(3)}, "ok"},
      {"take_memory", {number(1 << 20)}, "ok"},
      {"fill_folder", {text(folder.path), number(1 << 20)}, "ok"},
      {"fill_inodes", {text(folder.path), number(5)}, "ok"},
      {"raise_limit", {text("core")}, "ok"},
      {"environment", {text("FPMBOX_UNIT_NONE")}, "nothing"},
      {"connect_unix", {text(folder.path + "/none")}, "ENOENT"},
      {"connect_inet", {text("127.0.0.1"), number(9), number(SOCK_DGRAM)}, "ok"},
      {"status_field", {text("Pid_")}, "no such field"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.probe);
    CHECK(tried(row.probe, row.arguments) == row.outcome);
  }
}

TEST_CASE("probes leave nothing in the folder that they were given") {
  const Folder folder;
  for (const char* probe : {"exec_uploaded", "map_uploaded", "make_node", "fill_folder", "fill_inodes"})
    tried(probe, {text(folder.path), number(0x11a4), number(0)});
  tried("setuid_bit", {text(folder.path), text("chmod")});
  CHECK(::rmdir(folder.path.c_str()) == 0);
}

TEST_CASE("programs that wait, wait; those that end, end") {
  if (harness::tiny_program().empty()) return;  // none for this architecture
  const auto run = [](const std::string& program) {
    const sys::Fd file(::memfd_create("unit", MFD_CLOEXEC));
    REQUIRE(sys::write_all(file.get(), program).ok());
    return harness::try_in_child(
        [&]() -> harness::Attempt {
          char name[] = "x";
          char* const arguments[] = {name, nullptr};
          ::fexecve(file.get(), arguments, ::environ);
          return std::string("no exec");
        },
        500);
  };
  CHECK(run(harness::tiny_program()) == "ran");
  CHECK(run(harness::waiting_program()) == "no answer in 0 s");
}

TEST_CASE("questions are answered in their order, each by itself") {
  CHECK(served("a/one\tcall\tclose\tn:-1\n"
               "a/two\tcall\tno_such_call\n"
               "a/three\tprobe\tno_such_probe\n"
               "a/four\tcall\texecve\tn:1\tn:0\tn:0\n"
               "a/five\tcall\tkill\tn:0\tn:15\n"
               "a/six\tcall\t0x270f\n"
               "a/seven\tcall\tgetpid") ==
        "a/one\tEBADF\na/two\tno such call here\na/three\tno such probe\na/four\tEFAULT\na/five\tSIGTERM\na/six\tENOSYS\na/seven\tok\n");
}

TEST_CASE("a question that is none ends with 64, and the others are answered") {
  CHECK(served("nonsense\na/b\tcall\tgetpid\n") == "\tnot ID, kind and name(nonsense)\na/b\tok\n");
}
