// The subcommands. Each is one file: a struct of its options, and add_x(), which declares them and says what to do.
//
//   void add_show(App app, Globals& globals) {
//     auto options = std::make_shared<ShowOptions>();
//     App command = app.add_subcommand("show", "...").group(kProve);
//     command.callback([=, &globals] { globals.command = [=, &globals] { return show(*options, globals); }; });
//   }
#pragma once

#include <functional>
#include <string>

#include "launcher/cli/parser.h"

namespace cli {

struct Globals {
  std::string catalog;           // --catalog; empty: looked for
  std::function<int()> command;  // what the parsed subcommand does; gives the exit code. main() calls it after parsing
};

// Groups of `fpmbox --help`.
inline constexpr const char* kStart = "start";
inline constexpr const char* kRun = "run";
inline constexpr const char* kProve = "prove";
inline constexpr const char* kShip = "ship";

void add_init(App app, Globals& globals);
void add_run(App app, Globals& globals);
void add_exec(App app, Globals& globals);
void add_ps(App app, Globals& globals);
void add_health(App app, Globals& globals);
void add_logs(App app, Globals& globals);
void add_stop(App app, Globals& globals);
void add_doctor(App app, Globals& globals);
void add_check(App app, Globals& globals);
void add_show(App app, Globals& globals);
void add_plan(App app, Globals& globals);
void add_learn(App app, Globals& globals);
void add_diff(App app, Globals& globals);
void add_denials(App app, Globals& globals);
void add_test(App app, Globals& globals);
void add_export(App app, Globals& globals);
void add_probe(App app, Globals& globals);
void add_images(App app, Globals& globals);
void add_generate(App app, Globals& globals);

}  // namespace cli
