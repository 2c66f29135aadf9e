#include "profiles/load/compose.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "profiles/load/groups.h"
#include "profiles/load/layers.h"
#include "profiles/load/reader.h"

namespace profiles {

namespace {

// The three answers to a system call. Each call has one: the highest layer that names it decides.
struct Decisions {
  Policy& policy;
  Origins& origins;

  static constexpr std::string_view kLists[] = {"allow", "report", "absent"};

  std::vector<std::string> names(std::string_view list) const {
    if (list == "report") return policy.syscalls.report;
    if (list == "absent") return policy.syscalls.absent;
    std::vector<std::string> allowed;
    for (const SyscallGrant& grant : policy.syscalls.allow) allowed.push_back(grant.name);
    return allowed;
  }
  static std::string key(std::string_view list, const std::string& name) {
    return item_below("syscalls." + std::string(list), name);
  }
  const Origin& origin(std::string_view list, const std::string& name) const {
    return origins.all().at(key(list, name));
  }
  void erase(std::string_view list, const std::string& name) {
    if (list == "allow")
      std::erase_if(policy.syscalls.allow, [&](const SyscallGrant& grant) { return grant.name == name; });
    if (list == "report") std::erase(policy.syscalls.report, name);
    if (list == "absent") std::erase(policy.syscalls.absent, name);
    origins.erase_tree(key(list, name));
  }
};

std::string with_group(const std::string& name, const Origin& origin) {
  return "`" + name + "`" + (origin.through.empty() ? "" : " (of " + origin.through + ")");
}

// After `file` was read: what it decides about a call replaces what the layers below decided.
void settle(Decisions decisions, const std::string& file, base::Diagnostics& diagnostics) {
  const auto decided_here = [&](std::string_view list, const std::string& name) {
    return decisions.origin(list, name).where.file == file;
  };
  for (const std::string_view list : Decisions::kLists) {
    for (const std::string_view other : Decisions::kLists) {
      if (list == other) continue;
      const std::vector<std::string> also = decisions.names(other);
      const std::set<std::string> others(also.begin(), also.end());
      for (const std::string& name : decisions.names(list)) {
        if (!others.contains(name) || !decided_here(list, name)) continue;
        if (!decided_here(other, name)) {
          decisions.erase(other, name);
        } else if (list < other) {  // once for both directions
          const Origin& origin = decisions.origin(other, name);
          diagnostics.error(origin.where, "syscalls." + std::string(other),
                            with_group(name, origin) + " is also in syscalls." + std::string(list) + " at " +
                                decisions.origin(list, name).where.text(),
                            "keep it in one of them; instead of a group, list those of its names that are meant");
        }
      }
    }
  }
}

// What the layers so far say about calls; the next one is compared with it.
struct Below {
  std::set<std::string> allowed;
  std::map<std::string, Origin> reported, absent;  // by any layer
  std::map<std::string, LowerRule> rules;          // one that a layer outside the catalog removed is still here
};

void note_overridden_reports(Composed& composed, const Decisions& decisions, const Below& below,
                             const std::string& file) {
  for (const std::string& name : decisions.names("allow"))
    if (const auto reported = below.reported.find(name);
        reported != below.reported.end() && decisions.origin("allow", name).where.file == file)
      composed.overridden_reports[name] = reported->second;
  for (const std::string& name : decisions.names("report")) composed.overridden_reports.erase(name);
}

void note_widening(Composed& composed, const Below& below) {
  for (const SyscallGrant& grant : composed.policy.syscalls.allow) {
    if (below.allowed.contains(grant.name)) continue;
    const auto absent = below.absent.find(grant.name);
    composed.added_calls[grant.name] = {composed.layers.back(),
                                        absent == below.absent.end() ? Origin{} : absent->second};
  }
  composed.removed_rules = below.rules;
  for (const ArgumentRule& rule : composed.policy.syscalls.arguments) {
    composed.removed_rules.erase(rule.item_name());
    const auto lower = below.rules.find(rule.item_name());
    if (lower == below.rules.end()) continue;
    if (lower->second.rule.one_of != rule.one_of || lower->second.rule.none_of != rule.none_of)
      composed.changed_rules[rule.item_name()] = lower->second;
  }
}

void add_layer(Below& below, const Composed& composed, const Decisions& decisions, bool may_remove_rules) {
  const std::vector<std::string> allowed = decisions.names("allow");
  below.allowed = {allowed.begin(), allowed.end()};
  for (const std::string& name : decisions.names("report")) below.reported[name] = decisions.origin("report", name);
  for (const std::string& name : decisions.names("absent")) below.absent[name] = decisions.origin("absent", name);
  if (may_remove_rules) below.rules.clear();
  for (const ArgumentRule& rule : composed.policy.syscalls.arguments)
    below.rules[rule.item_name()] = {rule, composed.origins.find(item_below("syscalls.arguments", rule.item_name()))};
}

bool is_of_catalog(const std::string& catalog, const std::string& file) {
  const auto folder_of = [](const std::filesystem::path& path) { return path.lexically_normal().parent_path(); };
  return folder_of(file) == folder_of(catalog + "/any.yaml");
}

std::string stem_of(const std::string& file) {
  const std::string name = file.substr(file.find_last_of('/') + 1);
  return name.ends_with(".yaml") ? name.substr(0, name.size() - 5) : name;
}

void settle_name(Composed& composed, const std::string& file, base::Diagnostics& diagnostics) {
  const bool given = !composed.policy.name.empty();
  if (!given) composed.policy.name = stem_of(file);
  const std::string& name = composed.policy.name;
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const bool characters = std::all_of(name.begin(), name.end(), [&](char c) { return plain(c) || c == '-'; });
  if (!name.empty() && name.size() <= 32 && plain(name.front()) && characters) return;
  const base::Position where = given ? composed.origins.find("name").where : base::Position{file, 0, 0};
  diagnostics.error(where, "name", "`" + name + "` is not a name" + (given ? "" : " (it comes from the file's)"),
                    std::string(given ? "write" : "rename the file, or add name: with") +
                        " 1 to 32 of a-z, 0-9 and -, not beginning with -");
}

}  // namespace

Composed compose(const std::string& catalog, const ReadFile& read_file, const std::string& file,
                 base::Diagnostics& diagnostics, const DocumentStore& store) {
  Composed composed;
  SyscallGroups groups(catalog + "/syscalls.yaml", read_file, store);
  Below below;
  Reading reading{diagnostics, composed.origins};
  for (Layer& layer : read_layers(catalog, read_file, store, file, diagnostics)) {
    groups.expand(layer.document, diagnostics);
    // A name is the file's own: what it extends was the name of another.
    composed.policy.name.clear();
    composed.origins.erase("name");
    read(composed.policy, layer.document, {}, reading);

    const Decisions decisions{composed.policy, composed.origins};
    settle(decisions, layer.file, diagnostics);
    note_overridden_reports(composed, decisions, below, layer.file);
    const bool needs_reasons = !composed.layers.empty() && !is_of_catalog(catalog, layer.file);
    if (needs_reasons) note_widening(composed, below);
    add_layer(below, composed, decisions, !needs_reasons);
    composed.layers.push_back(layer.file);
  }
  settle_name(composed, file, diagnostics);
  return composed;
}

}  // namespace profiles
