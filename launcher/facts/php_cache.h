// What php-fpm said about itself, and where it was found, kept by its caller for itself: one file per state of a binary or of the
// folders, in .php of the folder that holds the running pools.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>

#include "launcher/facts/php_answer.h"

namespace launcher {

// A replaced, rebuilt or touched binary has another name here, as has a folder in which a name came or went; ctime cannot be set
// back by anybody.
std::string php_cache_name(const struct stat& file);

// nullopt unless the folder is the caller's alone, the file is the caller's and it is exactly as we write it.
std::optional<std::string> read_from_php_cache(const std::string& directory, const std::string& name);
std::optional<PhpAnswer> read_php_cache(const std::string& directory, const std::string& name);
// That it could not be kept is no error, the next start asks again.
void write_to_php_cache(const std::string& directory, const std::string& name, const std::string& text);
void write_php_cache(const std::string& directory, const std::string& name, const PhpAnswer& answer);

}  // namespace launcher
