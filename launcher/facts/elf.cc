#include "launcher/facts/elf.h"

#include <elf.h>

#include <bit>
#include <cstdint>
#include <cstring>

#include "profiles/base/text.h"

namespace launcher {
namespace {

constexpr std::uint16_t kMostHeaders = 128;
constexpr std::uint64_t kLongestPath = 4096;

base::Error malformed(std::string why) { return {std::move(why), {}, 0, {}}; }

// Whatever offset the file claims, no byte outside of `head` is read.
template <class T>
bool read_at(std::string_view head, std::uint64_t offset, T& value) {
  if (offset > head.size() || sizeof value > head.size() - offset) return false;
  std::memcpy(&value, head.data() + offset, sizeof value);
  return true;
}

bool is_native(const Elf64_Ehdr& header) {
  const int order = std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;
  return std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_ident[EI_CLASS] == ELFCLASS64 &&
         header.e_ident[EI_DATA] == order;
}

base::Result<std::string> interpreter_text(std::string_view head, const Elf64_Phdr& segment) {
  if (segment.p_filesz < 2 || segment.p_filesz > kLongestPath)
    return malformed("its interpreter's path has no sane length");
  if (segment.p_offset > head.size() || segment.p_filesz > head.size() - segment.p_offset)
    return malformed("its interpreter's path lies beyond its headers");
  const std::string_view text = head.substr(segment.p_offset, segment.p_filesz - 1);
  const bool ends = head[segment.p_offset + segment.p_filesz - 1] == '\0';
  if (!ends || text.find('\0') != text.npos || !base::is_normal_absolute(text))
    return malformed("its interpreter is not an absolute path");
  return std::string(text);
}

}  // namespace

base::Result<std::string> program_interpreter(std::string_view head) {
  Elf64_Ehdr header = {};
  if (!read_at(head, 0, header) || !is_native(header)) return malformed("not a 64-bit ELF program of this machine");
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum > kMostHeaders)
    return malformed("odd program headers");
  for (std::uint16_t i = 0; i < header.e_phnum; ++i) {
    const std::uint64_t before = std::uint64_t{i} * sizeof(Elf64_Phdr);
    Elf64_Phdr segment = {};
    if (header.e_phoff > head.size() || !read_at(head, header.e_phoff + before, segment))
      return malformed("its program headers lie beyond its beginning");
    if (segment.p_type == PT_INTERP) return interpreter_text(head, segment);
  }
  return std::string();
}

}  // namespace launcher
