#include "launcher/manual/roff.h"

#include "profiles/base/text.h"

namespace manual {
namespace {

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\\':
        out += "\\e";
        break;
      case '-':
        out += "\\-";  // a hyphen that can be copied into a shell
        break;
      case '\'':
        out += "\\(aq";
        break;
      case '^':
        out += "\\(ha";
        break;
      case '~':
        out += "\\(ti";
        break;
      case '"':
        out += "\\(dq";
        break;
      case '\n':
        out += ' ';
        break;
      default:
        out += c;
    }
  }
  return out;
}

// A period or an apostrophe at the start of a line would make it a macro.
std::string guarded(const std::string& line) { return line.starts_with('.') ? "\\&" + line : line; }

}  // namespace

std::string bold(std::string_view text) { return "\\fB" + escape(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + escape(text) + "\\fR"; }

std::string roff_text(std::string_view text) {
  const auto parts = base::split(text, '`');
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool is_code = i % 2 == 1 && i + 1 < parts.size();
    out += is_code ? bold(parts[i]) : (i % 2 == 1 ? "`" : "") + escape(parts[i]);
  }
  return guarded(out);
}

Roff::Roff(const std::string& title, const std::string& section, const std::string& header) {
  // No date: the same source gives the same bytes.
  text_ = ".TH " + title + " " + section + " \"\" \"fpmbox " + escape(FPMBOX_VERSION) + "\" \"" + header + "\"\n";
}

void Roff::section(std::string_view heading) { text_ += ".SH " + escape(heading) + "\n"; }
void Roff::subsection(std::string_view heading) { text_ += ".SS " + escape(heading) + "\n"; }
void Roff::paragraph(std::string_view text) { text_ += ".PP\n" + roff_text(text) + "\n"; }

void Roff::item(std::string_view term, std::string_view text) {
  text_ += ".TP\n" + guarded(std::string(term)) + "\n" + roff_text(text) + "\n";
}

void Roff::more(std::string_view text) { text_ += ".IP\n" + roff_text(text) + "\n"; }

void Roff::example(std::string_view text) {
  text_ += ".PP\n.RS 4\n.EX\n";
  for (const std::string& line : base::split(text, '\n')) text_ += guarded(escape(line)) + "\n";
  text_ += ".EE\n.RE\n";
}

}  // namespace manual
