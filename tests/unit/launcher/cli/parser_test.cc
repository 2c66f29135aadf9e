#include "launcher/cli/parser.h"

#include <doctest/doctest.h>

#include "launcher/cli/exit_codes.h"

using namespace cli;

namespace {

struct Words {
  std::string file, form;
  std::vector<std::string> only;
  std::optional<std::size_t> lines;
  std::uint32_t uid = 10000;
  bool locked = false, update = false, called = false;
};

std::optional<int> parse(Words& words, std::vector<const char*> line) {
  Parser parser("for tests", "fpmbox");
  const App app = parser.top().require_subcommand();
  const App command = app.add_subcommand("look", "at something");
  command.add_option("FILE", words.file).required();
  command.add_option("--form", words.form).one_of({"text", "json"});
  command.add_option("--only", words.only).each_once();
  command.add_option("-n,--lines", words.lines);
  command.add_option("--uid", words.uid).show_default();
  const Option locked = command.add_flag("--locked", words.locked);
  command.add_flag("--update", words.update).excludes(locked);
  command.callback([&words] { words.called = true; });
  line.insert(line.begin(), "fpmbox");
  return parser.parse(static_cast<int>(line.size()), const_cast<char**>(line.data()));
}

}  // namespace

TEST_CASE("words of a command line arrive in their variables") {
  Words words;
  CHECK(parse(words, {"look", "--only", "a", "--only", "b", "--form", "json", "-n", "3", "--uid", "7", "--locked",
                      "x.yaml"}) == std::nullopt);
  CHECK(words.called);
  CHECK(words.file == "x.yaml");
  CHECK(words.form == "json");
  CHECK(words.only == std::vector<std::string>{"a", "b"});
  CHECK(words.lines == 3);
  CHECK(words.uid == 7);
  CHECK(words.locked);
  CHECK_FALSE(words.update);
}

TEST_CASE("what a command line lacks, or must not say, ends with the code for it") {
  const std::vector<const char*> wrong[] = {
      {},                                     // no command
      {"loko", "x"},                          // none of this name
      {"look"},                               // required
      {"look", "x", "y"},                     // too many
      {"look", "x", "--form", "xml"},         // not one of
      {"look", "x", "-n", "many"},            // no number
      {"look", "x", "--uid", "-1"},           // not below zero
      {"look", "x", "--locked", "--update"},  // one excludes the other
  };
  for (const auto& line : wrong) {
    CAPTURE(line.size());
    Words words;
    CHECK(parse(words, line) == kUsage);
    CHECK_FALSE(words.called);
  }
  Words words;
  CHECK(parse(words, {"look", "--help"}) == kDone);
  CHECK_FALSE(words.called);
}
