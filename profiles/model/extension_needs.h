// Which extensions of PHP others need: where these are files, too, they have to be loaded before.
//
//   with_needed("pdo_mysql")   // mysqlnd, pdo, pdo_mysql
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace profiles {

struct ExtensionNeed {
  std::string_view extension;
  std::string_view needs;
};
inline constexpr ExtensionNeed kExtensionNeeds[] = {
    {"mysqli", "mysqlnd"}, {"pdo_mysql", "mysqlnd"}, {"pdo_mysql", "pdo"}, {"pdo_sqlite", "pdo"},
    {"pdo_pgsql", "pdo"},  {"xsl", "dom"},           {"xmlreader", "dom"},
};

inline std::vector<std::string> with_needed(std::string_view extension) {
  std::vector<std::string> out;
  for (const ExtensionNeed& row : kExtensionNeeds)
    if (row.extension == extension) out.emplace_back(row.needs);
  out.emplace_back(extension);
  return out;
}

}  // namespace profiles
