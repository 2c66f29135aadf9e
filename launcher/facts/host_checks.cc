#include "launcher/facts/host_checks.h"

#include <sys/stat.h>

#include "launcher/facts/host_check_facets.h"
#include "launcher/facts/image_paths.h"

namespace launcher {
namespace {

constexpr HostCheck kChecks[] = {
    {"ordinary user", check_host_ordinary_user},
    {"user", check_host_user},
    {"groups", check_host_groups},
    {"web server", check_host_web_server},
    {"launcher's user", check_host_launcher_user},
    {"code", check_host_code},
    {"code's owner", check_host_code_owner},
    {"data", check_host_data},
    {"writable paths", check_host_writable},
    {"system paths", check_host_system},
    {"connect", check_host_connect},
    {"listen", check_host_listen},
    {"php-fpm", check_host_php},
    {"extensions", check_host_extensions},
    {"programs", check_host_programs},
    {"owners of programs", check_host_program_owners},
};

}  // namespace

std::span<const HostCheck> host_checks() { return kChecks; }

void check_host(const HostCheckInput& input) {
  for (const HostCheck& check : kChecks) check.run(input);
}

void host_error(const HostCheckInput& input, const std::string& key, std::string what, std::string fix) {
  input.diagnostics.error(input.origins.find(key).where, key, std::move(what), std::move(fix));
}

void host_warning(const HostCheckInput& input, const std::string& key, std::string what, std::string fix) {
  input.diagnostics.warning(input.origins.find(key).where, key, std::move(what), std::move(fix));
}

const PathFact& path_fact(const HostFacts& facts, const std::string& path) {
  static const PathFact kMissing;
  const auto found = facts.paths.find(path);
  return found == facts.paths.end() ? kMissing : found->second;
}

FileOwner owner_of(const PathFact& fact) { return {fact.uid, fact.gid, fact.mode}; }

bool is_within(const std::string& path, const std::string& folder) {
  return path == folder || folder == "/" || path.starts_with(folder + "/");
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 || slash == path.npos ? "/" : path.substr(0, slash);
}

std::string shell_word(const std::string& path) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+=,-";
  if (!path.empty() && path.find_first_not_of(kPlain) == path.npos) return path;
  std::string out = "'";
  for (const char c : path) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string give_to_pool(const profiles::Policy& policy, const std::string& path) {
  const auto& [user, group] = policy.identity;
  return "chown -R " + user + ":" + group + " " + shell_word(path);  // "USER:" is the user's own group
}

std::string give_code_to_root(const HostCheckInput& input, const std::string& root) {
  std::string commands = "chown -R root:root " + shell_word(root) + " && chmod -R go-w " + shell_word(root);
  if (!input.policy.filesystem.data.text.empty()) return commands;
  for (const auto& writable : input.policy.filesystem.writable) {
    const std::string path = root + "/" + writable.path.text;
    if (path_fact(input.facts, path).kind != PathFact::Kind::missing)
      commands += " && " + give_to_pool(input.policy, path);
  }
  return commands;
}

std::string to_repair_code(const HostCheckInput& input, std::string otherwise) {
  if (!is_in_image(input.facts, input.policy.filesystem.code.text)) return otherwise;
  return "make the image anew by fpmbox build --rootfs erofs, in which all is root's and read-only";
}

// What belongs to an ordinary user belongs to its boxes, too, and the plan says so; the rest of the host must not reach in.
std::string why_not_ours(const HostCheckInput& input, const FileOwner& file, const PoolIds& pool) {
  if (!input.facts.ordinary_user || input.facts.container) return why_writable(file, pool);
  if ((file.mode & S_IWOTH) != 0) return "can be written by everybody";
  if (file.uid != 0 && file.uid != pool.uid) return "belongs to uid " + std::to_string(file.uid) + ", neither root nor you";
  return {};
}

std::string writable_folder_above(const std::string& path, const HostCheckInput& input, const PoolIds& pool) {
  for (std::string folder = path; folder != "/";) {
    folder = folder_of(folder);
    const PathFact& fact = path_fact(input.facts, folder);
    const bool sticky = (fact.mode & S_ISVTX) != 0 && fact.uid != pool.uid;
    if (fact.kind != PathFact::Kind::missing && !sticky && !why_not_ours(input, owner_of(fact), pool).empty()) return folder;
  }
  return {};
}

}  // namespace launcher
