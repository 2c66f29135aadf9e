// Which Debian package brings an extension of PHP, and under which name php-fpm loads it.
#pragma once

#include <string>
#include <vector>

namespace images {

bool is_built_in(const std::string& extension);
// "php8.2-mysql" for pdo_mysql.
std::string package_of(const std::string& extension, const std::string& php_version);

// "usr/sbin/php-fpm8.2"
std::string fpm_path(const std::string& php_version);

}  // namespace images
