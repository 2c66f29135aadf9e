#include "profiles/checks/ini_size.h"

#include <string>

namespace profiles {

std::optional<base::Bytes> parse_ini_size(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::string spelled(text);
  switch (spelled.back()) {
    case 'k':
    case 'K':
      spelled.back() = 'K';
      spelled += "iB";
      break;
    case 'm':
    case 'M':
      spelled.back() = 'M';
      spelled += "iB";
      break;
    case 'g':
    case 'G':
      spelled.back() = 'G';
      spelled += "iB";
      break;
    default:
      spelled += "B";
  }
  return base::parse_bytes(spelled);
}

}  // namespace profiles
