// The JSON, made into a filter as runc does it (libcontainer/seccomp), and asked the same questions as the pool's own filter.
#include "launcher/export/oci_seccomp.h"

#include <doctest/doctest.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "launcher/enforce/filter.h"
#include "profiles/kernel/syscall_names.h"
#include "tests/support/evaluate.h"
#include "tests/support/invented.h"

namespace {

constexpr std::uint32_t kEperm = SECCOMP_RET_ERRNO | EPERM;
constexpr std::uint32_t kEnosys = SECCOMP_RET_ERRNO | ENOSYS;

std::uint32_t action_of(const nlohmann::json& entry) {
  if (entry.at("action") == "SCMP_ACT_ALLOW") return SCMP_ACT_ALLOW;
  REQUIRE_EQ(entry.at("action"), "SCMP_ACT_ERRNO");
  return SCMP_ACT_ERRNO(entry.at("errnoRet").get<std::uint32_t>());
}

std::vector<scmp_arg_cmp> comparisons_of(const nlohmann::json& entry) {
  std::vector<scmp_arg_cmp> out;
  if (!entry.contains("args")) return out;
  for (const auto& one : entry.at("args")) {
    const bool masked = one.at("op") == "SCMP_CMP_MASKED_EQ";
    if (!masked) REQUIRE_EQ(one.at("op"), "SCMP_CMP_EQ");
    out.push_back({one.at("index").get<unsigned>(), masked ? SCMP_CMP_MASKED_EQ : SCMP_CMP_EQ, one.at("value").get<std::uint64_t>(),
                   masked ? one.at("valueTwo").get<std::uint64_t>() : 0});
  }
  return out;
}

struct OciFilter {
  std::vector<sock_filter> program;
  int newest = 0;  // the highest number that the file names: above it runc answers ENOSYS
};

// As runc 1.1: rules that say what the default says are passed over.
OciFilter load(const std::string& text) {
  const auto json = nlohmann::json::parse(text);
  REQUIRE_EQ(json.at("defaultAction"), "SCMP_ACT_ERRNO");
  const std::uint32_t otherwise = SCMP_ACT_ERRNO(json.at("defaultErrnoRet").get<std::uint32_t>());
  const std::unique_ptr<void, void (*)(scmp_filter_ctx)> context(seccomp_init(otherwise), seccomp_release);
  OciFilter out;
  for (const auto& entry : json.at("syscalls")) {
    for (const std::string name : entry.at("names")) {
      CAPTURE(name);
      const int number = seccomp_syscall_resolve_name(name.c_str());
      REQUIRE_GE(number, 0);
      out.newest = std::max(out.newest, number);
      if (action_of(entry) == otherwise) continue;
      const auto comparisons = comparisons_of(entry);
      REQUIRE_EQ(seccomp_rule_add_array(context.get(), action_of(entry), number, static_cast<unsigned>(comparisons.size()), comparisons.data()), 0);
    }
  }
  const int file = ::memfd_create("oci", MFD_CLOEXEC);
  REQUIRE_EQ(seccomp_export_bpf(context.get(), file), 0);
  const std::string bytes = sys::read_file("/proc/self/fd/" + std::to_string(file), 1 << 20).value();
  ::close(file);
  out.program.resize(bytes.size() / sizeof(sock_filter));
  std::memcpy(out.program.data(), bytes.data(), bytes.size());
  return out;
}

struct Both {
  OciFilter oci;
  std::vector<sock_filter> ours;

  static seccomp_data call(int number, const std::vector<std::uint64_t>& arguments) {
    seccomp_data data = {number, test::kNative, 0, {}};
    std::copy(arguments.begin(), arguments.end(), data.args);
    return data;
  }
  std::uint32_t by_engine(int number, const std::vector<std::uint64_t>& arguments = {}) const {
    if (number > oci.newest) return kEnosys;
    return test::evaluate(oci.program, call(number, arguments));
  }
  // What is reported is refused: the launcher answers it with EPERM.
  std::uint32_t by_us(int number, const std::vector<std::uint64_t>& arguments = {}) const {
    const std::uint32_t answer = test::evaluate(ours, call(number, arguments));
    return answer == SECCOMP_RET_USER_NOTIF ? kEperm : answer;
  }
};

profiles::Policy policy_of(const std::string& yaml) {
  base::Diagnostics diagnostics;
  auto composed = test::pool(yaml, diagnostics);
  REQUIRE_EQ(test::text_of(diagnostics), "");
  return composed.policy;
}

Both both(const std::string& yaml) {
  const profiles::Policy policy = policy_of(yaml);
  auto compiled = launcher::compile_filter(launcher::exported_filter(policy));
  REQUIRE(compiled.ok());
  return {load(launcher::export_oci_seccomp(policy).text), compiled.value()};
}

const std::string kStrict = test::kShop + "memory: {deny_write_execute: true}\n";
const std::string kConnects = test::kShop + "connect: [{tcp: \"db.example:3306\", why: test}]\n";
const std::string kPrograms = test::kShop + "programs: [{path: /usr/bin/convert, why: test}]\n";
const std::string kWiki = "extends: dokuwiki\nidentity: {user: www-shop}\nlisten: {group: www-data}\nfilesystem: {code: /srv/shop/www}\n";
const std::string kMatomo = "extends: matomo\nidentity: {user: www-shop}\nlisten: {group: www-data}\nfilesystem: {code: /srv/shop/www}\n";

// The gaps that the exporter names, and no other difference.
bool is_named_gap(int number) {
  return profiles::syscall_name(number).empty() || number == profiles::syscall_number("execve") ||
         number == profiles::syscall_number("execveat");
}

}  // namespace

TEST_CASE("an engine's filter decides every call as the pool's own does, but for the gaps that are named") {
  for (const std::string* yaml : {&test::kShop, &kStrict, &kConnects, &kPrograms, &kWiki, &kMatomo}) {
    CAPTURE(*yaml);
    const Both filters = both(*yaml);
    int allowed = 0;
    for (int number = 0; number <= 1000; ++number) {
      CAPTURE(number);
      CAPTURE(profiles::syscall_name(number));
      if (is_named_gap(number) && number <= profiles::highest_known_syscall()) continue;
      for (const std::uint64_t all : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
        const std::vector<std::uint64_t> arguments(6, all);
        CHECK_EQ(filters.by_engine(number, arguments), filters.by_us(number, arguments));
      }
      allowed += filters.by_engine(number) == SECCOMP_RET_ALLOW;
    }
    CHECK_GT(allowed, 150);
  }
}

// Each argument that a rule looks at: its values, each single bit and pair of bits, the upper half of the register.
TEST_CASE("and every argument that a rule compares") {
  for (const std::string* yaml : {&test::kShop, &kStrict, &kConnects, &kMatomo}) {
    const Both filters = both(*yaml);
    std::size_t asked = 0, refused = 0;
    for (const auto& rule : launcher::exported_filter(policy_of(*yaml)).rules) {
      if (!launcher::is_limited(rule)) continue;
      CAPTURE(rule.name);
      for (const auto& argument : rule.arguments) {
        std::vector<std::uint64_t> values = argument.one_of;
        for (std::uint64_t bit = 1; bit != 0; bit <<= 1)
          for (const std::uint64_t more : {std::uint64_t{0}, std::uint64_t{1}, argument.none_of, argument.not_together}) values.push_back(bit | more);
        for (const std::uint64_t value : argument.one_of) values.push_back(value | 0xdead'beef'0000'0000);
        for (const std::uint64_t value : values) {
          CAPTURE(value);
          std::vector<std::uint64_t> arguments(6, 0);
          // all others as allowed, so that this one decides
          for (const auto& other : rule.arguments)
            if (!other.one_of.empty()) arguments[other.index] = other.one_of.front();
          arguments[argument.index] = value;
          const std::uint32_t answer = filters.by_engine(rule.number, arguments);
          CHECK_EQ(answer, filters.by_us(rule.number, arguments));
          ++asked;
          refused += answer == kEperm;
        }
      }
    }
    CHECK_GT(asked, 1000);
    CHECK_GT(refused, 300);
    CHECK_LT(refused, asked);
  }
}

TEST_CASE("each named gap of the JSON is one, and is named") {
  const Both filters = both(test::kShop);
  const int execve = *profiles::syscall_number("execve");
  CHECK_EQ(filters.by_engine(execve), SECCOMP_RET_ALLOW);
  CHECK_EQ(filters.by_us(execve), kEperm);
  CHECK_EQ(filters.by_engine(*profiles::syscall_number("execveat")), kEperm);
  int holes = 0;
  for (int number = 0; number <= profiles::highest_known_syscall(); ++number) {
    if (!profiles::syscall_name(number).empty()) continue;
    ++holes;
    CHECK_EQ(filters.by_engine(number), kEperm);
    CHECK_EQ(filters.by_us(number), kEnosys);
  }
  CHECK_GT(holes, 50);
  std::vector<std::string> named;
  for (const auto& gap : launcher::export_oci_seccomp(policy_of(test::kShop)).gaps) named.push_back(gap.protection);
  CHECK(named == std::vector<std::string>{"exec", "syscalls.report", "syscalls.unknown", "syscalls.architectures", "identity"});
}

TEST_CASE("a rule of the exporter that were forgotten would be noticed") {
  const profiles::Policy policy = policy_of(test::kShop);
  auto json = nlohmann::json::parse(launcher::export_oci_seccomp(policy).text);
  for (auto& entry : json.at("syscalls"))
    if (entry.contains("args")) entry.erase("args");
  const OciFilter open = load(json.dump());
  CHECK_EQ(test::evaluate(open.program, Both::call(*profiles::syscall_number("clone"), {CLONE_NEWUSER})), SECCOMP_RET_ALLOW);
  CHECK_EQ(both(test::kShop).by_engine(*profiles::syscall_number("clone"), {CLONE_NEWUSER}), kEperm);
}
