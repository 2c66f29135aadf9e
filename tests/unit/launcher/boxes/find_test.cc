#include "launcher/boxes/find.h"

#include <doctest/doctest.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "launcher/boxes/pool_files.h"
#include "launcher/boxes/stop.h"
#include "launcher/sys/file.h"
#include "tests/support/scratch.h"
#include "tests/unit/launcher/supervise/in_child.h"

using namespace launcher;

namespace {

struct Place {
  Scratch scratch;
  std::string run = scratch.root();
  sys::Fd pool;
  Place() {
    REQUIRE(::mkdir((run + "/wiki").c_str(), 0750) == 0);
    pool = open_pool_folder(run, "wiki").value();
  }
};

BoxRecord record(const std::string& pool = "wiki") {
  BoxRecord out;
  out.pool = pool;
  out.launcher = identify(::getpid()).value();
  out.box = out.launcher;
  out.boot = boot_id();
  return out;
}

}  // namespace

TEST_CASE("a record appears whole, with the state, and goes again") {
  Place place;
  CHECK_FALSE(read_box(place.run, "wiki"));
  const PoolFiles files = make_pool_files(place.pool.get()).value();
  CHECK_FALSE(read_box(place.run, "wiki"));  // a draft is no record
  REQUIRE(publish_record(place.pool.get(), files, record()).ok());
  auto found = read_box(place.run, "wiki");
  REQUIRE(found);
  CHECK(found->mistake.empty());
  CHECK(found->record == record());
  CHECK(found->said == BoxState::starting);
  REQUIRE(write_state(files.state.get(), BoxState::running).ok());
  CHECK(read_box(place.run, "wiki")->said == BoxState::running);
  remove_pool_files(place.pool.get());
  CHECK_FALSE(read_box(place.run, "wiki"));
}

TEST_CASE("files that a launcher would not write are not believed") {
  Place place;
  const std::string text = write_record(record());
  const struct {
    const char* what;
    std::string text;
    mode_t mode;
  } rows[] = {{"the control", text, 0600}, {"readable", text, 0640}, {"of another pool", write_record(record("shop")), 0600}, {"no record", "{}", 0600}};
  for (const auto& row : rows) {
    CAPTURE(row.what);
    ::unlinkat(place.pool.get(), kRecordFile, 0);
    REQUIRE(sys::write_file_at(place.pool.get(), kRecordFile, row.text, row.mode).ok());
    const auto found = read_box(place.run, "wiki");
    REQUIRE(found);
    CHECK(found->mistake.empty() == (std::string(row.what) == "the control"));
  }
  ::unlinkat(place.pool.get(), kRecordFile, 0);
  REQUIRE(sys::write_file_at(place.pool.get(), "elsewhere", text, 0600).ok());
  REQUIRE(sys::symlink_at("elsewhere", place.pool.get(), kRecordFile).ok());
  CHECK_FALSE(read_box(place.run, "wiki")->mistake.empty());
}

TEST_CASE("names that are no pool's") {
  Place place;
  for (const char* name : {"", ".", "..", ".programs", "a/b"}) CHECK_FALSE(open_pool_folder(place.run, name).ok());
}

TEST_CASE("a process is the recorded one only with its start time") {
  const auto table = [](char state, std::uint64_t start) {
    return Processes({{7, {7, state, 1, start}}, {8, {8, 'S', 7, 20}}, {9, {9, 'S', 8, 21}}, {10, {10, 'Z', 7, 22}}});
  };
  BoxRecord box;
  box.boot = "b";
  box.launcher = {7, 10};
  box.box = {8, 20};
  CHECK(presence_of(box, "b", table('S', 10)) == Presence::running);
  CHECK(presence_of(box, "another boot", table('S', 10)) == Presence::gone);
  CHECK(presence_of(box, "", table('S', 10)) == Presence::running);
  CHECK(presence_of(box, "b", table('S', 11)) == Presence::orphaned);  // the number was given to another
  CHECK(presence_of(box, "b", table('Z', 10)) == Presence::orphaned);
  CHECK(presence_of(box, "b", Processes()) == Presence::gone);
  CHECK(table('S', 10).children(7) == std::vector<pid_t>{8});
  CHECK(table('S', 10).family(7) == std::vector<pid_t>{7, 8, 9});
}

TEST_CASE("the pidfd is of the recorded process or there is none") {
  const RecordedProcess self = identify(::getpid()).value();
  CHECK(open_recorded(self).ok());
  CHECK(open_recorded({self.pid, self.start + 1}).error().code == ESRCH);
  CHECK_FALSE(open_recorded({0x7fffffff, 1}).ok());
}

TEST_CASE("what a dead launcher left is removed only under the pool's lock") {
  Place place;
  REQUIRE(sys::write_file_at(place.pool.get(), ".lock", "", 0600).ok());
  REQUIRE(sys::write_file_at(place.pool.get(), kRecordFile, "{}", 0600).ok());
  const sys::Fd lock = sys::open_at(place.pool.get(), ".lock", O_RDWR).value();
  REQUIRE(::flock(lock.get(), LOCK_EX) == 0);
  CHECK(clear_stale(place.run, "wiki", nullptr).value() == Cleared::held);
  CHECK(read_box(place.run, "wiki"));
  REQUIRE(::flock(lock.get(), LOCK_UN) == 0);
  CHECK(clear_stale(place.run, "wiki", nullptr).value() == Cleared::removed);
  CHECK_FALSE(read_box(place.run, "wiki"));
  CHECK(clear_stale(place.run, "wiki", nullptr).value() == Cleared::nothing);
}

TEST_CASE("sockets in the pool's folder go, with a record or without") {
  Place place;
  REQUIRE(sys::write_file_at(place.pool.get(), ".lock", "", 0600).ok());
  for (const char* name : {"live.sock", ".live.sock.4711"}) {
    const sys::Fd socket(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (place.run + "/wiki/" + name).copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  CHECK(clear_stale(place.run, "wiki", nullptr).value() == Cleared::removed);
  CHECK_FALSE(sys::status_at(place.pool.get(), "live.sock").ok());
  CHECK_FALSE(sys::status_at(place.pool.get(), ".live.sock.4711").ok());
}

TEST_CASE("clearing touches nothing that is not the box's") {
  Place place;
  for (const char* name : {".lock", "live.sock", "file"}) REQUIRE(sys::write_file_at(place.pool.get(), name, "", 0600).ok());
  REQUIRE(::mkdir((place.run + "/fpmbox-wiki-7").c_str(), 0755) == 0);
  REQUIRE(::mkdir((place.run + "/fpmbox-shop-7").c_str(), 0755) == 0);
  BoxRecord box = record();
  box.cgroups = {place.run + "/fpmbox-wiki-7", place.run + "/fpmbox-shop-7"};
  box.socket = place.run + "/wiki/live.sock";  // a plain file here: no socket of ours
  CHECK(clear_stale(place.run, "wiki", &box).value() == Cleared::removed);
  CHECK(sys::status_at(place.pool.get(), "live.sock").ok());
  CHECK(::access((place.run + "/fpmbox-wiki-7").c_str(), F_OK) != 0);
  CHECK(::access((place.run + "/fpmbox-shop-7").c_str(), F_OK) == 0);
}
