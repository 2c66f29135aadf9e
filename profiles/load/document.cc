#include "profiles/load/document.h"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <optional>
#include <sstream>

#include "profiles/base/text.h"
#include "profiles/base/utf8.h"
#include "profiles/load/tree_builder.h"

namespace profiles {

namespace {

constexpr std::size_t kLargest = 1024 * 1024;

base::Position place_of(const std::string& file, std::string_view text, std::size_t offset) {
  base::Position where{file, 1, 1};
  for (const char c : text.substr(0, offset)) {
    where.column = c == '\n' ? 1 : where.column + 1;
    where.line += c == '\n';
  }
  return where;
}

// yaml-cpp guesses encodings, takes a 0x04 for the end of the file and passes control characters on: none gets there.
bool check_bytes(const std::string& file, std::string_view text, base::Diagnostics& diagnostics) {
  if (text.size() > kLargest) {
    diagnostics.error({file, 0, 0}, {}, "larger than 1 MiB", "a profile is a few hundred lines");
    return false;
  }
  for (std::size_t at = 0; at < text.size();) {
    const base::CodePoint point = base::decode_utf8(text.substr(at));
    const bool layout = point.value == '\n' || point.value == '\r' || point.value == '\t';
    if (point.length == 0) {
      diagnostics.error(place_of(file, text, at), {}, "not UTF-8", "save the file as UTF-8");
      return false;
    }
    if (base::is_control(point.value) && !layout) {
      diagnostics.error(place_of(file, text, at), {}, "a control character",
                        "remove it, or write it as an escape in double quotes");
      return false;
    }
    at += point.length;
  }
  return true;
}

// The parser's own words for it are "illegal map value", at another place.
std::optional<base::Position> indenting_tab(const std::string& file, const std::string& text) {
  int number = 0;
  for (const std::string& line : base::split(text, '\n')) {
    ++number;
    const std::size_t tab = line.find_first_not_of(' ');
    if (tab != line.npos && line[tab] == '\t') return base::Position{file, number, static_cast<int>(tab) + 1};
  }
  return std::nullopt;
}

void report_refusal(const std::string& file, const std::string& text, const YAML::Exception& refused, base::Diagnostics& diagnostics) {
  if (const auto tab = indenting_tab(file, text)) {
    diagnostics.error(*tab, {}, "not YAML: a tab indents this line", "write spaces instead");
    return;
  }
  base::Position where{file, 0, 0};
  if (!refused.mark.is_null()) where = {file, refused.mark.line + 1, refused.mark.column + 1};
  diagnostics.error(where, {}, "not YAML: " + refused.msg, "correct the spelling here or just above");
}

bool parse(const std::string& file, const std::string& text, TreeBuilder& builder, base::Diagnostics& diagnostics) {
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    // The second call is there to find what follows the first document.
    while (builder.documents() < 2 && parser.HandleNextDocument(builder)) {
    }
    return true;
  } catch (const YAML::Exception& refused) {
    // A nesting bomb ends here as well; it has been named already.
    if (!builder.failed()) report_refusal(file, text, refused, diagnostics);
    return false;
  }
}

}  // namespace

const Entry* Node::find(std::string_view key) const {
  for (const Entry& entry : entries)
    if (entry.key == key) return &entry;
  return nullptr;
}

std::string_view kind_name(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return "nothing";
    case Node::Kind::scalar:
      return "a single value";
    case Node::Kind::sequence:
      return "a list";
    case Node::Kind::mapping:
      return "a mapping";
  }
  return "";
}

std::optional<Node> read_document(const std::string& file, const std::string& authored,
                                  base::Diagnostics& diagnostics) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  const std::string text = authored.starts_with(kByteOrderMark) ? authored.substr(kByteOrderMark.size()) : authored;
  if (!check_bytes(file, text, diagnostics)) return std::nullopt;
  TreeBuilder builder(file, text, diagnostics);
  if (!parse(file, text, builder, diagnostics) || builder.failed()) return std::nullopt;
  Node root = builder.take_root();
  if (builder.documents() == 0 || root.kind == Node::Kind::null) {
    diagnostics.error({file, 0, 0}, {}, "empty", "write at least `extends: php-fpm`");
    return std::nullopt;
  }
  if (root.kind != Node::Kind::mapping) {
    diagnostics.error(root.where, {}, "a profile is a mapping, this is " + std::string(kind_name(root)),
                      "write KEY: VALUE");
    return std::nullopt;
  }
  return root;
}

}  // namespace profiles
