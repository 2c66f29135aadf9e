#include "profiles/load/document_store.h"

#include <string_view>

#include "profiles/load/bytes.h"

namespace profiles {

namespace {

constexpr int kDeepest = 64;  // the reader refuses deeper documents

class Encoder {
 public:
  void node(const Node& node) {
    out.number(static_cast<std::uint32_t>(node.kind) | (node.quoted ? 8u : 0u) | (node.omitted ? 16u : 0u));
    place(node.where);
    out.text(node.text);
    out.number(static_cast<std::uint32_t>(node.items.size()));
    for (const Node& item : node.items) this->node(item);
    out.number(static_cast<std::uint32_t>(node.entries.size()));
    for (const Entry& entry : node.entries) {
      out.text(entry.key);
      place(entry.where);
      this->node(entry.value);
    }
  }
  ByteWriter out;

 private:
  void place(const base::Position& where) {
    out.number(static_cast<std::uint32_t>(where.line));
    out.number(static_cast<std::uint32_t>(where.column));
  }
};

class Decoder {
 public:
  Decoder(std::string_view bytes, const std::string& file) : in_(bytes), file_(file) {}

  bool node(Node& node, int depth) {
    const std::uint32_t head = in_.number();
    if (depth > kDeepest || head > 31 || (head & 4) != 0) return false;
    node.kind = static_cast<Node::Kind>(head & 3);
    node.quoted = (head & 8) != 0;
    node.omitted = (head & 16) != 0;
    node.where = place();
    node.text = in_.text();
    node.items.resize(in_.count(kSmallestNode));
    for (Node& item : node.items)
      if (!this->node(item, depth + 1)) return false;
    node.entries.resize(in_.count(kSmallestNode));
    for (Entry& entry : node.entries) {
      entry.key = in_.text();
      entry.where = place();
      if (!this->node(entry.value, depth + 1)) return false;
    }
    return !in_.failed();
  }
  bool at_end() const { return in_.at_end(); }

 private:
  static constexpr std::size_t kSmallestNode = 20;

  base::Position place() {
    const auto line = static_cast<int>(in_.number());
    const auto column = static_cast<int>(in_.number());
    return {file_, line, column};
  }

  ByteReader in_;
  const std::string& file_;
};

}  // namespace

std::string encode_tree(const Node& root) {
  Encoder encoder;
  encoder.node(root);
  return std::move(encoder.out.bytes);
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
