#include <doctest/doctest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "launcher/harness/bait.h"
#include "launcher/harness/native_probes.h"
#include "launcher/sys/file.h"

namespace {

constexpr uid_t kNobody = 65534;

struct Folder {
  Folder() {
    ::mkdtemp(path.data());
    ::chmod(path.c_str(), 0755);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path = "/var/tmp/fpmbox-unit-XXXXXX";
};

// Root's decoys are of two other users; an ordinary user's can be of that user alone.
harness::BaitInput input(const Folder& folder) {
  const bool is_root = ::geteuid() == 0;
  const uid_t pool = is_root ? 12345 : ::geteuid();
  const uid_t neighbour = is_root ? kNobody : ::geteuid();
  const gid_t group = is_root ? 12345 : ::getegid();
  return {folder.path, pool, group, neighbour, is_root ? kNobody : ::getegid()};
}

key_t key_of(const harness::Bait& bait, const char* target) { return static_cast<key_t>(std::stoul(bait.targets().at(target))); }

std::string connected(const char* probe, const std::string& to) {
  return harness::try_in_child([&] { return harness::find_native_probe(probe)->run({{harness::ProbeArgument::Kind::text, 0, to}}); }, 2000);
}

}  // namespace

TEST_CASE("decoys are what an attacker without a box would find") {
  const Folder folder;
  const auto input_ = input(folder);
  const auto bait = harness::make_bait(input_);
  REQUIRE(bait.ok());
  const auto& targets = bait.value().targets();
  const auto mode_of = [&](const char* target, const char* below = "") {
    struct stat info {};
    REQUIRE(::stat((targets.at(target) + below).c_str(), &info) == 0);
    return info;
  };
  CHECK((mode_of("secret").st_mode & 0777) == 0644);
  CHECK((mode_of("open").st_mode & 07777) == 01777);
  CHECK((mode_of("neighbour", "/config.php").st_mode & 0777) == 0644);
  CHECK((mode_of("neighbour", "/private.php").st_mode & 0777) == 0600);
  CHECK(mode_of("neighbour", "/private.php").st_uid == input_.neighbour_uid);
  CHECK(mode_of("code").st_uid == input_.uid);
  CHECK(mode_of("tmp").st_uid == input_.uid);
  const std::string proc = "/proc/" + targets.at("victim");
  struct stat info {};
  REQUIRE(::stat(proc.c_str(), &info) == 0);
  CHECK(info.st_uid == input_.uid);
  const auto environment = sys::read_file(proc + "/environ", 4096);
  REQUIRE(environment.ok());
  CHECK(environment.value() == std::string("PASSWORD=of-another\0", 20));  // and nothing of ours
  CHECK(connected("connect_unix", targets.at("unix_path")) == "ok");
  CHECK(connected("connect_unix", targets.at("neighbour_socket")) == "ok");
  CHECK(connected("connect_abstract", targets.at("abstract")) == "ok");
  CHECK(bait.value().look("host_answers") == "the host answers");
  CHECK(bait.value().look("victim_lives") == "the victim lives");
  CHECK(::shmget(key_of(bait.value(), "memory_key"), 0, 0) == std::stoi(targets.at("memory_id")));
}

TEST_CASE("a look sees what happened") {
  const Folder folder;
  const auto bait = harness::make_bait(input(folder));
  REQUIRE(bait.ok());
  ::kill(std::stoi(bait.value().targets().at("victim")), SIGKILL);
  for (int i = 0; i < 3000 && bait.value().look("victim_lives") != "the victim is dead"; ++i) ::usleep(10000);
  CHECK(bait.value().look("victim_lives") == "the victim is dead");
  CHECK(bait.value().look("none").empty());
}

TEST_CASE("decoys go with their maker") {
  const Folder folder;
  std::map<std::string, std::string> targets;
  key_t key = 0;
  {
    const auto bait = harness::make_bait(input(folder));
    REQUIRE(bait.ok());
    targets = bait.value().targets();
    key = key_of(bait.value(), "queue_key");
    CHECK(::msgget(key, 0) >= 0);
  }
  CHECK(::msgget(key, 0) == -1);
  CHECK(::shmget(key, 0, 0) == -1);
  CHECK(::access(targets.at("shm_file").c_str(), F_OK) == -1);
  CHECK(::access(("/proc/" + targets.at("victim")).c_str(), F_OK) == -1);
  CHECK(connected("connect_abstract", targets.at("abstract")) == "ECONNREFUSED");
}

TEST_CASE("decoys go when their maker is killed") {
  const Folder folder;
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t maker = ::fork();
  if (maker == 0) {
    const auto bait = harness::make_bait(input(folder));
    const std::string said = bait ? bait.value().targets().at("victim") + " " + bait.value().targets().at("queue_key") + "\n" : "none\n";
    [[maybe_unused]] const auto told = sys::write_all(ends[1], said);
    for (;;) ::pause();
  }
  char said[64] = {};
  REQUIRE(::read(ends[0], said, sizeof said - 1) > 0);
  const std::string victim(said, std::string(said).find(' '));
  const auto key = static_cast<key_t>(std::stoul(std::string(said).substr(victim.size())));
  REQUIRE(::msgget(key, 0) >= 0);
  ::kill(maker, SIGKILL);
  ::waitpid(maker, nullptr, 0);
  const auto is_gone = [&] { return ::msgget(key, 0) == -1 && ::access(("/proc/" + victim).c_str(), F_OK) == -1; };
  for (int i = 0; i < 3000 && !is_gone(); ++i) ::usleep(10000);
  CHECK(is_gone());
  ::close(ends[0]);
  ::close(ends[1]);
}
