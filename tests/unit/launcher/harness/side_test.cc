// What starts the other confinements, word for word, and what the comparison makes of outcomes.
#include "launcher/harness/side.h"

#include <doctest/doctest.h>

#include <list>

#include "launcher/harness/against.h"
#include "launcher/harness/bwrap_arena.h"
#include "launcher/harness/concession.h"
#include "launcher/harness/entrypoint_arena.h"
#include "launcher/harness/report.h"
#include "launcher/harness/unit_arena.h"
#include "profiles/base/text.h"

using namespace harness;

namespace {

using Kind = HostEntry::Kind;

const Act& act(const std::string& id) {  // native: an invented arena answers no FastCGI
  static std::list<Act> kept;
  Act& out = kept.emplace_back();
  out.id = id;
  out.why = "why of " + id;
  out.native = Native{"getpid", {}, {}};
  out.inside = {"ENOENT"};
  out.outside = {"ok"};
  out.lacking = {{"ENOSYS", "this kernel lacks it"}};
  return out;
}

// Gives each act the outcome of its id, and may not come up.
class Invented : public Arena {
 public:
  explicit Invented(std::string error) : error_(std::move(error)) {}
  std::string name() const override { return "invented"; }
  const Targets& targets() const override { return targets_; }
  std::string act_script() const override { return "/act.php"; }
  base::Result<std::string> socket() override {
    if (error_.empty()) return std::string("/nothing");
    return base::Error{error_, {}, 0, {}};
  }
  bool is_alive() override { return true; }
  void end_pool() override {}
  base::Result<std::vector<std::string>> probe(const std::vector<std::string>& lines, int) override {
    std::vector<std::string> out;
    for (const std::string& line : lines) out.push_back(base::split(line, '\t').front() + "\t" + outcomes.at(out.size()));
    return out;
  }
  std::vector<Shortfall> shortfalls() const override { return lacks; }
  std::vector<std::string> outcomes;
  std::vector<Shortfall> lacks;
  std::vector<SaidGap> gaps() const override { return said; }
  std::vector<SaidGap> said;

 private:
  std::string error_;
  Targets targets_ = {{"tmp", "/tmp"}};
};

Runner runner_of(Arena& arena) {
  static std::list<Sides> kept;
  return Runner(kept.emplace_back(Sides{arena, [&arena](Control) -> Arena& { return arena; }, [](const std::string&, Arena&) { return std::string(); },
                                        [](const std::string&) {}}));
}

const Side kInvented{"invented", "an invented side", {}, "", nullptr};

ActResult in_box(const std::string& id, Verdict verdict, const std::string& outside) {
  return {&act(id), verdict, "ENOENT", outside, {}};
}

}  // namespace

TEST_CASE("bubblewrap's words") {
  const std::vector<HostEntry> root = {{"bin", Kind::link, "usr/bin"}, {"home", Kind::folder, {}}, {"lib", Kind::link, "usr/lib"}, {"sbin", Kind::folder, {}}};
  const Binds binds{{"/srv/code"}, {"/srv/code/data"}};
  const std::string words = base::join(bwrap_words("/usr/bin/bwrap", root, binds, {"/usr/sbin/php-fpm8.2", "-F"}), " ");
  CHECK_EQ(words,
           "/usr/bin/bwrap --unshare-all --die-with-parent --new-session --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib "
           "--ro-bind /sbin /sbin --ro-bind-try /etc/alternatives /etc/alternatives --ro-bind-try /etc/ld.so.cache /etc/ld.so.cache "
           "--ro-bind-try /etc/localtime /etc/localtime --ro-bind-try /etc/php /etc/php --ro-bind-try /etc/ssl/certs /etc/ssl/certs "
           "--proc /proc --dev /dev --tmpfs /tmp --ro-bind /srv/code /srv/code --bind /srv/code/data /srv/code/data --chdir / -- "
           "/usr/sbin/php-fpm8.2 -F");
}

TEST_CASE("systemd's words") {
  CHECK_EQ(base::join(unit_words("/usr/bin/systemd-run", {{"PrivateTmp=true", "RestrictAddressFamilies=AF_UNIX AF_INET"}, true}, "x.service", {"/usr/sbin/php-fpm8.2", "-F"}), "|"),
           "/usr/bin/systemd-run|--quiet|--collect|--wait|--pipe|--unit=x.service|--property=TimeoutStopSec=5|--property=PrivateTmp=true|"
           "--property=RestrictAddressFamilies=AF_UNIX AF_INET|--|/usr/sbin/php-fpm8.2|-F");
}

TEST_CASE("what an engine is asked for instead of what the machine refuses, one thing after the other") {
  std::vector<const Concession*> made;
  const auto next = [&made](const std::string& said) {
    const Concession* const found = concession_for("podman", said, made);
    if (found != nullptr) made.push_back(found);
    return found == nullptr ? std::string() : base::join(found->before(), " ") + base::join(found->after(), " ").substr(0, 15) + " | " + base::join(found->layers, " ");
  };
  CHECK_EQ(next("Error: crun: setrlimit `RLIMIT_NOFILE`: Operation not permitted"), "--ulimit nofile | rlimits");
  CHECK_EQ(next("Error: crun: setrlimit `RLIMIT_NOFILE`: Operation not permitted"), "");
  CHECK_EQ(next("crun: cgroups in hybrid mode not supported"), "--runtime runc | ");
  CHECK_EQ(next("Error: netavark: No such file"), "--network none | network_namespace");
  CHECK_EQ(next("no space left on device"), "");
  CHECK_EQ(concession_for("bwrap", "setrlimit RLIMIT_NOFILE", {}), nullptr);
}

TEST_CASE("the table of sides") {
  REQUIRE(find_side("bwrap") != nullptr);
  CHECK_EQ(find_side("bwrap")->programs, std::vector<std::string>{"bwrap"});
  CHECK_EQ(find_side("nothing"), nullptr);
  CHECK_EQ(base::join(entrypoint_names(), " "), "podman podman-asked docker docker-asked");
  REQUIRE(find_entrypoint("docker") != nullptr);
  CHECK(find_entrypoint("docker")->is_ours);
  CHECK_EQ(find_side("in-docker"), nullptr);
  CHECK_EQ(find_entrypoint("bwrap"), nullptr);
  const auto missing = program_of({"x", "x", {"no-such-program"}, "y", nullptr});
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().text().find("--against x needs no-such-program, which is not in /usr/bin") == 0);
  CHECK_EQ(program_of(kInvented).value(), "");
}

TEST_CASE("what became of acts elsewhere") {
  const std::vector<ActResult> box = {in_box("g/refused", Verdict::stopped, "ok"), in_box("g/leaks", Verdict::stopped, "ok"), in_box("g/both", Verdict::leaked, "ok"),
                                      in_box("g/other", Verdict::stopped, "ok"), in_box("g/lacking", Verdict::not_shown, "ENOSYS"),
                                      in_box("g/granted", Verdict::does_not_apply, "")};
  Invented arena("");
  arena.outcomes = {"ENOENT", "ok", "ok", "EIO", "ENOSYS"};
  Runner runner = runner_of(arena);
  const auto there = try_side(kInvented, arena, runner, box);
  REQUIRE(there.ok());
  std::vector<Verdict> verdicts;
  for (const ActResult& result : there.value().acts) verdicts.push_back(result.verdict);
  CHECK_EQ(verdicts, std::vector<Verdict>{Verdict::stopped, Verdict::leaked, Verdict::leaked, Verdict::otherwise, Verdict::not_shown});
  REQUIRE_EQ(leaks_beyond(box, there.value()).size(), 1);
  CHECK_EQ(leaks_beyond(box, there.value()).front()->act->id, "g/leaks");
  CHECK_EQ(against_text(box, {there.value()}),
           "the same acts elsewhere\n"
           "                                         box    invented\n"
           "  stopped                                  3           1\n"
           "  leaked                                   1           2\n"
           "  ended otherwise                          0           1\n"
           "  not shown on this machine                1           1\n"
           "  does not apply                           1           0\n"
           "\nsucceed in invented and not in the box (an invented side)\n"
           "  g/leaks                            why of g/leaks\n");
}

TEST_CASE("of a layer that this machine makes narrower for a side an act tells something by its success alone") {
  const std::vector<ActResult> box = {in_box("g/refused", Verdict::stopped, "ok"), in_box("g/leaks", Verdict::stopped, "ok"), in_box("g/other", Verdict::stopped, "ok"), in_box("g/elsewhere", Verdict::stopped, "ok")};
  for (std::size_t i = 0; i < 3; ++i) const_cast<Act*>(box[i].act)->layers = {"rlimits", "seccomp"};
  const_cast<Act*>(box[3].act)->layers = {"seccomp"};
  Invented arena("");
  arena.outcomes = {"ENOENT", "ok", "EIO", "ENOENT"};
  arena.lacks = {{"with lower limits, for it does not start: <EPERM>", {"rlimits"}}};
  Runner runner = runner_of(arena);
  const auto there = try_side(kInvented, arena, runner, box);
  REQUIRE(there.ok());
  std::vector<Verdict> verdicts;
  for (const ActResult& result : there.value().acts) verdicts.push_back(result.verdict);
  CHECK_EQ(verdicts, std::vector<Verdict>{Verdict::not_shown, Verdict::leaked, Verdict::not_shown, Verdict::stopped});
  CHECK_EQ(there.value().acts[0].reason, "with lower limits, for it does not start: <EPERM>");
  CHECK(against_text(box, {there.value()}).find("\n  invented with lower limits, for it does not start: <EPERM>\n") != std::string::npos);
}

TEST_CASE("what succeeds in a box in a container is a failure, unless by a gap that it said") {
  const std::vector<ActResult> box = {in_box("g/refused", Verdict::stopped, "ok"), in_box("g/mapped", Verdict::stopped, "ok"), in_box("g/read", Verdict::stopped, "ok"), in_box("g/asks", Verdict::stopped, "ok")};
  const_cast<Act*>(box[1].act)->layers = {"noexec"};
  const_cast<Act*>(box[1].act)->native->args.all = {{NativeArgument::Kind::target, 0, "tmp"}};
  Invented arena("");
  arena.outcomes = {"ENOENT", "ok", "ok", "no /proc"};
  arena.said = {{"writable", "/tmp: not mounted noexec"}, {"proc", "no process information of the box's own can be mounted"}};
  Side ours = kInvented;
  ours.is_ours = true;
  Runner runner = runner_of(arena);
  const SideResult there = try_side(ours, arena, runner, box).value();
  std::vector<Verdict> verdicts;
  for (const ActResult& result : there.acts) verdicts.push_back(result.verdict);
  CHECK_EQ(verdicts, std::vector<Verdict>{Verdict::stopped, Verdict::accepted, Verdict::leaked, Verdict::does_not_apply});
  CHECK_EQ(there.acts[1].reason, "gap writable: the folder is not mounted noexec");
  CHECK_NE(against_text(box, {there}).find("\nsucceed in invented by a gap that it says at its start\n  g/mapped "), std::string::npos);
  const auto rows = check_ours(there);
  REQUIRE_EQ(rows.size(), 1);
  CHECK_EQ(rows[0].name, "invented/g/read");
  CHECK(rows[0].state == CheckResult::State::failed);

  arena.outcomes[2] = "ENOENT";
  const auto held = check_ours(try_side(ours, arena, runner, box).value());
  REQUIRE_EQ(held.size(), 1);
  CHECK(held[0].state == CheckResult::State::held);
  arena.outcomes[2] = "ok";
  CHECK(check_ours(try_side(kInvented, arena, runner, box).value()).empty());  // of somebody else nothing is expected
}

TEST_CASE("a box in a container has to stop acts in words that are known, or nothing was shown") {
  const std::vector<ActResult> box = {in_box("g/first", Verdict::stopped, "ok"), in_box("g/second", Verdict::stopped, "ok"), in_box("proc/keys", Verdict::stopped, "ok")};
  Side ours = kInvented;
  ours.is_ours = true;
  struct Row {
    std::vector<std::string> outcomes;
    const char* failed;
    const char* gap = "tmp";
  };
  const Row rows[] = {
      {{"ENOENT", "ENOENT", "ENOENT"}, ""},
      {{"ENOENT", "ENOENT", "covered"}, ""},  // the one other answer that is known
      {{"ENOENT", "covered", "ENOENT"}, "invented/g/second"},
      {{"500", "500", "500"}, "invented/g/first invented/g/second invented/proc/keys"},
      {{"ENOENT", "no answer", "ENOENT"}, "invented/g/second"},
      {{"no /proc", "no /proc", "covered"}, "invented", "proc"},  // nothing was stopped
      {{"no /proc", "ENOENT", "ENOENT"}, "invented/g/first"},     // a box that should have it, and said nothing
      {{"no /proc", "ENOENT", "ENOENT"}, "", "proc"},
      {{"no /proc", "ENOENT", "ENOENT"}, "", "namespaces"},
      {{"no /proc", "ENOENT", "ENOENT"}, "invented/g/first", "listen.own"},
  };
  for (const Row& row : rows) {
    Invented arena("");
    arena.outcomes = row.outcomes;
    arena.said = {{row.gap, "invented"}};
    Runner runner = runner_of(arena);
    std::vector<std::string> failed;
    for (const CheckResult& check : check_ours(try_side(ours, arena, runner, box).value()))
      if (check.state == CheckResult::State::failed) failed.push_back(check.name);
    CHECK_EQ(base::join(failed, " "), row.failed);
  }
  Invented covered("");
  covered.outcomes = {"ENOENT", "ENOENT", "covered"};
  Runner other = runner_of(covered);
  CHECK_NE(against_text(box, {try_side(ours, covered, other, box).value()}).find("\nend in invented otherwise than in the box, as is known\n     1  the engine covers it with /dev/null\n"),
           std::string::npos);

  std::vector<ActResult> broken = box;
  broken[1].outside = "EIO";
  Invented arena("");
  arena.outcomes = {"ENOENT", "ENOENT", "ENOENT"};
  Runner runner = runner_of(arena);
  const auto checks = check_ours(try_side(ours, arena, runner, broken).value());
  REQUIRE_EQ(checks.size(), 1);
  CHECK_EQ(checks[0].name, "invented/g/second");
  CHECK(checks[0].state == CheckResult::State::failed);
}

TEST_CASE("a side of ours that does not come up is a failure, one of somebody else is not compared") {
  Side ours = kInvented;
  CHECK(check_not_made(ours, "it is not there").empty());
  ours.is_ours = true;
  const auto rows = check_not_made(ours, "it is not there");
  REQUIRE_EQ(rows.size(), 1);
  CHECK_EQ(rows[0].name, "invented");
  CHECK_EQ(rows[0].reason, "it is not there");
  CHECK(rows[0].state == CheckResult::State::failed);
}

TEST_CASE("a side that does not come up, or does not try an act, is an error and no column") {
  const std::vector<ActResult> box = {in_box("g/refused", Verdict::stopped, "ok")};
  Invented arena("it is not there");
  Runner runner = runner_of(arena);
  const auto there = try_side(kInvented, arena, runner, box);
  REQUIRE_FALSE(there.ok());
  CHECK_EQ(there.error().text(), "it is not there");
}

TEST_CASE("the pool file of a container: the same policy with code, socket and root of its own") {
  profiles::Policy pool;
  pool.name = "shop";
  pool.filesystem.code.text = "/srv/shop/www";
  pool.filesystem.data.text = "/var/lib/www-shop";
  pool.filesystem.root = "/srv/roots/shop.erofs";
  pool.listen.tcp = "127.0.0.1:9001";
  pool.web.front_controllers = {"index.php"};
  const profiles::Policy inside = policy_inside(pool, "/srv/shop/www-1.4");
  CHECK_EQ(inside.filesystem.code.text, "/srv/shop/www-1.4");
  CHECK_EQ(inside.filesystem.data.text, "");
  CHECK_EQ(inside.filesystem.root, "system");
  CHECK_EQ(inside.listen.tcp, "");
  CHECK_EQ(base::join(inside.web.front_controllers, " "), "index.php fpmbox-acts/act.php");
  pool.web.front_controllers.clear();
  CHECK(policy_inside(pool, "/srv/x").web.front_controllers.empty());  // then any script of the code may start
  profiles::Policy back = policy_inside(pool, "/srv/x");
  back.filesystem.code = pool.filesystem.code;
  back.filesystem.data = pool.filesystem.data;
  back.filesystem.root = pool.filesystem.root;
  back.listen = pool.listen;
  CHECK(back == pool);
}

TEST_CASE("a control whose process ends has not shown that the act fails outside") {
  struct Mute : Invented {
    using Invented::Invented;
    base::Result<std::vector<std::string>> probe(const std::vector<std::string>&, int) override { return std::vector<std::string>(); }
  };
  Invented box("");
  box.outcomes = {"ENOENT"};
  Mute mute("");
  Invented other("");
  other.outcomes = {"EIO"};
  for (Arena* control : {static_cast<Arena*>(&mute), static_cast<Arena*>(&other)}) {
    const Sides sides{box, [control](Control) -> Arena& { return *control; }, [](const std::string&, Arena&) { return std::string(); }, [](const std::string&) {}};
    const std::vector<ActResult> results = Runner(sides).run({&act("exec/memfd")});
    REQUIRE_EQ(results.size(), 1);
    CHECK(results[0].verdict == Verdict::broken_control);
    CHECK_EQ(results[0].control_ran, control == &other);
  }
}
