#include "profiles/load/to_document.h"

#include "profiles/load/encode.h"
#include "profiles/load/field_addresses.h"
#include "profiles/load/kinds.h"

namespace profiles {

namespace {

class Walk {
 public:
  Walk(Node& mapping, std::string path, const Origins* origins, const std::vector<const void*>& untouched)
      : mapping_(mapping), path_(std::move(path)), origins_(origins), untouched_(untouched) {}

  template <class T>
  void field(std::string_view key, T& value, std::string_view) {
    const T& plain = *static_cast<const T*>(untouched_[visited_++]);
    const std::string path = key_below(path_, key);
    const bool authored = origins_ != nullptr && ScalarValue<T> && origins_->all().contains(path);
    if (value == plain && !authored && !DescribedStruct<T>) return;
    Node node = node_of(value, path);
    if (DescribedStruct<T> && node.entries.empty()) return;
    add(mapping_, std::string(key), std::move(node));
  }
  template <class T>
  void title(std::string_view key, T& value, std::string_view help) {
    field(key, value, help);
  }
  void words(std::string_view key, std::vector<std::string>& value, std::string_view) {
    if (value == *static_cast<const std::vector<std::string>*>(untouched_[visited_++])) return;
    Node node;
    node.kind = Node::Kind::sequence;
    for (const std::string& word : value) node.items.push_back(encode(word));
    mark(node, key_below(path_, key));
    add(mapping_, std::string(key), std::move(node));
  }

 private:
  static void add(Node& mapping, std::string key, Node value) {
    Entry& entry = mapping.entries.emplace_back();
    entry.key = std::move(key);
    entry.value = std::move(value);
  }

  template <ScalarValue T>
  Node node_of(const T& value, const std::string& path) const {
    Node node = encode(value);
    mark(node, path);
    return node;
  }

  template <DescribedStruct T>
  Node node_of(const T& value, const std::string& path) const {
    Node node;
    node.kind = Node::Kind::mapping;
    T plain{}, copy = value;
    FieldAddresses addresses;
    describe(addresses, plain);
    Walk below(node, path, origins_, addresses.fields);
    describe(below, copy);
    return node;
  }

  template <class T>
  Node node_of(const std::optional<T>& value, const std::string& path) const {
    return value ? node_of(*value, path) : Node{};
  }

  template <class T>
  Node node_of(const std::vector<T>& list, const std::string& path) const {
    Node node;
    node.kind = Node::Kind::sequence;
    mark(node, path);
    for (const T& item : list) node.items.push_back(item_of(item, item_below(path, name_of(item))));
    return node;
  }

  template <class T>
  Node node_of(const std::map<std::string, T>& map, const std::string& path) const {
    Node node;
    node.kind = Node::Kind::mapping;
    for (const auto& [key, value] : map) add(node, key, node_of(value, item_below(path, key)));
    return node;
  }

  template <class T>
  Node item_of(const T& item, const std::string& path) const {
    Node node = node_of(item, path);
    if constexpr (DescribedStruct<T>) {
      // A bare scalar where nothing but the title is said.
      if (node.entries.size() == 1 && node.entries[0].key == title_of<T>()) node = Node(node.entries[0].value);
      mark(node, path);
    }
    return node;
  }

  void mark(Node& node, const std::string& path) const {
    if (origins_ == nullptr) return;
    const Origin origin = origins_->find(path);
    node.where = origin.where;
    node.through = origin.through;
  }

  Node& mapping_;
  std::string path_;
  const Origins* origins_;
  const std::vector<const void*>& untouched_;
  std::size_t visited_ = 0;
};

}  // namespace

Node to_document(const Policy& policy, const Origins* origins) {
  Node document;
  document.kind = Node::Kind::mapping;
  Policy untouched, copy = policy;
  FieldAddresses addresses;
  describe(addresses, untouched);
  Walk walk(document, {}, origins, addresses.fields);
  describe(walk, copy);
  return document;
}

}  // namespace profiles
