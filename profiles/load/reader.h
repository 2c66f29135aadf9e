// The reader: a visitor of describe() that puts a document's values onto a facet, in place. What the document does not
// say stays as the layer below left it. Every mistake is reported; what is wrong is passed over.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "profiles/base/diagnostics.h"
#include "profiles/load/decode.h"
#include "profiles/load/document.h"
#include "profiles/load/kinds.h"
#include "profiles/load/origins.h"

namespace profiles {

struct Reading {
  base::Diagnostics& diagnostics;
  Origins& origins;

  void refuse(const Node& node, const std::string& path, Refusal refusal) {
    diagnostics.error(node.where, path, std::move(refusal.what), std::move(refusal.fix));
  }
  void set_origin(const std::string& path, const Node& node) { origins.set(path, {node.where, node.through}); }
};

// The parts that need no type; in reader.cc.
bool expect_kind(Node::Kind kind, const Node& node, const std::string& path, Reading& reading);
void report_unknown(const Entry& entry, const std::string& path, std::vector<std::string> known,
                    Reading& reading);
void report_absent(const Node& node, const std::string& path, const std::string& name,
                   const std::vector<std::string>& present, Reading& reading);
// The items of a sequence; one that is itself a sequence counts as its items.
std::vector<const Node*> flatten(const Node& sequence);
// The three ways in which a list is changed, whatever the spelling. nullptr: not there.
struct ListChange {
  const Node* set = nullptr;
  const Node* remove = nullptr;
  const Node* add = nullptr;
};
ListChange list_change(const Node& node, const std::string& path, Reading& reading);

template <DescribedStruct T>
void read(T& facet, const Node& node, const std::string& path, Reading& reading);

template <ScalarValue T>
void read(T& value, const Node& node, const std::string& path, Reading& reading) {
  if (!expect_kind(Node::Kind::scalar, node, path, reading)) return;
  if (auto refusal = decode(node, value)) return reading.refuse(node, path, std::move(*refusal));
  reading.set_origin(path, node);
}

template <class T>
void read(std::optional<T>& value, const Node& node, const std::string& path, Reading& reading) {
  if (node.kind == Node::Kind::null && !node.omitted) {
    value.reset();
    return reading.set_origin(path, node);
  }
  T given{};
  const std::size_t before = reading.diagnostics.all().size();
  read(given, node, path, reading);
  if (reading.diagnostics.all().size() == before) value = given;
}

template <class T>
void read(std::map<std::string, T>& map, const Node& node, const std::string& path, Reading& reading) {
  if (!expect_kind(Node::Kind::mapping, node, path, reading)) return;
  for (const Entry& entry : node.entries) {
    const std::string item = item_below(path, entry.key);
    if (entry.value.kind != Node::Kind::null || entry.value.omitted) {
      T value{};
      if (const auto there = map.find(entry.key); there != map.end()) value = there->second;
      const std::size_t before = reading.diagnostics.all().size();
      read(value, entry.value, item, reading);
      if (reading.diagnostics.all().size() != before) continue;
      map[entry.key] = std::move(value);
      if constexpr (DescribedStruct<T>) reading.origins.set(item, {entry.where, {}});
    } else if (map.erase(entry.key) != 0) {
      reading.origins.erase_tree(item);
    } else {
      std::vector<std::string> present;
      for (const auto& [key, value] : map) present.push_back(key);
      report_absent(entry.value, path, entry.key, present, reading);
    }
  }
}

// An item of a list; nullopt when it is wrong. Its origins go to `origins`, under its name.
template <ScalarValue T>
std::optional<T> read_item(const Node& node, const std::string& path, Reading& reading, Origins& origins) {
  T item{};
  if (!expect_kind(Node::Kind::scalar, node, path, reading)) return std::nullopt;
  if (auto refusal = decode(node, item)) {
    reading.refuse(node, path, std::move(*refusal));
    return std::nullopt;
  }
  origins.set(item_below(path, name_of(item)), {node.where, node.through});
  return item;
}

template <DescribedStruct T>
std::optional<T> read_item(const Node& authored, const std::string& path, Reading& reading, Origins& origins) {
  Node node = authored;
  const std::string_view title = title_of<T>();
  if (node.kind == Node::Kind::scalar && !title.empty()) {
    node.kind = Node::Kind::mapping;
    node.entries = {{std::string(title), authored.where, authored}};
  }
  // Read twice: the first time, silently, for the name under which the second reports.
  base::Diagnostics silent;
  Origins nowhere;
  Reading first{silent, nowhere};
  T named{};
  read(named, node, path, first);
  const std::string item_path = item_below(path, name_of(named));

  T item{};
  Reading second{reading.diagnostics, origins};
  const std::size_t before = reading.diagnostics.all().size();
  read(item, node, item_path, second);
  if (node.kind == Node::Kind::mapping && !title.empty() && node.find(title) == nullptr)
    reading.refuse(node, path, {"an item without `" + std::string(title) + "`", "add " + std::string(title) + ":"});
  origins.set(item_path, {authored.where, authored.through});
  if (reading.diagnostics.all().size() != before) return std::nullopt;
  return item;
}

template <class T>
typename std::vector<T>::iterator find_item(std::vector<T>& list, const std::string& name) {
  auto at = list.begin();
  while (at != list.end() && name_of(*at) != name) ++at;
  return at;
}

template <class T>
void add_items(std::vector<T>& list, const Node& node, const std::string& path, Reading& reading,
               std::map<std::string, const Node*>& seen) {
  for (const Node* one : flatten(node)) {
    Origins origins;
    std::optional<T> item = read_item<T>(*one, path, reading, origins);
    if (!item) continue;
    const std::string name = name_of(*item);
    const auto [first, is_new] = seen.emplace(name, one);
    const bool by_group = !one->through.empty() || !first->second->through.empty();
    if (!is_new && !by_group) {  // groups overlap, and a group may hold what is also written out
      reading.refuse(*one, item_below(path, name),
                     {"listed twice", "keep one; the first is at " + first->second->where.text()});
      continue;
    }
    const auto there = find_item(list, name);
    if (there != list.end()) {
      // What is written out says more than what a group brings.
      if (ScalarValue<T> || (!is_new && !one->through.empty())) continue;
      *there = std::move(*item);
    } else {
      list.push_back(std::move(*item));
    }
    reading.origins.erase_tree(item_below(path, name));
    for (const auto& [key, origin] : origins.all()) reading.origins.set(key, origin);
  }
}

template <class T>
void remove_items(std::vector<T>& list, const Node& node, const std::string& path, Reading& reading) {
  for (const Node* one : flatten(node)) {
    if (!expect_kind(Node::Kind::scalar, *one, path, reading)) continue;
    const auto there = find_item(list, one->text);
    if (there != list.end()) {
      list.erase(there);
      reading.origins.erase_tree(item_below(path, one->text));
    } else if (one->through.empty()) {  // of a group, whatever is there goes
      std::vector<std::string> present;
      for (const T& item : list) present.push_back(name_of(item));
      report_absent(*one, path, one->text, present, reading);
    }
  }
}

template <class T>
void read(std::vector<T>& list, const Node& node, const std::string& path, Reading& reading) {
  const ListChange change = list_change(node, path, reading);
  std::map<std::string, const Node*> seen;
  if (change.set != nullptr) {
    for (const T& item : list) reading.origins.erase_tree(item_below(path, name_of(item)));
    list.clear();
    add_items(list, *change.set, path, reading, seen);
  }
  if (change.remove != nullptr) remove_items(list, *change.remove, path, reading);
  if (change.add != nullptr) add_items(list, *change.add, path, reading, seen);
}

class MappingReader {
 public:
  MappingReader(const Node& node, const std::string& path, Reading& reading)
      : node_(node), path_(path), reading_(reading) {}

  template <class T>
  void field(std::string_view key, T& value, std::string_view) {
    const Entry* entry = entry_of(key);
    if (entry == nullptr) return;
    // Sections and lists have an origin too: where to look when something in them is missing.
    if constexpr (!ScalarValue<T>) reading_.origins.set(key_below(path_, key), {entry->where, {}});
    read(value, entry->value, key_below(path_, key), reading_);
  }

  template <class T>
  void title(std::string_view key, T& value, std::string_view help) {
    field(key, value, help);
    const Entry* entry = node_.find(key);
    if (entry != nullptr && entry->value.kind == Node::Kind::scalar && entry->value.text.empty())
      reading_.refuse(entry->value, key_below(path_, key), {"an empty name", "write one, or remove the item"});
  }

  void words(std::string_view key, std::vector<std::string>& value, std::string_view) {
    const Entry* entry = entry_of(key);
    const std::string path = key_below(path_, key);
    if (entry == nullptr || !expect_kind(Node::Kind::sequence, entry->value, path, reading_)) return;
    std::vector<std::string> words;
    for (const Node& word : entry->value.items) {
      if (!expect_kind(Node::Kind::scalar, word, path, reading_)) return;
      words.push_back(word.text);
    }
    value = std::move(words);
    reading_.set_origin(path, entry->value);
  }

  void finish() {
    for (const Entry& entry : node_.entries)
      if (std::find(known_.begin(), known_.end(), entry.key) == known_.end())
        report_unknown(entry, path_, known_, reading_);
  }

 private:
  const Entry* entry_of(std::string_view key) {
    known_.emplace_back(key);
    return node_.find(key);
  }

  const Node& node_;
  const std::string& path_;
  Reading& reading_;
  std::vector<std::string> known_;
};

template <DescribedStruct T>
void read(T& facet, const Node& node, const std::string& path, Reading& reading) {
  if (!expect_kind(Node::Kind::mapping, node, path, reading)) return;
  MappingReader reader(node, path, reading);
  describe(reader, facet);
  reader.finish();
}

}  // namespace profiles
