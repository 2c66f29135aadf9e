#include "launcher/denials/print.h"

#include <algorithm>

#include "launcher/boxes/log_format.h"
#include "profiles/base/text.h"

namespace launcher {
namespace {

constexpr std::size_t kWidest = 48;

std::string padded(const std::string& text, std::size_t width) {
  return text + std::string(text.size() < width ? width - text.size() : 0, ' ');
}

// What the file says was written by launchers, who are not root's equal.
std::string shown(const std::string& text) { return base::escape_control(text); }

std::string script_of(const Denial& denial) { return denial.script.empty() ? "-" : shown(denial.script); }

template <class Field>
std::size_t width_of(std::span<const Denial> denials, Field field) {
  std::size_t width = 0;
  for (const Denial& denial : denials) width = std::max(width, field(denial).size());
  return std::min(width, kWidest);
}

std::string labelled(const char* label, const std::string& text) {
  std::string out;
  if (text.empty()) return out;
  for (const std::string& line : base::split(text, '\n')) out += std::string("    ") + label + shown(line) + "\n";
  return out;
}

}  // namespace

std::string denials_text(std::span<const Denial> denials) {
  const std::size_t pools = width_of(denials, [](const Denial& one) { return shown(one.pool); });
  const std::size_t scripts = width_of(denials, script_of);
  std::string out;
  for (const Denial& denial : denials) {
    out += padded(shown(denial.pool), pools) + "  " + time_text(denial.time).substr(0, 19) + "Z  " + padded(script_of(denial), scripts) + "  " +
           shown(denial.act) + (denial.count > 1 ? "  " + std::to_string(denial.count) + " more times" : "") + "\n";
    out += labelled("decided by  ", denial.decided_by);
    out += labelled("to permit   ", denial.permit);
    out += labelled("            ", denial.note);
  }
  return out;
}

std::string denials_json(std::span<const Denial> denials) {
  std::string out;
  for (const Denial& denial : denials) out += write_denial(denial) + "\n";
  return out;
}

}  // namespace launcher
