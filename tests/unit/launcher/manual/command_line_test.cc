#include "launcher/manual/command_line.h"

#include <doctest/doctest.h>

#include <CLI/CLI.hpp>
#include <functional>

#include "launcher/manual/completion.h"
#include "launcher/manual/pages.h"
#include "launcher/manual/roff.h"

using namespace manual;

namespace {

struct Invented {
  CLI::App app{"what it is", "fpmbox"};
  std::string text, kind, file;
  std::vector<std::string> files;
  int lines = 0;
  bool flag = false;
  Invented() {
    app.add_option("--catalog", text, "folder of profiles")->type_name("FOLDER");
    CLI::App* logs = app.add_subcommand("logs", "what a box said")->group("run");
    logs->add_option("NAME", text, "name of a pool")->required();
    logs->add_option("-n,--lines", lines, "how many");
    logs->add_flag("--secret", flag, "for ourselves")->group("");
    CLI::App* exec = app.add_subcommand("exec", "a command in a box")->group("run")->prefix_command();
    exec->add_option("NAME", text, "name of a pool")->required();
    CLI::App* check = app.add_subcommand("check", "every mistake")->group("prove");
    check->add_option("FILE", files, "pool files")->required();
    CLI::App* write = app.add_subcommand("export", "for others")->group("ship");
    write->require_subcommand(1);
    CLI::App* web = write->add_subcommand("web", "a web server's part")->group("ship");
    web->add_option("KIND", kind, "which")->required()->check(CLI::IsMember({"nginx", "apache"}));
    web->add_option("--output", file, "where to")->type_name("FOLDER");
    app.add_subcommand("hidden", "not for people")->group("");
  }
};

std::vector<std::string> names(const CommandLine& line) {
  std::vector<std::string> out;
  for (const CommandHelp& command : line.commands) out.push_back(command.name);
  return out;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("the command line is what the parser has, without what is hidden") {
  Invented invented;
  const CommandLine line = describe(invented.app);
  CHECK(names(line) == std::vector<std::string>{"logs", "exec", "check", "export web"});
  const CommandHelp& logs = line.commands[0];
  REQUIRE(logs.options.size() == 2);
  CHECK(logs.options[0] == OptionHelp{{"NAME"}, "", {}, "name of a pool", true, true, false});
  CHECK(logs.options[1] == OptionHelp{{"-n", "--lines"}, "NUMBER", {}, "how many", false, false, false});
  CHECK(line.commands[1].takes_command);
  CHECK(line.commands[2].options[0].is_repeated);
  CHECK(line.commands[3].options[0].choices == std::vector<std::string>{"nginx", "apache"});
  CHECK(line.program.options.size() == 2);  // --help and --catalog
}

TEST_CASE("the page of commands says all of it") {
  Invented invented;
  const std::string page = commands_page(describe(invented.app), {{"64", "wrong"}});
  for (const char* part :
       {".SH COMMANDS: run\n.SS fpmbox logs\n", "\\fBfpmbox logs\\fR [\\fB\\-\\-lines\\fR \\fINUMBER\\fR] \\fINAME\\fR\n",
        "\\fBfpmbox exec\\fR \\fINAME\\fR \\fB\\-\\-\\fR \\fICOMMAND\\fR...\n", ".SS fpmbox export web\n", "\\fBfpmbox check\\fR \\fIFILE\\fR...\n",
        "Which; one of nginx, apache.\n", "\\fB\\-n\\fR, \\fB\\-\\-lines\\fR \\fINUMBER\\fR\n", ".TP\n\\fB64\\fR\nwrong\n"}) {
    CAPTURE(part);
    CHECK(has(page, part));
  }
  CHECK_FALSE(has(page, "secret"));
  CHECK_FALSE(has(page, "hidden"));
}

TEST_CASE("text becomes roff that shows it") {
  const struct {
    const char* text;
    const char* roff;
  } rows[] = {
      {"a-b \\ c", "a\\-b \\e c"},
      {".PP is no macro here", "\\&.PP is no macro here"},
      {"'quoted'", "\\(aqquoted\\(aq"},
      {"run `fpmbox plan` first", "run \\fBfpmbox plan\\fR first"},
      {"a ` alone", "a ` alone"},
      {"two\nlines", "two lines"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    CHECK(roff_text(row.text) == row.roff);
  }
}

TEST_CASE("what stands for a value is told by its word") {
  const struct {
    const char* word;
    Completes positional;
    Completes of_option;  // which never takes a pool's name
  } rows[] = {{"NAME", Completes::pools, Completes::nothing}, {"FILE", Completes::pools_and_files, Completes::files},
              {"A", Completes::pools_and_files, Completes::nothing}, {"FOLDER", Completes::folders, Completes::folders},
              {"RECIPE", Completes::files, Completes::nothing}, {"FRAGMENT", Completes::nothing, Completes::files},
              {"TEXT", Completes::nothing, Completes::nothing}};
  for (const auto& row : rows) {
    CAPTURE(row.word);
    CHECK(completes({{row.word}, "", {}, "", true, false, false}) == row.positional);
    CHECK(completes({{"--x"}, row.word, {}, "", false, false, false}) == row.of_option);
    CHECK(completes({{"--x"}, row.word, {"a"}, "", false, false, false}) == Completes::words);
  }
}

TEST_CASE("every shell knows the commands of commands") {
  Invented invented;
  const CommandLine line = describe(invented.app);
  CHECK(has(zsh_completion(line), "export) _arguments '1:COMMAND:(web)' '*:FILE:_files' ;;"));
  CHECK(has(zsh_completion(line), "        'export'"));
  CHECK(has(fish_completion(line), "complete -c fpmbox -n __fish_use_subcommand -a 'export'\n"));
  CHECK(has(fish_completion(line), "complete -c fpmbox -n '__fish_seen_subcommand_from export' -F -a 'web'\n"));
}
