#include "launcher/export/unit_word.h"

#include "profiles/base/text.h"

namespace launcher {

// % and $ are systemd's own, and what is quoted ends at a quote.
base::Result<std::string> unit_word(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '\'' || static_cast<unsigned char>(c) < 0x20)
      return base::Error{"`" + base::escape_control(text) + "` cannot be a word of a unit's command line", {}, 0, {}};
    out += c;
    if (c == '%' || c == '$') out += c;
  }
  return out.empty() || out.find_first_of(" ;#") != out.npos ? "\"" + out + "\"" : out;
}

}  // namespace launcher
