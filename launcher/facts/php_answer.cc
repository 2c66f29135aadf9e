#include "launcher/facts/php_answer.h"

#include <algorithm>

#include "profiles/base/text.h"
#include "profiles/base/utf8.h"

namespace launcher {
namespace {

constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz0123456789_-.";

bool is_made_of(std::string_view text, std::string_view characters) {
  return !text.empty() && text.find_first_not_of(characters) == text.npos;
}

bool is_version(std::string_view text) {
  return is_made_of(text, "0123456789.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+~-") && text.size() <= 64 &&
         text.front() >= '0' && text.front() <= '9';
}

bool is_path(std::string_view text) { return base::is_normal_absolute(text) && !base::has_control(text); }

bool is_valid(const PhpAnswer& answer) {
  const auto& names = answer.built_in;
  return is_version(answer.version) && is_path(answer.extension_dir) &&
         (answer.interpreter.empty() || is_path(answer.interpreter)) && !names.empty() &&
         (answer.ini_directory.empty() || is_path(answer.ini_directory)) &&
         std::all_of(names.begin(), names.end(), [](const std::string& name) { return is_made_of(name, kLower); });
}

// "PHP Version => 8.2.36"; the text behind the arrow in the first such line.
std::string value_of(std::string_view info, std::string_view key) {
  const std::string start = std::string(key) + " => ";
  for (const std::string& line : base::split(info, '\n'))
    if (line.starts_with(start)) return line.substr(start.size());
  return {};
}

// A setting stands there twice, "LOCAL => MASTER", which are the same without any configuration.
std::string setting_of(std::string_view info, std::string_view key) {
  const std::string both = value_of(info, key);
  return both.substr(0, both.find(" => "));
}

// "Zend OPcache" is the name under which the extension opcache.so reports itself.
std::string module_name(std::string line) {
  for (char& c : line)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return line == "zend opcache" ? "opcache" : line;
}

std::vector<std::string> module_names(std::string_view modules) {
  std::vector<std::string> out;
  for (const std::string& line : base::split(modules, '\n'))
    if (std::string name = module_name(line); is_made_of(name, kLower)) out.push_back(std::move(name));
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace

base::Result<PhpAnswer> parse_php_answer(std::string_view info, std::string_view modules) {
  PhpAnswer answer{value_of(info, "PHP Version"), setting_of(info, "extension_dir"), {}, module_names(modules)};
  if (std::string of_ini = value_of(info, "Configuration File (php.ini) Path"); is_path(of_ini)) answer.ini_directory = std::move(of_ini);
  const auto refuse = [](std::string what) { return base::Error{"its answer has no " + std::move(what), {}, 0, {}}; };
  if (!is_version(answer.version)) return refuse("PHP version");
  if (!is_path(answer.extension_dir)) return refuse("absolute extension_dir");
  if (answer.built_in.empty()) return refuse("modules");
  return answer;
}

std::string format_php_answer(const PhpAnswer& answer) {
  return "version=" + answer.version + "\nextension_dir=" + answer.extension_dir +
         "\ninterpreter=" + answer.interpreter + "\nbuilt_in=" + base::join(answer.built_in, " ") +
         "\nini_directory=" + answer.ini_directory + "\n";
}

std::optional<PhpAnswer> read_php_answer(std::string_view text) {
  constexpr std::string_view kKeys[] = {"version=", "extension_dir=", "interpreter=", "built_in=", "ini_directory="};
  const auto lines = base::split(text, '\n');
  if (lines.size() != std::size(kKeys) + 1 || !lines.back().empty()) return std::nullopt;
  std::string values[std::size(kKeys)];
  for (std::size_t i = 0; i < std::size(kKeys); ++i) {
    if (!lines[i].starts_with(kKeys[i])) return std::nullopt;
    values[i] = lines[i].substr(kKeys[i].size());
  }
  PhpAnswer answer{values[0], values[1], values[2], base::split(values[3], ' '), values[4]};
  if (!is_valid(answer)) return std::nullopt;
  return answer;
}

}  // namespace launcher
