// What a container gives and does not give, row by row, on invented hosts.
#include <algorithm>

#include "launcher/plan/container_wishes.h"
#include "launcher/plan/planner.h"
#include "launcher/plan/tier.h"
#include "tests/support/invented.h"

using launcher::ContainerWishes;
using launcher::Gap;
using launcher::HostFacts;
using launcher::Plan;
using launcher::Tier;

namespace {

Plan planned(HostFacts facts, const std::string& more = "") {
  base::Diagnostics diagnostics;
  const auto composed = test::pool(test::kShop + more, diagnostics);
  launcher::settle_tier(composed.policy, facts);
  Plan plan = launcher::plan({composed.policy, composed.origins, facts}, diagnostics);
  CHECK_EQ(test::text_of(diagnostics), "");
  return plan;
}

const Gap* gap_of(const Plan& plan, const std::string& layer) {
  const auto found = std::find_if(plan.gaps.begin(), plan.gaps.end(), [&](const Gap& gap) { return gap.layer == layer; });
  return found == plan.gaps.end() ? nullptr : &*found;
}

bool allows(const Plan& plan, const std::string& call) {
  return std::any_of(plan.filter.rules.begin(), plan.filter.rules.end(), [&](const auto& rule) { return rule.name == call; });
}

bool has_rlimit(const Plan& plan, const std::string& name) {
  return std::any_of(plan.rlimits.begin(), plan.rlimits.end(), [&](const auto& one) { return one.name == name; });
}

// `docker run` with all that it offers.
HostFacts well_asked() {
  HostFacts facts = test::docker_host();
  auto& container = *facts.container;
  container.mounts = {{.point = "/", .type = "overlay", .read_only = true}};
  for (const char* point : {"/tmp", "/var/lib/fpmbox", "/srv/shop/www-1.4/data", "/srv/shop/www-1.4/config.php"})
    container.mounts.push_back({.point = point, .type = "tmpfs", .no_exec = true, .no_suid = true, .no_dev = true, .size = 256ULL << 20, .inodes = 16384});
  container.memory_limit = 512ULL << 20;
  container.pids_limit = 68;
  container.cpu_percent = 200;
  return facts;
}

// `docker run --user`, and what the application writes is that user's.
HostFacts as_user(HostFacts facts, uid_t uid) {
  facts.container->uid = facts.container->gid = uid;
  for (const char* path : {"/srv/shop/www-1.4/data", "/srv/shop/www-1.4/config.php"}) facts.paths[path].uid = uid;
  return facts;
}

HostFacts with_server(HostFacts facts) {
  facts.paths["/run/mysqld"] = test::folder("/run/mysqld");
  auto& socket = facts.paths["/run/mysqld/mysqld.sock"] = test::file("/run/mysqld/mysqld.sock");
  socket.kind = socket.real_kind = launcher::PathFact::Kind::socket;
  return facts;
}

}  // namespace

TEST_CASE("the tier is what was found, and nothing else") {
  struct Row {
    const char* name;
    HostFacts facts;
    Tier tier;
  };
  HostFacts privileged = test::docker_host();
  privileged.privileged = true;
  HostFacts poor = test::podman_host();
  poor.container->missing_capabilities = {"SETUID"};
  const Row rows[] = {
      {"no container", test::good_host(), Tier::no_container}, {"docker", test::docker_host(), Tier::enclosed},
      {"podman", test::podman_host(), Tier::nested},           {"privileged", privileged, Tier::whole},
      {"podman, root who can become nobody", poor, Tier::enclosed},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(launcher::tier_of(row.facts) == row.tier);
  }
}

TEST_CASE("with all that Docker offers the gaps are those that it cannot close") {
  const Plan plan = planned(well_asked());
  std::vector<std::string> layers;
  for (const Gap& gap : plan.gaps) layers.push_back(gap.layer);
  CHECK(layers == std::vector<std::string>{"namespaces"});
  CHECK_EQ(plan.corrected_command, "");
  CHECK_FALSE(has_rlimit(plan, "data"));
  CHECK_FALSE(has_rlimit(plan, "nproc"));
  CHECK_EQ(plan.processors, 0);
}

TEST_CASE("each thing that the engine did not give is a gap, and what stands in is done") {
  struct Row {
    const char* layer;
    void (*take_away)(HostFacts&);
    const char* rlimit;
  };
  const Row rows[] = {
      {"root", [](HostFacts& f) { f.container->mounts[0].read_only = false; }, ""},
      {"code", [](HostFacts& f) { f.container->mounts[0].read_only = false; }, ""},
      {"writable", [](HostFacts& f) { f.container->mounts[3].no_exec = false; }, ""},
      {"tmp", [](HostFacts& f) { f.container->mounts[1].size.reset(); }, "fsize"},
      {"tmp", [](HostFacts& f) { f.container->mounts[1].size = 100ULL << 30; }, "fsize"},
      {"tmp.inodes", [](HostFacts& f) { f.container->mounts[1].inodes.reset(); }, ""},
      {"tmp.inodes", [](HostFacts& f) { f.container->mounts[1].inodes = 16385; }, ""},
      {"limits.memory.max", [](HostFacts& f) { f.container->memory_limit.reset(); }, "data"},
      {"limits.memory.max", [](HostFacts& f) { f.container->memory_limit = 1ULL << 40; }, "data"},
      {"limits.pids.max", [](HostFacts& f) { f.container->pids_limit.reset(); }, "nproc"},
      {"limits.cpu.max", [](HostFacts& f) { f.container->cpu_percent.reset(); }, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.layer);
    CHECK(gap_of(planned(well_asked()), row.layer) == nullptr);
    HostFacts facts = well_asked();
    row.take_away(facts);
    const Plan plan = planned(facts);
    const Gap* const gap = gap_of(plan, row.layer);
    REQUIRE(gap != nullptr);
    CHECK_FALSE(gap->required);
    CHECK_NE(gap->stands_in, "");
    if (row.rlimit[0] != '\0') CHECK(has_rlimit(plan, row.rlimit));
    if (row.layer != std::string("writable")) CHECK_NE(plan.corrected_command.find(" --read-only "), std::string::npos);
  }
  HostFacts fast = well_asked();
  fast.container->cpu_percent.reset();
  CHECK_EQ(planned(fast).processors, 2);
}

TEST_CASE("what nothing covers stops the launch until it is named; what nobody can do without stays") {
  HostFacts facts = well_asked();
  facts.container->cpu_percent.reset();
  Plan plan = planned(facts, "limits: {cpu.max: 50%}\n");
  REQUIRE(gap_of(plan, "limits.cpu.max") != nullptr);
  CHECK(gap_of(plan, "limits.cpu.max")->required);
  CHECK(launcher::judge_gaps({.allowed = {"limits.cpu.max"}}, plan).ok());
  CHECK_FALSE(gap_of(plan, "limits.cpu.max")->required);

  facts.container->missing_capabilities = {"SETUID"};
  plan = planned(facts);
  CHECK(launcher::judge_gaps({.allowed = {"identity"}}, plan).ok());
  CHECK(gap_of(plan, "identity")->required);
  CHECK_NE(gap_of(plan, "identity")->fix.find("--cap-add SETUID"), std::string::npos);
}

TEST_CASE("strict makes every gap fatal but those that are named; an unknown name is an error") {
  Plan plan = planned(test::docker_host());
  CHECK(launcher::judge_gaps({.strict = true, .allowed = {"namespaces"}}, plan).ok());
  for (const Gap& gap : plan.gaps) {
    CAPTURE(gap.layer);
    CHECK_EQ(gap.required, gap.layer != "namespaces");
  }
  const auto judged = launcher::judge_gaps({.allowed = {"limits.cpu.mx"}}, plan);
  REQUIRE_FALSE(judged.ok());
  CHECK_NE(judged.error().text().find("did you mean `limits.cpu.max`?"), std::string::npos);
  CHECK(launcher::judge_gaps({.allowed = {"landlock.scopes"}}, plan).ok());  // a gap that others have
}

TEST_CASE("started as another user than root, the pool is that user") {
  HostFacts facts = well_asked();
  facts.container->uid = 1000620000;
  facts.container->gid = 0;
  facts.container->groups = {4242};
  for (const char* path : {"/srv/shop/www-1.4/data", "/srv/shop/www-1.4/config.php"}) facts.paths[path].uid = 1000620000;
  const Plan plan = planned(facts);
  CHECK_EQ(plan.uid, 1000620000);
  CHECK_EQ(plan.gid, 0);
  CHECK(plan.keeps_ids);
  CHECK_FALSE(plan.supervisor_uid.has_value());
  CHECK_EQ(plan.live.owner, 1000620000);
  CHECK_EQ(plan.live.group, 0);  // it is not in www-data, and can give the socket to nobody
  facts.container->groups = {33};
  CHECK_EQ(planned(facts).live.group, 33);
  for (const char* layer : {"launcher.identity", "identity.groups", "identity.group", "listen.group"}) CHECK(gap_of(plan, layer) != nullptr);
  CHECK_FALSE(allows(plan, "connect"));  // its own socket is in its view
  CHECK(gap_of(plan, "listen.own") == nullptr);
}

TEST_CASE("a pool that connects to servers keeps connect(2), and may call itself: a gap, unless it listens by TCP") {
  HostFacts facts = well_asked();
  facts.container->uid = 1007;
  facts.container->gid = 1007;
  facts = with_server(facts);
  const std::string connect = "connect: [{unix: /run/mysqld/mysqld.sock}]\n";
  Plan by_unix = planned(facts, connect);
  CHECK(allows(by_unix, "connect"));
  REQUIRE(gap_of(by_unix, "connect") != nullptr);  // and whatever else listens in the container
  CHECK_FALSE(gap_of(by_unix, "connect")->required);
  CHECK(gap_of(planned(facts), "connect") == nullptr);
  REQUIRE(gap_of(by_unix, "listen.own") != nullptr);
  CHECK(gap_of(by_unix, "listen.own")->required);
  CHECK(launcher::judge_gaps({.allowed = {"listen.own"}}, by_unix).ok());
  CHECK_FALSE(gap_of(by_unix, "listen.own")->required);
  base::Diagnostics diagnostics;
  auto composed = test::pool(test::kShop + connect, diagnostics);
  launcher::grant_wishes({.listen = "0.0.0.0:9000"}, composed.policy);
  launcher::settle_tier(composed.policy, facts);
  const Plan by_tcp = launcher::plan({composed.policy, composed.origins, facts}, diagnostics);
  CHECK(gap_of(by_tcp, "listen.own") == nullptr);
  CHECK_EQ(by_tcp.live.tcp, "0.0.0.0:9000");
  CHECK(by_tcp.landlock.connect_ports.empty());
  CHECK_FALSE(by_tcp.landlock.connects_freely);
}

TEST_CASE("a command beside the pool writes its configuration elsewhere, and reads it") {
  base::Diagnostics diagnostics;
  const auto composed = test::pool(test::kShop, diagnostics);
  HostFacts facts = well_asked();
  facts.php_command = facts.php;
  facts.php_command.binary = "/usr/bin/php8.2";
  launcher::settle_tier(composed.policy, facts);
  const auto folder_of = [&](const launcher::Request& request) {
    const Plan plan = launcher::plan({composed.policy, composed.origins, facts, request}, diagnostics);
    const std::string ini = plan.mounts.front().target;
    CHECK(std::any_of(plan.landlock.rules.begin(), plan.landlock.rules.end(), [&](const auto& rule) { return ini.starts_with(rule.path + "/"); }));
    const auto& argv = plan.program.argv;
    CHECK(std::any_of(argv.begin(), argv.end(), [&](const std::string& word) { return word.starts_with(ini.substr(0, ini.rfind('/') + 1)); }));
    return ini;
  };
  CHECK_EQ(folder_of({}), "/run/fpmbox/.etc/shop/php.ini");
  CHECK_EQ(folder_of({.command = {"php", "-v"}}), "/run/fpmbox/.etc/shop.command/php.ini");
  CHECK_EQ(test::text_of(diagnostics), "");
}

TEST_CASE("an operator's variables") {
  const auto good = launcher::wishes_of({{"FPMBOX_STRICT", "1"}, {"FPMBOX_ALLOW_GAPS", "root,,tmp"}, {"FPMBOX_LISTEN", "/run/x/live.sock"}, {"FPMBOX_SECRETS", "/run/secrets"},
                                         {"PATH", "/bin"}, {"FPMBOX_WIKI_SERVICE_HOST", "10.0.0.1"}, {"FPMBOX_WIKI_PORT", "tcp://10.0.0.1:9000"}});
  REQUIRE(good.ok());
  CHECK(good.value().strict);
  CHECK(good.value().allowed == std::vector<std::string>{"root", "tmp"});
  CHECK_EQ(good.value().given.size(), 4);
  const std::pair<const char*, const char*> bad[] = {{"FPMBOX_STRICT", "yes"}, {"FPMBOX_STRIKT", "1"}, {"FPMBOX_LISTEN", "9000"}, {"FPMBOX_LISTEN", "a/b:1"},
                                                     {"FPMBOX_SECRETS", "secrets"}, {"FPMBOX_SECRETS", "/"}, {"FPMBOX_ALLOW_GAP", "root"}};
  for (const auto& [name, value] : bad) {
    const std::string text = std::string(name) + "=" + value;
    CAPTURE(text);
    CHECK_FALSE(launcher::wishes_of({{name, value}}).ok());
  }
}

TEST_CASE("where launcher and pool are one user, nothing but Landlock keeps the launcher's files from the pool, and not their modes") {
  HostFacts facts = as_user(well_asked(), 1007);
  const Plan newest = planned(facts);
  CHECK(gap_of(newest, "landlock.truncate") == nullptr);
  REQUIRE(gap_of(newest, "launcher.files") != nullptr);
  CHECK_FALSE(gap_of(newest, "launcher.files")->required);
  facts.landlock_abi = 2;
  const Plan older = planned(facts);
  REQUIRE(gap_of(older, "landlock.truncate") != nullptr);
  CHECK(gap_of(older, "landlock.truncate")->required);

  HostFacts two_users = well_asked();
  two_users.landlock_abi = 2;
  const Plan plan = planned(two_users);
  REQUIRE(gap_of(plan, "landlock.truncate") != nullptr);
  CHECK_FALSE(gap_of(plan, "landlock.truncate")->required);
  CHECK(gap_of(plan, "launcher.files") == nullptr);
}

TEST_CASE("a mount below the code or below what is written counts as its own") {
  struct Row {
    const char* point;
    bool read_only;
    bool no_exec;
    std::vector<const char*> layers;
  };
  const Row rows[] = {
      {"/srv/shop/www-1.4/cache", false, true, {"code"}},        {"/srv/shop/www-1.4/cache", true, false, {}},
      {"/srv/shop/www-1.4/data/cache", false, true, {}},         {"/srv/shop/www-1.4/data/cache", false, false, {"writable"}},
      {"/srv/shop/www-1.4/data/cache", true, false, {}},         {"/tmp/more", false, false, {"writable"}},
      {"/srv/shop/www-1.4x", false, false, {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.point);
    CAPTURE(row.no_exec);
    HostFacts facts = well_asked();
    facts.container->mounts.push_back({.point = row.point, .type = "ext4", .read_only = row.read_only, .no_exec = row.no_exec, .no_suid = true, .no_dev = true});
    const Plan plan = planned(facts);
    std::vector<std::string> layers;
    for (const Gap& gap : plan.gaps)
      if (gap.layer != "namespaces") layers.push_back(gap.layer);
    CHECK(layers == std::vector<std::string>(row.layers.begin(), row.layers.end()));
    if (!layers.empty()) CHECK_NE(gap_of(plan, layers.front())->reason.find(row.point), std::string::npos);
  }
}

TEST_CASE("without Landlock's scopes the filter stands in for a service of the first process, another user's, that connects nowhere, and there alone") {
  struct Row {
    uid_t uid;
    bool is_first_process;
    const char* more;
    bool is_required;
  };
  const char* const kServer = "connect: [{unix: /run/mysqld/mysqld.sock}]\n";
  const Row rows[] = {
      {0, true, "", false}, {0, true, kServer, true}, {0, true, "mail: {unix: /run/mysqld/mysqld.sock}\n", true}, {1007, true, "", true}, {1007, true, kServer, true},
      {0, false, "", true},  // --pid host, an init, a pod's shared processes: others of its user may be there
  };
  for (const Row& row : rows) {
    CAPTURE(row.uid);
    CAPTURE(row.more);
    HostFacts facts = with_server(row.uid == 0 ? well_asked() : as_user(well_asked(), row.uid));
    CHECK(gap_of(planned(facts, row.more), "landlock.scopes") == nullptr);
    facts.landlock_abi = 5;
    facts.container->is_first_process = row.is_first_process;
    Plan plan = planned(facts, row.more);
    const Gap* const gap = gap_of(plan, "landlock.scopes");
    REQUIRE(gap != nullptr);
    CHECK_EQ(gap->required, row.is_required);
    CHECK_EQ(gap->reason.find("the filter") == std::string::npos, row.is_required);
    CHECK_EQ(allows(plan, "connect"), row.more[0] != '\0');
    CHECK(launcher::judge_gaps({.allowed = {"landlock.scopes"}}, plan).ok());
    CHECK_FALSE(gap_of(plan, "landlock.scopes")->required);
  }
}

TEST_CASE("a command beside the pool shares the pool's process numbers: nothing stands in for Landlock's scopes") {
  base::Diagnostics diagnostics;
  const auto composed = test::pool(test::kShop, diagnostics);
  HostFacts facts = well_asked();
  facts.landlock_abi = 5;
  facts.php_command = facts.php;
  facts.php_command.binary = "/usr/bin/php8.2";
  launcher::settle_tier(composed.policy, facts);
  const auto is_required = [&](const launcher::Request& request) {
    const Plan plan = launcher::plan({composed.policy, composed.origins, facts, request}, diagnostics);
    const Gap* const gap = gap_of(plan, "landlock.scopes");
    REQUIRE(gap != nullptr);
    return gap->required;
  };
  CHECK_FALSE(is_required({}));
  CHECK(is_required({.command = {"php", "-v"}}));
}

TEST_CASE("php-fpm in memory is the pool's own file where launcher and pool are one user: said where it can start programs") {
  const std::string programs = "programs: [{path: /usr/bin/convert, why: test}]\n";
  const auto with_program = [](HostFacts facts) {
    facts.paths["/usr/bin/convert"] = test::file("/usr/bin/convert");
    return facts;
  };
  base::Diagnostics ignored;
  const auto gap_for = [&](HostFacts facts, const std::string& more) {
    const auto composed = test::pool(test::kShop + more, ignored);
    launcher::settle_tier(composed.policy, facts);
    return gap_of(launcher::plan({composed.policy, composed.origins, facts}, ignored), "programs.dumpable") != nullptr;
  };
  CHECK(gap_for(with_program(as_user(well_asked(), 1007)), programs));
  CHECK_FALSE(gap_for(with_program(as_user(well_asked(), 1007)), ""));
  CHECK_FALSE(gap_for(with_program(well_asked()), programs));
}
