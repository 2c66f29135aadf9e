// Trees of documents that were read before, so that a start does not parse the catalog again. The tree is found by the
// document's whole text; whoever owns the store answers for nobody else writing to it.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "profiles/load/document.h"

namespace profiles {

struct DocumentStore {
  std::function<std::optional<std::string>(const std::string& text)> find;  // empty: nothing is kept
  std::function<void(const std::string& text, const std::string& encoded)> keep;
};

// read_document(), from the store where it has the text. What had mistakes or warnings is never kept.
std::optional<Node> read_document(const std::string& file, const std::string& text, const DocumentStore& store,
                                  base::Diagnostics& diagnostics);

// A tree as bytes, without the file's name; nullopt for bytes that encode_tree() would not have made.
std::string encode_tree(const Node& root);
std::optional<Node> decode_tree(const std::string& bytes, const std::string& file);

}  // namespace profiles
