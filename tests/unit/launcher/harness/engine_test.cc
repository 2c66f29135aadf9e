// What containers are asked of their engines, word for word, but for what differs from machine to machine: the root's own entries.
#include "launcher/harness/engine.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "launcher/harness/worker_words.h"
#include "profiles/base/text.h"
#include "tests/support/scratch.h"

using namespace harness;

namespace {

std::string words(const std::string& program) {
  const Engine engine(program, "/var/lib/fpmbox/shop.test/against/x", "shop.test");
  return base::join(engine.words("1", {{"/srv/acts"}, {"/srv/code"}}, {"/usr/sbin/php-fpm8.2", "-F"}), " ");
}

// A client that writes down what it is asked, and has one container of each name that it is asked for.
class Recorded {
 public:
  Recorded() {
    scratch_.file("docker", "#!/bin/sh\necho \"$@\" >> " + scratch_.path("log") + "\ncase \"$1\" in\nimport) echo sha256:" + kImage +
                                ";;\nps) echo WARNING: not an id; echo 0123456789ab;;\nimages) echo " + kImage + ";;\nrm) : > " +
                                scratch_.path("removed") + ";;\nesac\n", 0755);
    scratch_.folder("own");
  }
  Engine engine() const { return Engine(scratch_.path("docker"), scratch_.path("own"), "shop.test"); }
  std::vector<std::string> asked() const {
    std::ifstream log(scratch_.path("log"));
    std::vector<std::string> out;
    for (std::string line; std::getline(log, line);) out.push_back(line);
    return out;
  }
  bool was_asked(const std::string& line) const {
    const auto all = asked();
    return std::find(all.begin(), all.end(), line) != all.end();
  }
  // A client that runs a container, and ends by itself once that is removed; like one that a killed test has left to its keeper.
  pid_t start_client(const std::string& label) const {
    const std::string waits = "while [ ! -e " + scratch_.path("removed") + " ]; do sleep 0.01; done; exit 7";
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::execl("/bin/sh", "sh", "-c", waits.c_str(), "client", "--label", label.c_str(), nullptr);
      ::_exit(1);
    }
    const ClientMarks marks{label, {}};
    for (int waited = 0; waited < 60000 && !has_clients(marks); ++waited) ::usleep(1000);
    return pid;
  }
  // -1: it was not over in time, and is killed.
  static int exit_code_of(pid_t client) {
    int status = 0;
    for (int waited = 0; waited < 60000; ++waited) {
      if (::waitpid(client, &status, WNOHANG) == client) return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
      ::usleep(1000);
    }
    ::kill(client, SIGKILL);
    ::waitpid(client, &status, 0);
    return -1;
  }
  static inline const std::string kImage = std::string(64, 'a');

 private:
  Scratch scratch_;
};

// The value of that option.
std::string after(const std::vector<std::string>& words, const std::string& option) {
  const auto found = std::find(words.begin(), words.end(), option);
  return found == words.end() ? "" : *(found + 1);
}

}  // namespace

TEST_CASE("no name and no tag is one that somebody else can have, and what is removed was found by the trial's own label") {
  const Recorded docker;
  Engine engine = docker.engine();
  REQUIRE(engine.prepare(BarePool()).ok());
  const auto first = engine.words("1", {}, {"/usr/bin/true"});
  const std::string label = after(first, "--label");
  CHECK(label.starts_with("fpmbox=shop.test-"));
  CHECK_GE(label.size(), std::string("fpmbox=shop.test-").size() + 16);
  CHECK(std::find(first.begin(), first.end(), "sha256:" + Recorded::kImage) != first.end());
  for (const std::string& line : docker.asked()) CHECK_FALSE((line.starts_with("import ") && line.ends_with(" shop.test")));
  const std::string name = after(first, "--name");
  CHECK_NE(name.find(label.substr(7)), std::string::npos);
  engine.remove("1");
  CHECK(docker.was_asked("ps --all --quiet --filter name=^" + name + "$ --filter " + "label=" + label));
  CHECK(docker.was_asked("rm --force 0123456789ab"));
  CHECK_FALSE(docker.was_asked("rm --force " + name));
}

TEST_CASE("who cleans up finds the same label, and the image by what import said") {
  const Recorded docker;
  Engine engine = docker.engine();
  REQUIRE(docker.engine().clean_up().ok());
  CHECK(docker.asked().empty());  // nothing was made
  REQUIRE(engine.prepare(BarePool()).ok());
  const std::string label = after(engine.words("1", {}, {}), "--label");
  REQUIRE(docker.engine().clean_up().ok());
  CHECK(docker.was_asked("ps --all --quiet --filter label=" + label));
  CHECK(docker.was_asked("images --all --quiet --filter label=" + label));
  CHECK(docker.was_asked("rmi " + Recorded::kImage));
  CHECK_FALSE(docker.was_asked("rmi --force shop.test"));
}

TEST_CASE("a client ends by itself, for its container is removed; where there is none nothing is asked") {
  const Recorded docker;
  Engine engine = docker.engine();
  REQUIRE(engine.prepare(BarePool()).ok());
  const std::string label = after(engine.words("1", {}, {}), "--label");
  REQUIRE(docker.engine().let_clients_end().ok());
  CHECK_FALSE(docker.was_asked("ps --all --quiet --filter label=" + label));
  const pid_t client = docker.start_client(label);
  REQUIRE(docker.engine().let_clients_end().ok());
  CHECK(docker.was_asked("kill 0123456789ab"));
  CHECK(docker.was_asked("rm --force 0123456789ab"));
  CHECK_EQ(Recorded::exit_code_of(client), 7);
}

TEST_CASE("podman is given a store of its own, and a folder for the root") {
  const std::string all = words("/usr/bin/podman");
  const std::string folder = "/var/lib/fpmbox/shop.test/against/x";
  CHECK(all.starts_with("/usr/bin/podman --root " + folder + "/store --runroot /run/fpmbox/.podman-" + all.substr(all.find("podman-") + 7, 8) + " --tmpdir " + folder +
                        "/state --storage-driver vfs run --rm --interactive --log-driver none --name shop.test-1 --label fpmbox=shop.test "));
  CHECK_NE(all.find(" --volume /usr:/usr:ro --volume /"), std::string::npos);
  CHECK(all.ends_with("--volume " + folder + "/passwd:/etc/passwd:ro --volume " + folder + "/group:/etc/group:ro --volume " + folder +
                      "/tmp:/tmp --volume " + folder + "/var-tmp:/var/tmp --volume /srv/acts:/srv/acts:ro --volume /srv/code:/srv/code --rootfs " +
                      folder + "/root /usr/sbin/php-fpm8.2 -F"));
}

TEST_CASE("podman takes no longer path than 50 characters for what runs, however long a pool's name is") {
  const std::string name = std::string(32, 'x') + ".test";
  const auto all = Engine("/usr/bin/podman", "/var/lib/fpmbox/" + name + "/against/container", name).words("1", {}, {"true"});
  const auto option = std::find(all.begin(), all.end(), "--runroot");
  REQUIRE(option != all.end());
  CHECK_LE((option + 1)->size(), 50);
}

TEST_CASE("docker is given an image, and nothing that its defaults would not do") {
  const std::string all = words("/usr/bin/docker");
  CHECK(all.starts_with("/usr/bin/docker run --rm --interactive --log-driver none --name shop.test-1 --label fpmbox=shop.test --volume /usr:/usr:ro"));
  CHECK(all.ends_with(" --volume /srv/code:/srv/code  /usr/sbin/php-fpm8.2 -F"));  // the image, of which import has not said the id
  for (const char* weaker : {"--privileged", "--security-opt", "--cap-", "--network", "--ulimit", "--user", "--read-only", "--pid"}) {
    CHECK_EQ(all.find(weaker), std::string::npos);
    CHECK_EQ(words("/usr/bin/podman").find(weaker), std::string::npos);
  }
}

TEST_CASE("machine code is tried as a worker: root's process that changes its user") {
  BarePool pool;
  pool.uid = 990;
  pool.gid = 991;
  CHECK_EQ(base::join(worker_words(pool, {"/fpmbox", "probe"}), " "), "/usr/bin/setpriv --reuid=990 --regid=991 --clear-groups -- /fpmbox probe");
}
