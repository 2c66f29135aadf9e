#include "launcher/harness/catalogue.h"

#include <doctest/doctest.h>

#include "tests/support/invented.h"

using namespace harness;

namespace {

const Vocabulary kWords = {{"view", "seccomp"}, {"has_data"}};

const std::string kGood = R"(acts:
  - id: files/neighbour
    why: database passwords of other sites
    source: CVE-2020-1
    layers: [view]
    php: |
      return said(fn () => 1);
    inside: [ENOENT, EACCES]
    outside: [ok]
    control: stock
    alone: true
    lacking: {ENOSYS: this kernel has none}
  - id: files/call
    why: the kernel is reached
    layers: [seccomp]
    native: {call: bpf, args: [0, -1, CLONE_NEWUSER, "$tmp", "$tmp/x", {zeros: 64}]}
    inside: [EPERM]
    outside: [reached]
    resource: true
    calls: [chmod]
    when: [has_data]
    ask: {script: "$data/x.php", params: {A: b}}
)";

struct Read {
  Catalogue catalogue;
  std::string mistakes;
};

Read read(const std::vector<CatalogueFile>& files) {
  base::Diagnostics diagnostics;
  Read out{read_catalogue(files, kWords, diagnostics), {}};
  diagnostics.sort();
  out.mistakes = test::text_of(diagnostics);
  return out;
}

// An act that is right but for one line.
std::string act(const std::string& key, const std::string& value) {
  std::string text = "acts:\n  - id: x/y\n    why: because\n    layers: [view]\n    php: return 'ok';\n    inside: [EPERM]\n    outside: [ok]\n";
  const auto at = text.find(" " + key + ":");
  if (at == text.npos) return text + "    " + key + ": " + value + "\n";
  const auto colon = text.find(':', at);
  return text.substr(0, colon) + ": " + value + text.substr(text.find('\n', at));
}

}  // namespace

TEST_CASE("acts are read with every key") {
  const Read out = read({{"/c/files.yaml", kGood}});
  REQUIRE_EQ(out.mistakes, "");
  REQUIRE_EQ(out.catalogue.acts.size(), 2);
  const Act& first = out.catalogue.acts[0];
  CHECK_EQ(first.id, "files/neighbour");
  CHECK_EQ(first.group(), "files");
  CHECK(first.control == Control::stock);
  CHECK(first.alone);
  CHECK_EQ(first.php, "return said(fn () => 1);\n");
  CHECK_EQ(first.lacking.at("ENOSYS"), "this kernel has none");
  CHECK_EQ(first.where.text(), "/c/files.yaml:2:5");
  using Kind = NativeArgument::Kind;
  REQUIRE(out.catalogue.acts[1].native);
  const std::vector<NativeArgument> expected = {{Kind::number, 0, {}}, {Kind::number, ~0ULL, {}}, {Kind::number, 0x10000000, {}},
                                                {Kind::target, 0, "tmp"}, {Kind::text, 0, "$tmp/x"}, {Kind::zeros, 64, {}}};
  CHECK(out.catalogue.acts[1].native->args.all == expected);
  REQUIRE(out.catalogue.acts[1].ask);
  CHECK_EQ(out.catalogue.acts[1].ask->script, "$data/x.php");
  CHECK_EQ(groups_of(out.catalogue), std::vector<std::string>{"files"});
}

TEST_CASE("mistakes are named with their place, and their act is left out") {
  const struct {
    const char* key;
    const char* value;
    const char* said;
  } rows[] = {
      {"id", "xy", "x.yaml:2:9: acts[xy].id: `xy` is no id; write GROUP/NAME in a-z, 0-9, - and _\n"},
      {"id", "z/y", "x.yaml:2:9: acts[z/y].id: is of another group than its file; write x/y, or move it to z.yaml\n"},
      {"why", "\"\"", "x.yaml:3:10: acts[x/y].why: is not one line that says what an attacker gains; write why: ...\n"},
      {"layers", "[sekcomp]", "x.yaml:4:14: acts[x/y].layers[sekcomp]: `sekcomp` is no layer; did you mean `seccomp`?\n"},
      {"layers", "[]", "x.yaml:4:5: acts[x/y].layers: names no layer that should stop it; write layers: [seccomp]\n"},
      {"when", "[hasdata]", "x.yaml:8:12: acts[x/y].when[hasdata]: `hasdata` is no condition; did you mean `has_data`?\n"},
      {"calls", "[chmodd]", "x.yaml:8:13: acts[x/y].calls[chmodd]: `chmodd` is no system call; did you mean `chmod`?\n"},
      {"php", "\"\"", "x.yaml:5:10: acts[x/y].php: an act has one depth; write either php: or native:\n"},
      {"native", "{call: bpf}", "x.yaml:5:10: acts[x/y].php: an act has one depth; write either php: or native:\n"},
      {"inside", "[]", "x.yaml:6:5: acts[x/y].inside: says nothing: what must it end with in the box?; write inside: [EPERM]\n"},
      {"inside", "[ok]", "x.yaml:6:14: acts[x/y].inside[ok]: is what its control ends with, too: nothing would be shown; remove it from one\n"},
      {"outside", "[reached, EPERM]", "x.yaml:6:14: acts[x/y].inside[EPERM]: is what its control ends with, too: nothing would be shown; remove it from one\n"},
      {"outside", "[]", "x.yaml:7:5: acts[x/y].outside: says nothing: an act without a control proves nothing; write outside: [ok]\n"},
      {"control", "nobody", "x.yaml:8:14: acts[x/y].control: `nobody` is not one of its words; write one of user, stock, root\n"},
      {"insid", "[ok]", "x.yaml:8:5: acts[x/y].insid: there is no such key; did you mean `inside`?\n"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.key);
    CAPTURE(row.value);
    const Read out = read({{"x.yaml", act(row.key, row.value)}});
    CHECK_EQ(out.mistakes, row.said);
    CHECK(out.catalogue.acts.empty());
  }
}

TEST_CASE("a native act is one known call with arguments, or one probe") {
  const struct {
    const char* native;
    const char* said;
  } rows[] = {
      {"{call: bfp}", "8:20: acts[x/y].native.call: `bfp` is no system call; did you mean `bpf`?\n"},
      {"{call: bpf, probe: one}", "8:5: acts[x/y].native: is neither one call nor one probe; write {call: NAME, args: [...]} or {probe: NAME}\n"},
      {"{call: bpf, args: [CLONE_X]}",
       "8:32: acts[x/y].native.args: `CLONE_X` is no argument; write a number, a constant of the kernel, \"text\" in quotes, $TARGET, {zeros: 64} or {bytes: 7f45}\n"},
      {"{call: bpf, args: [1, 2, 3, 4, 5, 6, 7]}", "8:31: acts[x/y].native.args: has more than 6 arguments; remove the last ones\n"},
      {"{call: bpf, args: [{bytes: 7f4}]}",
       "8:32: acts[x/y].native.args: `` is no argument; write a number, a constant of the kernel, \"text\" in quotes, $TARGET, {zeros: 64} or {bytes: 7f45}\n"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.native);
    std::string text = act("native", row.native);
    text.replace(text.find("    php: return 'ok';\n"), 22, "    # php\n");
    const Read out = read({{"x.yaml", text}});
    CHECK_EQ(out.mistakes, std::string("x.yaml:") + row.said);
  }
}

TEST_CASE("ids are unique, within a file and over all of them") {
  const std::string one = act("control", "user");
  CHECK_EQ(read({{"/a/x.yaml", one}, {"/b/x.yaml", one}}).mistakes,
           "/b/x.yaml:2:5: acts[x/y]: there is an act of this id already; rename one; the other is at /a/x.yaml:2:5\n");
  const std::string twice = one + one.substr(one.find('\n') + 1);
  CHECK(read({{"/a/x.yaml", twice}}).mistakes.find("listed twice") != std::string::npos);
}

TEST_CASE("every key of an act has a help text") {
  for (const ActKey& key : act_keys()) {
    CAPTURE(key.key);
    CHECK(key.help.ends_with('.'));
  }
  CHECK_EQ(act_keys().size(), 16);
}
