// What a site's code is made of besides Debian's packages, for programs that look for known holes: libraries that Composer
// installed, WordPress and Matomo with their plugins and themes. Read from the files that these tools read themselves.
//
//   for (const Component& one : components_of(code)) ... // {"monolog/monolog", "2.9.1", "pkg:composer/monolog/monolog@2.9.1", "srv/www/..."}
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "images/tree/path_map.h"

namespace images {

struct Component {
  std::string name;
  std::string version;  // empty: it says none
  std::string purl;
  std::string path;     // of the file that says so
  friend bool operator==(const Component&, const Component&) = default;
};

// In the order of their purls, each once. A file that cannot be read as what it should be names nothing.
std::vector<Component> components_of(const PathMap& code);

// purl-spec: everything but letters, digits and -._~ is written as %XX.
std::string percent(std::string_view text);

}  // namespace images
