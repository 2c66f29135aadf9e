#include "images/build/places.h"

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <vector>

#include "images/store/refuse.h"

namespace images {
namespace {

std::filesystem::path own_folder() {
  std::error_code failed;
  return std::filesystem::read_symlink("/proc/self/exe", failed).parent_path();
}

base::Result<std::string> first_with(const std::vector<std::filesystem::path>& places, const std::string& file, const std::string& what) {
  std::string all;
  std::error_code failed;
  for (const auto& place : places) {
    if (std::filesystem::exists(place / file, failed)) return place.lexically_normal().string();
    all += (all.empty() ? "" : ", ") + place.string();
  }
  return refuse("there is no " + what + " (" + file + ") in " + all);
}

std::string variable(const char* name) {
  const char* value = ::getenv(name);
  return value != nullptr && value[0] == '/' ? value : "";
}

}  // namespace

base::Result<std::string> find_catalog() {
  return first_with({own_folder() / "catalog", own_folder() / "../share/fpmbox/catalog"}, "base.yaml", "catalog of profiles");
}

base::Result<std::string> find_recipes() {
  return first_with({own_folder() / "recipes", own_folder() / "../share/fpmbox/recipes"}, "php-fpm.yaml", "folder of recipes");
}

base::Result<std::string> find_launcher() {
  const std::string folder = TRY(first_with({own_folder()}, "fpmbox", "launcher"));
  return folder + "/fpmbox";
}

base::Result<std::string> cache_folder(const std::string& option) {
  std::error_code failed;
  if (!option.empty()) return std::filesystem::absolute(option, failed).lexically_normal().string();
  if (::geteuid() == 0) return std::string("/var/cache/fpmbox/images");
  if (const std::string cache = variable("XDG_CACHE_HOME"); !cache.empty()) return cache + "/fpmbox/images";
  if (const std::string home = variable("HOME"); !home.empty()) return home + "/.cache/fpmbox/images";
  return refuse("there is no home folder to keep packages in; name one with --cache");
}

}  // namespace images
