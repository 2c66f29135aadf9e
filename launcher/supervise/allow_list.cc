#include "launcher/supervise/allow_list.h"

#include <endian.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>

#include "launcher/sys/file.h"

namespace launcher {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kNative = AUDIT_ARCH_X86_64;  // numbers of x32 have a bit of their own, so no row has them
#elif defined(__aarch64__)
constexpr std::uint32_t kNative = AUDIT_ARCH_AARCH64;
#else
#error "name the architecture as in <linux/audit.h>"
#endif
static_assert(__BYTE_ORDER == __LITTLE_ENDIAN, "the lower half of an argument is thought to come first");

constexpr std::size_t kLongestRow = 6;
constexpr std::uint32_t kNumber = offsetof(seccomp_data, nr);

constexpr sock_filter load_word(std::uint32_t offset) { return {BPF_LD | BPF_W | BPF_ABS, 0, 0, offset}; }
constexpr sock_filter keep_bits(std::uint32_t mask) { return {BPF_ALU | BPF_AND | BPF_K, 0, 0, mask}; }
constexpr sock_filter skip_unless(std::uint32_t value, std::uint8_t count) { return {BPF_JMP | BPF_JEQ | BPF_K, 0, count, value}; }
constexpr sock_filter end(std::uint32_t action) { return {BPF_RET | BPF_K, 0, 0, action}; }

class Writer {
 public:
  explicit Writer(AllowList& list) : list_(list) {}
  void add(sock_filter one) { list_.code[list_.length++] = one; }
  bool has_room() const { return list_.length + kLongestRow < list_.code.size(); }

 private:
  AllowList& list_;
};

bool is_plain(const scmp_arg_cmp& when) {
  return when.op == SCMP_CMP_MASKED_EQ && when.arg < 6 && when.datum_a <= kInt && (when.datum_b & ~when.datum_a) == 0;
}

// The accumulator holds the call's number before each row, and again behind it.
void add_row(const AllowedCall& call, Writer& out) {
  const auto number = static_cast<std::uint32_t>(call.number);
  if (!call.only_when) {
    out.add(skip_unless(number, 1));
    return out.add(end(SECCOMP_RET_ALLOW));
  }
  out.add(skip_unless(number, 5));
  out.add(load_word(static_cast<std::uint32_t>(offsetof(seccomp_data, args) + 8 * call.when.arg)));
  out.add(keep_bits(static_cast<std::uint32_t>(call.when.datum_a)));
  out.add(skip_unless(static_cast<std::uint32_t>(call.when.datum_b), 1));
  out.add(end(SECCOMP_RET_ALLOW));
  out.add(load_word(kNumber));
}

}  // namespace

base::Result<AllowList> compile_allow_list(std::span<const AllowedCall> calls) {
  AllowList list;
  Writer out(list);
  out.add(load_word(offsetof(seccomp_data, arch)));
  out.add({BPF_JMP | BPF_JEQ | BPF_K, 1, 0, kNative});
  out.add(end(SECCOMP_RET_KILL_PROCESS));
  out.add(load_word(kNumber));
  for (const AllowedCall& call : calls) {
    if (call.number < 0) continue;  // libseccomp's numbers for what this architecture does not have
    if (call.only_when && !is_plain(call.when)) return base::Error{"a row of an allow-list compares otherwise than it can", std::to_string(call.number), EINVAL, {}};
    if (!out.has_room()) return base::Error{"an allow-list is too long", {}, E2BIG, {}};
    add_row(call, out);
  }
  out.add(end(SECCOMP_RET_ERRNO | EPERM));
  return list;
}

base::Status load_allow_list(std::span<const AllowedCall> calls) {
  AllowList list = TRY(compile_allow_list(calls));
  const sock_fprog program = {list.length, list.code.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return sys::failure("prctl", "PR_SET_NO_NEW_PRIVS");
  if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) return sys::failure("seccomp", {});
  return base::success();
}

}  // namespace launcher
