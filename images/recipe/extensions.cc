#include "images/recipe/extensions.h"

#include <algorithm>
#include <string_view>

namespace images {
namespace {

struct Row {
  std::string_view extension;
  std::string_view package;  // behind "phpVERSION-"
};

// Where extension and package have different names; all others are alike (debian/control of Debian's PHP).
constexpr Row kRows[] = {
    {"calendar", "common"}, {"ctype", "common"},   {"exif", "common"},     {"ffi", "common"},        {"fileinfo", "common"},
    {"ftp", "common"},      {"gettext", "common"}, {"iconv", "common"},    {"pdo", "common"},        {"phar", "common"},
    {"posix", "common"},    {"shmop", "common"},   {"sockets", "common"},  {"sysvmsg", "common"},    {"sysvsem", "common"},
    {"sysvshm", "common"},  {"tokenizer", "common"}, {"dom", "xml"},       {"simplexml", "xml"},     {"xmlreader", "xml"},
    {"xmlwriter", "xml"},   {"xsl", "xml"},        {"mysqlnd", "mysql"},   {"mysqli", "mysql"},      {"pdo_mysql", "mysql"},
    {"pdo_pgsql", "pgsql"}, {"pdo_sqlite", "sqlite3"}, {"pdo_odbc", "odbc"}, {"dba", "dba"},         {"pdo_dblib", "sybase"},
};

// In Debian's php-fpm itself.
constexpr std::string_view kBuiltIn[] = {"core", "date", "filter", "hash", "json", "libxml", "openssl", "pcre",
                                         "random", "reflection", "session", "sodium", "spl", "standard", "zlib"};

}  // namespace

bool is_built_in(const std::string& extension) {
  return std::find(std::begin(kBuiltIn), std::end(kBuiltIn), extension) != std::end(kBuiltIn);
}

std::string package_of(const std::string& extension, const std::string& php_version) {
  std::string_view package = extension;
  for (const Row& row : kRows)
    if (row.extension == extension) package = row.package;
  return "php" + php_version + "-" + std::string(package);
}

std::string fpm_path(const std::string& php_version) { return "usr/sbin/php-fpm" + php_version; }

}  // namespace images
