#include "launcher/facts/php.h"

#include <unistd.h>

#include <algorithm>

#include "launcher/facts/ask_program.h"
#include "launcher/facts/elf.h"
#include "launcher/facts/folder_names.h"
#include "launcher/facts/kernel.h"
#include "launcher/facts/paths.h"
#include "launcher/facts/php_cache.h"
#include "launcher/facts/php_candidates.h"
#include "launcher/sys/file.h"
#include "profiles/base/text.h"
#include "profiles/base/units.h"

namespace launcher {
namespace {

constexpr std::size_t kHead = 1 << 16;
constexpr Question::Ids kNobody = {65534, 65534};

constexpr const char* kCommands[] = {"/usr/bin/php{}", "/usr/local/bin/php{}", "/usr/local/bin/php",
                                     "/opt/remi/php{-}/root/usr/bin/php", "/usr/bin/php"};

// Never as the user of the launchers: what runs as it could signal them.
base::Result<std::string> ask(const std::string& binary, const std::string& root, const char* option) {
  Question question{.program = binary.substr(root.size()), .root = root, .arguments = {"-n", option}, .as = {}};
  // a container's root may be unable to become nobody
  if (::geteuid() == 0 && has_capability("SETUID") && has_capability("SETGID")) question.as = kNobody;
  return ask_program(question);
}

base::Result<PhpAnswer> ask_php(const std::string& binary, const std::string& root) {
  const sys::Fd file = TRY(sys::open(binary, O_RDONLY));
  std::string head(kHead, '\0');
  const ssize_t length = ::pread(file.get(), head.data(), head.size(), 0);
  if (length < 0) return sys::failure("read", binary);
  head.resize(static_cast<std::size_t>(length));
  std::string interpreter = TRY(program_interpreter(head));
  const std::string info = TRY(ask(binary, root, "-i"));
  const std::string modules = TRY(ask(binary, root, "-m"));
  PhpAnswer answer = TRY(parse_php_answer(info, modules));
  answer.interpreter = std::move(interpreter);
  return answer;
}

base::Result<PhpAnswer> known_or_asked(const std::string& binary, const PhpSearch& search) {
  if (!search.root.empty() && !binary.starts_with(search.root + "/")) return base::Error{"it leads out of the built root", binary, 0, {}};
  TRY(sys::check_trusted_path(binary));  // before it runs, not after
  const struct stat info = TRY(sys::status_at(AT_FDCWD, binary));
  const std::string name = php_cache_name(info);
  if (auto known = read_php_cache(search.cache_directory, name)) return std::move(*known);
  PhpAnswer answer = TRY(ask_php(binary, search.root));
  write_php_cache(search.cache_directory, name, answer);
  return answer;
}

std::vector<std::string> extensions_in(const std::string& directory) {
  std::vector<std::string> out;
  const auto is_extension = [](std::string_view name) { return name.size() > 3 && name.ends_with(".so"); };
  for (const std::string& name : names_in(directory, is_extension)) out.push_back(name.substr(0, name.size() - 3));
  return out;
}

PhpFacts facts_from(const std::string& binary, const std::string& root, PhpAnswer answer) {
  std::vector<std::string> shared = extensions_in(root + answer.extension_dir);
  return {binary,
          {},
          std::move(answer.version),
          std::move(answer.extension_dir),
          std::move(answer.interpreter),
          std::move(shared),
          std::move(answer.built_in),
          std::move(answer.ini_directory)};
}

std::string not_found(const profiles::Php& php, const PhpSearch& search, const std::vector<std::string>& seen) {
  std::string reason = php.binary.text.empty() ? "no php-fpm" + (php.version.text.empty() ? "" : " " + php.version.text)
                       : php.version.text.empty() ? php.binary.text + " cannot be used"
                                                  : php.binary.text + " is no php-fpm " + php.version.text;
  std::vector<std::string> known = seen;
  for (const std::string& candidate : php_candidates({}, search.root)) {
    const std::string other = search.root + candidate;
    if (::access(other.c_str(), F_OK) != 0) continue;
    const bool named = std::any_of(known.begin(), known.end(), [&](const auto& one) { return one.starts_with(other); });
    if (!named && php.binary.text.empty()) known.push_back("there is " + other);
  }
  if (!search.root.empty()) reason += " in " + search.root;
  return known.empty() ? reason : reason + " (" + base::join(known, "; ") + ")";
}

struct Choice {
  PhpFacts facts;
  std::vector<std::string> seen;  // what was there and could not be taken, and why
};

// The first that can be trusted, answers, and is of the wanted version ("" for any).
Choice first_of(const std::vector<std::string>& candidates, const std::string& wanted, const PhpSearch& search) {
  Choice out;
  for (const std::string& candidate : candidates) {
    const PathFact path = look_at(search.root + candidate);
    if (path.real_kind != PathFact::Kind::file) continue;
    auto answer = known_or_asked(path.real, search);
    if (!answer) {
      out.seen.push_back(candidate + ": " + answer.error().text());
    } else if (const std::string& version = answer.value().version;
               !wanted.empty() && !version.starts_with(wanted + ".")) {
      out.seen.push_back(candidate + " is " + version);
    } else {
      out.facts = facts_from(path.real, search.root, std::move(answer).value());
      return out;
    }
  }
  return out;
}

}  // namespace

PhpFacts find_php(const profiles::Php& php, const PhpSearch& search) {
  const bool is_newest = php.binary.text.empty() && php.version.text.empty();
  NewestCandidates candidates;
  if (is_newest)
    candidates = newest_php_candidates(search.root, search.cache_directory);
  else
    candidates.paths = php.binary.text.empty() ? php_candidates(php.version.text, search.root) : std::vector{php.binary.text};
  Choice choice = first_of(candidates.paths, php.version.text, search);
  if (choice.facts.binary.empty()) choice.facts.reason = not_found(php, search, choice.seen);
  else keep_php_candidates(candidates, search.root, search.cache_directory);
  return std::move(choice.facts);
}

// A PHP that is built by hand lies beside its php-fpm: PREFIX/sbin/php-fpm, PREFIX/bin/php.
std::vector<std::string> php_command_candidates(const std::string& fpm, const std::string& branch) {
  std::vector<std::string> out;
  const std::string prefix = fpm.substr(0, std::min(fpm.rfind("/sbin/"), fpm.rfind("/bin/")));
  if (prefix != fpm)
    for (const char* name : {"/bin/php{}", "/bin/php"}) out.push_back(prefix + with_version(name, branch));
  for (const char* pattern : kCommands) {
    const std::string path = with_version(pattern, branch);
    if (std::find(out.begin(), out.end(), path) == out.end()) out.push_back(path);
  }
  return out;
}

PhpFacts find_php_command(const PhpFacts& fpm, const PhpSearch& search) {
  const auto parts = base::split(fpm.version, '.');
  if (parts.size() < 2) return {.binary = {}, .reason = "there is no php-fpm for which to find it"};
  const std::string branch = parts[0] + "." + parts[1];
  Choice choice = first_of(php_command_candidates(fpm.binary.substr(search.root.size()), branch), branch, search);
  if (choice.facts.binary.empty())
    choice.facts.reason = "no PHP " + branch + " for the command line" +
                          (choice.seen.empty() ? "" : " (" + base::join(choice.seen, "; ") + ")");
  else if (choice.facts.extension_dir != fpm.extension_dir)
    choice.facts = {.binary = {}, .reason = choice.facts.binary + " has its extensions in " + choice.facts.extension_dir +
                                            ", php-fpm in " + fpm.extension_dir};
  return std::move(choice.facts);
}

}  // namespace launcher
