// write(): a document as YAML text. Mappings are blocks, items of lists are in one line each or, when they are many
// words, wrapped; with origins every value stands on a line of its own, with its place behind it.
#include <algorithm>

#include "profiles/base/text.h"
#include "profiles/load/compose.h"
#include "profiles/load/encode.h"
#include "profiles/load/to_document.h"

namespace profiles {

namespace {

constexpr std::size_t kWidth = 100;

std::string key_text(const std::string& key) { return scalar_text(text_scalar(key)); }

// A value in flow style, as pieces between which a line may end.
using Pieces = std::vector<std::string>;

Pieces flow(const Node& node);

void append(Pieces& pieces, Pieces more, const std::string& before, const std::string& after) {
  more.front() = before + more.front();
  more.back() += after;
  pieces.insert(pieces.end(), more.begin(), more.end());
}

Pieces flow(const Node& node) {
  if (node.kind == Node::Kind::scalar) return {scalar_text(node)};
  if (node.kind == Node::Kind::null) return {"~"};
  const bool is_list = node.kind == Node::Kind::sequence;
  const std::size_t count = is_list ? node.items.size() : node.entries.size();
  if (count == 0) return {is_list ? "[]" : "{}"};
  Pieces pieces;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string begin = i == 0 ? (is_list ? "[" : "{") : "";
    const std::string end = i + 1 == count ? (is_list ? "]" : "}") : ",";
    if (is_list)
      append(pieces, flow(node.items[i]), begin, end);
    else
      append(pieces, flow(node.entries[i].value), begin + key_text(node.entries[i].key) + ": ", end);
  }
  return pieces;
}

class Emitter {
 public:
  explicit Emitter(bool annotated) : annotated_(annotated) {}

  void mapping(const Node& node, std::size_t indent) {
    for (const Entry& entry : node.entries) {
      const std::string head = std::string(indent, ' ') + key_text(entry.key) + ":";
      if (entry.value.kind == Node::Kind::mapping && !entry.value.entries.empty()) {
        text_ += head + "\n";
        mapping(entry.value, indent + 2);
      } else if (is_block_list(entry.value)) {
        text_ += head + "\n";
        list(entry.value, indent + 2);
      } else {
        line(head + " ", entry.value, indent + 2);
      }
    }
  }

  std::string take() { return std::move(text_); }

 private:
  static bool is_scalar(const Node& node) { return node.kind == Node::Kind::scalar; }

  bool is_block_list(const Node& node) const {
    if (node.kind != Node::Kind::sequence || node.items.empty()) return false;
    if (!annotated_) return !std::all_of(node.items.begin(), node.items.end(), is_scalar);
    // A command line has one place and stays in one line; the items of a list have their own.
    return std::any_of(node.items.begin(), node.items.end(), [](const Node& item) { return !item.where.file.empty(); });
  }

  void list(const Node& node, std::size_t indent) {
    const std::string head = std::string(indent, ' ') + "- ";
    for (auto at = node.items.begin(); at != node.items.end();) {
      // Neighbouring words share a nested list, which reads as its items.
      const auto end = annotated_ ? at : std::find_if_not(at, node.items.end(), is_scalar);
      if (end - at > 1) {
        Node words;
        words.kind = Node::Kind::sequence;
        words.items.assign(at, end);
        line(head, words, indent + 2);
        at = end;
      } else {
        line(head, *at, indent + 2);
        ++at;
      }
    }
  }

  void line(const std::string& head, const Node& node, std::size_t indent) {
    std::string current = head;
    bool is_first = true;
    for (const std::string& piece : flow(node)) {
      if (!is_first && !annotated_ && current.size() + 1 + piece.size() > kWidth) {
        text_ += current + "\n";
        current = std::string(indent, ' ') + piece;
      } else {
        current += (is_first ? "" : " ") + piece;
      }
      is_first = false;
    }
    text_ += current + comment(node) + "\n";
  }

  std::string comment(const Node& node) const {
    if (!annotated_ || node.where.file.empty()) return {};
    std::string place = "  # " + node.where.file + ":" + std::to_string(node.where.line);
    if (!node.through.empty()) place += " (" + node.through + ")";
    return base::escape_control(place);
  }

  bool annotated_;
  std::string text_;
};

std::string emit(const Node& document, bool annotated) {
  if (document.entries.empty()) return "{}\n";
  Emitter emitter(annotated);
  emitter.mapping(document, 0);
  return emitter.take();
}

}  // namespace

std::string write(const Policy& policy) { return emit(to_document(policy, nullptr), false); }
std::string write(const Policy& policy, const Origins& origins) { return emit(to_document(policy, &origins), true); }

}  // namespace profiles
