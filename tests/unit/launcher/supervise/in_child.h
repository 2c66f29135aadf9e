// Irreversible acts of a test happen in a child; its exit code is the answer. No doctest macros inside.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#if defined(__SANITIZE_ADDRESS__)
#define FPMBOX_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FPMBOX_SANITIZED 1
#endif
#endif
#ifndef FPMBOX_SANITIZED
#define FPMBOX_SANITIZED 0
#endif

// A sanitizer's runtime makes calls of its own, which filters and dropped privileges break.
inline constexpr bool kSanitized = FPMBOX_SANITIZED == 1;

inline pid_t start_child(const std::function<int()>& act) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(act());
  return pid;
}

// Exit code, or 128 plus the signal.
inline int wait_for(pid_t pid) {
  int status = 0;
  if (::waitpid(pid, &status, 0) != pid) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

inline int in_child(const std::function<int()>& act) { return wait_for(start_child(act)); }
