#include "profiles/load/groups.h"

#include "profiles/kernel/syscall_names.h"
#include "profiles/load/reader.h"

namespace profiles {

namespace {

struct Group {
  std::string help;
  std::vector<std::string> names;
};
template <class V>
void describe(V& v, Group& f) {
  v.field("help", f.help, "What these calls do.");
  v.field("names", f.names, "The calls.");
}
struct GroupFile {
  std::map<std::string, Group> groups;
};
template <class V>
void describe(V& v, GroupFile& f) {
  v.field("groups", f.groups, "By name, with the @.");
}

constexpr std::string_view kExpanded[] = {"allow", "report", "absent"};

std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates, std::string otherwise) {
  const std::string near = base::nearest(word, candidates);
  return near.empty() ? std::move(otherwise) : "did you mean `" + near + "`?";
}

Node* value_of(Node& node, std::string_view key) {
  for (Entry& entry : node.entries)
    if (entry.key == key) return &entry.value;
  return nullptr;
}

// What names an item: itself, or its `name`. nullptr: the reader will say what is wrong with it.
Node* naming(Node& item) {
  Node* const name = item.kind == Node::Kind::mapping ? value_of(item, "name") : &item;
  return name != nullptr && name->kind == Node::Kind::scalar ? name : nullptr;
}

}  // namespace

void SyscallGroups::load(base::Diagnostics& diagnostics) {
  groups_.emplace();
  const auto text = read_(file_);
  is_unreadable_ = true;
  if (!text.ok()) return diagnostics.error({file_, 0, 0}, {}, "cannot be read: " + text.error().text(), {});
  const auto document = read_document(file_, text.value(), store_, diagnostics);
  if (!document) return;
  is_unreadable_ = false;
  Origins origins;
  Reading reading{diagnostics, origins};
  GroupFile content;
  read(content, *document, {}, reading);
  for (const auto& [name, group] : content.groups) {
    for (const std::string& call : group.names)
      if (!is_syscall_anywhere(call)) {
        const std::string key = item_below("groups", name) + ".names";
        diagnostics.error(origins.find(item_below(key, call)).where, key, "`" + call + "` is no system call",
                          did_you_mean(call, native_syscall_names(), "remove it"));
      }
    groups_->emplace(name, group.names);
  }
}

std::vector<std::string> SyscallGroups::names_of_item(const std::string& name, const base::Position& where,
                                                      base::Diagnostics& diagnostics) {
  if (!name.starts_with('@')) {
    if (is_syscall_anywhere(name)) return {name};
    diagnostics.error(where, "syscalls", "`" + name + "` is no system call of any architecture",
                      did_you_mean(name, native_syscall_names(), "`man 2 syscalls` lists them"));
    return {};
  }
  if (!groups_) load(diagnostics);
  if (const auto found = groups_->find(name); found != groups_->end()) return found->second;
  if (is_unreadable_) return {};
  std::vector<std::string> known;
  for (const auto& [group, names] : *groups_) known.push_back(group);
  diagnostics.error(where, "syscalls", "there is no group `" + name + "`",
                    did_you_mean(name, known, known.empty() ? "list the calls" : "known: " + base::join(known, ", ")));
  return {};
}

void SyscallGroups::expand_list(Node& sequence, base::Diagnostics& diagnostics) {
  std::vector<Node> expanded;
  for (Node& item : sequence.items) {
    if (item.kind == Node::Kind::sequence) expand_list(item, diagnostics);
    Node* const name = item.kind == Node::Kind::sequence ? nullptr : naming(item);
    if (name == nullptr || name->text.empty()) {
      expanded.push_back(std::move(item));
      continue;
    }
    const std::string authored = name->text;
    for (const std::string& call : names_of_item(authored, name->where, diagnostics)) {
      name->text = call;
      if (authored.starts_with('@')) item.through = authored;
      expanded.push_back(item);
    }
  }
  sequence.items = std::move(expanded);
}

void SyscallGroups::expand(Node& profile, base::Diagnostics& diagnostics) {
  Node* const syscalls = value_of(profile, "syscalls");
  if (syscalls == nullptr) return;
  for (const std::string_view key : kExpanded) {
    Node* const list = value_of(*syscalls, key);
    if (list == nullptr) continue;
    if (list->kind == Node::Kind::sequence) expand_list(*list, diagnostics);
    for (Entry& change : list->entries)  // add, remove, set
      if (change.value.kind == Node::Kind::sequence) expand_list(change.value, diagnostics);
  }
}

}  // namespace profiles
