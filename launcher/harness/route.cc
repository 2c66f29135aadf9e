#include "launcher/harness/route.h"

#include <algorithm>
#include <optional>

#include "profiles/base/pattern.h"
#include "profiles/base/text.h"

namespace harness {
namespace {

using profiles::Policy;

// From the document root to the code, where patterns begin.
std::string in_code(const Policy& policy, const std::string& relative) {
  const std::string& root = policy.web.document_root.text;
  return root.empty() ? relative : root + "/" + relative;
}

bool is_writable(const Policy& policy, const std::string& path) {
  return std::any_of(policy.filesystem.writable.begin(), policy.filesystem.writable.end(), [&](const profiles::Writable& one) {
    return path == one.path.text || path.starts_with(one.path.text + "/");
  });
}

// Without front controllers every script is one that lies in no writable path.
bool is_script(const Policy& policy, const std::string& relative) {
  const std::string path = in_code(policy, relative);
  const auto& scripts = policy.web.front_controllers;
  if (scripts.empty()) return relative.ends_with(".php") && !is_writable(policy, path);
  return std::any_of(scripts.begin(), scripts.end(), [&](const std::string& pattern) { return base::matches_path(pattern, path); });
}

// "index.php/a/b": the longest script, and what is behind it.
std::optional<Routed> script_in(const Policy& policy, const std::string& relative) {
  for (std::size_t end = relative.size();; end = relative.rfind('/', end - 1)) {
    if (end == relative.npos || end == 0) return std::nullopt;
    if (is_script(policy, relative.substr(0, end))) return Routed{relative.substr(0, end), relative.substr(end)};
  }
}

std::string without_slash(std::string path) {
  while (path.ends_with('/')) path.pop_back();
  return path;
}

base::Error by_itself(const std::string& how) { return {"the web server answers it by itself: " + how, {}, 0, {}}; }

}  // namespace

base::Result<Routed> route(const Policy& policy, const std::string& uri, const Looks& look) {
  const std::string path = uri.substr(0, uri.find('?'));
  const std::string relative = path.substr(std::min<std::size_t>(1, path.size()));
  if (auto found = script_in(policy, relative)) return *found;
  const std::string plain = without_slash(relative);
  const OnDisk there = plain.empty() ? OnDisk::folder : look(plain);
  if (there == OnDisk::file && plain == relative) return by_itself("with the file");
  const std::string index = plain.empty() ? "index.php" : plain + "/index.php";
  if (there == OnDisk::folder && is_script(policy, index) && look(index) == OnDisk::file) return Routed{index, {}};
  const std::string& fallback = policy.web.fallback;
  const std::string& root = policy.web.document_root.text;
  if (fallback.empty()) return by_itself("404");
  return Routed{root.empty() || !fallback.starts_with(root + "/") ? fallback : fallback.substr(root.size() + 1), {}};
}

}  // namespace harness
