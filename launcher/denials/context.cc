#include "launcher/denials/context.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "profiles/base/text.h"

namespace launcher {
namespace {

constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_./-0123456789";

bool is_plain(std::string_view text) {
  const auto first_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '/' || c == '.' || c == '_'; };
  return !text.empty() && first_letter(text.front()) && text.find_first_not_of(kPlain) == text.npos && text != "NULL";
}

// Lists of hundreds of names whose items no explanation asks for: what is refused is not among them, and the list itself is
// what decided. Together they are most of a policy.
constexpr std::string_view kWithoutItems[] = {"syscalls.allow", "filesystem.system", "jobs", "environment", "expect"};

bool is_item_of_these(std::string_view key) {
  return std::any_of(std::begin(kWithoutItems), std::end(kWithoutItems), [&](std::string_view list) {
    return key.size() > list.size() && key.starts_with(list) && (key[list.size()] == '[' || key[list.size()] == '.');
  });
}

}  // namespace

DenialContext context_of(profiles::Policy policy, profiles::Origins origins, const FilterPlan& filter) {
  DenialContext out;
  out.policy = std::move(policy);
  out.origins = std::move(origins);
  for (const FilterRule& rule : filter.rules)
    if (rule.action == FilterRule::Action::allow && !rule.arguments.empty()) out.conditional.push_back(rule);
  return out;
}

void shed_long_lists(DenialContext& context) {
  context.policy.syscalls.allow = {};
  context.policy.syscalls.report = {};
  context.policy.filesystem.system = {};
  context.policy.jobs = {};
  context.policy.environment = {};
  context.policy.expect = {};
  context.origins.keep_only([](std::string_view key) { return !is_item_of_these(key); });
}

std::string decided_at(const DenialContext& context, const std::string& key, const std::string& item) {
  const profiles::Origin origin = context.origins.find(item.empty() ? key : key + "[" + item + "]");
  std::string where = origin.where.text();
  if (!origin.through.empty()) where += " through " + origin.through;
  return key + (where.empty() ? " (not set)" : " (" + where + ")");
}

std::string yaml_text(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  std::string out = "\"";
  for (const char c : base::escape_control(text)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace launcher
