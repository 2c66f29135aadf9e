#include "profiles/export/web_site.h"

#include <algorithm>
#include <optional>

#include "profiles/base/pattern.h"
#include "profiles/base/text.h"
#include "profiles/checks/ini_size.h"

namespace profiles {
namespace {

// Dot files such as .git and .env, and copies that lie about. Behind a front controller (PATH_INFO) such names are the
// application's own business.
constexpr const char* kHidden = "/\\.(?!well-known(?:/|$))|(?:~|\\.(?:bak|old|orig|save|sw[op]|sql|inc|ini|log|sh))$";
// "config.php.1", "config.php-old": scripts that a server would show as text. Not of what the pool writes: WordPress itself
// names an upload so.
constexpr const char* kCopyEndings = "\\.php[0-9]?[._~#-][^/]*$";
// What FPM or a distribution's web server may take for PHP, whatever this pool's limit_extensions are.
constexpr const char* kPhpEndings = "\\.(?:php[0-9]?|phtml|phar|pht|phps)";

// nginx has no way to write a $, Apache none to write a quote; other bytes are nobody's document root.
bool is_spelled_plainly(const std::string& path) {
  return std::all_of(path.begin(), path.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("/._-+@,=~ ").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

base::Status check_spelling(const Policy& policy) {
  for (const std::string* path :
       {&policy.filesystem.code.text, &policy.filesystem.data.text, &policy.listen.unix_path.text})
    if (!is_spelled_plainly(*path))
      return base::Error{"`" + base::escape_control(*path) +
                             "` has characters that a web server's configuration cannot hold; "
                             "use letters, digits and . _ - + @ , = ~",
                         {},
                         0,
                         {}};
  return base::success();
}

// A path or pattern of the code as the address of a visitor, without its first slash; nothing when it lies outside the
// document root, "" for the root itself and what is above.
std::optional<std::string> address_of(const std::string& path, const Web& web) {
  const std::string& root = web.document_root.text;
  if (root.empty()) return path;
  if (root == path || root.starts_with(path + "/")) return "";
  if (path.starts_with(root + "/")) return path.substr(root.size() + 1);
  return std::nullopt;
}

// Slashes in any number: a server may be told to keep those of `//`, and finds the same file by it.
std::string address_regex(const std::string& address) {
  std::vector<std::string> parts;
  for (const std::string& part : base::split(address, '/')) parts.push_back(base::pattern_to_regex(part));
  return base::join(parts, "/+");
}

std::string any_of_regex(const std::vector<std::string>& patterns, const Web& web, std::string (*to_regex)(const std::string&)) {
  std::vector<std::string> out;
  for (const std::string& pattern : patterns)
    if (const auto address = address_of(pattern, web); address && !address->empty())
      out.push_back(to_regex(*address));
  return base::join(out, "|");
}

bool is_denied(const std::string& path, const Web& web) {
  const auto parts = base::split(path, '/');
  return std::any_of(web.deny.begin(), web.deny.end(), [&](const std::string& denied) {
    const std::size_t depth = base::split(denied, '/').size();
    if (depth > parts.size()) return false;
    const std::string above = base::join(std::span(parts).first(depth), "/");
    return base::matches_path(denied, above);
  });
}

bool is_php(const std::string& path, const Php& php) {
  return path.ends_with(".php") || std::any_of(php.limit_extensions.begin(), php.limit_extensions.end(),
                                               [&](const std::string& ending) { return path.ends_with(ending); });
}

std::vector<ServedData> served_data(const Policy& policy) {
  std::vector<ServedData> out;
  if (policy.filesystem.data.text.empty()) return out;
  for (const Writable& writable : policy.filesystem.writable) {
    const std::string& path = writable.path.text;
    const auto address = address_of(path, policy.web);
    if (!address || address->empty() || is_denied(path, policy.web) || is_php(path, policy.php) ||
        !is_spelled_plainly(path))
      continue;
    out.push_back({"/" + *address, policy.filesystem.data.text + "/" + path});
  }
  return out;
}

std::vector<std::string> written_paths(const Policy& policy, const std::vector<ServedData>& data) {
  std::vector<std::string> out;
  for (const ServedData& one : data) out.push_back(one.path);
  if (!policy.filesystem.data.text.empty()) return out;
  for (const Writable& writable : policy.filesystem.writable)
    if (address_of(writable.path.text, policy.web) && is_spelled_plainly(writable.path.text))
      out.push_back(policy.filesystem.code.text + "/" + writable.path.text);
  return out;
}

std::uint64_t largest_body(const Php& php) {
  const auto found = php.admin_values.find("post_max_size");
  const auto size = found == php.admin_values.end() ? std::nullopt : parse_ini_size(found->second);
  return size ? size->count : 8ull * 1024 * 1024;  // PHP's own default
}

}  // namespace

base::Result<WebSite> web_site(const Policy& policy) {
  TRY(check_spelling(policy));
  const Web& web = policy.web;
  WebSite out{.name = policy.name, .document_root = policy.filesystem.code.text, .code = policy.filesystem.code.text, .data_folder = policy.filesystem.data.text};
  if (!web.document_root.text.empty()) out.document_root += "/" + web.document_root.text;
  out.tcp = policy.listen.tcp;
  if (out.tcp.empty())
    out.unix_socket = policy.listen.unix_path.text.empty() ? "/run/fpmbox/" + policy.name + "/live.sock"
                                                           : policy.listen.unix_path.text;
  // a script is passed on as it is spelled
  out.scripts = any_of_regex(web.front_controllers, web, [](const std::string& address) { return base::pattern_to_regex(address); });
  std::vector<std::string> writable;
  for (const Writable& one : policy.filesystem.writable) writable.push_back(one.path.text);
  const std::string written = any_of_regex(writable, web, address_regex);
  out.copies = (written.empty() ? "" : "(?!(?:" + written + ")(?:/|$))") + std::string(".*") + kCopyEndings;
  if (web.front_controllers.empty()) {
    out.no_scripts = written;
    out.scripts = "(?:[^/.][^/]*/)*[^/.][^/]*\\.php";
  }
  out.php_endings = kPhpEndings;
  out.hidden = kHidden;
  out.deny = any_of_regex(web.deny, web, address_regex);
  if (const auto address = address_of(web.fallback, web); !web.fallback.empty() && address && !address->empty())
    out.fallback = "/" + *address;
  out.data = served_data(policy);
  out.written = written_paths(policy, out.data);
  out.body_bytes = largest_body(policy.php);
  out.timeout_seconds = policy.php.pm.request_timeout.milliseconds / 1000;
  return out;
}

}  // namespace profiles
