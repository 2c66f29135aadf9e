// What PHP is told. Values end up in a generated ini file: nothing may leave its line there, or begin another.
#include <algorithm>

#include "profiles/base/text.h"
#include "profiles/checks/facets.h"
#include "profiles/checks/ini_size.h"
#include "profiles/checks/report.h"

namespace profiles {

namespace {

std::string item(const std::string& list, const std::string& name) { return list + "[" + name + "]"; }

// What the guard ahead of every request is written with; without one of them every request would be an error.
constexpr std::string_view kOfTheGuard[] = {"addcslashes", "error_log", "fileinode", "fnmatch", "getenv", "getmyinode", "getmyuid", "header",
                                            "http_response_code", "realpath", "str_replace", "strncmp", "strpos", "substr"};

}  // namespace

void check_php_version(const CheckInput& input) {
  const std::string& version = input.composed.policy.php.version.text;
  if (version.empty()) return;
  const auto parts = base::split(version, '.');
  if (parts.size() == 2 && base::parse_unsigned(parts[0]) && base::parse_unsigned(parts[1])) return;
  error(input, "php.version", "`" + version + "` is not a version of PHP",
        "write two numbers in quotes, such as \"8.2\"");
}

void check_php_words(const CheckInput& input) {
  const Php& php = input.composed.policy.php;
  if (!consists_of(php.timezone, {kLower, kUpper, kDigits, "_+-/"}) || php.timezone.starts_with('/'))
    error(input, "php.timezone", "`" + php.timezone + "` is not a time zone", "write one such as UTC or Europe/Rome");
  for (const std::string& extension : php.extensions)
    if (!consists_of(extension, {kLower, kDigits, "_"}))
      error(input, item("php.extensions", extension), "`" + extension + "` is not the name of an extension",
            "write it without folder and .so, in a-z, 0-9 and _, such as pdo_mysql");
  for (const std::string& function : php.disable_functions)
    if (!is_identifier(function))
      error(input, item("php.disable_functions", function), "`" + function + "` is not the name of a function",
            "write one name per item, without parentheses");
  for (const std::string& function : php.disable_functions)
    if (std::find(std::begin(kOfTheGuard), std::end(kOfTheGuard), function) != std::end(kOfTheGuard))
      error(input, item("php.disable_functions", function),
            "the guard that runs ahead of every request needs " + function, "take it out of the list");
  if (php.limit_extensions.empty() && input.is_pool)
    missing(input, "php.limit_extensions", "FPM would execute files of every kind, uploads too", "write [.php]");
  for (const std::string& ending : php.limit_extensions)
    if (!ending.starts_with('.') || !consists_of(ending.substr(1), {kLower, kUpper, kDigits, "_-."}))
      error(input, item("php.limit_extensions", ending), "`" + ending + "` is not the ending of a file name",
            "begin it with a dot, such as .php");
}

void check_admin_values(const CheckInput& input) {
  for (const auto& [name, value] : input.composed.policy.php.admin_values) {
    const std::string key = item("php.admin_values", name);
    if (!consists_of(name, {kLower, kUpper, kDigits, "_.-"}) || kDigits.find(name.front()) != std::string_view::npos)
      error(input, key, "`" + name + "` is not the name of an ini setting",
            "write it as in php.ini, such as memory_limit");
    check_ini_value(input, key, value);
  }
}

void check_upload_sizes(const CheckInput& input) {
  const Policy& policy = input.composed.policy;
  const auto size_of = [&](const std::string& name) -> std::optional<base::Bytes> {
    const auto found = policy.php.admin_values.find(name);
    if (found == policy.php.admin_values.end()) return std::nullopt;
    const auto size = parse_ini_size(found->second);
    if (!size)
      error(input, item("php.admin_values", name), "`" + found->second + "` is not a size of php.ini",
            "write it as in 32M");
    return size;
  };
  const auto post = size_of("post_max_size"), upload = size_of("upload_max_filesize");
  if (post && policy.filesystem.tmp.size < *post)
    error(input, "filesystem.tmp.size",
          base::format(policy.filesystem.tmp.size) + " do not hold one upload of post_max_size (" +
              base::format(*post) + ")",
          "write at least " + base::format(*post) + ", or lower php.admin_values post_max_size");
  if (post && upload && post->count != 0 && *post < *upload)
    warning(input, item("php.admin_values", "upload_max_filesize"),
            "is larger than post_max_size (" + base::format(*post) + "), which decides first",
            "raise post_max_size, or lower it to that");
}

}  // namespace profiles
