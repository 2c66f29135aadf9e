#include "launcher/harness/granted.h"

#include <algorithm>

namespace harness {
namespace {

using profiles::Composed;

// What a profile grants beyond the one below it says why (profiles/checks); the catalog's own lines need no reason.
template <class Item>
std::string line_of(const std::string& key, const Item& item, const Composed& pool) {
  const profiles::Origin origin = pool.origins.find(key + "[" + item.item_name() + "]");
  const std::string where = origin.where.text() + (origin.through.empty() ? "" : " through " + origin.through);
  return key + "[" + item.item_name() + "]" + (where.empty() ? "" : " (" + where + ")") + ": " + item.why;
}

template <class Item>
std::string find_line(const std::string& key, const std::vector<Item>& items, const std::string& call, const Composed& pool) {
  const auto at = std::find_if(items.begin(), items.end(), [&](const Item& item) { return item.name == call && !item.why.empty(); });
  return at == items.end() ? "" : line_of(key, *at, pool);
}

std::vector<std::string> calls_of(const Act& act) {
  std::vector<std::string> out = act.calls;
  if (act.native && !act.native->call.empty()) out.push_back(act.native->call);
  return out;
}

bool only_filter_stops(const Act& act) { return act.layers == std::vector<std::string>{"seccomp"}; }

}  // namespace

std::string granted_by(const Act& act, const Composed& pool) {
  if (!only_filter_stops(act)) return {};
  for (const std::string& call : calls_of(act)) {
    std::string line = find_line("syscalls.arguments", pool.policy.syscalls.arguments, call, pool);
    if (line.empty()) line = find_line("syscalls.allow", pool.policy.syscalls.allow, call, pool);
    if (!line.empty()) return line;
  }
  return {};
}

void settle_grant(ActResult& result, const Composed& pool) {
  if (result.verdict != Verdict::leaked) return;
  std::string line = granted_by(*result.act, pool);
  if (line.empty()) return;
  result.verdict = Verdict::granted;
  result.reason = std::move(line);
}

}  // namespace harness
