// The programs that the policy names: are they there, would they work in a box, and who could exchange them?
#include <algorithm>

#include "launcher/facts/host_check_facets.h"
#include "profiles/base/text.h"

namespace launcher {
namespace {

using Kind = ProgramFact::Kind;

// Words of a script's first line that start what they are followed by (env(1)).
constexpr const char* kStarters[] = {"/usr/bin/env", "/bin/env"};

std::string key_of(const profiles::Program& program) { return "programs[" + program.path.text + "]"; }

const ProgramFact& fact_of(const HostCheckInput& input, const profiles::Program& program) {
  static const ProgramFact kMissing;
  const auto found = input.facts.programs.find(program.path.text);
  return found == input.facts.programs.end() ? kMissing : found->second;
}

std::string name_in(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// Read-only parts of the system, and what belongs to PHP. Links among them show nothing by themselves.
bool is_shown(const HostCheckInput& input, const std::string& real) {
  const auto& system = input.policy.filesystem.system;
  const bool in_system = std::any_of(system.begin(), system.end(), [&](const profiles::SystemPath& shown) {
    const PathFact& fact = path_fact(input.facts, shown.path.text);
    return (fact.kind == PathFact::Kind::directory || fact.kind == PathFact::Kind::file) && is_within(real, fact.real);
  });
  const std::string& extensions = input.facts.php.extension_dir;
  return in_system || (!extensions.empty() && is_within(real, extensions));
}

void check_libraries(const HostCheckInput& input, const profiles::Program& program, const ProgramFact& fact) {
  std::vector<std::string> files = fact.libraries;
  if (!fact.loader.empty()) files.push_back(fact.loader);
  for (const std::string& file : files)
    if (!is_shown(input, file))
      return host_error(input, key_of(program), "`" + program.path.text + "` is linked with `" + file + "`, which the box does not see",
                        "show its folder: filesystem: {system: [{path: " + folder_of(file) + ", why: WHAT NEEDS IT}]}");
}

bool is_named(const HostCheckInput& input, const std::string& path) {
  const std::string& real = path_fact(input.facts, path).real;
  const auto& programs = input.facts.programs;
  return std::any_of(programs.begin(), programs.end(),
                     [&](const auto& one) { return one.first == path || (!real.empty() && one.second.real == real); });
}

bool is_named_by(const HostCheckInput& input, const std::string& name) {
  const auto& programs = input.facts.programs;
  return std::any_of(programs.begin(), programs.end(), [&](const auto& one) { return name_in(one.first) == name; });
}

void check_interpreter(const HostCheckInput& input, const profiles::Program& program, const ProgramFact& fact) {
  const std::string& interpreter = fact.words.front();
  const auto ask_for = [&](const std::string& path) {
    host_error(input, key_of(program), "`" + program.path.text + "` is a script for `" + path + "`, which is not in programs",
               "add {path: " + path + ", why: ...}; it then runs every text that the box can read");
  };
  if (!is_named(input, interpreter)) return ask_for(interpreter);
  const bool starts_other = std::find(std::begin(kStarters), std::end(kStarters), interpreter) != std::end(kStarters);
  if (starts_other && fact.words.size() > 1 && !is_named_by(input, fact.words[1])) ask_for("/usr/bin/" + fact.words[1]);
}

// "php8.4" and "php" are PHP; "php-cgi" and "phpdbg" are other programs.
bool is_php(const std::string& name) {
  return name.starts_with("php") && name.find_first_not_of("0123456789.", 3) == name.npos;
}

// It would find neither its extensions nor the pool's settings.
void check_php_program(const HostCheckInput& input, const profiles::Program& program, const ProgramFact& fact) {
  const PhpFacts& php = input.facts.php_command;
  if (!is_php(name_in(fact.real)) || fact.real == php.binary || input.facts.php.binary.empty()) return;
  host_error(input, key_of(program), "`" + program.path.text + "` leads to `" + fact.real + "`, which is not the PHP of this pool (" +
             input.facts.php.version + ")", php.binary.empty() ? php.reason : "name " + php.binary + ", or let the link lead to it");
}

void check_kind(const HostCheckInput& input, const profiles::Program& program, const ProgramFact& fact) {
  const std::string& path = program.path.text;
  switch (fact.kind) {
    case Kind::missing:
      return host_error(input, key_of(program), "there is no `" + path + "` on this host", "install it, or correct the path");
    case Kind::other:
      return host_error(input, key_of(program), "`" + path + "` cannot be granted: " + fact.reason,
                        "name a program for this machine, or a script");
    case Kind::elf: return check_libraries(input, program, fact);
    case Kind::script: return check_interpreter(input, program, fact);
  }
}

void check_privileges(const HostCheckInput& input, const profiles::Program& program, const ProgramFact& fact) {
  if (fact.raises.empty()) return;
  host_error(input, key_of(program), "`" + program.path.text + "` has a " + fact.raises + ", and in a box nothing gains privileges",
             "name a program that works without, or let a service outside do it and connect to that");
}

// The pool's processes have no other group than their own.
void check_executable(const HostCheckInput& input, const profiles::Program& program, const ProgramFact& fact, const PoolIds& pool) {
  const PathFact& file = path_fact(input.facts, fact.real);
  if (file.kind == PathFact::Kind::missing || is_permitted(owner_of(file), pool, 1)) return;
  host_error(input, key_of(program), "`" + fact.real + "` cannot be executed by the pool's user", "run: chmod a+rx " + shell_word(fact.real));
}

// The nearest of all ways to the program that somebody else could turn; "" when there is none.
std::string open_way(const HostCheckInput& input, const profiles::Program& program, const ProgramFact& fact, const PoolIds& pool) {
  std::vector<std::string> ways = {program.path.text, fact.real};
  for (const LinkFact& link : path_fact(input.facts, program.path.text).links) {
    const bool is_trusted = link.uid == 0 || (input.facts.ordinary_user && link.uid == pool.uid);
    if (!is_trusted) return link.path;
    ways.push_back(link.path);
  }
  const PathFact& file = path_fact(input.facts, fact.real);
  if (file.kind != PathFact::Kind::missing && !why_not_ours(input, owner_of(file), pool).empty()) return fact.real;
  for (const std::string& way : ways)
    if (std::string folder = writable_folder_above(way, input, pool); !folder.empty()) return folder;
  return {};
}

}  // namespace

void check_host_programs(const HostCheckInput& input) {
  for (const auto& program : input.policy.programs) {
    const ProgramFact& fact = fact_of(input, program);
    check_kind(input, program, fact);
    check_privileges(input, program, fact);
    if (fact.kind == Kind::elf) check_php_program(input, program, fact);
  }
}

void check_host_program_owners(const HostCheckInput& input) {
  const auto pool = pool_ids(input.policy, input.facts);
  if (!pool) return;
  for (const auto& program : input.policy.programs) {
    const ProgramFact& fact = fact_of(input, program);
    if (fact.kind == Kind::missing) continue;
    check_executable(input, program, fact, *pool);
    const std::string open = open_way(input, program, fact, *pool);
    if (open.empty()) continue;
    host_error(input, key_of(program), "`" + program.path.text + "`, which scripts may start, can be exchanged: `" + open +
               "` is not root's alone", "run: chown -h root:root " + shell_word(open) + " && chmod go-w " + shell_word(open));
  }
}

}  // namespace launcher
