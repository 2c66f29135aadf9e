// What the web server may ask of the pool. The words end up in PHP and in web servers' configuration: only characters
// that mean themselves there are taken.
#include <algorithm>

#include "profiles/base/pattern.h"
#include "profiles/base/text.h"
#include "profiles/checks/facets.h"
#include "profiles/checks/report.h"

namespace profiles {

namespace {

constexpr std::string_view kOfNames = "._-+@,=~";

bool is_plain_path(const std::string& path, std::string_view more = {}) {
  return base::is_normal_relative(path) && consists_of(path, {kLower, kUpper, kDigits, kOfNames, "/", more});
}

std::string item(const std::string& list, const std::string& name) { return list + "[" + name + "]"; }

// Whether a pattern can mean something in the folder, or the folder itself, component by component.
bool can_lie_in(const std::string& pattern, const std::string& folder) {
  const auto parts = base::split(pattern, '/'), above = base::split(folder, '/');
  if (parts.size() < above.size()) return false;
  return std::equal(above.begin(), above.end(), parts.begin(),
                    [](const std::string& name, const std::string& part) { return base::matches_name(part, name); });
}

bool has_ending(const std::string& script, const std::vector<std::string>& endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [&](const std::string& ending) { return script.ends_with(ending); });
}

// `index.php` beside `document_root: public`: paths are relative to the code, and the snippet would lack it without a word.
void check_in_document_root(const CheckInput& input, const std::string& key, const std::string& script) {
  const std::string& root = input.composed.policy.web.document_root.text;
  if (!is_plain_path(root) || can_lie_in(script, root)) return;
  warning(input, key, "`" + script + "` lies outside of web.document_root `" + root + "`: the web server's snippet leaves it out",
          "write it relative to the code: " + root + "/" + script);
}

}  // namespace

void check_front_controllers(const CheckInput& input) {
  const Policy& policy = input.composed.policy;
  for (const std::string& script : policy.web.front_controllers) {
    const std::string key = item("web.front_controllers", script);
    if (!is_plain_path(script, "*")) {
      error(input, key, "`" + script + "` is not the path of a script",
            "write it relative to the code, such as index.php or lib/exe/*.php");
      continue;
    }
    if (!has_ending(script, policy.php.limit_extensions) && !policy.php.limit_extensions.empty())
      error(input, key, "FPM does not start a file of this ending (php.limit_extensions)",
            "name a script, such as index.php");
    for (const Writable& writable : policy.filesystem.writable)
      if (can_lie_in(script, writable.path.text))
        error(input, key, "lies in `" + writable.path.text + "`, which the pool can write: PHP never starts from there",
              "name scripts of the read-only code");
    check_in_document_root(input, key, script);
  }
}

void check_web_paths(const CheckInput& input) {
  const Web& web = input.composed.policy.web;
  for (const std::string& path : web.deny)
    if (!is_plain_path(path, "*"))
      error(input, item("web.deny", path), "`" + path + "` is not a path of the code",
            "write it as in vendor or conf/*.php");
  if (!web.document_root.text.empty() && !is_plain_path(web.document_root.text))
    error(input, "web.document_root", "`" + web.document_root.text + "` is not a folder of the code",
          "write it as in public");
  if (web.fallback.empty()) return;
  if (!is_plain_path(web.fallback)) {
    error(input, "web.fallback", "`" + web.fallback + "` is not the path of a script", "write it as in index.php");
    return;
  }
  const auto& scripts = web.front_controllers;
  if (!scripts.empty() && std::none_of(scripts.begin(), scripts.end(), [&](const std::string& script) {
        return base::matches_path(script, web.fallback);
      }))
    error(input, "web.fallback", "`" + web.fallback + "` is not among web.front_controllers", "add it there");
  check_in_document_root(input, "web.fallback", web.fallback);
}

}  // namespace profiles
