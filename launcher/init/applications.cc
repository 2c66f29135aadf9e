#include "launcher/init/applications.h"

#include <algorithm>
#include <iterator>

namespace launcher {
namespace {

constexpr Application kApplications[] = {
    {"wordpress", "WordPress", {"wp-includes/version.php", "wp-login.php"}, true},
    {"mediawiki", "MediaWiki", {"includes/Defines.php", "load.php"}, true},
    {"matomo", "Matomo", {"core/Version.php", "matomo.php"}, true, "config/config.ini.php", "config"},
    {"dokuwiki", "DokuWiki", {"doku.php", "inc/init.php"}, false},
    {"phpmyadmin", "phpMyAdmin", {"libraries/vendor_config.php", "themes"}, true},
    {"roundcube", "Roundcube", {"program/include/rcmail.php", ""}, true},
    {"nextcloud", "Nextcloud", {"lib/versioncheck.php", "occ"}, true},
    {"drupal", "Drupal", {"core/lib/Drupal.php", ""}, true},
    {"joomla", "Joomla", {"libraries/src/Version.php", "administrator"}, true},
};

}  // namespace

std::span<const Application> applications() { return kApplications; }

const Application* recognize(const std::function<bool(std::string_view)>& exists) {
  const auto found = std::find_if(std::begin(kApplications), std::end(kApplications), [&](const Application& one) {
    return std::all_of(std::begin(one.files), std::end(one.files),
                       [&](std::string_view file) { return file.empty() || exists(file); });
  });
  return found == std::end(kApplications) ? nullptr : found;
}

const Application* find_application(std::string_view profile) {
  const auto found = std::find_if(std::begin(kApplications), std::end(kApplications),
                                  [&](const Application& one) { return one.profile == profile; });
  return found == std::end(kApplications) ? nullptr : found;
}

}  // namespace launcher
