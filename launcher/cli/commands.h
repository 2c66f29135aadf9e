// The subcommands. Each is one file: a struct of its options, and add_x(), which declares them and says what to do.
//
//   void add_show(CLI::App& app, Globals& globals) {
//     auto options = std::make_shared<ShowOptions>();
//     CLI::App* command = app.add_subcommand("show", "...")->group(kProve);
//     command->callback([=, &globals] { globals.command = [=, &globals] { return show(*options, globals); }; });
//   }
#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
}

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

void add_init(CLI::App& app, Globals& globals);
void add_run(CLI::App& app, Globals& globals);
void add_exec(CLI::App& app, Globals& globals);
void add_ps(CLI::App& app, Globals& globals);
void add_health(CLI::App& app, Globals& globals);
void add_logs(CLI::App& app, Globals& globals);
void add_stop(CLI::App& app, Globals& globals);
void add_doctor(CLI::App& app, Globals& globals);
void add_check(CLI::App& app, Globals& globals);
void add_show(CLI::App& app, Globals& globals);
void add_plan(CLI::App& app, Globals& globals);
void add_learn(CLI::App& app, Globals& globals);
void add_diff(CLI::App& app, Globals& globals);
void add_denials(CLI::App& app, Globals& globals);
void add_test(CLI::App& app, Globals& globals);
void add_export(CLI::App& app, Globals& globals);
void add_probe(CLI::App& app, Globals& globals);
void add_images(CLI::App& app, Globals& globals);
void add_generate(CLI::App& app, Globals& globals);

}  // namespace cli
