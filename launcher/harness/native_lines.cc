// The lines between the harness and `fpmbox probe`.
#include <algorithm>
#include <charconv>

#include "launcher/harness/native.h"
#include "profiles/base/text.h"

namespace harness {
namespace {

using base::Error;
using base::Result;
using Kind = ProbeArgument::Kind;

struct Escape {
  char letter;
  char meant;
};
constexpr Escape kEscapes[] = {{'t', '\t'}, {'n', '\n'}, {'\\', '\\'}};

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const Escape* found = nullptr;
    for (const Escape& escape : kEscapes)
      if (escape.meant == c) found = &escape;
    out += found == nullptr ? std::string(1, c) : std::string("\\") + found->letter;
  }
  return out;
}

Result<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    const Escape* found = nullptr;
    for (const Escape& escape : kEscapes)
      if (i + 1 < text.size() && escape.letter == text[i + 1]) found = &escape;
    if (found == nullptr) return Error{"a backslash before nothing that it escapes", std::string(text), 0, {}};
    out += found->meant;
    ++i;
  }
  return out;
}

std::string hex(const std::string& bytes) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string out;
  for (const unsigned char byte : bytes) out += {kDigits[byte >> 4], kDigits[byte & 15]};
  return out;
}

Result<std::string> from_hex(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    unsigned char byte = 0;
    const auto [end, failed] = std::from_chars(text.data() + i, text.data() + std::min(i + 2, text.size()), byte, 16);
    if (failed != std::errc{} || end != text.data() + i + 2) return Error{"no pairs of hexadecimal digits", std::string(text), 0, {}};
    out += static_cast<char>(byte);
  }
  return out;
}

Result<std::uint64_t> number(std::string_view text) {
  const bool negative = text.starts_with('-');
  std::string_view digits = text.substr(negative ? 1 : 0);
  const int base = digits.starts_with("0x") ? 16 : 10;
  if (base == 16) digits.remove_prefix(2);
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (failed != std::errc{} || end != digits.data() + digits.size()) return Error{"no number", std::string(text), 0, {}};
  return negative ? ~value + 1 : value;
}

std::string argument_text(const ProbeArgument& argument) {
  switch (argument.kind) {
    case Kind::number: return "n:" + std::to_string(argument.number);
    case Kind::text: return "t:" + escaped(argument.text);
    case Kind::bytes: return "b:" + hex(argument.text);
    case Kind::zeros: return "z:" + std::to_string(argument.number);
  }
  return {};
}

Result<ProbeArgument> parse_argument(std::string_view text) {
  if (text.size() < 2 || text[1] != ':') return Error{"no argument", std::string(text), 0, {}};
  const std::string_view rest = text.substr(2);
  ProbeArgument out;
  switch (text[0]) {
    case 'n': out.kind = Kind::number; out.number = TRY(number(rest)); return out;
    case 'z': out.kind = Kind::zeros; out.number = TRY(number(rest)); return out;
    case 't': out.kind = Kind::text; out.text = TRY(unescaped(rest)); return out;
    case 'b': out.kind = Kind::bytes; out.text = TRY(from_hex(rest)); return out;
  }
  return Error{"no kind of argument", std::string(text), 0, {}};
}

}  // namespace

std::string request_line(const ProbeRequest& act) {
  std::string line = act.id + (act.kind == ProbeRequest::Kind::call ? "\tcall\t" : "\tprobe\t") + act.name;
  for (const ProbeArgument& argument : act.arguments) line += "\t" + argument_text(argument);
  return line;
}

Result<ProbeRequest> parse_request(std::string_view line) {
  const std::vector<std::string> words = base::split(line, '\t');
  if (words.size() < 3 || words[0].empty() || words[2].empty()) return Error{"not ID, kind and name", std::string(line), 0, {}};
  ProbeRequest act;
  act.id = words[0];
  if (words[1] != "call" && words[1] != "probe") return Error{"neither call nor probe", words[1], 0, {}};
  act.kind = words[1] == "call" ? ProbeRequest::Kind::call : ProbeRequest::Kind::probe;
  act.name = words[2];
  for (std::size_t i = 3; i < words.size(); ++i) {
    ProbeArgument argument = TRY(parse_argument(words[i]));
    act.arguments.push_back(std::move(argument));
  }
  return act;
}

}  // namespace harness
