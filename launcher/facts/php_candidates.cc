#include "launcher/facts/php_candidates.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "launcher/facts/folder_names.h"
#include "launcher/facts/php_cache.h"
#include "launcher/sys/digest.h"
#include "profiles/base/text.h"
#include "profiles/base/units.h"

namespace launcher {
namespace {

constexpr const char* kVersioned[] = {"/usr/sbin/php-fpm{}", "/usr/local/sbin/php-fpm", "/usr/local/sbin/php-fpm{}",
                                      "/opt/remi/php{-}/root/usr/sbin/php-fpm", "/usr/sbin/php-fpm"};
// A change within one tick of a file system's clock cannot be told from the one before: what changed a moment ago is not kept.
constexpr time_t kSettled = 2;

// "/usr/sbin/", "php-fpm", "" of the first; nothing of a path without a hole.
struct Pattern {
  std::string folder, start, rest;
  bool is_dotted = false;
};

std::optional<Pattern> pattern_of(std::string_view text) {
  const std::size_t hole = text.find('{'), slash = text.rfind('/', hole);
  if (hole == text.npos) return std::nullopt;
  return Pattern{std::string(text.substr(0, slash + 1)), std::string(text.substr(slash + 1, hole - slash - 1)),
                 std::string(text.substr(text.find('}') + 1)), text[hole + 1] == '}'};
}

using Version = std::pair<std::uint64_t, std::uint64_t>;

// "8.10" as {8, 10}, or without its dot "810": 8.10 is newer than 8.9.
std::optional<Version> version_in(std::string_view text, bool is_dotted) {
  const std::size_t end = is_dotted ? text.find('.') : std::min<std::size_t>(text.size(), 1);
  if (end >= text.size()) return std::nullopt;
  const auto major = base::parse_unsigned(std::string(text.substr(0, end))), minor = base::parse_unsigned(std::string(text.substr(end + is_dotted)));
  if (!major || !minor) return std::nullopt;
  return Version(*major, *minor);
}

// Of a pattern, with each version that is installed.
std::vector<std::string> newest_first(const std::string& root, const Pattern& pattern) {
  std::vector<std::pair<Version, std::string>> found;
  for (const std::string& name : names_in(root + pattern.folder, [&](std::string_view one) { return one.starts_with(pattern.start); }))
    if (const auto version = version_in(std::string_view(name).substr(pattern.start.size()), pattern.is_dotted))
      found.emplace_back(*version, pattern.folder + name + pattern.rest);
  std::sort(found.rbegin(), found.rend());
  std::vector<std::string> out;
  for (auto& [version, path] : found) out.push_back(std::move(path));
  return out;
}

std::string state_of_folders(const std::string& root, time_t now) {
  std::string states;
  for (const char* text : kVersioned) {
    const auto pattern = pattern_of(text);
    if (!pattern) continue;
    struct stat info = {};
    const bool is_there = ::stat((root + pattern->folder).c_str(), &info) == 0;
    if (is_there && now - std::max(info.st_ctim.tv_sec, info.st_mtim.tv_sec) < kSettled) return {};
    states += is_there ? php_cache_name(info) + " " : "- ";
  }
  return states;
}

// One for each root, so that it grows with them alone.
std::string cache_name(const std::string& root) { return "candidates-" + sys::sha256(root); }

constexpr const char* kEnd = ".";  // a file that was cut off does not end so

}  // namespace

std::string with_version(std::string text, const std::string& version) {
  std::string plain = version;
  std::erase(plain, '.');
  if (const auto at = text.find("{}"); at != text.npos) text.replace(at, 2, version);
  if (const auto at = text.find("{-}"); at != text.npos) text.replace(at, 3, plain);
  return text;
}

std::vector<std::string> php_candidates(const std::string& version, const std::string& root) {
  std::vector<std::string> out;
  for (const char* text : kVersioned) {
    const auto pattern = pattern_of(text);
    if (!version.empty() || !pattern)
      out.push_back(with_version(text, version));
    else
      for (std::string& path : newest_first(root, *pattern)) out.push_back(std::move(path));
  }
  return out;
}

// The folders' state, the paths, and a last line.
NewestCandidates newest_php_candidates(const std::string& root, const std::string& cache_directory, time_t now) {
  NewestCandidates out;
  if (!cache_directory.empty()) out.state = state_of_folders(root, now);
  const auto known = out.state.empty() ? std::nullopt : read_from_php_cache(cache_directory, cache_name(root));
  auto lines = known ? base::split(*known, '\n') : std::vector<std::string>();
  out.is_kept = lines.size() > 2 && lines.front() == out.state && lines.back() == kEnd;
  if (out.is_kept)
    out.paths.assign(lines.begin() + 1, lines.end() - 1);
  else
    out.paths = php_candidates({}, root);
  return out;
}

void keep_php_candidates(const NewestCandidates& candidates, const std::string& root, const std::string& cache_directory) {
  if (candidates.is_kept || candidates.state.empty()) return;
  write_to_php_cache(cache_directory, cache_name(root), candidates.state + "\n" + base::join(candidates.paths, "\n") + "\n" + kEnd);
}

}  // namespace launcher
