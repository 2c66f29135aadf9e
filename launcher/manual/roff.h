// The few macros of man(7) that the manual pages use. Text is escaped here and nowhere else.
#pragma once

#include <string>
#include <string_view>

namespace manual {

// As a part of a line: backslashes, dashes that a reader may copy, and `code` in bold. Never begins with a control
// character of roff, nor holds a line end.
std::string roff_text(std::string_view text);

class Roff {
 public:
  Roff(const std::string& title, const std::string& section, const std::string& header);

  void section(std::string_view heading);
  void subsection(std::string_view heading);
  void paragraph(std::string_view text);
  // A term with what is said about it. `term` is roff already: see bold() and italic().
  void item(std::string_view term, std::string_view text);
  void more(std::string_view text);  // another paragraph of the item before
  void example(std::string_view text);  // lines kept as they are
  void lines(std::string_view roff) { text_ += roff; }

  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string bold(std::string_view text);
std::string italic(std::string_view text);

}  // namespace manual
