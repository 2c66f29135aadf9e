// What a compromised pool may write into its log, call, answer to the question for its status, and what may stand in a file of
// denials. The first byte says which of them the rest is. Whatever is told is bounded, drives no terminal, and what is kept is
// read as it was written.
#include <cstring>
#include <string_view>

#include "launcher/denials/call_arguments.h"
#include "launcher/denials/message_shape.h"
#include "launcher/denials/php_messages.h"
#include "launcher/denials/print.h"
#include "launcher/denials/refused_calls.h"
#include "launcher/supervise/denial_ration.h"
#include "launcher/supervise/pool_status.h"
#include "launcher/supervise/process_numbers.h"
#include "profiles/kernel/syscall_names.h"
#include "tests/fuzz/standalone.h"

using namespace launcher;

namespace {

constexpr std::size_t kLongestLine = 16 * 1024;  // six texts, escaped, and the words between

bool is_safe(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  return text.find("\xc2\x9b") == std::string_view::npos;  // U+009B: a terminal's control sequence introducer
}

struct Pool {
  Pool() {
    policy.name = "shop";
    policy.filesystem.code.text = "/srv/shop/www";
    policy.filesystem.writable = {{.path = {"data"}}};
    policy.php.extensions = {"opcache"};
    policy.php.disable_functions = {"exec", "dl"};
    policy.web.front_controllers = {"index.php"};
    policy.syscalls.arguments = {{.name = "ioctl", .index = 1, .one_of = {"TCGETS"}}, {.name = "chmod", .index = 1, .none_of = {"S_ISUID", "S_ISGID"}}};
    add("ptrace", FilterRule::Action::report, {});
    add("ioctl", FilterRule::Action::allow, {{.index = 1, .one_of = {0x5401}}});
    add("chmod", FilterRule::Action::allow, {{.index = 1, .none_of = 06000}});
    add("socket", FilterRule::Action::allow, {{.index = 0, .one_of = {1}}});
    add("prlimit64", FilterRule::Action::allow, {{.index = 2, .one_of = {0}, .pointer = true}});
    context = context_of(policy, origins, filter);
    context.resolved_code = "/srv/shop/www-1";
  }
  void add(const char* name, FilterRule::Action action, std::vector<FilterRule::Argument> arguments) {
    filter.rules.push_back({name, profiles::syscall_number(name).value_or(0), action, std::move(arguments)});
  }

  profiles::Policy policy;
  profiles::Origins origins;
  FilterPlan filter;
  DenialContext context;
};

const Pool& pool() {
  static const Pool kPool;
  return kPool;
}

void check(const Denial& denial) {
  const std::string line = denial_line(denial);
  FUZZ_REQUIRE(is_safe(line) && line.size() <= kLongestLine);
  FUZZ_REQUIRE(line.find("?token") == std::string::npos);
  const std::string json = write_denial(denial);
  FUZZ_REQUIRE(json.find('\n') == std::string::npos && json.size() <= 2 * kLongestLine);
  const auto read = read_denial(json);
  FUZZ_REQUIRE(read.ok() && write_denial(read.value()) == json);
  FUZZ_REQUIRE(denials_text(std::vector<Denial>{denial}).size() <= 2 * kLongestLine);
}

void fuzz_line(std::string_view bytes) {
  auto denial = recognise(bytes.substr(0, 8300), pool().context);
  if (!denial) return;
  denial->pool = "shop";
  check(*denial);
  settle_write(*denial, bytes.size() % 2 == 0);
  check(*denial);
  DenialRation ration;
  FUZZ_REQUIRE(ration.admit(denial->act, *denial, Instant()));
}

// As the kernel lays them out.
void fuzz_call(std::string_view bytes) {
  seccomp_data call = {};
  std::memcpy(&call, bytes.data(), std::min(bytes.size(), sizeof call));
  FUZZ_REQUIRE(is_safe(call_text(call)) && call_text(call).size() < 1024);
  FUZZ_REQUIRE(call_key(call, pool().context).size() < 128);
  check(bounded(explain_call(call, pool().context)));
}

void fuzz_status(std::string_view bytes) {
  const auto workers = parse_status(bytes);
  FUZZ_REQUIRE(workers.size() <= bytes.size() / 25 + 1);
  for (const WorkerStatus& worker : workers)
    FUZZ_REQUIRE(worker.pid > 0 && worker.script.size() <= 512 && worker.script.find('?') == std::string::npos);
  static_cast<void>(script_of(workers, std::nullopt, std::chrono::microseconds(5)));
  for (const pid_t pid : parse_children(bytes)) FUZZ_REQUIRE(pid > 0);
}

void fuzz_kept(std::string_view bytes) {
  const auto denial = read_denial(bytes);
  if (!denial) return;
  std::string text = denials_text(std::vector<Denial>{denial.value()});
  std::erase(text, '\n');
  FUZZ_REQUIRE(is_safe(text));
}

void fuzz_shape(std::string_view bytes) {
  const std::size_t half = bytes.find('\n');
  if (half == bytes.npos) return;
  const auto parts = match(bytes.substr(0, half), bytes.substr(half + 1));
  if (!parts) return;
  std::size_t size = 0;
  for (const std::string_view part : *parts) size += part.size();
  FUZZ_REQUIRE(size <= bytes.size() - half - 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr void (*kKinds[])(std::string_view) = {fuzz_line, fuzz_call, fuzz_status, fuzz_kept, fuzz_shape};
  if (size == 0) return 0;
  kKinds[data[0] % std::size(kKinds)](std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1));
  return 0;
}

[[maybe_unused]] static std::vector<std::string> seeds() {
  using namespace std::string_literals;
  const std::string head = "\0[26-Nov-2026 13:09:10] WARNING: [pool shop] child 2 said into stderr: \"NOTICE: PHP message: "s;
  std::string call(1 + sizeof(seccomp_data), '\0');
  call[0] = 1;
  return {
      head + "PHP Warning:  file_put_contents(/srv/shop/www/cache/x): Failed to open stream: Read-only file system in /a.php on line 2\"",
      head + "PHP Warning:  rename(/srv/shop/www/a/b,/srv/shop/www/c): Read-only file system in /a.php on line 2\"",
      head + "PHP Fatal error:  Uncaught Error: Call to undefined function mb_strlen() in /a.php:2\"",
      head + "PHP Warning:  file_get_contents(https://u:p@example.org:8/x?token=1): Failed to open stream: operation failed in /a.php on line 2\"",
      head + "PHP Fatal error:  Allowed memory size of 134217728 bytes exhausted (tried to allocate 2097152 bytes) in /a.php on line 2\"",
      head + "fpmbox: refused to start x.php: it is no front controller (web.front_controllers in /a.yaml:1:2)\"",
      "\0[26-Nov-2026 13:15:48] WARNING: [pool shop] child 2, script '/a.php' (request: \"GET /a.php?token=1\") execution timed out (1.3 sec), terminating"s,
      call,
      "\2pool: shop\n\n************************\npid:  3\nstate:  Running\nrequest duration:  15\nscript:  /a.php?token=1\n"s,
      "\0022 33 ",
      "\3" + write_denial({.pool = "shop", .act = "bpf(1)"}),
      "\4*(*): x*\nf(/a): x y",
  };
}

FUZZ_MAIN(seeds())
