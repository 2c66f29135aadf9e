// The texts, and that the table says something for every protection and engine; real engines and published schemas:
// tests/images/exports.py.
#include "profiles/export/engines.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "profiles/export/yaml_tree.h"
#include "tests/support/golden.h"
#include "tests/support/invented.h"

using profiles::Cell;
using profiles::Engine;

namespace {

// All that a profile can ask for at once, by TCP.
const std::string kBusy = R"(extends: php-fpm
name: busy
identity: {user: www-busy}
listen: {tcp: "127.0.0.1:9000"}
filesystem: {code: /srv/www, writable: [data, wp-content/uploads, config/config.ini.php], tmp: {size: 96MiB}}
limits: {memory.max: 1GiB, pids.max: 40, cpu.max: 150%, stop_timeout: 20s}
connect: [{unix: /run/mysqld/mysqld.sock}, {tcp: "db.example:3306", why: test}]
mail: {unix: /run/relay/smtp.sock}
memory: {deny_write_execute: true}
programs: [{path: /usr/bin/convert, why: test}]
network: {mode: host, why: test}
)";

struct Kind {
  const char* name;
  base::Result<profiles::Exported> (*write)(const profiles::Policy&, const profiles::EngineChoice&);
};
constexpr Kind kKinds[] = {{"docker", profiles::export_docker}, {"compose", profiles::export_compose},
                           {"quadlet", profiles::export_quadlet}, {"kubernetes", profiles::export_kubernetes}};
constexpr Engine kEngines[] = {Engine::docker, Engine::compose, Engine::quadlet, Engine::kubernetes, Engine::systemd};

bool has_gap(const profiles::Exported& exported, const std::string& protection) {
  return std::any_of(exported.gaps.begin(), exported.gaps.end(), [&](const auto& gap) { return gap.protection == protection; });
}

}  // namespace

TEST_CASE("golden: a pool for each engine") {
  for (const std::string& yaml : {test::kShop, kBusy}) {
    const profiles::Policy pool = test::policy(yaml);
    for (const Kind& kind : kKinds) {
      CAPTURE(kind.name);
      const auto exported = kind.write(pool, profiles::with_defaults({}, pool));
      REQUIRE_MESSAGE(exported.ok(), exported.error().text());
      test::check_golden("export/" + pool.name + "." + kind.name, exported.value().text);
    }
  }
}

TEST_CASE("every gap is in the text") {
  const profiles::Policy pool = test::policy(kBusy);
  for (const Kind& kind : kKinds) {
    CAPTURE(kind.name);
    const auto exported = kind.write(pool, profiles::with_defaults({}, pool)).value();
    CHECK_FALSE(exported.gaps.empty());
    for (const auto& gap : exported.gaps) CHECK_NE(exported.text.find("# - " + gap.protection + ": "), std::string::npos);
  }
}

TEST_CASE("every row says something for every engine, and every gap has a sentence") {
  std::set<std::string> names;
  for (const auto& row : profiles::protections()) {
    CAPTURE(row.name);
    names.insert(row.name);
    for (const Cell& cell : row.cells) {
      const bool speaks = cell.kind == Cell::Kind::option || cell.kind == Cell::Kind::gap;
      CHECK_EQ(std::string(cell.text).empty(), !speaks);
      if (cell.kind == Cell::Kind::gap) CHECK_GT(std::string(cell.text).size(), 40);
    }
  }
  // the layers of fpmbox plan, by its own names
  for (const char* layer : {"identity", "namespaces", "root", "code", "writable", "proc", "limits.memory.max", "limits.pids.max", "limits.cpu.max",
                            "limits.nofile", "limits.core", "capabilities", "memory", "landlock", "exec", "binary", "syscalls", "syscalls.report",
                            "network", "connect", "listen", "programs.noexec"}) {
    CAPTURE(layer);
    CHECK_EQ(names.count(layer), 1);
  }
}

TEST_CASE("no name is left unfilled, and what the policy does not say is not said") {
  for (const std::string& yaml : {test::kShop, kBusy}) {
    const profiles::Policy pool = test::policy(yaml);
    for (const Engine engine : kEngines) {
      const auto values = profiles::engine_values(pool, {}, engine);
      for (const auto& lines : {options_of(engine, values), gaps_of(engine, values)})
        for (const auto& line : lines) CHECK_EQ(line.text.find('<'), std::string::npos);
    }
  }
  profiles::Policy unlimited = test::policy(test::kShop);
  unlimited.limits.memory_max.reset();
  for (const auto& line : options_of(Engine::docker, profiles::engine_values(unlimited, {}, Engine::docker))) CHECK_NE(line.protection, "limits.memory.max");
}

TEST_CASE("quantities in each engine's own spelling") {
  struct Row {
    Engine engine;
    const char* protection;
    const char* text;
  };
  const Row rows[] = {
      {Engine::docker, "limits.memory.max", "--memory 1g\n--memory-swap 1g"},
      {Engine::docker, "limits.cpu.max", "--cpus 1.50"},
      {Engine::docker, "limits.pids.max", "--pids-limit 48"},
      {Engine::compose, "limits.cpu.max", "cpus = 1.50"},
      {Engine::kubernetes, "limits.cpu.max", "fpm.resources.limits.cpu = 1500m"},
      {Engine::kubernetes, "limits.memory.max", "fpm.resources.limits.memory = 1Gi\nfpm.resources.requests.memory = 1Gi"},
      {Engine::systemd, "limits.cpu.max", "CPUQuota=150%"},
      {Engine::systemd, "limits.memory.max", "MemoryMax=1G\nMemorySwapMax=0"},
      {Engine::systemd, "limits.pids.max", "TasksMax=40"},
      {Engine::quadlet, "stop", "PodmanArgs=--stop-timeout=25"},
  };
  const profiles::Policy pool = test::policy(kBusy);
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto lines = options_of(row.engine, profiles::engine_values(pool, {}, row.engine));
    CHECK_NE(std::find(lines.begin(), lines.end(), profiles::EngineLine{row.protection, row.text}), lines.end());
  }
}

TEST_CASE("what no container can hold is an error, not text") {
  profiles::Policy pool = test::policy(test::kShop);
  pool.filesystem.data.text = "/var/lib/shop";
  for (const Kind& kind : kKinds) CHECK_FALSE(kind.write(pool, {}).ok());
  for (const char* path : {"/srv/a b", "/srv/a:b", "/srv/a,b", "/srv/a\nb", "/srv/a}b", "/srv/a$(id)", "/srv/a'b", "/srv/ä"}) {
    CAPTURE(path);
    profiles::Policy strange = test::policy(test::kShop);
    strange.filesystem.code.text = path;
    for (const Kind& kind : kKinds) CHECK_FALSE(kind.write(strange, {}).ok());
  }
  for (const char* image : {"a b", "a;id", "a\nRUN"}) {
    CAPTURE(image);
    for (const Kind& kind : kKinds) CHECK_FALSE(kind.write(test::policy(test::kShop), {.image = image}).ok());
  }
  profiles::Policy twice = test::policy(test::kShop);
  twice.filesystem.writable = {{{"a/b"}}, {{"a-b"}}};
  for (const Kind& kind : kKinds) CHECK_FALSE(kind.write(twice, {}).ok());
}

TEST_CASE("a pool that its own socket is open to says so; one by TCP does not, nor one that connects nowhere") {
  CHECK_FALSE(has_gap(profiles::export_kubernetes(test::policy(test::kShop), {}).value(), "listen.own"));
  const std::string connects = test::kShop + "connect: [{unix: /run/mysqld/mysqld.sock}]\n";
  CHECK(has_gap(profiles::export_kubernetes(test::policy(connects), {}).value(), "listen.own"));
  CHECK_FALSE(has_gap(profiles::export_docker(test::policy(connects), {}).value(), "listen.own"));
  const auto by_tcp = profiles::export_kubernetes(test::policy(kBusy), {}).value();
  CHECK_FALSE(has_gap(by_tcp, "listen.own"));
  CHECK_EQ(by_tcp.text.find("egress: []"), std::string::npos);
  CHECK(has_gap(by_tcp, "network"));
}

TEST_CASE("volumes that let code be mapped are a gap of each engine that cannot seal them") {
  for (const Kind& kind : kKinds) {
    CAPTURE(kind.name);
    profiles::Policy pool = test::policy(test::kShop);
    pool.filesystem.writable = {{{"data"}}};
    CHECK_EQ(has_gap(kind.write(pool, {}).value(), "writable"), std::string(kind.name) != "quadlet");
    pool.filesystem.writable.clear();
    CHECK_EQ(has_gap(kind.write(pool, {}).value(), "writable"), std::string(kind.name) == "kubernetes");
  }
}

TEST_CASE("an image's web server is named beside it") {
  const profiles::Policy pool = test::policy(test::kShop);
  struct Row {
    const char* image;
    const char* web;
  };
  for (const Row& row : {Row{"localhost/shop:1", "localhost/shop-web:1"}, Row{"shop", "shop-web"}, Row{"host:5000/shop", "host:5000/shop-web"}}) {
    CAPTURE(row.image);
    CHECK_EQ(profiles::with_defaults({.image = row.image}, pool).web_image, row.web);
  }
}

TEST_CASE("yaml: what would be read as something else is quoted") {
  for (const char* word : {"true", "no", "123", "1.5", "a:b", "", "-x", "a b"}) CHECK_EQ(profiles::yaml_text(word), "\"" + std::string(word) + "\"");
  for (const char* word : {"shop", "shop-web", "a/b"}) CHECK_EQ(profiles::yaml_text(word), word);
  profiles::YamlTree tree, item;
  item.set("name", "x");
  item.set("a.b", "1");
  tree.set("list[]", item);
  tree.set("list[]", "plain");
  CHECK_EQ(tree.text(), "list:\n  - name: x\n    a:\n      b: 1\n  - plain\n");
}
