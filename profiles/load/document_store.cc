#include "profiles/load/document_store.h"

#include <cstdint>
#include <cstring>
#include <string_view>

namespace profiles {

namespace {

constexpr int kDeepest = 64;  // the reader refuses deeper documents

class Encoder {
 public:
  void node(const Node& node) {
    number(static_cast<std::uint32_t>(node.kind) | (node.quoted ? 8u : 0u) | (node.omitted ? 16u : 0u));
    place(node.where);
    text(node.text);
    number(static_cast<std::uint32_t>(node.items.size()));
    for (const Node& item : node.items) this->node(item);
    number(static_cast<std::uint32_t>(node.entries.size()));
    for (const Entry& entry : node.entries) {
      text(entry.key);
      place(entry.where);
      this->node(entry.value);
    }
  }
  std::string bytes;

 private:
  void number(std::uint32_t value) { bytes.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void text(const std::string& value) {
    number(static_cast<std::uint32_t>(value.size()));
    bytes += value;
  }
  void place(const base::Position& where) {
    number(static_cast<std::uint32_t>(where.line));
    number(static_cast<std::uint32_t>(where.column));
  }
};

// Every count is held against what is left, so that no number makes it allocate more than the bytes could hold.
class Decoder {
 public:
  Decoder(std::string_view bytes, const std::string& file) : left_(bytes), file_(file) {}

  bool node(Node& node, int depth) {
    const std::uint32_t head = number();
    if (depth > kDeepest || head > 31 || (head & 4) != 0) return false;
    node.kind = static_cast<Node::Kind>(head & 3);
    node.quoted = (head & 8) != 0;
    node.omitted = (head & 16) != 0;
    node.where = place();
    node.text = text();
    node.items.resize(count());
    for (Node& item : node.items)
      if (!this->node(item, depth + 1)) return false;
    node.entries.resize(count());
    for (Entry& entry : node.entries) {
      entry.key = text();
      entry.where = place();
      if (!this->node(entry.value, depth + 1)) return false;
    }
    return !failed_;
  }
  bool at_end() const { return !failed_ && left_.empty(); }

 private:
  static constexpr std::size_t kSmallestNode = 20;

  std::uint32_t number() {
    std::uint32_t value = 0;
    if (left_.size() < sizeof value) {
      failed_ = true;
      return 0;
    }
    std::memcpy(&value, left_.data(), sizeof value);
    left_.remove_prefix(sizeof value);
    return value;
  }
  std::size_t count() {
    const std::uint32_t value = number();
    if (value > left_.size() / kSmallestNode) failed_ = true;
    return failed_ ? 0 : value;
  }
  std::string text() {
    const std::uint32_t size = number();
    if (size > left_.size()) failed_ = true;
    if (failed_) return {};
    std::string value(left_.substr(0, size));
    left_.remove_prefix(size);
    return value;
  }
  base::Position place() {
    const auto line = static_cast<int>(number());
    const auto column = static_cast<int>(number());
    return {file_, line, column};
  }

  std::string_view left_;
  const std::string& file_;
  bool failed_ = false;
};

}  // namespace

std::string encode_tree(const Node& root) {
  Encoder encoder;
  encoder.node(root);
  return std::move(encoder.bytes);
}

std::optional<Node> decode_tree(const std::string& bytes, const std::string& file) {
  Decoder decoder(bytes, file);
  Node root;
  if (!decoder.node(root, 0) || !decoder.at_end()) return std::nullopt;
  return root;
}

std::optional<Node> read_document(const std::string& file, const std::string& text, const DocumentStore& store,
                                  base::Diagnostics& diagnostics) {
  if (store.find) {
    if (const auto encoded = store.find(text))
      if (auto known = decode_tree(*encoded, file)) return known;
  }
  const std::size_t before = diagnostics.all().size();
  auto document = read_document(file, text, diagnostics);
  if (document && diagnostics.all().size() == before && store.keep) store.keep(text, encode_tree(*document));
  return document;
}

}  // namespace profiles
