#include "launcher/harness/engine.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "launcher/harness/command.h"
#include "launcher/harness/engine_groups.h"
#include "launcher/harness/engine_kind.h"
#include "launcher/harness/scratch.h"
#include "launcher/sys/file.h"
#include "launcher/sys/random.h"
#include "profiles/base/text.h"
#include "profiles/base/units.h"

namespace harness {

using base::Error;
using base::Result;
using base::Status;
using Words = std::vector<std::string>;

namespace {

constexpr int kPatienceMs = 30000;
constexpr std::chrono::seconds kPatienceOfClients(60);
constexpr timespec kPause = {0, 20'000'000};
constexpr std::size_t kTarsEnd = 1024;  // and nothing before it

void add(Words& out, const Words& more) { out.insert(out.end(), more.begin(), more.end()); }
void add_volume(Words& out, const std::string& source, const std::string& target, bool is_read_only, bool is_sealed = false) {
  add(out, {"--volume", source + ":" + target + (is_read_only ? ":ro" : is_sealed ? ":noexec,nosuid,nodev" : "")});
}

// As every Debian's image has them.
struct Folder {
  const char* name;    // in ours
  const char* target;
};
constexpr Folder kForEverybody[] = {{"tmp", "/tmp"}, {"var-tmp", "/var/tmp"}};
constexpr const char* kUsers = "passwd";
constexpr const char* kGroups = "group";
constexpr const char* kDigits = "digits";

// Of what a client says: a container or an image by its id, with "sha256:" before it or without, and no line of its warnings.
Words ids_in(const std::string& said) {
  constexpr std::size_t kShortest = 12;
  const std::string kind = "sha256:";
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  Words out;
  for (const std::string& line : base::split(said, '\n')) {
    const std::string digits = line.starts_with(kind) ? line.substr(kind.size()) : line;
    if (digits.size() >= kShortest && std::all_of(digits.begin(), digits.end(), is_digit)) out.push_back(line);
  }
  return out;
}

Status make_for_everybody(int folder, const char* name) {
  TRY(sys::make_directory_at(folder, name, 0777));
  const sys::Fd made = TRY(sys::open_at(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  return ::fchmod(made.get(), 01777) == 0 ? base::success() : Status(sys::failure("fchmod", name));
}

std::string users_of(const BarePool& pool) {
  return "root:x:0:0:root:/root:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n" + pool.user + ":x:" +
         std::to_string(pool.uid) + ":" + std::to_string(pool.gid) + "::/nonexistent:/usr/sbin/nologin\n";
}
std::string groups_of(const BarePool& pool, std::map<std::string, gid_t> all) {
  all.insert({{"root", 0}, {"nogroup", 65534}, {pool.group, pool.gid}});
  std::string out;
  for (const auto& [name, number] : all) out += name + ":x:" + std::to_string(number) + ":\n";
  return out;
}

}  // namespace

Engine::Engine(std::string program, std::string folder, std::string name)
    : program_(std::move(program)), folder_(std::move(folder)), name_(std::move(name)), marked_(name_), kind_(&kind_of(program_)) {
  const char* const value = kind_->variable != nullptr ? ::getenv(kind_->variable) : nullptr;
  if (value != nullptr) environment_[kind_->variable] = value;
}

const char* Engine::name() const { return kind_->name; }

Result<std::string> Engine::ask(Words words) const {
  Words all = {program_};
  add(all, kind_->store(folder_, name_));
  add(all, words);
  const Said said = TRY(run_program(all, environment_, kPatienceMs));
  if (said.code != 0) return Error{std::string(kind_->name) + " " + words.front() + ": " + brief(said), {}, 0, {}};
  return said.text;
}

Status Engine::make_folders(const BarePool& pool, const std::map<std::string, gid_t>& other_groups) const {
  if (kind_->apart != nullptr) TRY(remove_scratch(kind_->apart(name_)));  // of a test that was killed with its keeper
  const sys::Fd folder = TRY(sys::open(folder_, O_RDONLY | O_DIRECTORY));
  TRY(sys::make_directory_at(folder.get(), "root", 0755));
  for (const Folder& one : kForEverybody) TRY(make_for_everybody(folder.get(), one.name));
  TRY(sys::write_file_at(folder.get(), kUsers, users_of(pool), 0644));
  TRY(sys::write_file_at(folder.get(), kGroups, groups_of(pool, other_groups), 0644));
  return sys::write_file_at(folder.get(), kEmptyArchive, std::string(kTarsEnd, '\0'), 0644);
}

Status Engine::prepare(const BarePool& pool, const std::map<std::string, gid_t>& other_groups) {
  const std::string digits = TRY(sys::random_digits());
  TRY(make_folders(pool, other_groups));
  const sys::Fd folder = TRY(sys::open(folder_, O_RDONLY | O_DIRECTORY));
  TRY(sys::write_file_at(folder.get(), kDigits, digits, 0600));
  marked_ = name_ + "-" + digits;
  TRY(make_image());
  return settle();
}

// Without a tag: one that somebody has would become ours.
Status Engine::make_image() {
  if (kind_->make_image == nullptr) return base::success();
  const Words made = TRY(ids(kind_->make_image(folder_, label())));
  if (made.size() != 1) return Error{std::string(kind_->name) + " import says no id of an image", {}, 0, {}};
  image_ = made.front();
  return base::success();
}

// By the defaults first; what is refused is left out, one thing after the other.
Status Engine::settle() {
  for (;;) {
    const Said said = TRY(run_program(words("try-" + std::to_string(made_.size()), {}, {"/usr/bin/true"}), environment_, kPatienceMs));
    if (said.code == 0) return base::success();
    const Concession* const instead = concession_for(kind_->name, said.text, made_);
    if (instead == nullptr) return Error{std::string(kind_->name) + " starts no container here: " + brief(said), {}, 0, {}};
    made_.push_back(instead);
    refused_.push_back(brief(said));
  }
}

Words Engine::words(const std::string& container, const Binds& binds, const Words& command, const Asked& asked) const {
  Words out = {program_};
  add(out, kind_->store(folder_, name_));
  for (const Concession* one : made_) add(out, one->before());
  add(out, {"run", "--rm", "--interactive", "--log-driver", "none", "--name", marked_ + "-" + container, "--label", label()});
  if (has_own_groups(*kind_)) add(out, {"--cgroup-parent", "/" + group_of(name_)});
  for (const Concession* one : made_) add(out, one->after());
  add_volume(out, "/usr", "/usr", true);
  for (const HostEntry& entry : system_entries(host_surroundings()->entries("/"))) add_volume(out, "/" + entry.name, "/" + entry.name, true);
  for (const std::string& path : system_settings())
    if (::access(path.c_str(), F_OK) == 0) add_volume(out, path, path, true);
  for (const char* file : {kUsers, kGroups}) add_volume(out, folder_ + "/" + file, std::string("/etc/") + file, true);
  if (!asked.has_own_tmp)
    for (const Folder& one : kForEverybody) add_volume(out, folder_ + "/" + one.name, one.target, false);
  for (const std::string& path : binds.read_only) add_volume(out, path, path, true);
  for (const std::string& path : binds.writable) add_volume(out, path, path, false);
  for (const Binds::Placed& one : binds.placed) add_volume(out, one.source, one.target, one.is_read_only, one.is_sealed);
  add(out, asked.options);
  add(out, kind_->root(folder_, image_));
  add(out, command);
  return out;
}

std::vector<Shortfall> Engine::shortfalls() const {
  std::vector<Shortfall> out;
  for (std::size_t i = 0; i < made_.size(); ++i) out.push_back({std::string(made_[i]->says) + ", for by default it does not start here: " + refused_[i], made_[i]->layers});
  return out;
}

Result<Words> Engine::ids(Words question) const {
  const std::string said = TRY(ask(std::move(question)));
  return ids_in(said);
}

Result<pid_t> Engine::first_process(const std::string& container) const {
  const std::string said = TRY(ask({"inspect", "--type", "container", "--format", "pid={{.State.Pid}}.", marked_ + "-" + container}));
  const std::string mark = "pid=";  // among a client's warnings
  const auto at = said.find(mark);
  const auto end = at == said.npos ? at : said.find('.', at);
  const auto pid = end == said.npos ? std::nullopt : base::parse_unsigned(said.substr(at + mark.size(), end - at - mark.size()));
  if (pid && *pid > 0) return static_cast<pid_t>(*pid);
  return Error{std::string(kind_->name) + " inspect does not say which process is the container's first: " + said.substr(0, 100), {}, 0, {}};
}

void Engine::remove(const std::string& container) const {
  const auto found = ids({"ps", "--all", "--quiet", "--filter", "name=^" + marked_ + "-" + container + "$", "--filter", "label=" + label()});
  for (const std::string& id : found ? found.value() : Words()) (void)ask({"rm", "--force", id}).ok();
}

std::optional<Engine> Engine::as_prepared() const {
  const auto digits = sys::read_file(folder_ + "/" + kDigits, 64);
  if (!digits || digits.value().empty()) return std::nullopt;
  Engine made = *this;
  made.marked_ = name_ + "-" + digits.value();
  return made;
}

Result<Words> Engine::containers() const { return ids({"ps", "--all", "--quiet", "--filter", "label=" + label()}); }

Status Engine::remove_containers() const {
  const Words there = TRY(containers());
  for (const std::string& id : there) TRY(ask({"rm", "--force", id}));
  return base::success();
}

Status Engine::remove_made() const {
  TRY(remove_containers());
  if (kind_->make_image == nullptr) return base::success();
  const Words images = TRY(ids({"images", "--all", "--quiet", "--filter", "label=" + label()}));
  for (const std::string& id : images) TRY(ask({"rmi", id}));
  return base::success();
}

ClientMarks Engine::marks() const {
  ClientMarks out{marked_, kind_->store(folder_, name_)};
  std::erase_if(out.stores, [&](const std::string& word) { return !word.starts_with(folder_ + "/"); });
  return out;
}

// Again and again: what a client is about to make is not there yet, and it may remove a container itself meanwhile. Killed before,
// for a first process that does not hear SIGTERM has ten seconds of podman's.
Status Engine::let_clients_end() const {
  const auto made = as_prepared();
  const auto end = std::chrono::steady_clock::now() + kPatienceOfClients;
  while (made && has_clients(made->marks())) {
    const auto there = made->containers();
    for (const std::string& id : there ? there.value() : Words()) (void)made->ask({"kill", id}).ok();
    const auto removed = made->remove_containers();
    if (std::chrono::steady_clock::now() > end)
      return Error{std::string(kind_->name) + " has not ended by itself within " + std::to_string(kPatienceOfClients.count()) +
                       " s and is killed; what it was making may stay, such as a namespace in /run/netns" + (removed ? "" : ": " + removed.error().text()), {}, 0, {}};
    ::nanosleep(&kPause, nullptr);
  }
  return base::success();
}

Status Engine::clean_up() const {
  const auto made = as_prepared();
  auto done = made ? made->remove_made() : base::success();
  if (has_own_groups(*kind_)) remove_groups(group_of(name_));
  auto removed = kind_->apart != nullptr ? remove_scratch(kind_->apart(name_)) : base::success();
  return done ? std::move(removed) : std::move(done);
}

}  // namespace harness
