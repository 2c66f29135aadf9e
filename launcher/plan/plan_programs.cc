#include "launcher/plan/plan_programs.h"

#include <algorithm>
#include <set>

#include "profiles/base/text.h"

namespace launcher {
namespace {

using Kind = MountOp::Kind;

std::string folder_of(const std::string& path) { return path.substr(0, std::max<std::size_t>(path.rfind('/'), 1)); }

bool lies_below(const std::string& path, const std::string& folder) { return path.starts_with(folder + "/"); }

bool is_taken(const std::vector<MountOp>& mounts, const std::string& target) {
  return std::any_of(mounts.begin(), mounts.end(), [&](const MountOp& op) { return op.target == target; });
}

bool lies_in_a_bind(const std::vector<MountOp>& mounts, const std::string& path) {
  return std::any_of(mounts.begin(), mounts.end(),
                     [&](const MountOp& op) { return op.kind == Kind::bind && op.is_directory && lies_below(path, op.target); });
}

// The same way leads to it inside: a script that starts `php` finds it through /etc/alternatives, too.
void add_link(const std::string& path, const std::string& to, const std::string& key, std::vector<MountOp>& out) {
  if (to.empty() || is_taken(out, path) || lies_in_a_bind(out, path)) return;  // below a bind it is there already
  out.push_back({.kind = Kind::symlink, .target = path, .source = to, .is_directory = false, .key = key});
}

void add_root_links(const HostFacts& facts, std::vector<MountOp>& out) {
  for (const char* path : {"/bin", "/sbin"})
    if (const auto found = facts.paths.find(path); found != facts.paths.end()) add_link(path, found->second.link, "programs", out);
}

void add_file(Kind kind, const std::string& path, const std::string& key, std::vector<MountOp>& out) {
  const bool is_there = std::any_of(out.begin(), out.end(), [&](const MountOp& op) { return op.target == path && !op.is_directory; });
  if (is_there) return;  // named twice, by two ways
  out.push_back({.kind = kind, .target = path, .source = path, .is_directory = false, .no_exec = false, .key = key});
}

bool is_program(const ProgramFact& fact) { return fact.kind == ProgramFact::Kind::elf || fact.kind == ProgramFact::Kind::script; }

// A static program has no loader whose copy would keep it from being dumpable.
bool is_static(const ProgramFact& fact) { return fact.kind == ProgramFact::Kind::elf && fact.loader.empty(); }

// A copy that an ordinary user makes would be its own to read; that is a gap (plan_ordinary_user.cc).
bool makes_copies(const HostFacts& facts) { return !facts.ordinary_user; }

void add_program(const profiles::Program& program, const HostFacts& facts, std::vector<MountOp>& out) {
  const auto fact = facts.programs.find(program.path.text);
  if (fact == facts.programs.end() || !is_program(fact->second)) return;  // check_host() has said so
  const std::string key = "programs[" + program.path.text + "]";
  if (const auto path = facts.paths.find(program.path.text); path != facts.paths.end())
    for (const LinkFact& link : path->second.links) add_link(link.path, link.text, key, out);
  add_file(makes_copies(facts) && is_static(fact->second) ? Kind::unreadable : Kind::bind, fact->second.real, key, out);
}

std::set<std::string> loaders(const HostFacts& facts) {
  std::set<std::string> out;
  for (const PhpFacts* php : {&facts.php, &facts.php_command})
    if (!php->interpreter.empty()) out.insert(real_loader(facts, php->interpreter));
  for (const auto& [path, fact] : facts.programs)
    if (!fact.loader.empty()) out.insert(fact.loader);
  return out;
}

std::set<std::string> library_folders(const HostFacts& facts) {
  std::set<std::string> out;
  for (const std::string& loader : loaders(facts)) out.insert(folder_of(loader));
  for (const auto& [path, fact] : facts.programs)
    for (const std::string& library : fact.libraries) out.insert(folder_of(library));
  return out;
}

bool is_executable_for_a_reason(const profiles::Policy& policy, const std::string& path) {
  const auto& system = policy.filesystem.system;
  return std::any_of(system.begin(), system.end(), [&](const auto& shown) { return shown.path.text == path && !shown.why.empty(); });
}

// /usr/lib holds programs of many packages, and the loader starts what it can map executable. Of the system's parts only
// folders of libraries stay so, and what the profile shows for a reason.
void narrow_system(const profiles::Policy& policy, const HostFacts& facts, std::vector<MountOp>& mounts) {
  const auto libraries = library_folders(facts);
  std::set<std::string> narrowed;
  for (MountOp& op : mounts) {
    if (op.kind != Kind::bind || op.no_exec || libraries.contains(op.target) || is_executable_for_a_reason(policy, op.target)) continue;
    op.no_exec = true;
    narrowed.insert(op.target);
  }
  for (const std::string& folder : libraries) {
    const auto is_in = [&](const std::string& outer) { return lies_below(folder, outer); };
    const bool is_covered = std::any_of(libraries.begin(), libraries.end(), is_in) || is_taken(mounts, folder);
    if (!is_covered && std::any_of(narrowed.begin(), narrowed.end(), is_in))
      mounts.push_back({.kind = Kind::bind, .target = folder, .source = folder, .no_exec = false, .key = "programs"});
  }
}

bool can_be_mapped(const std::vector<MountOp>& mounts, const std::string& path) {
  const MountOp* nearest = nullptr;  // the last one covers those before it
  for (const MountOp& op : mounts)
    if (op.kind == Kind::bind && (op.target == path || lies_below(path, op.target))) nearest = &op;
  return nearest != nullptr && !nearest->no_exec;
}

// Those that the profile names, and no other: a PHP that is started as a program loads whatever its command line says, and
// FFI would make native code of it.
void add_extensions(const profiles::Policy& policy, const HostFacts& facts, std::vector<MountOp>& mounts) {
  for (const std::string& extension : policy.php.extensions) {
    const auto file = facts.paths.find(facts.php.extension_dir + "/" + extension + ".so");
    if (file == facts.paths.end() || file->second.real_kind != PathFact::Kind::file) continue;  // built in, or check_host() has said so
    const std::string& real = file->second.real;
    if (!can_be_mapped(mounts, real)) add_file(Kind::bind, real, "php.extensions[" + extension + "]", mounts);
  }
}

}  // namespace

std::string real_loader(const HostFacts& facts, const std::string& interpreter) {
  const auto found = facts.paths.find(interpreter);
  return found == facts.paths.end() || found->second.real.empty() ? interpreter : found->second.real;
}

void add_programs(const profiles::Policy& policy, const HostFacts& facts, std::vector<MountOp>& mounts) {
  if (policy.programs.empty()) return;
  narrow_system(policy, facts, mounts);
  add_extensions(policy, facts, mounts);
  add_root_links(facts, mounts);
  for (const auto& program : policy.programs) add_program(program, facts, mounts);
  if (!makes_copies(facts)) return;
  for (const std::string& loader : loaders(facts)) add_file(Kind::unreadable, loader, "programs", mounts);
}

void add_program_rules(const HostFacts& facts, const std::string& interpreter, std::vector<LandlockRule>& rules) {
  std::set<std::string> files;
  if (!interpreter.empty()) files.insert(real_loader(facts, interpreter));
  for (const auto& [path, fact] : facts.programs) {
    if (is_program(fact)) files.insert(fact.real);
    if (!fact.loader.empty()) files.insert(fact.loader);
  }
  for (const std::string& file : files) rules.push_back({file, LandlockRule::Access::execute, false});
}

std::map<std::string, std::string> script_environment(const profiles::Policy& policy, const std::string& php_directory) {
  std::map<std::string, std::string> out = policy.environment;
  std::vector<std::string> folders;
  for (const auto& program : policy.programs) {
    std::string folder = folder_of(program.path.text);
    if (std::find(folders.begin(), folders.end(), folder) == folders.end()) folders.push_back(std::move(folder));
  }
  if (!folders.empty()) out.emplace("PATH", base::join(folders, ":"));
  if (!php_directory.empty()) out.emplace("PHPRC", php_directory);
  return out;
}

std::string php_program_directory(const HostFacts& facts, const std::string& config_directory) {
  const PhpFacts& php = facts.php_command;
  const bool is_granted = !php.binary.empty() && std::any_of(facts.programs.begin(), facts.programs.end(),
                                                             [&](const auto& one) { return one.second.real == php.binary; });
  if (!is_granted) return {};
  return facts.enclosed || php.ini_directory.empty() ? config_directory + "/command" : php.ini_directory;
}

const profiles::Program* named_program(const profiles::Policy& policy, const std::string& word) {
  const auto found = std::find_if(policy.programs.begin(), policy.programs.end(), [&](const profiles::Program& program) {
    const std::string& path = program.path.text;
    return word.find('/') == word.npos ? path.substr(path.rfind('/') + 1) == word : path == word;
  });
  return found == policy.programs.end() ? nullptr : &*found;
}

std::vector<std::string> notes_on_programs(const profiles::Policy& policy, const std::vector<MountOp>& mounts) {
  std::vector<std::string> out;
  if (policy.programs.empty()) return out;
  for (const auto& program : policy.programs)
    out.push_back("programs: scripts can start " + program.path.text + (program.why.empty() ? "" : " (" + program.why + ")"));
  std::vector<std::string> folders;
  for (const MountOp& op : mounts)
    if (op.kind == Kind::bind && op.is_directory && !op.no_exec) folders.push_back(op.target);
  out.push_back("programs: with them the box can call execve, which Landlock keeps to these and their dynamic loader; started by itself, "
                "the loader runs what lies in " + base::join(folders, ", ") + ", and a named interpreter every text that the box reads");
  return out;
}

}  // namespace launcher
