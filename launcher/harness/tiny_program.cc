#include "launcher/harness/tiny_program.h"

#include <elf.h>

#include <cstdint>
#include <span>

namespace harness {
namespace {

#if defined(__x86_64__)
constexpr std::uint16_t kMachine = EM_X86_64;
constexpr std::uint8_t kCode[] = {0x31, 0xff, 0xb8, 0xe7, 0, 0, 0, 0x0f, 0x05};  // xor edi,edi; mov eax,231; syscall
#elif defined(__aarch64__)
constexpr std::uint16_t kMachine = EM_AARCH64;
constexpr std::uint8_t kCode[] = {0, 0, 0x80, 0xd2, 0xc8, 0x0b, 0x80, 0xd2, 1, 0, 0, 0xd4};  // mov x0,0; mov x8,94; svc 0
#else
constexpr std::uint16_t kMachine = EM_NONE;
constexpr std::uint8_t kCode[] = {0};
#endif

constexpr std::uint64_t kBase = 0x400000;

template <class T>
std::string bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

}  // namespace

std::string tiny_program() {
  if (kMachine == EM_NONE) return {};
  constexpr std::uint64_t kHeaders = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr);
  Elf64_Ehdr header{};
  for (int i = 0; i < SELFMAG; ++i) header.e_ident[i] = static_cast<unsigned char>(ELFMAG[i]);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_EXEC;
  header.e_machine = kMachine;
  header.e_version = EV_CURRENT;
  header.e_entry = kBase + kHeaders;
  header.e_phoff = sizeof header;
  header.e_ehsize = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 1;
  Elf64_Phdr segment{};
  segment.p_type = PT_LOAD;
  segment.p_flags = PF_R | PF_X;
  segment.p_vaddr = segment.p_paddr = kBase;
  segment.p_filesz = segment.p_memsz = kHeaders + sizeof kCode;
  segment.p_align = 0x1000;
  return bytes_of(header) + bytes_of(segment) + std::string(reinterpret_cast<const char*>(kCode), sizeof kCode);
}

}  // namespace harness
