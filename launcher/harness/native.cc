#include "launcher/harness/native.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <optional>

#include "launcher/harness/native_child.h"
#include "launcher/harness/native_probes.h"
#include "launcher/sys/file.h"
#include "profiles/kernel/syscall_names.h"

namespace harness {
namespace {

constexpr int kPatienceMs = 15000;
constexpr std::size_t kLongestLine = 64 * 1024;
constexpr int kUsage = 64;

using Values = std::array<std::uint64_t, 6>;

std::optional<long> call_number(const std::string& name) {
  if (const auto number = profiles::syscall_number(name)) return *number;
  if (const auto number = profiles::newer_syscall_number(name)) return *number;
  const bool is_hex = name.starts_with("0x");
  long number = 0;
  const auto [end, failed] = std::from_chars(name.data() + (is_hex ? 2 : 0), name.data() + name.size(), number, is_hex ? 16 : 10);
  if (failed != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return number;
}

// Pointers lead into `act`, which outlives the call.
Values values_of(ProbeRequest& act) {
  Values out{};
  for (std::size_t i = 0; i < act.arguments.size() && i < out.size(); ++i) {
    ProbeArgument& argument = act.arguments[i];
    if (argument.kind == ProbeArgument::Kind::zeros) argument.text.assign(argument.number, '\0');
    const bool is_number = argument.kind == ProbeArgument::Kind::number;
    out[i] = is_number ? argument.number : reinterpret_cast<std::uint64_t>(argument.text.data());
  }
  return out;
}

Attempt call(ProbeRequest act) {
  const auto number = call_number(act.name);
  if (!number) return std::string(kNoSuchCall);
  const Values value = values_of(act);
  return word_of(::syscall(*number, value[0], value[1], value[2], value[3], value[4], value[5]));
}

// As the first process of a pid namespace one is given the orphans of others.
void reap_orphans() {
  while (::waitpid(-1, nullptr, WNOHANG) > 0) {
  }
}

std::string carry_out(const ProbeRequest& act) {
  const NativeProbe* const probe = act.kind == ProbeRequest::Kind::probe ? find_native_probe(act.name) : nullptr;
  if (act.kind == ProbeRequest::Kind::probe && probe == nullptr) return "no such probe";
  const auto once = [&]() -> Attempt { return probe == nullptr ? call(act) : probe->run(act.arguments); };
  std::string word = try_in_child(once, kPatienceMs);
  reap_orphans();
  return word;
}

// true: a line was taken from `rest`; what is left at the end of the input counts as one.
bool take_line(std::string& rest, bool at_end, std::string& line) {
  const auto newline = rest.find('\n');
  if (newline == rest.npos && !(at_end && !rest.empty())) return false;
  line = rest.substr(0, newline);
  rest.erase(0, newline == rest.npos ? newline : newline + 1);
  return true;
}

}  // namespace

int serve_requests(int input, int output) {
  std::string rest, line;
  char block[4096];
  bool understood = true;
  for (ssize_t size = 1; size > 0 && rest.size() < kLongestLine;) {
    size = ::read(input, block, sizeof block);
    if (size < 0 && errno == EINTR) size = 1;
    else if (size > 0) rest.append(block, static_cast<std::size_t>(size));
    while (take_line(rest, size <= 0, line)) {
      const auto act = parse_request(line);
      understood = understood && act;
      const std::string answer = act ? act.value().id + "\t" + carry_out(act.value()) : "\t" + act.error().text();
      if (!sys::write_all(output, answer + "\n")) return kUsage;
    }
  }
  return understood ? 0 : kUsage;
}

}  // namespace harness
