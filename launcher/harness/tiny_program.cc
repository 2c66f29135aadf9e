#include "launcher/harness/tiny_program.h"

#include <elf.h>

#include <cstdint>
#include <span>

namespace harness {
namespace {

#if defined(__x86_64__)
constexpr std::uint16_t kMachine = EM_X86_64;
constexpr std::uint8_t kEnd[] = {0x31, 0xff, 0xb8, 0xe7, 0, 0, 0, 0x0f, 0x05};  // xor edi,edi; mov eax,231; syscall
constexpr std::uint8_t kWait[] = {0xb8, 0x22, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7};  // mov eax,34; syscall; jmp -9
#elif defined(__aarch64__)
constexpr std::uint16_t kMachine = EM_AARCH64;
constexpr std::uint8_t kEnd[] = {0, 0, 0x80, 0xd2, 0xc8, 0x0b, 0x80, 0xd2, 1, 0, 0, 0xd4};  // mov x0,0; mov x8,94; svc 0
// mov x0..x4,0; mov x8,73 (ppoll of nothing); svc 0; b -28
constexpr std::uint8_t kWait[] = {0, 0, 0x80, 0xd2, 1, 0, 0x80, 0xd2, 2, 0, 0x80, 0xd2, 3, 0, 0x80, 0xd2,
                                  4, 0, 0x80, 0xd2, 0x28, 0x09, 0x80, 0xd2, 1, 0, 0, 0xd4, 0xf9, 0xff, 0xff, 0x17};
#else
constexpr std::uint16_t kMachine = EM_NONE;
constexpr std::uint8_t kEnd[] = {0};
constexpr std::uint8_t kWait[] = {0};
#endif

constexpr std::uint64_t kBase = 0x400000;

template <class T>
std::string bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string program_of(std::span<const std::uint8_t> code) {
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
  segment.p_filesz = segment.p_memsz = kHeaders + code.size();
  segment.p_align = 0x1000;
  return bytes_of(header) + bytes_of(segment) + std::string(reinterpret_cast<const char*>(code.data()), code.size());
}

}  // namespace

std::string tiny_program() { return program_of(kEnd); }
std::string waiting_program() { return program_of(kWait); }

}  // namespace harness
