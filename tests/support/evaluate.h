// Runs a seccomp filter in user space: what would the kernel answer to this call? Classic BPF as seccomp allows it
// (kernel/seccomp.c, seccomp_check_filter): loads of 32-bit words of seccomp_data, jumps, constants, returns.
#pragma once

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace test {

#if defined(__x86_64__)
inline constexpr std::uint32_t kNative = AUDIT_ARCH_X86_64;
inline constexpr std::uint32_t kForeign = AUDIT_ARCH_I386;
#else
inline constexpr std::uint32_t kNative = AUDIT_ARCH_AARCH64;
inline constexpr std::uint32_t kForeign = AUDIT_ARCH_ARM;
#endif

inline std::uint32_t evaluate(const std::vector<sock_filter>& program, const seccomp_data& data) {
  std::uint32_t a = 0;
  for (std::size_t at = 0; at < program.size(); ++at) {
    const sock_filter& op = program[at];
    auto jump = [&](bool yes) { at += yes ? op.jt : op.jf; };
    switch (op.code) {
      case BPF_LD | BPF_W | BPF_ABS: {
        if (op.k + 4 > sizeof data) throw std::runtime_error("load beyond seccomp_data");
        std::memcpy(&a, reinterpret_cast<const char*>(&data) + op.k, 4);
        break;
      }
      case BPF_LD | BPF_IMM: a = op.k; break;
      case BPF_ALU | BPF_AND | BPF_K: a &= op.k; break;
      case BPF_JMP | BPF_JA: at += op.k; break;
      case BPF_JMP | BPF_JEQ | BPF_K: jump(a == op.k); break;
      case BPF_JMP | BPF_JGE | BPF_K: jump(a >= op.k); break;
      case BPF_JMP | BPF_JGT | BPF_K: jump(a > op.k); break;
      case BPF_JMP | BPF_JSET | BPF_K: jump((a & op.k) != 0); break;
      case BPF_RET | BPF_K: return op.k;
      case BPF_RET | BPF_A: return a;
      default: throw std::runtime_error("instruction " + std::to_string(op.code) + " is not known to the evaluator");
    }
  }
  throw std::runtime_error("the program runs off its end");
}

// Would the kernel put the call into its bitmap of calls that are allowed whatever their arguments are, so that the filter
// is not run for them? What kernel/seccomp.c does in seccomp_is_const_allow(): only number and architecture are known.
inline bool is_always_allowed(const std::vector<sock_filter>& program, int number, std::uint32_t architecture) {
  std::uint32_t a = 0;
  for (std::size_t at = 0; at < program.size(); ++at) {
    const sock_filter& op = program[at];
    auto jump = [&](bool yes) { at += yes ? op.jt : op.jf; };
    switch (op.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        if (op.k == offsetof(seccomp_data, nr)) a = static_cast<std::uint32_t>(number);
        else if (op.k == offsetof(seccomp_data, arch)) a = architecture;
        else return false;
        break;
      case BPF_RET | BPF_K: return op.k == SECCOMP_RET_ALLOW;
      case BPF_JMP | BPF_JA: at += op.k; break;
      case BPF_JMP | BPF_JEQ | BPF_K: jump(a == op.k); break;
      case BPF_JMP | BPF_JGE | BPF_K: jump(a >= op.k); break;
      case BPF_JMP | BPF_JGT | BPF_K: jump(a > op.k); break;
      case BPF_JMP | BPF_JSET | BPF_K: jump((a & op.k) != 0); break;
      case BPF_ALU | BPF_AND | BPF_K: a &= op.k; break;
      default: return false;
    }
  }
  return false;
}

}  // namespace test
