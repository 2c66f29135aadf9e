// The text, and what of a plan is in it; that systemd takes it and what it keeps a script from: tests/machine/systemd_unit.py.
#include "launcher/export/systemd_unit.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include "launcher/plan/planner.h"
#include "profiles/base/text.h"
#include "tests/support/golden.h"
#include "tests/support/invented.h"

namespace {

struct Written {
  launcher::Plan plan;
  base::Result<profiles::Exported> exported = profiles::Exported{};
  const std::string& file(const std::string& ending) const {
    for (const auto& one : exported.value().files)
      if (one.path.ends_with(ending)) return one.text;
    FAIL("no file " << ending);
    return exported.value().text;
  }
};

Written write(const std::string& yaml) {
  base::Diagnostics diagnostics;
  const auto composed = test::pool(yaml, diagnostics);
  Written out{launcher::plan({composed.policy, composed.origins, test::good_host()}, diagnostics)};
  REQUIRE_EQ(test::text_of(diagnostics), "");
  out.exported = launcher::export_systemd(composed.policy, out.plan);
  return out;
}

const std::string kLimited = test::kShop + "limits: {memory.max: 512MiB, pids.max: 64, cpu.max: 200%}\nmemory: {deny_write_execute: true}\n";

}  // namespace

TEST_CASE("golden: a unit and its socket") {
  const Written written = write(kLimited);
  REQUIRE(written.exported.ok());
  test::check_golden("export/shop.service", written.file(".service"));
  test::check_golden("export/shop.socket", written.file(".socket"));
}

TEST_CASE("every bind of the plan is in the unit, and is writable there when it is in the plan") {
  const Written written = write(kLimited);
  const std::string& unit = written.file(".service");
  int seen = 0;
  for (const launcher::MountOp& op : written.plan.mounts) {
    if (op.kind != launcher::MountOp::Kind::bind) continue;
    CAPTURE(op.target);
    const std::string words = op.source + (op.source == op.target ? "" : ":" + op.target) + "\n";
    CHECK_NE(unit.find((op.read_only ? "\nBindReadOnlyPaths=" : "\nBindPaths=") + words), std::string::npos);
    CHECK_EQ(unit.find((op.read_only ? "\nBindPaths=" : "\nBindReadOnlyPaths=") + words), std::string::npos);
    ++seen;
  }
  CHECK_GT(seen, 5);
}

TEST_CASE("whatever is writable is noexec, and the state's own name with it") {
  const std::string unit = write(kLimited).file(".service");
  std::string fixed;
  std::vector<std::string> writable;
  for (const std::string& line : base::split(unit, '\n')) {
    if (line.starts_with("NoExecPaths=")) fixed += line.substr(line.find('=') + 1) + " ";
    if (line.starts_with("BindPaths=")) writable.push_back(line.substr(line.rfind(line.find(':') == line.npos ? '=' : ':') + 1));
    if (line.starts_with("StateDirectory=")) writable.push_back("/var/lib/" + line.substr(line.find('=') + 1));
  }
  CHECK_GT(writable.size(), 3);
  for (const std::string& path : writable) {
    CAPTURE(path);
    CHECK_NE(fixed.find("+" + path + " "), std::string::npos);
  }
}

TEST_CASE("a link of the code shows the version's writable paths, too") {
  const std::string unit = write(kLimited).file(".service");
  for (const char* line : {"BindReadOnlyPaths=/srv/shop/www-1.4:/srv/shop/www\n", "BindPaths=/srv/shop/www-1.4/data:/srv/shop/www/data\n",
                           "BindReadOnlyPaths=/usr/lib:/lib\n"}) {
    CAPTURE(line);
    CHECK_NE(unit.find(line), std::string::npos);
  }
}

TEST_CASE("generated files lie below the pool's folder, for root and the pool's group; FPM is not asked for a status that nobody reads") {
  const Written written = write(kLimited);
  int files = 0;
  for (const auto& file : written.exported.value().files) {
    if (!file.path.starts_with("/etc/fpmbox/systemd/shop/")) continue;
    CHECK_EQ(file.mode, 0640);
    CHECK_EQ(file.gid, written.plan.gid);
    ++files;
  }
  CHECK_EQ(files, std::count_if(written.plan.mounts.begin(), written.plan.mounts.end(), [](const auto& op) { return op.kind == launcher::MountOp::Kind::file; }));
  CHECK_EQ(written.file("/php-fpm.conf").find("pm.status_listen"), std::string::npos);
  CHECK_NE(written.file("/php-fpm.conf").find("pm.max_children"), std::string::npos);
}

TEST_CASE("what the profile asks for, and what it does not") {
  CHECK_NE(write(kLimited).file(".service").find("\nMemoryDenyWriteExecute=yes\n"), std::string::npos);
  const std::string plain = write(test::kShop).file(".service");
  CHECK_EQ(plain.find("MemoryDenyWriteExecute"), std::string::npos);
  CHECK_NE(plain.find("\nPrivateNetwork=yes\n"), std::string::npos);
  const std::string open = write(test::kShop + "network: {mode: host, why: test}\n").file(".service");
  CHECK_EQ(open.find("PrivateNetwork"), std::string::npos);
  CHECK_NE(open.find("RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6\n"), std::string::npos);
}

TEST_CASE("by TCP, systemd binds and php-fpm finds the socket by the name that its configuration has") {
  std::string yaml = test::kShop;
  yaml.replace(yaml.find("{group: www-data}"), 17, "{tcp: \"127.0.0.1:9000\"}");
  const Written written = write(yaml);
  CHECK_NE(written.file(".socket").find("\nListenStream=127.0.0.1:9000\n"), std::string::npos);
  CHECK_NE(written.file(".service").find("FPM_SOCKETS=/run/fpmbox/live.sock=3\""), std::string::npos);
  CHECK_NE(written.file("/php-fpm.conf").find("\nlisten = /run/fpmbox/live.sock\n"), std::string::npos);
  CHECK_NE(written.file(".service").find("\nPrivateNetwork=yes\n"), std::string::npos);
}

TEST_CASE("a bind whose source lies in what the pool writes is no unit's: a link in its place would be followed") {
  base::Diagnostics diagnostics;
  const auto composed = test::pool(test::kShop, diagnostics);
  launcher::Plan plan = launcher::plan({composed.policy, composed.origins, test::good_host()}, diagnostics);
  launcher::MountOp inner;
  for (const launcher::MountOp& op : plan.mounts)
    if (op.kind == launcher::MountOp::Kind::bind && op.source.ends_with("/data")) inner = op;
  REQUIRE_FALSE(inner.read_only);
  inner.source += "base";
  plan.mounts.push_back(inner);
  CHECK(launcher::export_systemd(composed.policy, plan).ok());
  plan.mounts.back().source = inner.source.substr(0, inner.source.size() - 4) + "/cache";
  const auto refused = launcher::export_systemd(composed.policy, plan);
  REQUIRE_FALSE(refused.ok());
  CHECK_NE(refused.error().text().find("/data/cache"), std::string::npos);
  CHECK_NE(refused.error().text().find("leave the inner one out"), std::string::npos);
}

TEST_CASE("words that a command line of systemd would read otherwise are doubled, quoted or refused") {
  base::Diagnostics diagnostics;
  const auto composed = test::pool(test::kShop, diagnostics);
  launcher::Plan plan = launcher::plan({composed.policy, composed.origins, test::good_host()}, diagnostics);
  plan.program.argv.insert(plan.program.argv.end(), {"-d", "a=50% of $x"});
  const auto written = launcher::export_systemd(composed.policy, plan);
  REQUIRE(written.ok());
  CHECK_NE(written.value().files.front().text.find(" -d \"a=50%% of $$x\"\n"), std::string::npos);
  for (const char* word : {"a\"b", "a\nUser=root", "a\\b", "a'b"}) {
    CAPTURE(word);
    plan.program.argv.back() = word;
    CHECK_FALSE(launcher::export_systemd(composed.policy, plan).ok());
  }
  plan.program.argv.back() = "x";
  plan.mounts.front().source = "/srv/a b";
  CHECK_FALSE(launcher::export_systemd(composed.policy, plan).ok());
}
