#include "profiles/base/diagnostics.h"

#include <algorithm>
#include <tuple>

#include "profiles/base/text.h"

namespace base {

std::string Position::text() const {
  if (file.empty() || line == 0) return file;
  std::string place = file + ":" + std::to_string(line);
  if (column != 0) place += ":" + std::to_string(column);
  return place;
}

std::string Diagnostic::text() const {
  std::string line = where.text();
  if (!line.empty()) line += ": ";
  if (severity == Severity::warning) line += "warning: ";
  if (!key.empty()) line += key + ": ";
  line += what;
  if (!fix.empty()) line += "; " + fix;
  return escape_control(line);  // all of it may come from the author's file
}

void Diagnostics::error(Position where, std::string key, std::string what, std::string fix) {
  all_.push_back({Severity::error, std::move(where), std::move(key), std::move(what), std::move(fix)});
}

void Diagnostics::warning(Position where, std::string key, std::string what, std::string fix) {
  all_.push_back({Severity::warning, std::move(where), std::move(key), std::move(what), std::move(fix)});
}

bool Diagnostics::has_errors() const {
  return std::any_of(all_.begin(), all_.end(), [](const Diagnostic& d) { return d.severity == Severity::error; });
}

void Diagnostics::sort() {
  std::stable_sort(all_.begin(), all_.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.where.file, a.where.line, a.where.column) < std::tie(b.where.file, b.where.line, b.where.column);
  });
}

}  // namespace base
