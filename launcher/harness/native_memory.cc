// Probes of code in memory, and of calls that have no name here.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>

#include "launcher/harness/native_probes.h"
#include "launcher/harness/tiny_program.h"
#include "launcher/sys/file.h"
#include "profiles/kernel/syscall_names.h"

namespace harness {
namespace {

constexpr const char* kName = "fpmbox-map";
constexpr std::size_t kPage = 4096;

base::Result<sys::Fd> uploaded(const std::string& folder) {
  const sys::Fd directory = TRY(sys::open(folder, O_PATH | O_DIRECTORY));
  ::unlinkat(directory.get(), kName, 0);
  TRY(sys::write_file_at(directory.get(), kName, tiny_program(), 0755));
  sys::Fd file = TRY(sys::open_at(directory.get(), kName, O_RDONLY));
  ::unlinkat(directory.get(), kName, 0);
  return file;
}

base::Result<void*> map(int protection, int flags, int file) {
  void* const at = ::mmap(nullptr, kPage, protection, flags, file, 0);
  if (at == MAP_FAILED) return sys::failure("mmap", {});
  return at;
}

std::string word_of_map(const base::Result<void*>& mapped) { return mapped ? "ok" : errno_name(mapped.error().code); }

constexpr int kAnonymous = MAP_PRIVATE | MAP_ANONYMOUS;

long call_with(long number, const ProbeArguments& a, std::size_t first) {
  std::array<std::uint64_t, 6> value{};
  for (std::size_t i = first; i < a.size() && i - first < value.size(); ++i)
    value[i - first] = a[i].kind == ProbeArgument::Kind::number ? a[i].number : reinterpret_cast<std::uint64_t>(a[i].text.data());
  return ::syscall(number, value[0], value[1], value[2], value[3], value[4], value[5]);
}

}  // namespace

Attempt probe_map_uploaded(const ProbeArguments& a) {
  const sys::Fd file = TRY(uploaded(text_at(a, 0)));
  return word_of_map(map(PROT_READ | PROT_EXEC, MAP_PRIVATE, file.get()));
}

Attempt probe_map_uploaded_later(const ProbeArguments& a) {
  const sys::Fd file = TRY(uploaded(text_at(a, 0)));
  void* const at = TRY(map(PROT_READ, MAP_PRIVATE, file.get()));
  return word_of(::mprotect(at, kPage, PROT_READ | PROT_EXEC));
}

Attempt probe_anonymous_rwx(const ProbeArguments&) {
  return word_of_map(map(PROT_READ | PROT_WRITE | PROT_EXEC, kAnonymous, -1));
}

Attempt probe_anonymous_later(const ProbeArguments&) {
  void* const at = TRY(map(PROT_READ | PROT_WRITE, kAnonymous, -1));
  return word_of(::mprotect(at, kPage, PROT_READ | PROT_EXEC));
}

// A page of our own code: what is written is what is there.
Attempt probe_write_own_code(const ProbeArguments&) {
  const sys::Fd memory = TRY(sys::open("/proc/self/mem", O_RDWR));
  const auto at = reinterpret_cast<off_t>(&probe_write_own_code);
  char old[8] = {};
  if (::pread(memory.get(), old, sizeof old, at) != sizeof old) return sys::failure("pread", {});
  return word_of(::pwrite(memory.get(), old, sizeof old, at));
}

Attempt probe_i386_call([[maybe_unused]] const ProbeArguments& a) {
#if defined(__x86_64__)
  constexpr long kGetpid = 20;  // of i386
  long result = kGetpid;
  __asm__ volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
  return std::string(result == ::getpid() ? "ok" : result == -38 ? "ENOSYS" : "wrong answer");
#else
  return std::string(kNoSuchCall);
#endif
}

Attempt probe_raw_call(const ProbeArguments& a) { return word_of(call_with(static_cast<long>(number_at(a, 0)), a, 1)); }

Attempt probe_newer_call(const ProbeArguments& a) {
  const auto number = profiles::newer_syscall_number(text_at(a, 0));
  if (!number) return std::string(kNoSuchCall);
  return word_of(call_with(*number, a, 1));
}

}  // namespace harness
