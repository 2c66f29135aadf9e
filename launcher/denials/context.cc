#include "launcher/denials/context.h"

#include <algorithm>

#include "profiles/base/text.h"

namespace launcher {
namespace {

constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_./-0123456789";

bool is_plain(std::string_view text) {
  const auto first_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '/' || c == '.' || c == '_'; };
  return !text.empty() && first_letter(text.front()) && text.find_first_not_of(kPlain) == text.npos && text != "NULL";
}

}  // namespace

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
