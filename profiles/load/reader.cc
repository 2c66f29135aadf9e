#include "profiles/load/reader.h"

#include "profiles/load/compose.h"

namespace profiles {

namespace {

// "limits.memory.max" for "memory.max" written at a wrong place; "" when no key ends so.
std::string full_key(const std::string& key) {
  for (const std::string& known : all_keys())
    if (known == key || known.ends_with("." + key)) return known;
  return {};
}

std::string near_key(const std::string& key, const std::vector<std::string>& known) {
  if (const std::string near = base::nearest(key, known); !near.empty()) return near;
  for (const std::string& candidate : known)  // `memory: {max: ...}` for `memory.max`
    if (candidate.starts_with(key + ".")) return candidate;
  return {};
}

void flatten_into(const Node& node, std::vector<const Node*>& items) {
  for (const Node& item : node.items) {
    if (item.kind == Node::Kind::sequence)
      flatten_into(item, items);
    else
      items.push_back(&item);
  }
}

std::string_view example_of(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::null:
      return "write ~";
    case Node::Kind::scalar:
      return "write KEY: VALUE";
    case Node::Kind::sequence:
      return "write [FIRST, SECOND]";
    case Node::Kind::mapping:
      return "write {KEY: VALUE}";
  }
  return "";
}

}  // namespace

bool expect_kind(Node::Kind kind, const Node& node, const std::string& path, Reading& reading) {
  if (node.kind == kind) return true;
  Node expected;
  expected.kind = kind;
  const std::string wanted(kind_name(expected));
  if (node.kind == Node::Kind::null && node.omitted)
    reading.refuse(node, path, {"has no value, " + wanted + " belongs here", "write it, or remove the key"});
  else if (node.kind == Node::Kind::null)
    reading.refuse(node, path,
                   {"~ (null) means nothing here, " + wanted + " belongs here", "write it, or remove the key"});
  else
    reading.refuse(
        node, path,
        {"is " + std::string(kind_name(node)) + ", " + wanted + " belongs here", std::string(example_of(kind))});
  return false;
}

void report_unknown(const Entry& entry, const std::string& path, std::vector<std::string> known, Reading& reading) {
  std::string fix;
  if (path.empty()) known.insert(known.begin(), "extends");  // the one key that is no part of a policy
  if (const std::string near = near_key(entry.key, known); !near.empty())
    fix = "did you mean `" + near + "`?";
  else if (const std::string full = full_key(entry.key); !full.empty())
    fix = "did you mean `" + full + "`?";
  else if (path == "php")
    fix = "a setting of php.ini is written php: {admin_values: {" + entry.key + ": VALUE}}; known here: " + base::join(known, ", ");
  else
    fix = "known here: " + base::join(known, ", ");
  reading.diagnostics.error(entry.where, key_below(path, entry.key), "there is no such key", std::move(fix));
}

void report_absent(const Node& node, const std::string& path, const std::string& name,
                   const std::vector<std::string>& present, Reading& reading) {
  const std::string near = base::nearest(name, present);
  reading.refuse(node, path,
                 {"`" + name + "` cannot be removed, no layer below has it",
                  near.empty() ? "remove this line" : "did you mean `" + near + "`?"});
}

std::vector<const Node*> flatten(const Node& sequence) {
  std::vector<const Node*> items;
  flatten_into(sequence, items);
  return items;
}

ListChange list_change(const Node& node, const std::string& path, Reading& reading) {
  if (node.kind == Node::Kind::sequence) return {nullptr, nullptr, &node};
  if (node.kind == Node::Kind::null) {
    reading.refuse(node, path, {"has no value, a list belongs here", "write {set: []} to empty it, or remove the key"});
    return {};
  }
  if (!expect_kind(node.kind == Node::Kind::mapping ? Node::Kind::mapping : Node::Kind::sequence, node, path, reading))
    return {};
  ListChange change;
  for (const Entry& entry : node.entries) {
    const Node** const place = entry.key == "set"      ? &change.set
                               : entry.key == "remove" ? &change.remove
                               : entry.key == "add"    ? &change.add
                                                       : nullptr;
    if (place == nullptr)
      report_unknown(entry, path, {"add", "remove", "set"}, reading);
    else if (expect_kind(Node::Kind::sequence, entry.value, path, reading))
      *place = &entry.value;
  }
  return change;
}

}  // namespace profiles
