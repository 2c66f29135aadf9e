#include "launcher/facts/programs.h"

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "launcher/facts/ask_program.h"
#include "launcher/facts/elf.h"
#include "launcher/facts/follow.h"
#include "launcher/facts/php_cache.h"
#include "launcher/facts/program_text.h"
#include "launcher/sys/cache.h"
#include "launcher/sys/file.h"
#include "profiles/base/text.h"

namespace launcher {
namespace {

using Kind = ProgramFact::Kind;

constexpr std::size_t kHead = 1 << 16;
constexpr const char* kLibraryCache = "/var/cache/fpmbox/libraries";
constexpr Question::Ids kNobody = {65534, 65534};

// A file by its inode and times: whoever changes it has another.
std::string identity_of(const std::string& path) {
  const auto info = sys::status_at(AT_FDCWD, path);
  return info ? php_cache_name(info.value()) : "none";
}

// As nobody, and only of what root alone can change: the loader reads the program, though it does not start it.
base::Result<std::string> ask_loader(const std::string& loader, const std::string& program) {
  TRY(sys::check_trusted_path(loader));
  TRY(sys::check_trusted_path(program));
  Question question{.program = loader, .arguments = {"--list", program}, .as = {}};
  if (::geteuid() == 0) question.as = kNobody;
  return ask_program(question);
}

base::Result<std::string> list_of_libraries(const std::string& loader, const std::string& program) {
  const sys::Cache cache = sys::Cache::open(kLibraryCache);
  const std::string key = "libraries\n" + program + "\n" + identity_of(program) + "\n" + loader + "\n" + identity_of(loader) +
                          "\n" + identity_of("/etc/ld.so.cache");
  if (auto known = cache.find(key)) return std::move(*known);
  std::string text = TRY(ask_loader(loader, program));
  cache.keep(key, text);
  return text;
}

base::Status find_libraries(ProgramFact& fact, Looks& looks) {
  const std::string text = TRY(list_of_libraries(fact.loader, fact.real));
  const LibraryList list = parse_library_list(text);
  if (!list.lost.empty()) return base::Error{"it needs " + base::join(list.lost, ", ") + ", which this host does not have", {}, 0, {}};
  for (const std::string& path : list.found)
    if (std::string real = follow(path, looks).real; !real.empty() && real != fact.loader) fact.libraries.push_back(std::move(real));
  return base::success();
}

base::Status find_loader(std::string_view head, ProgramFact& fact, Looks& looks) {
  const std::string interpreter = TRY(program_interpreter(head));
  fact.kind = Kind::elf;
  if (interpreter.empty()) return base::success();
  fact.loader = follow(interpreter, looks).real;
  if (fact.loader.empty()) return base::Error{"its dynamic loader " + interpreter + " is not there", {}, 0, {}};
  return find_libraries(fact, looks);
}

std::string what_it_raises(int file, mode_t mode) {
  if ((mode & S_ISUID) != 0) return "setuid bit";
  if ((mode & S_ISGID) != 0) return "setgid bit";
  return ::fgetxattr(file, "security.capability", nullptr, 0) > 0 ? "file capabilities" : "";
}

base::Status look_into(ProgramFact& fact, Looks& looks) {
  const sys::Fd file = TRY(sys::open(fact.real, O_RDONLY | O_NONBLOCK));
  const struct stat info = TRY(sys::status_of(file.get()));
  if (!S_ISREG(info.st_mode)) return base::Error{"it is no file", {}, 0, {}};
  fact.raises = what_it_raises(file.get(), info.st_mode);
  std::string head(kHead, '\0');
  const ssize_t length = ::pread(file.get(), head.data(), head.size(), 0);
  if (length < 0) return sys::failure("read", {});
  head.resize(static_cast<std::size_t>(length));
  const auto words = first_line(head);
  if (!words) return find_loader(head, fact, looks);
  if (words->empty()) return base::Error{"its first line names no interpreter by an absolute path", {}, 0, {}};
  fact.kind = Kind::script;
  fact.words = *words;
  return base::success();
}

ProgramFact look_at_program(const std::string& path, Looks& looks) {
  ProgramFact fact;
  fact.real = follow(path, looks).real;
  if (fact.real.empty()) return fact;
  if (const auto looked = look_into(fact, looks); !looked) {
    fact.kind = Kind::other;
    fact.reason = looked.error().text();
  }
  return fact;
}

}  // namespace

void find_programs(const profiles::Policy& policy, HostFacts& facts, Looks& looks) {
  for (const auto& program : policy.programs) facts.programs[program.path.text] = look_at_program(program.path.text, looks);
}

}  // namespace launcher
