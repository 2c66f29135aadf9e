#include "launcher/enforce/number_table.h"

#include <doctest/doctest.h>
#include <linux/seccomp.h>

#include <cstddef>
#include <random>

#include "tests/support/evaluate.h"

namespace {

constexpr std::uint32_t kVerdicts[] = {SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | 1, SECCOMP_RET_ERRNO | 38, SECCOMP_RET_USER_NOTIF,
                                       launcher::kByArguments};
constexpr std::uint32_t kBehind = SECCOMP_RET_TRAP;  // what stands behind the table

std::uint32_t answer(const std::vector<sock_filter>& table, std::size_t number) {
  std::vector<sock_filter> program = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)}};
  program.insert(program.end(), table.begin(), table.end());
  program.push_back({BPF_RET | BPF_K, 0, 0, kBehind});
  return test::evaluate(program, {static_cast<int>(number), test::kNative, 0, {}});
}

void check_all(const std::vector<std::uint32_t>& verdicts) {
  const auto table = launcher::number_table(verdicts);
  for (std::size_t number = 0; number < verdicts.size(); ++number) {
    CAPTURE(number);
    CHECK_EQ(answer(table, number), verdicts[number] == launcher::kByArguments ? kBehind : verdicts[number]);
  }
}

}  // namespace

TEST_CASE("each number gets its verdict, whatever stands beside it") {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::uint32_t> verdicts(1 + random() % 230);
    for (std::uint32_t& verdict : verdicts) verdict = kVerdicts[random() % std::size(kVerdicts)];
    check_all(verdicts);
  }
}

TEST_CASE("numbers of one verdict are one range") {
  check_all(std::vector<std::uint32_t>(400, SECCOMP_RET_ALLOW));
  check_all(std::vector<std::uint32_t>(400, launcher::kByArguments));
  CHECK(launcher::number_table(std::vector<std::uint32_t>(400, SECCOMP_RET_ALLOW)).size() == 1);
  CHECK(launcher::number_table(std::vector<std::uint32_t>(400, launcher::kByArguments)).empty());
  std::vector<std::uint32_t> two(400, SECCOMP_RET_ALLOW);
  two.resize(500, SECCOMP_RET_USER_NOTIF);
  CHECK(launcher::number_table(two).size() == 3);
  check_all(two);
}

TEST_CASE("of more ranges than BPF can jump over, there is no table") {
  std::vector<std::uint32_t> verdicts;
  for (int number = 0; number < 600; ++number) verdicts.push_back(kVerdicts[number % 2]);
  CHECK(launcher::number_table(verdicts).empty());
  CHECK(launcher::number_table({}).empty());
}
