#include "launcher/facts/namespace_trial.h"

#include <doctest/doctest.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/sys/user_namespace.h"

using namespace launcher;

namespace {

bool write_to(const char* path, const char* text) {
  const int file = ::open(path, O_WRONLY | O_CLOEXEC);
  return file >= 0 && ::write(file, text, 1) == 1 && ::close(file) == 0;
}

constexpr int kAsExpected = 10;
constexpr int kNotHere = 11;

// In a namespace of its own, which may hold no other: what the sysctl does on a whole host.
[[noreturn]] void be_forbidden() {
  if (!try_user_namespace().step.empty()) ::_exit(kNotHere);
  if (!sys::enter_user_namespace(::geteuid(), ::getegid())) ::_exit(1);
  const NamespaceTrial allowed = try_user_namespace();
  if (!allowed.step.empty()) ::_exit(2);
  if (!write_to("/proc/sys/user/max_user_namespaces", "0")) ::_exit(3);
  const NamespaceTrial forbidden = try_user_namespace();
  ::_exit(forbidden.step == "user namespace" && forbidden.code == ENOSPC ? kAsExpected : 4);
}

}  // namespace

TEST_CASE("a namespace that cannot be made is found out, with the step that fails") {
  const pid_t child = ::fork();
  REQUIRE_GE(child, 0);
  if (child == 0) be_forbidden();
  int status = 0;
  REQUIRE_EQ(::waitpid(child, &status, 0), child);
  REQUIRE(WIFEXITED(status));
  if (WEXITSTATUS(status) == kNotHere) {
    MESSAGE("skipped: no user namespace can be made here");
    return;
  }
  CHECK_EQ(WEXITSTATUS(status), kAsExpected);
  CHECK_NE(remedy_for_namespaces(ENOSPC).find("user.max_user_namespaces"), std::string::npos);
}
