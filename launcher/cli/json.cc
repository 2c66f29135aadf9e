#include "launcher/cli/json.h"

#include "profiles/base/text.h"

namespace cli {

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : base::escape_control(text)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string json_object(const base::Diagnostic& diagnostic) {
  const bool is_error = diagnostic.severity == base::Severity::error;
  return std::string("{\"severity\": ") + (is_error ? "\"error\"" : "\"warning\"") +
         ", \"file\": " + json_text(diagnostic.where.file) + ", \"line\": " + std::to_string(diagnostic.where.line) +
         ", \"column\": " + std::to_string(diagnostic.where.column) + ", \"key\": " + json_text(diagnostic.key) +
         ", \"what\": " + json_text(diagnostic.what) + ", \"fix\": " + json_text(diagnostic.fix) + "}";
}

}  // namespace cli
