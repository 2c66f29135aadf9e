// PHP as it is installed here.
#include <algorithm>

#include "launcher/facts/host_check_facets.h"
#include "profiles/base/text.h"
#include "profiles/model/extension_needs.h"

namespace launcher {
namespace {

// Debian's packages, where their name is not the extension's. Everything else that comes with PHP is php8.2-NAME.
struct DebianPackage {
  const char* extension;
  const char* package;
};
constexpr DebianPackage kDebianPackages[] = {
    {"calendar", "common"},  {"ctype", "common"},    {"dom", "xml"},         {"exif", "common"},
    {"ffi", "common"},       {"fileinfo", "common"}, {"ftp", "common"},      {"gettext", "common"},
    {"iconv", "common"},     {"mysqli", "mysql"},    {"mysqlnd", "mysql"},   {"pdo", "common"},
    {"pdo_mysql", "mysql"},  {"pdo_odbc", "odbc"},   {"pdo_pgsql", "pgsql"}, {"pdo_sqlite", "sqlite3"},
    {"phar", "common"},      {"posix", "common"},    {"shmop", "common"},    {"simplexml", "xml"},
    {"sockets", "common"},   {"sysvmsg", "common"},  {"sysvsem", "common"},  {"sysvshm", "common"},
    {"tokenizer", "common"}, {"xmlreader", "xml"},   {"xmlwriter", "xml"},   {"xsl", "xml"},
};

// "8.2" of "8.2.36".
std::string branch(const std::string& version) {
  const auto parts = base::split(version, '.');
  return parts.size() < 2 ? version : parts[0] + "." + parts[1];
}

std::string debian_package(const std::string& extension, const std::string& php) {
  for (const auto& [name, package] : kDebianPackages)
    if (extension == name) return "php" + php + "-" + package;
  std::string name = extension;
  std::replace(name.begin(), name.end(), '_', '-');
  return "php" + php + "-" + name;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// A root is not changed but built anew.
constexpr const char* kBuild = "build that root anew, of a recipe whose profile names it: fpmbox build RECIPE --rootfs";

std::string extension_advice(const std::string& name, const HostFacts& facts) {
  const PhpFacts& php = facts.php;
  if (const std::string near = base::nearest(name, php.shared); !near.empty()) return "did you mean `" + near + "`?";
  if (!facts.root.empty()) return kBuild;
  return "install it (on Debian: apt install " + debian_package(name, branch(php.version)) + "); installed for PHP " +
         branch(php.version) + ": " + base::join(php.shared, ", ");
}

// Without them PHP starts, and the extension is not there.
void check_needed(const HostCheckInput& input, const std::string& name) {
  const PhpFacts& php = input.facts.php;
  if (has(php.built_in, name)) return;
  std::vector<std::string> lacking = profiles::with_needed(name);
  std::erase_if(lacking, [&](const std::string& one) { return has(input.policy.php.extensions, one) || !has(php.shared, one); });
  if (!lacking.empty())
    host_warning(input, "php.extensions[" + name + "]", "cannot be loaded without " + base::join(lacking, " and "),
                 "add " + base::join(lacking, " and ") + " to php.extensions");
}

std::string php_advice(const profiles::Php& php, const HostFacts& facts) {
  if (!php.binary.text.empty()) return "write the path of a php-fpm, or remove the key";
  if (!facts.root.empty()) return "name a root of that PHP, made by fpmbox build RECIPE --rootfs; a damaged one is built anew";
  return "install it (on Debian: apt install php" + php.version.text + "-fpm), or name it in php.binary";
}

// check_host_system() says why, and whose PHP it would be nobody knows.
bool lacks_root(const HostCheckInput& input) { return input.policy.filesystem.root.starts_with("/") && input.facts.root.empty() && !input.facts.enclosed; }

}  // namespace

void check_host_php(const HostCheckInput& input) {
  const auto& php = input.policy.php;
  const PhpFacts& facts = input.facts.php;
  const std::string key = php.binary.text.empty() ? "php.version" : "php.binary";
  if (facts.binary.empty() && lacks_root(input)) return;
  if (facts.binary.empty()) return host_error(input, key, facts.reason.empty() ? "no php-fpm was found" : facts.reason, php_advice(php, input.facts));
  const auto pool = pool_ids(input.policy, input.facts);
  if (!pool) return;
  const PathFact& binary = path_fact(input.facts, facts.binary);
  const bool is_writable = binary.kind != PathFact::Kind::missing && !why_not_ours(input, owner_of(binary), *pool).empty();
  if (is_writable || !writable_folder_above(facts.binary, input, *pool).empty())
    host_error(input, key, "`" + facts.binary + "`, which the pool runs, can be changed by the pool's user",
               "run: chown root:root " + shell_word(facts.binary) + " && chmod go-w " + shell_word(facts.binary) +
                   ", and the same for its folders");
}

void check_host_extensions(const HostCheckInput& input) {
  const PhpFacts& php = input.facts.php;
  if (php.binary.empty()) return;  // reported above
  for (const std::string& name : input.policy.php.extensions)
    if (has(php.shared, name) || has(php.built_in, name))
      check_needed(input, name);
    else
      host_error(input, "php.extensions[" + name + "]",
                 "there is no extension `" + name + "` for PHP " + branch(php.version) + (input.facts.root.empty() ? " on this host" : " in filesystem.root"),
                 extension_advice(name, input.facts));
}

}  // namespace launcher
