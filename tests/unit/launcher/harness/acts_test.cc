// The catalogue as it is shipped (profiles/acts), and what SECURITY.md says of it.
#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "launcher/harness/bait.h"
#include "launcher/harness/box_targets.h"
#include "launcher/harness/catalogue.h"
#include "launcher/harness/conditions.h"
#include "launcher/harness/known_gaps.h"
#include "launcher/harness/layers.h"
#include "launcher/harness/native.h"
#include "launcher/harness/native_probes.h"
#include "profiles/kernel/syscall_names.h"
#include "tests/support/invented.h"

using harness::Act;

namespace {

const std::string kSource = SOURCE_DIR;

std::string text_of_file(const std::string& path) {
  std::ifstream file(path);
  std::stringstream out;
  out << file.rdbuf();
  return out.str();
}

std::vector<harness::CatalogueFile> files() {
  std::vector<harness::CatalogueFile> out;
  for (const auto& entry : std::filesystem::directory_iterator(kSource + "/profiles/acts"))
    if (entry.path().extension() == ".yaml") out.push_back({entry.path(), text_of_file(entry.path())});
  return out;
}

const harness::Catalogue& catalogue() {
  static const harness::Catalogue read = [] {
    base::Diagnostics diagnostics;
    auto out = harness::read_catalogue(files(), {harness::layer_names(), harness::condition_names()}, diagnostics);
    CHECK(test::text_of(diagnostics) == "");
    return out;
  }();
  return read;
}

std::set<std::string> matches(const std::string& text, const char* pattern) {
  std::set<std::string> out;
  const std::regex expression(pattern);
  for (std::sregex_iterator at(text.begin(), text.end(), expression), end; at != end; ++at) out.insert((*at)[1]);
  return out;
}

// The word of a native act, by a process that has no privilege and this nice value.
std::string tried_at(const Act& act, int nice_value) {
  constexpr uid_t kNobody = 65534;
  const auto request = harness::probe_request(act, {});
  REQUIRE(request.ok());
  const std::string line = harness::request_line(request.value()) + "\n";
  int input[2], output[2];
  REQUIRE_EQ(::pipe(input), 0);
  REQUIRE_EQ(::pipe(output), 0);
  REQUIRE_EQ(::write(input[1], line.data(), line.size()), static_cast<ssize_t>(line.size()));
  ::close(input[1]);
  const pid_t child = ::fork();
  if (child == 0) {
    const bool is_ready = ::setpriority(PRIO_PROCESS, 0, nice_value) == 0 && (::geteuid() != 0 || ::setresuid(kNobody, kNobody, kNobody) == 0);
    ::_exit(is_ready ? harness::serve_requests(input[0], output[1]) : 127);
  }
  ::close(input[0]);
  ::close(output[1]);
  char answer[128] = {};
  CHECK_GT(::read(output[0], answer, sizeof answer - 1), 0);
  ::close(output[0]);
  ::waitpid(child, nullptr, 0);
  const std::string said = answer;
  return said.substr(said.find('\t') + 1);
}

// What a box has, and what decoys are laid beside it.
std::set<std::string> make_targets() {
  std::string folder = "/var/tmp/fpmbox-unit-XXXXXX";
  ::mkdtemp(folder.data());
  std::set<std::string> out;
  {
    const auto bait = harness::make_bait({folder, ::geteuid(), ::getegid(), ::geteuid(), ::getegid()});
    REQUIRE(bait.ok());
    for (const auto& [name, value] : bait.value().targets()) out.insert(name);
  }
  std::filesystem::remove_all(folder);
  profiles::Policy limited;
  limited.limits.memory_max = base::Bytes{1};
  limited.limits.pids_max = 1;
  for (const auto& [name, value] : harness::box_targets({}, limited)) out.insert(name);
  return out;
}

const std::set<std::string>& targets() {
  static const std::set<std::string> made = make_targets();
  return made;
}

void check_targets(const std::string& text, const char* pattern) {
  for (const std::string& name : matches(text, pattern)) {
    CAPTURE(name);
    CHECK(targets().contains(name));
  }
}

constexpr const char* kInText = R"(\$\{?([a-z_]+))";
constexpr const char* kInPhp = R"(\$T\['([a-z_]+)'\])";

bool is_public(const std::string& source) { return std::regex_match(source, std::regex(R"(https://\S+|CVE-\d{4}-\d{4,})")); }

}  // namespace

TEST_CASE("the catalogue is as long as it says, and has every group") {
  CHECK(catalogue().acts.size() >= 150);
  auto groups = harness::groups_of(catalogue());
  std::sort(groups.begin(), groups.end());
  CHECK(groups == std::vector<std::string>{"bypasses", "code", "exec", "fastcgi", "host", "kernel", "leaks", "neighbours", "network", "privileges", "proc", "resources"});
}

TEST_CASE("what acts name is there") {
  for (const Act& act : catalogue().acts) {
    CAPTURE(act.id);
    CHECK((act.source.empty() || is_public(act.source)));
    check_targets(act.php, kInPhp);
    if (act.ask) check_targets(act.ask->script, kInText);
    if (!act.native) continue;
    CHECK((act.native->probe.empty() || harness::find_native_probe(act.native->probe) != nullptr));
    for (const auto& argument : act.native->args.all) {
      if (argument.kind == harness::NativeArgument::Kind::target) CHECK(targets().contains(argument.text));
      if (argument.kind == harness::NativeArgument::Kind::text) check_targets(argument.text, kInText);
    }
  }
}

TEST_CASE("what is excused in a container are acts that there are, by ends that are none of success") {
  std::map<std::string, const Act*> by_id;
  for (const Act& act : catalogue().acts) by_id[act.id] = &act;
  for (const auto& one : harness::known_gaps())
    for (const std::string& id : one.acts) CHECK_MESSAGE(by_id.contains(id), id);
  for (const auto& one : harness::other_answers())
    for (const std::string& id : one.acts) {
      CAPTURE(id);
      REQUIRE(by_id.contains(id));
      for (const std::string& outcome : one.outcomes) CHECK_FALSE(harness::is_among(outcome, by_id[id]->outside));
    }
}

TEST_CASE("every probe is used") {
  std::set<std::string_view> used;
  for (const Act& act : catalogue().acts)
    if (act.native && !act.native->probe.empty()) used.insert(act.native->probe);
  for (const auto& probe : harness::native_probes()) {
    CAPTURE(probe.name);
    CHECK(used.contains(probe.name));
  }
}

TEST_CASE("the words of an act are one word each, as they are compared") {
  for (const Act& act : catalogue().acts)
    for (const auto* words : {&act.inside, &act.outside})
      for (const std::string& word : *words) {
        CAPTURE(act.id);
        CHECK(word.find('\n') == word.npos);
        CHECK(std::regex_match(word, std::regex(R"(\S(.*\S)?)")));
      }
}

TEST_CASE("a file of /proc that the view alone keeps away has no name in the box, whatever is in it") {
  int acts = 0;
  for (const Act& act : catalogue().acts) {
    if (act.group() != "proc" || act.layers != std::vector<std::string>{"view"}) continue;
    CAPTURE(act.id);
    ++acts;
    REQUIRE_EQ(act.inside.size(), 1);
    CHECK((act.inside[0] == "ENOENT" || act.inside[0] == "nothing there"));
  }
  CHECK(acts > 10);
}

TEST_CASE("SECURITY.md names acts, CVEs and tests that are there") {
  const std::string text = text_of_file(kSource + "/SECURITY.md");
  const auto begin = text.find("## Attacks that are known");
  const auto end = text.find("\n## ", begin + 1);
  REQUIRE(begin != text.npos);
  const std::string table = text.substr(begin, end - begin);
  std::set<std::string> ids, cves = matches(table, R"((CVE-\d{4}-\d+))");
  for (const Act& act : catalogue().acts) ids.insert(act.id);
  std::stringstream lines(table);
  int rows = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| ") || line.starts_with("| attack")) continue;
    CAPTURE(line);
    ++rows;
    const auto proofs = line.substr(line.rfind("| ", line.size() - 3));
    const auto named = matches(proofs, R"(`([a-z]+/[a-z0-9-]+)`)");
    const auto tests = matches(proofs, R"((tests/[a-z_/.]+\.(py|cc)))");
    CHECK(named.size() + tests.size() > 0);
    for (const std::string& id : named) CHECK(ids.contains(id));
    for (const std::string& path : tests) CHECK(std::filesystem::exists(kSource + "/" + path));
  }
  CHECK(rows > 30);
  for (const Act& act : catalogue().acts) {
    if (!act.source.starts_with("CVE-")) continue;
    CAPTURE(act.source);
    CHECK(cves.contains(act.source));
  }
}

TEST_CASE("another place among processes can be asked for wherever the caller of a test stands") {
  const auto& acts = catalogue().acts;
  const auto found = std::find_if(acts.begin(), acts.end(), [](const Act& act) { return act.id == "resources/priority"; });
  REQUIRE(found != acts.end());
  for (const int nice_value : {::getpriority(PRIO_PROCESS, 0), 19}) CHECK_EQ(tried_at(*found, nice_value), "ok\n");
}
