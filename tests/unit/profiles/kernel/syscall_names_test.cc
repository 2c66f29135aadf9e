#include "profiles/kernel/syscall_names.h"

#include <doctest/doctest.h>
#include <sys/syscall.h>

#include <algorithm>

using namespace profiles;

TEST_CASE("names and numbers") {
  CHECK_EQ(syscall_number("read"), SYS_read);
  CHECK_EQ(syscall_name(SYS_openat), "openat");
  CHECK_FALSE(syscall_number("riscv_flush_icache").has_value());
  CHECK_FALSE(syscall_number("no_such_call").has_value());
  CHECK_FALSE(syscall_number("").has_value());
  CHECK(is_syscall_anywhere("setuid32"));
  CHECK(is_syscall_anywhere("clone3"));
  CHECK_FALSE(is_syscall_anywhere("clone4"));
  CHECK_EQ(syscall_name(100000), "");
}

TEST_CASE("names that this libseccomp need not know") {
  CHECK_EQ(newer_syscall_number("fchmodat2"), 452);
  CHECK_FALSE(newer_syscall_number("no_such_call").has_value());
  for (const char* name : {"cachestat", "fchmodat2", "map_shadow_stack", "futex_requeue", "statmount", "listmount", "mseal"}) {
    CAPTURE(name);
    REQUIRE(newer_syscall_number(name).has_value());
    if (const auto known = syscall_number(name)) CHECK_EQ(*known, *newer_syscall_number(name));
  }
}

TEST_CASE("the native names") {
  const auto& names = native_syscall_names();
  CHECK(std::is_sorted(names.begin(), names.end()));
  CHECK_GT(names.size(), 250);
  CHECK(std::binary_search(names.begin(), names.end(), "execve"));
  CHECK_FALSE(std::binary_search(names.begin(), names.end(), "setuid32"));
  for (const std::string& name : names) CHECK_EQ(syscall_name(*syscall_number(name)), name);
  CHECK_GE(highest_known_syscall(), *syscall_number("memfd_secret"));
  CHECK_EQ(syscall_name(highest_known_syscall() + 1), "");
}

TEST_CASE("constants and literals") {
  CHECK_EQ(kernel_constant("CLONE_NEWUSER"), 0x10000000);
  CHECK_EQ(kernel_constant("CLONE_NEWTIME"), 0x80);
  CHECK_EQ(kernel_constant("NULL"), 0);
  CHECK_EQ(kernel_constant("AF_UNIX"), 1);
  CHECK_EQ(kernel_constant("PR_SET_VMA"), 0x53564d41);
  CHECK_EQ(kernel_constant("0x541b"), 0x541b);
  CHECK_EQ(kernel_constant("33"), 33);
  for (const std::string text : {"", "0x", "010", "-1", "CLONE_NEWUSR", "0xfffffffffffffffff", "1 "})
    CHECK_FALSE(kernel_constant(text).has_value());
  for (const std::string& name : kernel_constant_names()) CHECK(kernel_constant(name).has_value());
}
