#include "launcher/cli/load.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "launcher/cli/catalog.h"
#include "launcher/cli/policy_cache.h"
#include "launcher/supervise/output.h"
#include "launcher/facts/ordinary_user.h"
#include "launcher/plan/inside.h"
#include "launcher/sys/cache.h"
#include "launcher/sys/digest.h"
#include "launcher/sys/file.h"
#include "profiles/base/text.h"
#include "profiles/checks/checks.h"

namespace cli {
namespace {

constexpr std::size_t kLongestProfile = 1 << 20;

base::Error refuse(const std::string& path, std::string why) { return {path + std::move(why), {}, 0, {}}; }

// Who should read them may have stopped: that must hold up neither a launch nor its exit code.
void write_errors(const std::vector<std::string>& lines) {
  constexpr launcher::Milliseconds kPatience{2000};
  launcher::Output output(STDERR_FILENO);
  for (const std::string& line : lines) output.line(line);
  output.finish(kPatience);
}

base::Status check_owner(const std::string& path, const struct stat& info) {
  if (info.st_uid != 0 && info.st_uid != ::geteuid())
    return refuse(path, " belongs to uid " + std::to_string(info.st_uid) + ", neither to root nor to you; copy it");
  if ((info.st_mode & S_IWOTH) != 0) return refuse(path, " can be written by everybody; chmod o-w " + path);
  return base::success();
}

// An ordinary user's own pools before root's.
base::Result<ProfileFile> resolve(const std::string& word, const std::string& catalog) {
  const std::string own = ::geteuid() == 0 ? "" : own_pools(::getenv("XDG_CONFIG_HOME"), ::getenv("HOME"));
  if (!own.empty())
    if (auto found = resolve_profile(word, catalog, own); found && found.value().is_pool) return found;
  return resolve_profile(word, catalog);
}

// Only the catalog and the pools of this machine are worth keeping, and only root has a folder that nobody else can write.
profiles::DocumentStore document_store(const std::string& self) {
  if (self.empty()) return {};
  auto cache = std::make_shared<const sys::Cache>(sys::Cache::open(launcher::outside::kDocuments));
  const auto key = [self](const std::string& text) { return "document\n" + self + "\n" + text; };
  return {[=](const std::string& text) { return cache->find(key(text)); },
          [=](const std::string& text, const std::string& encoded) { cache->keep(key(text), encoded); }};
}

bool is_clean(const profiles::Composed& composed, bool is_pool) {
  base::Diagnostics unheard;
  profiles::check_policy({composed, unheard, is_pool, false});
  return unheard.all().empty();
}

// What was composed before of the very same texts, or composed now. What had mistakes or warnings is never kept.
KnownPolicy compose(const std::string& catalog, const ProfileFile& file, base::Diagnostics& diagnostics) {
  const std::string self = sys::own_identity();
  const PolicyCache cache(self, catalog, file.path);
  if (auto known = cache.find(read_profile)) return std::move(*known);
  KnownPolicy out;
  const auto read = [&out](const std::string& path) {
    auto text = read_profile(path);
    if (text) out.files.push_back({path, text.value()});
    return text;
  };
  const std::size_t before = diagnostics.all().size();
  out.composed = profiles::compose(catalog, read, file.path, diagnostics, document_store(self));
  if (diagnostics.all().size() != before || ::geteuid() != 0) return out;  // nothing is kept
  out.is_clean = is_clean(out.composed, file.is_pool);
  cache.keep(out);
  return out;
}

}  // namespace

std::string digest_of(const ReadFile& file) { return file.known_digest.empty() ? sys::sha256(file.text) : file.known_digest; }

base::Result<std::string> read_profile(const std::string& path) {
  // Symlinks are resolved once, and what they lead to is checked and opened: whoever owns a folder on the way could
  // point them elsewhere in between. Once root alone can change the canonical path, nobody can exchange what is there.
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), ::free);
  if (!real) return sys::failure("open", path);
  if (::geteuid() == 0) TRY(sys::check_trusted_path(real.get()));
  const sys::Fd file = TRY(sys::open(real.get(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK));  // a FIFO must not hold us up
  const struct stat info = TRY(sys::status_of(file.get()));
  if (!S_ISREG(info.st_mode)) return refuse(path, " is not a file");
  TRY(check_owner(path, info));
  return sys::read_all(file.get(), kLongestProfile);
}

base::Result<Loaded> load_profile(const std::string& word, const Globals& globals, base::Diagnostics& diagnostics) {
  // A flat file extends nothing: where it is all there is, as in an image, no catalog is missing.
  auto found = find_catalog(globals.catalog);
  const bool is_path = word.find('/') != std::string::npos;
  if (!found && (!is_path || !globals.catalog.empty())) return found.take_error();
  const std::string catalog = found ? found.value() : "";
  const ProfileFile file = TRY(resolve(word, catalog));
  KnownPolicy known = compose(catalog, file, diagnostics);
  const auto& mistakes = diagnostics.all();
  const bool wanted = std::any_of(mistakes.begin(), mistakes.end(), [](const auto& one) { return one.key == "extends"; });
  if (!found && wanted) return found.take_error();
  return Loaded{file.path, file.is_pool, false, false, known.is_clean, std::move(known.files), std::move(known.composed)};
}

void take_as_caller(Loaded& loaded) {
  if (::geteuid() == 0 || !loaded.is_pool) return;
  loaded.for_caller = true;
  std::string& user = loaded.composed.policy.identity.user;
  if (user.empty()) user = launcher::own_user_name();
}

bool check_loaded(const Loaded& loaded, base::Diagnostics& diagnostics) {
  const auto& layers = loaded.composed.layers;
  if (layers.empty() || layers.back() != loaded.file) return false;
  if (!loaded.is_clean || loaded.for_caller || loaded.in_container)
    profiles::check_policy({loaded.composed, diagnostics, loaded.is_pool, loaded.for_caller, loaded.in_container});
  return true;
}

std::vector<base::Diagnostic> in_order(base::Diagnostics diagnostics) {
  diagnostics.sort();
  std::vector<base::Diagnostic> out;
  for (const base::Diagnostic& one : diagnostics.all())
    if (std::find(out.begin(), out.end(), one) == out.end()) out.push_back(one);
  return out;
}

void print_diagnostics(const base::Diagnostics& diagnostics, std::FILE* out) {
  std::vector<std::string> lines;
  for (const base::Diagnostic& one : in_order(diagnostics)) lines.push_back(one.text());
  if (out == stderr) return write_errors(lines);
  for (const std::string& line : lines) std::fprintf(out, "%s\n", line.c_str());
}

void print_error(const std::string& what) { print_error("fpmbox", what); }

void print_error(const std::string& pool, const std::string& what) {
  write_errors({pool + ": " + base::escape_control(what)});
}

}  // namespace cli
