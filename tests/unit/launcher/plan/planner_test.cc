// plan() on hosts that do not exist.
#include "launcher/plan/planner.h"
#include "launcher/plan/tier.h"

#include <doctest/doctest.h>
#include <sched.h>

#include <algorithm>
#include <cstdlib>

#include "launcher/plan/render_php.h"
#include "tests/support/golden.h"
#include "tests/support/invented.h"

using launcher::Gap;
using launcher::HostFacts;
using launcher::MountOp;
using launcher::Plan;

namespace {

struct Planned {
  Plan plan;
  std::string mistakes;
};

Planned planned(const std::string& yaml, HostFacts facts, const launcher::Request& request = {}) {
  base::Diagnostics diagnostics;
  const auto composed = test::pool(yaml, diagnostics);
  launcher::settle_tier(composed.policy, facts);
  Planned out;
  out.plan = launcher::plan({composed.policy, composed.origins, facts, request}, diagnostics);
  out.mistakes = test::text_of(diagnostics);
  return out;
}

const MountOp* mount_at(const Plan& plan, const std::string& target) {
  for (const MountOp& op : plan.mounts)
    if (op.target == target) return &op;
  return nullptr;
}

std::vector<std::string> layers_of(const Plan& plan, bool required) {
  std::vector<std::string> out;
  for (const Gap& gap : plan.gaps)
    if (gap.required == required) out.push_back(gap.layer);
  return out;
}

}  // namespace

TEST_CASE("golden: a versioned site on a host with everything") {
  const Planned out = planned(test::kShop, test::good_host());
  CHECK_EQ(out.mistakes, "");
  CHECK(out.plan.gaps.empty());
  test::check_golden("plan/shop.txt", launcher::print(out.plan));
  for (const MountOp& op : out.plan.mounts)
    if (op.target == "/etc/fpmbox/php-fpm.conf") test::check_golden("plan/shop-php-fpm.conf.txt", op.content);
  for (const MountOp& op : out.plan.mounts)
    if (op.target == "/etc/fpmbox/php.ini") test::check_golden("plan/shop-php.ini.txt", op.content);
}

TEST_CASE("golden: the same inside a container that allows no namespaces") {
  const Planned out = planned(test::kShop, test::docker_host());
  CHECK_EQ(out.mistakes, "");
  CHECK_EQ(out.plan.namespaces, 0);
  CHECK(layers_of(out.plan, true).empty());  // what a wall of ours covers does not stop the entrypoint
  test::check_golden("plan/shop-enclosed.txt", launcher::print(out.plan));
}

TEST_CASE("golden: the same inside a container that allows them") {
  const Planned out = planned(test::kShop, test::podman_host());
  CHECK_EQ(out.mistakes, "");
  CHECK(out.plan.becomes_pool);
  CHECK_FALSE(out.plan.supervisor_uid.has_value());
  CHECK(layers_of(out.plan, true).empty());
  test::check_golden("plan/shop-nested.txt", launcher::print(out.plan));
}

TEST_CASE("golden: an ordinary user's own box") {
  const Planned out = planned(test::kOwnShop, test::ordinary_host());
  CHECK_EQ(out.mistakes, "");
  CHECK(layers_of(out.plan, true).empty());
  CHECK(layers_of(out.plan, false) ==
        std::vector<std::string>{"identity.separate", "launcher.identity", "identity.groups", "code.owner"});
  CHECK_FALSE(out.plan.supervisor_uid.has_value());  // there is a user fpmbox, but nobody who could become it
  test::check_golden("plan/shop-own.txt", launcher::print(out.plan));
}

TEST_CASE("what an ordinary user cannot have here is a gap") {
  struct Row {
    const char* layer;
    void (*break_host)(HostFacts&);
    const char* says;
  };
  const Row rows[] = {
      {"namespaces", [](HostFacts& f) { f.ordinary_user->obstacle = "no namespaces"; f.ordinary_user->remedy = "sysctl x"; }, "sysctl x"},
      {"proc", [](HostFacts& f) { f.ordinary_user->proc_obstacle = "covered"; }, "covered"},
      {"limits.memory.max", [](HostFacts& f) { f.cgroups["memory"] = {0, {}, "not delegated"}; }, "systemd-run --user --scope"},
      {"exec", [](HostFacts& f) { f.user_notification = f.exec_notification = false; }, "page 0"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.layer);
    HostFacts facts = test::ordinary_host();
    row.break_host(facts);
    const Plan plan = planned(test::kOwnShop, facts).plan;
    const auto required = layers_of(plan, true);
    CHECK_NE(std::count(required.begin(), required.end(), row.layer), 0);
    CHECK_NE(launcher::print(plan).find(row.says), std::string::npos);
  }
  HostFacts covered = test::ordinary_host();
  covered.ordinary_user->proc_obstacle = "covered";
  CHECK(mount_at(planned(test::kOwnShop, covered).plan, "/proc") == nullptr);
}

TEST_CASE("an ordinary user's socket is its own, or a group's that it is in") {
  const Plan alone = planned(test::kOwnShop, test::ordinary_host()).plan;
  CHECK_EQ(alone.live.unix_path, "/run/user/1000/fpmbox/shop/live.sock");
  CHECK_EQ(alone.live.owner, 1000);
  CHECK_EQ(alone.live.mode, 0600);
  CHECK_EQ(alone.pool_directory.mode, 0700);
  HostFacts facts = test::ordinary_host();
  facts.paths["/srv/shop/run"] = test::folder("/srv/shop/run", 1000);
  const Planned shared = planned(test::kOwnShop + "listen: {unix: /srv/shop/run/live.sock, group: staff}\n", facts);
  CHECK_EQ(shared.mistakes, "");
  CHECK_EQ(shared.plan.live.unix_path, "/srv/shop/run/live.sock");
  CHECK_EQ(shared.plan.live.group, 50);
  CHECK_EQ(shared.plan.live.mode, 0660);
  CHECK_EQ(shared.plan.pool_directory.mode, 0700);
}

TEST_CASE("a call that the kernel does not have stops the launch, whatever the profile lets go") {
  HostFacts facts = test::good_host();
  facts.missing_calls = {{"mount_setattr", "5.12"}};
  const Planned out = planned(test::kShop + "enforcement: {best_effort: [{layer: kernel, why: it was tried}]}\n", facts);
  REQUIRE_EQ(layers_of(out.plan, true), std::vector<std::string>{"kernel"});
  const Gap& gap = out.plan.gaps.front();
  CHECK_NE(gap.reason.find("mount_setattr"), std::string::npos);
  CHECK_NE(gap.fix.find("Linux 5.12"), std::string::npos);
}

TEST_CASE("the same input gives the same plan") {
  CHECK(planned(test::kShop, test::good_host()).plan == planned(test::kShop, test::good_host()).plan);
}

TEST_CASE("code is read-only under both of its names, writable paths are noexec") {
  const Plan plan = planned(test::kShop, test::good_host()).plan;
  const MountOp* code = mount_at(plan, "/srv/shop/www-1.4");
  REQUIRE(code != nullptr);
  CHECK(code->read_only);
  CHECK(code->no_exec);
  const MountOp* named = mount_at(plan, "/srv/shop/www");
  REQUIRE(named != nullptr);
  CHECK(named->kind == MountOp::Kind::symlink);
  CHECK_EQ(named->source, "/srv/shop/www-1.4");
  for (const MountOp& op : plan.mounts) {
    CAPTURE(op.target);
    const bool is_mount = op.kind == MountOp::Kind::bind || op.kind == MountOp::Kind::tmpfs;
    if (is_mount && !op.read_only) CHECK(op.no_exec);
  }
}

TEST_CASE("with data: what is written lies outside the versions") {
  HostFacts facts = test::good_host();
  facts.paths["/var/lib/shop"] = test::folder("/var/lib/shop");
  facts.paths["/var/lib/shop/data"] = test::folder("/var/lib/shop/data", 1007);
  facts.paths["/var/lib/shop/config.php"] = test::file("/var/lib/shop/config.php", 1007);
  const Planned out = planned(test::kShop + "  data: /var/lib/shop\n", facts);
  CHECK_EQ(out.mistakes, "");
  const MountOp* data = mount_at(out.plan, "/srv/shop/www-1.4/data");
  REQUIRE(data != nullptr);
  CHECK_EQ(data->source, "/var/lib/shop/data");
}

TEST_CASE("cgroup v1 and v2 get their own files for the same limits") {
  HostFacts facts = test::good_host();
  facts.cgroups["memory"] = {1, "/sys/fs/cgroup/memory/box", {}};
  facts.cgroups["cpu"] = {1, "/sys/fs/cgroup/cpu/box", {}};
  const Plan mixed = planned(test::kShop, facts).plan;
  std::vector<std::string> files;
  for (const auto& write : mixed.cgroups) files.push_back(write.file + "=" + write.value);
  CHECK(files == std::vector<std::string>{"memory.limit_in_bytes=536870912", "pids.max=64", "cpu.cfs_quota_us=200000"});
  files.clear();
  for (const auto& write : planned(test::kShop, test::good_host()).plan.cgroups) files.push_back(write.file + "=" + write.value);
  CHECK(files == std::vector<std::string>{"memory.max=536870912", "pids.max=64", "cpu.max=200000 100000"});
}

TEST_CASE("what a host cannot give is a gap, and required unless the profile lets it go") {
  struct Row {
    const char* layer;
    void (*break_host)(HostFacts&);
  };
  const Row rows[] = {
      {"limits.memory.max", [](HostFacts& f) { f.cgroups["memory"] = {0, {}, "not delegated"}; }},
      {"limits.cpu.max", [](HostFacts& f) { f.cgroups.erase("cpu"); }},
      {"landlock.refer", [](HostFacts& f) { f.landlock_abi = 1; }},
      {"landlock", [](HostFacts& f) { f.landlock_abi = 0; }},
      {"exec", [](HostFacts& f) { f.page_zero = f.user_notification = f.exec_notification = false; }},
      {"syscalls.report", [](HostFacts& f) { f.user_notification = false; }},
      {"launcher.identity", [](HostFacts& f) { f.users.erase("fpmbox"); }},
      {"namespaces", [](HostFacts& f) { f.privileged = false; }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.layer);
    HostFacts facts = test::good_host();
    row.break_host(facts);
    const auto required = layers_of(planned(test::kShop, facts).plan, true);
    CHECK_NE(std::count(required.begin(), required.end(), row.layer), 0);
    const std::string lets_go = test::kShop + "enforcement: {best_effort: [{layer: " + row.layer + ", why: test}]}\n";
    const auto best_effort = layers_of(planned(lets_go, facts).plan, false);
    CHECK_NE(std::count(best_effort.begin(), best_effort.end(), row.layer), 0);
  }
}

TEST_CASE("what an older Landlock lacks stops nothing where another layer refuses the same, and is said") {
  using Layers = std::vector<std::string>;
  struct Row {
    int abi;
    bool enclosed;
    const char* network;
    Layers required;
    Layers printed;
  };
  const char* kOwn = "";
  const char* kHost = "network: {mode: host, why: test}\n";
  const char* kTcp = "listen: {tcp: \"127.0.0.1:9001\"}\n";  // a socket of the host's network, in the box
  const char* kServer = "connect: [{unix: /run/mysqld/mysqld.sock}]\n";
  const char* kTcpAndServer = "listen: {tcp: \"127.0.0.1:9001\"}\nconnect: [{unix: /run/mysqld/mysqld.sock}]\n";
  const Row rows[] = {
      {2, false, kTcp, {"landlock.network"}, {"landlock.truncate", "landlock.scopes"}},
      {4, false, kTcp, {}, {"landlock.scopes"}},
      {7, false, kOwn, {}, {}},
      {5, false, kOwn, {}, {"landlock.scopes"}},
      {2, false, kOwn, {}, {"landlock.truncate", "landlock.network", "landlock.scopes"}},  // Debian 12
      {1, false, kOwn, {"landlock.refer"}, {"landlock.truncate", "landlock.network", "landlock.scopes"}},
      {2, false, kHost, {"landlock.network", "landlock.scopes"}, {"landlock.truncate", "network"}},
      {0, false, kOwn, {"landlock", "landlock.refer", "landlock.truncate", "landlock.network", "landlock.scopes"}, {}},
      {2, true, kOwn, {}, {"landlock.truncate", "landlock.network", "landlock.scopes"}},  // a container on Debian 12
      {2, true, kTcp, {}, {"landlock.truncate", "landlock.network", "landlock.scopes"}},
      {2, true, kServer, {"landlock.scopes"}, {"landlock.truncate", "landlock.network"}},  // by connect(2) it reaches others, too
      {2, true, kTcpAndServer, {"landlock.network", "landlock.scopes"}, {"landlock.truncate"}},
      {2, true, kHost, {"landlock.network", "landlock.scopes"}, {"landlock.truncate", "network"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.abi);
    CAPTURE(row.enclosed);
    CAPTURE(row.network);
    HostFacts facts = row.enclosed ? test::docker_host() : test::good_host();
    facts.landlock_abi = row.abi;
    std::string text = test::kShop + row.network;
    const std::string listen = "listen: {group: www-data}\n";
    if (row.network == kTcp || row.network == kTcpAndServer) text.erase(text.find(listen), listen.size());
    const Plan plan = planned(text, facts).plan;
    Layers required, printed;
    for (const Gap& gap : plan.gaps)
      if (gap.stands_in.empty()) (gap.required ? required : printed).push_back(gap.layer);
    CHECK(required == row.required);
    CHECK(printed == row.printed);
  }
}

TEST_CASE("the exec gate: a pinned path before a notification, and the plan says which") {
  HostFacts facts = test::good_host();
  CHECK(planned(test::kShop, facts).plan.filter.exec_gate == launcher::ExecGate::pinned_path);
  facts.page_zero = false;
  const Plan notified = planned(test::kShop, facts).plan;
  CHECK(notified.filter.exec_gate == launcher::ExecGate::notified);
  CHECK(notified.gaps.empty());
  CHECK_NE(launcher::print(notified).find("the launcher lets that one through"), std::string::npos);
}

TEST_CASE("memory: written and executed is a choice that the plan prints with its price") {
  const Plan lets = planned(test::kShop, test::good_host()).plan;
  CHECK_NE(launcher::print(lets).find("memory          may be writable and executable\n"), std::string::npos);
  CHECK_NE(launcher::print(lets).find("note: memory.deny_write_execute: false leaves PCRE its JIT"), std::string::npos);
  CHECK_EQ(mount_at(lets, "/etc/fpmbox/php.ini")->content.find("jit"), std::string::npos);
  CHECK_EQ(mount_at(lets, "/etc/fpmbox/php-fpm.conf")->content.find("jit"), std::string::npos);

  const std::string denies = test::kShop + "memory: {deny_write_execute: true}\n";
  HostFacts facts = test::good_host();
  const Planned out = planned(denies, facts);
  CHECK_EQ(out.mistakes, "");
  CHECK(out.plan.gaps.empty());
  const std::string text = launcher::print(out.plan);
  CHECK_NE(text.find("never writable and executable, nor executable later: PR_SET_MDWE and the filter\n"), std::string::npos);
  CHECK_NE(text.find("allowed mmap with argument 2 not all of bits 6\n"), std::string::npos);
  CHECK_NE(text.find("allowed mprotect with argument 2 none of bits 4\n"), std::string::npos);
  CHECK_NE(text.find("4 to 5 times the time of regular expressions"), std::string::npos);
  const std::string ini = mount_at(out.plan, "/etc/fpmbox/php.ini")->content;
  for (const char* line : {"\npcre.jit=\"0\"\n", "\nopcache.jit=\"disable\"\n", "\nopcache.jit_buffer_size=\"0\"\n"})
    CHECK_NE(ini.find(line), std::string::npos);
  CHECK_NE(mount_at(out.plan, "/etc/fpmbox/php-fpm.conf")->content.find("php_admin_value[pcre.jit] = \"0\"\n"), std::string::npos);

  facts.mdwe = false;
  const Plan older = planned(denies, facts).plan;
  CHECK(layers_of(older, true).empty());
  CHECK(layers_of(older, false) == std::vector<std::string>{"memory.mdwe"});
  CHECK(older.filter == out.plan.filter);
  CHECK_NE(launcher::print(older).find("executable later: the filter\n"), std::string::npos);
  CHECK(planned(test::kShop, facts).plan.gaps.empty());
}

TEST_CASE("a server's socket is found by both spellings of its folder, whichever the pool file has") {
  for (const char* spelling : {"/run/mysqld", "/var/run/mysqld"}) {
    CAPTURE(spelling);
    HostFacts facts = test::good_host();
    facts.paths[spelling] = {.kind = launcher::PathFact::Kind::directory, .real = "/run/mysqld"};
    const Planned out = planned(test::kShop + "connect: [{unix: " + spelling + "/mysqld.sock}]\n", facts);
    const MountOp *folder = mount_at(out.plan, "/run/mysqld"), *link = mount_at(out.plan, "/var/run");
    REQUIRE(folder);
    CHECK_EQ(folder->source, "/run/mysqld");
    REQUIRE(link);
    CHECK(link->kind == MountOp::Kind::symlink);
    CHECK_EQ(link->source, "/run");
    CHECK_FALSE(mount_at(out.plan, "/var/run/mysqld"));
  }
}

TEST_CASE("what a profile shows below /var/run lies below /run, and both spellings find it") {
  HostFacts facts = test::good_host();
  facts.paths["/var/run/nscd"] = {.kind = launcher::PathFact::Kind::directory, .real = "/run/nscd"};
  const Planned out = planned(test::kShop + "  system: [{path: /var/run/nscd, why: names}]\n", facts);
  const MountOp *folder = mount_at(out.plan, "/run/nscd"), *link = mount_at(out.plan, "/var/run");
  REQUIRE(folder);
  CHECK_EQ(folder->source, "/run/nscd");
  REQUIRE(link);
  CHECK(link->kind == MountOp::Kind::symlink);
  CHECK_FALSE(mount_at(out.plan, "/var/run/nscd"));
}

TEST_CASE("what a profile shows below /var/run of a built root never is the host's, whatever its link says") {
  HostFacts facts = test::good_host();
  facts.root = "/srv/root";
  facts.paths["/srv/root/var/run/nscd"] = {.kind = launcher::PathFact::Kind::directory, .real = "/run/nscd"};
  const Planned out = planned(test::kShop + "  system: [{path: /var/run/nscd, why: names}]\n", facts);
  const MountOp* folder = mount_at(out.plan, "/run/nscd");
  REQUIRE(folder);
  CHECK_EQ(folder->source, "/srv/root/run/nscd");
}

TEST_CASE("code that is named below /var/run has its link below /run, where the box's own /var/run leads") {
  HostFacts facts = test::good_host();
  facts.paths["/var/run/shop"] = facts.paths.at("/srv/shop/www");
  std::string yaml = test::kShop;
  yaml.replace(yaml.find("/srv/shop/www"), std::string_view("/srv/shop/www").size(), "/var/run/shop");
  const Planned out = planned(yaml, facts);
  CHECK_EQ(out.mistakes, "");
  const MountOp *link = mount_at(out.plan, "/run/shop"), *code = mount_at(out.plan, "/srv/shop/www-1.4");
  REQUIRE(link);
  CHECK(link->kind == MountOp::Kind::symlink);
  CHECK_EQ(link->source, "/srv/shop/www-1.4");
  CHECK_EQ(link->key, "filesystem.code");
  REQUIRE(code);
  CHECK_FALSE(mount_at(out.plan, "/var/run/shop"));
}

TEST_CASE("data and a live socket below /var/run are those below /run, unless another link is on the way") {
  for (const std::string real : {"/run/shop", "/mnt/shop"}) {
    CAPTURE(real);
    HostFacts facts = test::good_host();
    facts.paths["/var/run/shop"] = test::folder(real);
    facts.paths["/var/run/shop/data"] = test::folder(real + "/data", 1007);
    facts.paths["/var/run/shop/config.php"] = test::file(real + "/config.php", 1007);
    std::string yaml = test::kShop + "  data: /var/run/shop\n";
    yaml.replace(yaml.find("{group: www-data}"), std::string_view("{group: www-data}").size(), "{group: www-data, unix: /var/run/shop/live.sock}");
    const Planned out = planned(yaml, facts);
    CHECK_EQ(out.mistakes, "");
    const std::string folder = real == "/run/shop" ? real : "/var/run/shop";  // at a link that is not followed the launch stops
    CHECK_EQ(out.plan.live.unix_path, folder + "/live.sock");
    const MountOp *data = mount_at(out.plan, "/srv/shop/www-1.4/data"), *config = mount_at(out.plan, "/srv/shop/www-1.4/config.php");
    REQUIRE(data);
    CHECK_EQ(data->source, folder + "/data");
    REQUIRE(config);
    CHECK_EQ(config->source, folder + "/config.php");
  }
}

TEST_CASE("a profile that shows /var/run itself has the one link") {
  HostFacts facts = test::good_host();
  facts.paths["/var/run"] = {.kind = launcher::PathFact::Kind::symlink, .link = "/run"};
  const Planned out = planned(test::kShop + "  system: [{path: /var/run, why: names}]\n", facts);
  CHECK_EQ(std::count_if(out.plan.mounts.begin(), out.plan.mounts.end(), [](const MountOp& op) { return op.target == "/var/run"; }), 1);
}

TEST_CASE("a TCP connection without a relay is a gap, not a silence") {
  const auto gaps = layers_of(planned(test::kShop + "connect: [{tcp: \"db:3306\", why: database}]\n", test::good_host()).plan, true);
  CHECK(gaps == std::vector<std::string>{"connect[db:3306]"});
}

TEST_CASE("who can reach the live socket is said") {
  struct Row {
    const char* listen;
    const char* says;
  };
  const Row rows[] = {
      {"listen: {group: www-data}\n", "group www-data"},
      {"listen: {tcp: \"127.0.0.1:9001\"}\n", "every user and every process of this host"},
      {"listen: {tcp: \"0.0.0.0:9001\", why: test}\n", "every machine that can route"},
  };
  for (const Row& row : rows) {
    std::string yaml = test::kShop;
    yaml.replace(yaml.find("listen:"), std::string("listen: {group: www-data}\n").size(), row.listen);
    CAPTURE(row.listen);
    CHECK_NE(launcher::print(planned(yaml, test::good_host()).plan).find(row.says), std::string::npos);
  }
}

TEST_CASE("workers are sized from memory, and stay below pids.max") {
  struct Row {
    const char* limits;
    std::uint32_t workers;
  };
  const Row rows[] = {
      {"{memory.max: 512MiB}", 5},   // (512 - 128 - 32) / 64
      {"{memory.max: 1GiB}", 13},
      {"{memory.max: 100MiB}", 1},   // never none
      {"{memory.max: 64GiB, pids.max: 20}", 16},
  };
  for (const Row& row : rows) {
    CAPTURE(row.limits);
    base::Diagnostics diagnostics;
    const auto composed = test::pool(test::kShop + "limits: " + row.limits + "\n", diagnostics);
    CHECK_EQ(launcher::workers_for(composed.policy), row.workers);
  }
}

TEST_CASE("timestamps are looked at where code changes in place or written PHP is kept; where not, what is written is not kept") {
  HostFacts in_place = test::good_host();
  in_place.paths["/srv/shop/www"] = test::folder("/srv/shop/www");
  in_place.paths["/srv/shop/www/data"] = test::folder("/srv/shop/www/data", 1007);
  in_place.paths["/srv/shop/www/config.php"] = test::file("/srv/shop/www/config.php", 1007);
  const std::string written = "php: {opcache: {written: true}}\n";
  struct Row {
    const char* name;
    HostFacts facts;
    std::string more;
    bool looks;
  };
  for (const Row& row : {Row{"a version", test::good_host(), "", false}, Row{"a version, written PHP", test::good_host(), written, true},
                         Row{"in place", in_place, "", true}, Row{"in place, written PHP", in_place, written, true}}) {
    CAPTURE(row.name);
    const Plan plan = planned(test::kShop + row.more, row.facts).plan;
    const auto& argv = plan.program.argv;
    CHECK_EQ(std::count(argv.begin(), argv.end(), std::string("opcache.validate_timestamps=") + (row.looks ? "1" : "0")), 1);
    CHECK_EQ(std::count(argv.begin(), argv.end(), "opcache.revalidate_freq=2"), row.looks ? 1 : 0);
    const auto mount = std::find_if(plan.mounts.begin(), plan.mounts.end(),
                                    [](const auto& one) { return one.target == "/etc/fpmbox/opcache-blacklist"; });
    REQUIRE(mount != plan.mounts.end());
    CHECK_EQ(mount->content.empty(), row.looks);
  }
}

TEST_CASE("ini values that belong to the box's layout are refused with their line") {
  const Planned out = planned(test::kShop + "php:\n  admin_values: {upload_tmp_dir: /srv/shop/www/data}\n", test::good_host());
  CHECK_NE(out.mistakes.find("/pools/shop.yaml:8:"), std::string::npos);
  CHECK_NE(out.mistakes.find("upload_tmp_dir"), std::string::npos);
}

TEST_CASE("golden: a command beside the pool has its walls and limits, and no socket") {
  HostFacts facts = test::good_host();
  facts.php_command = facts.php;
  facts.php_command.binary = "/usr/bin/php8.2";
  const Planned out = planned(test::kShop, facts, {{"php", "console", "core:archive"}});
  CHECK_EQ(out.mistakes, "");
  test::check_golden("plan/shop-command.txt", launcher::print(out.plan));
  for (const MountOp& op : out.plan.mounts)
    if (op.target == "/etc/fpmbox/php.ini") test::check_golden("plan/shop-command-php.ini.txt", op.content);
  const Plan service = planned(test::kShop, facts).plan;
  CHECK(out.plan.filter == service.filter);
  CHECK(out.plan.landlock == service.landlock);
  CHECK(out.plan.cgroups == service.cgroups);
  CHECK(out.plan.rlimits == service.rlimits);
  CHECK_EQ(out.plan.namespaces, service.namespaces);
  CHECK(!out.plan.live.exists());
  CHECK(!out.plan.status.exists());
  CHECK(out.plan.pool_directory.path.empty());
}

TEST_CASE("a command that begins with no program of the box is refused") {
  HostFacts facts = test::good_host();
  const Planned shell = planned(test::kShop, facts, {{"/bin/sh", "-c", "id"}});
  CHECK_NE(shell.mistakes.find("`/bin/sh` is no program of this box"), std::string::npos);
  CHECK_NE(shell.mistakes.find("such as: php /bin/sh"), std::string::npos);
  for (const char* name : {"/usr/bin/php", "php8.2", "/usr/local/bin/php"}) {
    CAPTURE(name);
    const Planned by_path = planned(test::kShop, facts, {{name, "console"}});
    CHECK_NE(by_path.mistakes.find("write php, which is the command line of the pool's version"), std::string::npos);
  }
  facts.php_command = {.binary = {}, .reason = "no PHP 8.2 for the command line"};
  const Planned php = planned(test::kShop, facts, {{"php"}});
  CHECK_NE(php.mistakes.find("apt install php8.2-cli"), std::string::npos);
}

TEST_CASE("the host's network is a printed gap that stops nothing, and named ports are the only ones") {
  using Ports = std::vector<std::uint16_t>;
  struct Row {
    const char* yaml;
    bool shares;
    bool freely;
    Ports ports;
    std::vector<std::string> gaps;
  };
  const Row rows[] = {
      {"", false, false, {}, {}},
      {"network: {mode: host, why: test}\n", true, true, {}, {"network"}},
      {"network: {mode: host, why: test}\nconnect: [{tcp: \"db:3306\", why: test}, {tcp: \"[::1]:443\", why: test}]\n", true, false,
       {53, 443, 3306}, {"network"}},
      {"network: {mode: host, why: test}\nmail: {tcp: \"127.0.0.1:25\"}\n", true, false, {25, 53}, {"network"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.yaml);
    const Plan plan = planned(test::kShop + row.yaml, test::good_host()).plan;
    CHECK_EQ((plan.namespaces & CLONE_NEWNET) == 0, row.shares);
    CHECK_EQ(plan.landlock.connects_freely, row.freely);
    CHECK(plan.landlock.connect_ports == row.ports);
    CHECK(layers_of(plan, false) == row.gaps);
    CHECK(layers_of(plan, true).empty());
    for (const auto& rule : plan.filter.rules)
      if (rule.name == "socket") CHECK_EQ(rule.arguments.front().one_of.size(), row.shares ? 3 : 1);
  }
}

TEST_CASE("in the host's network names are resolved as there") {
  HostFacts facts = test::good_host();
  facts.name_files = {{"/etc/hosts", "10.0.0.1 db\n"}, {"/etc/resolv.conf", "nameserver 10.0.0.2\n"}};
  const Plan plan = planned(test::kShop + "network: {mode: host, why: test}\n", facts).plan;
  CHECK_EQ(mount_at(plan, "/etc/hosts")->content, "10.0.0.1 db\n");
  CHECK_EQ(mount_at(plan, "/etc/resolv.conf")->content, "nameserver 10.0.0.2\n");
  CHECK_NE(mount_at(plan, "/etc/nsswitch.conf")->content.find("hosts: files dns"), std::string::npos);
  CHECK_EQ(mount_at(planned(test::kShop, facts).plan, "/etc/nsswitch.conf")->content.find("dns"), std::string::npos);
}

TEST_CASE("mail: the server's folder is there, PHP's own mail() is not") {
  HostFacts facts = test::good_host();
  facts.paths["/run/relay"] = test::folder("/run/relay");
  facts.paths["/run/relay/smtp.sock"] = test::file("/run/relay/smtp.sock");
  facts.paths["/run/relay/smtp.sock"].kind = facts.paths["/run/relay/smtp.sock"].real_kind = launcher::PathFact::Kind::socket;
  const std::string yaml = test::kShop + "mail: {unix: /run/relay/smtp.sock}\n";
  const Planned out = planned(yaml, facts);
  CHECK_EQ(out.mistakes, "");
  REQUIRE(mount_at(out.plan, "/run/relay") != nullptr);
  CHECK(mount_at(out.plan, "/run/relay")->read_only);
  CHECK_NE(mount_at(out.plan, "/etc/fpmbox/prelude.php")->content.find("unix:///run/relay/smtp.sock"), std::string::npos);
  CHECK_NE(mount_at(out.plan, "/etc/fpmbox/php-fpm.conf")->content.find("pcntl_exec,dl,mail\""), std::string::npos);
  CHECK_EQ(mount_at(planned(test::kShop, facts).plan, "/etc/fpmbox/prelude.php")->content.find("function mail"), std::string::npos);
  facts.php.version = "7.4.33";
  CHECK_NE(planned(yaml, facts).mistakes.find("PHP 7.4.33 lets nobody define mail() anew"), std::string::npos);
  const auto by_tcp = layers_of(planned(test::kShop + "mail: {tcp: \"127.0.0.1:25\"}\n", test::good_host()).plan, true);
  CHECK(by_tcp == std::vector<std::string>{"mail"});
}

namespace {

const std::string kPrograms = R"(programs:
  - {path: /bin/sh, why: exec() of the shop}
  - {path: /usr/bin/php, why: its own console}
  - {path: /usr/bin/report, why: a script}
  - {path: /usr/bin/tiny, why: a static program}
php: {disable_functions: {set: []}}
)";

// As on Debian: /bin is a link, sh and php are links, libraries lie in a folder of their own.
HostFacts host_with_programs() {
  using Kind = launcher::ProgramFact::Kind;
  HostFacts facts = test::good_host();
  const std::string loader = "/usr/lib/x/ld.so.2";
  facts.php.interpreter = "/lib64/ld.so.2";
  facts.paths["/lib64/ld.so.2"] = test::link("../lib/x/ld.so.2", loader);
  facts.paths["/bin"] = test::link("usr/bin", "/usr/bin");
  facts.php_command = facts.php;
  facts.php_command.binary = "/usr/bin/php8.2";
  facts.php_command.ini_directory = "/etc/php/8.2/cli";
  facts.programs = {{"/bin/sh", {Kind::elf, "", "/usr/bin/dash", loader, {"/usr/lib/x/libc.so.6"}, {}, ""}},
                    {"/usr/bin/php", {Kind::elf, "", "/usr/bin/php8.2", loader, {"/usr/lib/x/libc.so.6"}, {}, ""}},
                    {"/usr/bin/report", {Kind::script, "", "/usr/bin/report", "", {}, {"/bin/sh", "-e"}, ""}},
                    {"/usr/bin/tiny", {Kind::elf, "", "/usr/bin/tiny", "", {}, {}, ""}}};
  for (const char* path : {"/usr/bin/dash", "/usr/bin/php8.2", "/usr/bin/report", "/usr/bin/tiny"}) {
    facts.paths[path] = test::file(path);
    facts.paths[path].mode = 0755;
  }
  facts.paths["/bin/sh"] = test::link("dash", "/usr/bin/dash");
  facts.paths["/bin/sh"].links = {{"/bin", 0, "usr/bin"}, {"/usr/bin/sh", 0, "dash"}};
  facts.paths["/usr/bin/php"] = test::link("/etc/alternatives/php", "/usr/bin/php8.2");
  facts.paths["/usr/bin/php"].links = {{"/usr/bin/php", 0, "/etc/alternatives/php"}, {"/etc/alternatives/php", 0, "/usr/bin/php8.2"}};
  for (const char* path : {"/bin/sh", "/usr/bin/php"}) facts.paths[path].mode = 0755;
  for (const char* path : {"/usr/lib/php/20220829/ctype.so", "/usr/lib/php/20220829/posix.so"}) facts.paths[path] = test::file(path);
  return facts;
}

bool may_execute(const Plan& plan, const std::string& path) {
  return std::any_of(plan.landlock.rules.begin(), plan.landlock.rules.end(), [&](const launcher::LandlockRule& rule) {
    return rule.path == path && rule.access == launcher::LandlockRule::Access::execute;
  });
}

}  // namespace

TEST_CASE("golden: libraries and PHP of a root that was built") {
  const std::string root = "/srv/roots/shop";
  HostFacts facts = test::good_host();
  for (const auto& [path, fact] : HostFacts(facts).paths)
    if (path.starts_with("/usr") || path.starts_with("/lib") || path.starts_with("/etc")) facts.paths[root + path] = fact;
  facts.paths[root] = facts.paths["/srv"];
  facts.paths[root].real = root;
  facts.root = root;
  facts.php.binary = root + facts.php.binary;
  const std::string yaml = test::kShop + "  root: " + root + "\n";
  const Planned out = planned(yaml, facts);
  CHECK_EQ(out.mistakes, "");
  CHECK(out.plan.gaps.empty());
  for (const MountOp& op : out.plan.mounts)
    if (op.key.starts_with("filesystem.system") && op.kind == MountOp::Kind::bind) CHECK_MESSAGE(op.source == root + op.target, op.source);
  test::check_golden("plan/shop-root.txt", launcher::print(out.plan));

  facts.root.clear();
  facts.root_reason = "it belongs to uid 1007";
  CHECK(planned(yaml, facts).mistakes.find("`/srv/roots/shop` cannot be used: it belongs to uid 1007") != std::string::npos);
  facts.root_reason.clear();
  facts.root = root;
  CHECK(planned(yaml + kPrograms, facts).mistakes.find("programs would be this host's own") != std::string::npos);
  facts.enclosed = true;
  CHECK_EQ(layers_of(planned(yaml, facts).plan, true).front(), "root.built");
}

TEST_CASE("golden: libraries, PHP and code of an image") {
  const std::string image = "/srv/roots/shop.erofs", root = "/run/fpmbox/.roots/fe00-7-1-1.0", code = image + "/srv/www";
  HostFacts facts = test::good_host();
  for (const auto& [path, fact] : HostFacts(facts).paths)
    if (path.starts_with("/usr") || path.starts_with("/lib") || path.starts_with("/etc")) facts.paths[root + path] = fact;
  facts.paths[image] = test::file(image);
  for (const std::string& folder : {image + "/srv", code, code + "/data", std::string("/srv/roots"), std::string("/srv/data")}) facts.paths[folder] = test::folder(folder);
  facts.paths["/srv/data/data"] = test::folder("/srv/data/data", 1007);
  facts.root = root;
  facts.image = image;
  facts.php.binary = root + facts.php.binary;
  const std::string yaml = "extends: php-fpm\nidentity: {user: www-shop}\nlisten: {group: www-data}\nfilesystem:\n  code: " + code + "\n  root: " + image +
                           "\n  data: /srv/data\n  writable: [data]\n";
  const Planned out = planned(yaml, facts);
  CHECK_EQ(out.mistakes, "");
  CHECK(out.plan.gaps.empty());
  // the box has it where the pool file says, out of the one mount of the image, and nothing of that is writable
  const MountOp* bound = mount_at(out.plan, code);
  REQUIRE(bound != nullptr);
  CHECK_EQ(bound->source, root + "/srv/www");
  for (const MountOp& op : out.plan.mounts)
    if (op.source.starts_with(root)) CHECK_MESSAGE(op.read_only, op.target);
  test::check_golden("plan/shop-image.txt", launcher::print(out.plan));

  launcher::Request command;
  command.command = {"php", "-v"};
  facts.php_command = {};
  facts.php_command.reason = "no PHP 8.2 for the command line in " + root;
  const Planned exec = planned(yaml, facts, command);
  CHECK_EQ(exec.plan.program.directory, code);
  CHECK_NE(exec.mistakes.find("a root that fpmbox build made has php-fpm alone"), std::string::npos);
}

TEST_CASE("golden: a pool whose scripts may start programs") {
  const Planned out = planned(test::kShop + kPrograms, host_with_programs());
  CHECK_EQ(out.mistakes, "");
  CHECK(out.plan.gaps.empty());
  test::check_golden("plan/shop-programs.txt", launcher::print(out.plan));
  const MountOp* ini = mount_at(out.plan, "/etc/php/8.2/cli/php.ini");
  REQUIRE(ini != nullptr);
  test::check_golden("plan/shop-programs-php.ini.txt", ini->content);
  const MountOp* conf = mount_at(out.plan, "/etc/fpmbox/php-fpm.conf");
  CHECK_NE(conf->content.find("env[PATH] = \"/bin:/usr/bin\""), std::string::npos);
}

TEST_CASE("with programs only folders of libraries can be mapped executable") {
  struct Row {
    const char* more;
    const char* path;
    bool no_exec;
  };
  const Row rows[] = {{"", "/usr/lib", true},
                      {"", "/usr/lib/x", false},
                      {"", "/usr/share/zoneinfo", true},
                      {"", "/usr/lib/php/20220829/ctype.so", false},
                      {"filesystem: {system: [{path: /usr/lib/python3, why: its modules}]}\n", "/usr/lib/python3", false}};
  for (const Row& row : rows) {
    CAPTURE(row.path);
    HostFacts facts = host_with_programs();
    facts.paths["/usr/lib/python3"] = test::folder("/usr/lib/python3");
    std::string yaml = test::kShop + kPrograms;
    if (*row.more != '\0') yaml.replace(yaml.find("filesystem:\n"), 12, "filesystem:\n  system: [{path: /usr/lib/python3, why: its modules}]\n");
    const Plan plan = planned(yaml, facts).plan;
    REQUIRE(mount_at(plan, row.path) != nullptr);
    CHECK_EQ(mount_at(plan, row.path)->no_exec, row.no_exec);
  }
  CHECK_FALSE(mount_at(planned(test::kShop, host_with_programs()).plan, "/usr/lib")->no_exec);
}

TEST_CASE("Landlock alone tells named programs from others: without it nothing starts") {
  HostFacts facts = host_with_programs();
  const Plan plan = planned(test::kShop + kPrograms, facts).plan;
  for (const char* path : {"/usr/bin/dash", "/usr/bin/php8.2", "/usr/bin/report", "/usr/bin/tiny", "/usr/lib/x/ld.so.2"})
    CHECK_MESSAGE(may_execute(plan, path), path);
  CHECK_FALSE(may_execute(plan, "/lib64/ld.so.2"));  // the rule is for the copy that lies there
  CHECK(mount_at(plan, "/usr/lib/x/ld.so.2")->kind == MountOp::Kind::unreadable);
  CHECK(mount_at(plan, "/usr/bin/tiny")->kind == MountOp::Kind::unreadable);
  facts.landlock_abi = 0;
  const auto missing = layers_of(planned(test::kShop + kPrograms, facts).plan, true);
  CHECK_NE(std::count(missing.begin(), missing.end(), "exec.programs"), 0);
  const auto without = layers_of(planned(test::kShop, facts).plan, true);
  CHECK_EQ(std::count(without.begin(), without.end(), "exec.programs"), 0);
}

TEST_CASE("execve is let through for named programs, and execveat never") {
  for (const bool named : {false, true}) {
    const Plan plan = planned(test::kShop + (named ? kPrograms : ""), host_with_programs()).plan;
    int rules = 0;
    for (const auto& rule : plan.filter.rules) {
      CHECK_NE(rule.name, "execveat");
      if (rule.name != "execve") continue;
      ++rules;
      CHECK_EQ(rule.action == launcher::FilterRule::Action::allow, named);
    }
    CHECK_EQ(rules, 1);
  }
}

TEST_CASE("a command may be a named program, by its path or its name") {
  struct Row {
    std::vector<std::string> command;
    const char* source;
    std::vector<std::string> argv;
  };
  const Row rows[] = {
      {{"/bin/sh", "-c", "x"}, "/usr/bin/dash", {"/bin/sh", "-c", "x"}},
      {{"sh"}, "/usr/bin/dash", {"sh"}},
      {{"report", "-v"}, "/usr/bin/dash", {"/bin/sh", "-e", "/usr/bin/report", "-v"}},
      {{"/usr/bin/tiny"}, "/usr/bin/tiny", {"/usr/bin/tiny"}},
      {{"php", "x.php"}, "/usr/bin/php8.2", {"php", "-c", "/etc/fpmbox/php.ini", "x.php"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.command.front());
    const Planned out = planned(test::kShop + kPrograms, host_with_programs(), {row.command});
    CHECK_EQ(out.mistakes, "");
    CHECK_EQ(out.plan.program.source, row.source);
    CHECK(out.plan.program.argv == row.argv);
  }
  for (const char* other : {"/usr/bin/dash", "ls", "./report"})
    CHECK_NE(planned(test::kShop + kPrograms, host_with_programs(), {{other}}).mistakes.find("it has php, /bin/sh"), std::string::npos);
}

TEST_CASE("what programs lack without root's mounts is a gap") {
  HostFacts facts = host_with_programs();
  facts.privileged = false;
  facts.container = test::docker_host().container;
  const Plan enclosed = planned(test::kShop + kPrograms, facts).plan;
  const auto said = layers_of(enclosed, true);
  CHECK_NE(std::count(said.begin(), said.end(), "programs.noexec"), 0);
  CHECK(may_execute(enclosed, "/usr/bin/dash"));
  CHECK(mount_at(enclosed, "/run/fpmbox/.etc/shop/command/php.ini") != nullptr);

  HostFacts own = test::ordinary_host();
  for (const auto& [path, fact] : host_with_programs().paths) own.paths.emplace(path, fact);
  own.programs = host_with_programs().programs;
  own.php_command = host_with_programs().php_command;
  own.php.interpreter = "/lib64/ld.so.2";
  const Planned box = planned(test::kOwnShop + kPrograms, own);
  CHECK_EQ(box.mistakes, "");
  const auto lacks = layers_of(box.plan, false);
  CHECK_NE(std::count(lacks.begin(), lacks.end(), "programs.dumpable"), 0);
  CHECK(may_execute(box.plan, "/usr/lib/x/ld.so.2"));
  CHECK(mount_at(box.plan, "/usr/lib/x/ld.so.2") == nullptr);
  CHECK(mount_at(box.plan, "/usr/bin/tiny")->kind == MountOp::Kind::bind);
}
