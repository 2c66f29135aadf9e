// What a php-fpm says about itself, parsed strictly, and how that is kept so that it is asked once per binary. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "profiles/base/result.h"

namespace launcher {

struct PhpAnswer {
  std::string version;  // "8.2.36"
  std::string extension_dir;
  std::string interpreter;            // "" for a static program
  std::vector<std::string> built_in;  // lower case
  std::string ini_directory = {};     // of its php.ini; "" when it has none
  friend bool operator==(const PhpAnswer&, const PhpAnswer&) = default;
};

// From the output of `php-fpm -n -i` and `php-fpm -n -m`; the error says what was not found in it.
base::Result<PhpAnswer> parse_php_answer(std::string_view info, std::string_view modules);

// key=value lines. nullopt for anything that format_php_answer() would not have written.
std::string format_php_answer(const PhpAnswer& answer);
std::optional<PhpAnswer> read_php_answer(std::string_view text);

}  // namespace launcher
