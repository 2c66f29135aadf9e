#include "launcher/cli/app.h"

#include <doctest/doctest.h>

#include <CLI/CLI.hpp>
#include <vector>

using namespace cli;

namespace {

std::vector<std::string> names_of(const CLI::App& app) {
  std::vector<std::string> out;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) out.push_back(command->get_name());
  return out;
}

}  // namespace

TEST_CASE("a command is the same whether it is declared alone or among all") {
  Globals globals;
  const auto all = make_parser(globals);
  std::size_t alone = 0;
  for (const std::string& name : names_of(all.library())) {
    CAPTURE(name);
    const auto app = make_parser(globals, name);
    CHECK(app.library().get_subcommand(name)->help() == all.library().get_subcommand(name)->help());
    alone += names_of(app.library()).size() == 1;
  }
  CHECK(alone + 2 == names_of(all.library()).size());  // but for `build` and `image`, which are declared together
  for (const char* word : {"", "--catalog", "exce"}) CHECK(names_of(make_parser(globals, word).library()) == names_of(all.library()));
}
