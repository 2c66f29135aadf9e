// What php-fpm said about itself, kept by root for root: one file per state of a binary below /run/fpmbox/php.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>

#include "launcher/facts/php_answer.h"

namespace launcher {

// A replaced, rebuilt or touched binary has another name here; ctime cannot be set back by anybody.
std::string php_cache_name(const struct stat& binary);

// nullopt unless the folder is root's alone and the file is root's and exactly as we write it.
std::optional<PhpAnswer> read_php_cache(const std::string& directory, const std::string& name);
// Only root keeps one; that it could not be kept is no error, the next start asks again.
void write_php_cache(const std::string& directory, const std::string& name, const PhpAnswer& answer);

}  // namespace launcher
