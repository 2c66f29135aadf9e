// A command line, as CLI11 parses it. Its one header takes longer to compile than any command of ours: parser.cc has
// it, and the commands declare themselves by handles. The library owns what a handle stands for, so that handles are
// copied.
//
//   Parser parser("what it is for", "fpmbox");
//   App show = parser.top().add_subcommand("show", "the effective policy").group(kProve);
//   show.add_option("FILE", options->file, "pool file").required();
//   show.callback([] { ... });
//   if (const auto code = parser.parse(argc, argv)) return *code;
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace cli {

class Option {
 public:
  explicit Option(CLI::Option* of) : of_(of) {}
  Option required() const;
  Option group(const std::string& name) const;      // "" hides it
  Option type_name(const std::string& word) const;  // what stands behind it in help and manual
  Option one_of(const std::vector<std::string>& words) const;
  Option excludes(Option other) const;
  Option each_once() const;  // a list takes one value each time it is named, not all that follow
  Option show_default() const;

 private:
  CLI::Option* of_;
};

// The whole program, or one of its commands.
class App {
 public:
  explicit App(CLI::App* of) : of_(of) {}
  App add_subcommand(const std::string& name, const std::string& help) const;
  // Variables outlive the parsing.
  Option add_option(const std::string& names, std::string& value, const std::string& help = {}) const;
  Option add_option(const std::string& names, std::vector<std::string>& values, const std::string& help = {}) const;
  Option add_option(const std::string& names, std::optional<std::size_t>& value, const std::string& help = {}) const;
  Option add_option(const std::string& names, std::uint32_t& value, const std::string& help = {}) const;
  Option add_flag(const std::string& names, bool& value, const std::string& help = {}) const;
  App group(const std::string& name) const;  // heading in --help; "" hides it
  App require_subcommand() const;            // exactly one
  App fallthrough() const;                   // its options may also stand behind a command
  void set_version_flag(const std::string& name, const std::string& version) const;
  void callback(std::function<void()> act) const;  // called once it is parsed

 private:
  CLI::App* of_;
};

class Parser {
 public:
  Parser(const std::string& help, const std::string& name);
  Parser(Parser&& other) noexcept;
  Parser& operator=(Parser&& other) noexcept;
  ~Parser();

  App top() const { return App(of_.get()); }
  const CLI::App& library() const { return *of_; }  // for the manual, which is written from it
  // The exit code, after help, version or a mistake was printed; nullopt when a command is to be done.
  std::optional<int> parse(int argc, char** argv);

 private:
  std::unique_ptr<CLI::App> of_;
};

}  // namespace cli
