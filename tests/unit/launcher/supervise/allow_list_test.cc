// The filters of fpmbox's own processes, asked call by call. No kernel is involved.
#include "launcher/supervise/allow_list.h"

#include <doctest/doctest.h>
#include <errno.h>
#include <linux/audit.h>
#include <sys/syscall.h>

#include <algorithm>
#include <vector>

#include "tests/support/evaluate.h"

using namespace launcher;

namespace {

constexpr std::uint32_t kEperm = SECCOMP_RET_ERRNO | EPERM;
constexpr std::uint64_t kHigh = 0xdead'beef'0000'0000;  // undefined in an int argument

constexpr AllowedCall kCalls[] = {{SCMP_SYS(read)},
                                  {SCMP_SYS(mmap), true, masked(2, 4, 0)},
                                  {SCMP_SYS(ioctl), true, masked(1, kInt, 0x5401)},
                                  {SCMP_SYS(write)},
                                  {SCMP_SYS(ioctl), true, masked(1, kInt, 0x5402)},
                                  {-10137},
                                  {SCMP_SYS(close)}};

std::uint32_t ask(const AllowList& list, int number, std::vector<std::uint64_t> arguments = {}, std::uint32_t arch = test::kNative) {
  seccomp_data data = {number, arch, 0, {}};
  std::copy(arguments.begin(), arguments.end(), data.args);
  return test::evaluate({list.code.begin(), list.code.begin() + list.length}, data);
}

}  // namespace

TEST_CASE("what is on the list is allowed, with its arguments where it has some, and nothing else") {
  const AllowList list = compile_allow_list(kCalls).value();
  constexpr int kListed[] = {SYS_read, SYS_write, SYS_close};
  for (int number = 0; number < 1000; ++number) {
    CAPTURE(number);
    const bool listed = std::find(std::begin(kListed), std::end(kListed), number) != std::end(kListed);
    CHECK(ask(list, number, {7, 7, 7}) == (listed ? SECCOMP_RET_ALLOW : kEperm));
    CHECK(ask(list, number | 0x40000000) == kEperm);  // x32
    CHECK(ask(list, number, {}, test::kForeign) == SECCOMP_RET_KILL_PROCESS);
  }
  CHECK(ask(list, -1) == kEperm);
  const struct {
    int number;
    std::vector<std::uint64_t> arguments;
    bool allowed;
  } rows[] = {
      {SYS_mmap, {0, 0, 3}, true},
      {SYS_mmap, {0, 0, 3 | kHigh}, true},
      {SYS_mmap, {0, 0, 5}, false},
      {SYS_mmap, {0, 0, 4 | kHigh}, false},
      {SYS_ioctl, {0, 0x5401}, true},
      {SYS_ioctl, {0, 0x5402 | kHigh}, true},
      {SYS_ioctl, {0, 0x5403}, false},
      {SYS_ioctl, {0x5401, 0, 0x5402}, false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.number);
    CAPTURE(row.arguments.back());
    CHECK(ask(list, row.number, row.arguments) == (row.allowed ? SECCOMP_RET_ALLOW : kEperm));
  }
}

TEST_CASE("what a list cannot say is an error") {
  const auto one = [](AllowedCall call) { return compile_allow_list(std::span(&call, 1)).ok(); };
  CHECK(one({SYS_read}));
  CHECK_FALSE(one({SYS_read, true, {0, SCMP_CMP_EQ, 1, 0}}));
  CHECK_FALSE(one({SYS_read, true, masked(0, 0x1'0000'0000, 0)}));
  CHECK_FALSE(one({SYS_read, true, masked(0, 4, 1)}));  // never true
  CHECK_FALSE(one({SYS_read, true, masked(6, 4, 4)}));
  CHECK(compile_allow_list(std::vector<AllowedCall>(100, AllowedCall{SYS_read})).ok());
  CHECK_FALSE(compile_allow_list(std::vector<AllowedCall>(300, AllowedCall{SYS_read})).ok());
}
