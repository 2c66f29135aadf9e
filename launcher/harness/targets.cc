#include "launcher/harness/targets.h"

#include <algorithm>

#include "profiles/base/json.h"
#include "profiles/base/units.h"

namespace harness {
namespace {

constexpr std::string_view kNameLetters = "abcdefghijklmnopqrstuvwxyz0123456789_";

base::Result<std::string> target(const std::string& name, const Targets& targets) {
  const auto found = targets.find(name);
  if (found == targets.end()) return base::Error{"there is no target $" + name, {}, 0, {}};
  return found->second;
}

// The name behind the dollar at `at`; moves past it.
std::string take_name(const std::string& text, std::size_t& at) {
  const bool in_braces = text[at] == '{';
  const std::size_t begin = in_braces ? at + 1 : at;
  const std::size_t end = std::min(text.find_first_not_of(kNameLetters, begin), text.size());
  at = in_braces && end < text.size() && text[end] == '}' ? end + 1 : end;
  return text.substr(begin, end - begin);
}

base::Result<ProbeArgument> argument(const NativeArgument& given, const Targets& targets) {
  using To = ProbeArgument::Kind;
  switch (given.kind) {
    case NativeArgument::Kind::number: return ProbeArgument{To::number, given.number, {}};
    case NativeArgument::Kind::zeros: return ProbeArgument{To::zeros, given.number, {}};
    case NativeArgument::Kind::bytes: return ProbeArgument{To::bytes, 0, given.text};
    case NativeArgument::Kind::text: break;
    case NativeArgument::Kind::target: {
      const std::string value = TRY(target(given.text, targets));
      if (const auto number = base::parse_unsigned(value)) return ProbeArgument{To::number, *number, {}};
      return ProbeArgument{To::text, 0, value};
    }
  }
  std::string text = TRY(expand(given.text, targets));
  return ProbeArgument{To::text, 0, std::move(text)};
}

}  // namespace

base::Result<std::string> expand(const std::string& text, const Targets& targets) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '$') {
      out += text[at++];
      continue;
    }
    ++at;
    if (at < text.size() && text[at] == '$') {
      out += text[at++];
      continue;
    }
    const std::string name = take_name(text, at);
    out += TRY(target(name, targets));
  }
  return out;
}

base::Result<ProbeRequest> probe_request(const Act& act, const Targets& targets) {
  const Native& native = *act.native;
  ProbeRequest out{act.id, native.probe.empty() ? ProbeRequest::Kind::call : ProbeRequest::Kind::probe,
                   native.probe.empty() ? native.call : native.probe, {}};
  for (const NativeArgument& given : native.args.all) {
    ProbeArgument made = TRY(argument(given, targets));
    out.arguments.push_back(std::move(made));
  }
  return out;
}

std::string php_body(const Act& act, const Targets& targets) {
  base::Json body = {{"code", act.php}, {"targets", base::Json::object()}};
  for (const auto& [name, value] : targets) {
    const auto number = base::parse_unsigned(value);
    body["targets"][name] = number && *number <= INT64_MAX ? base::Json(*number) : base::Json(value);
  }
  return body.dump_ascii();
}

}  // namespace harness
