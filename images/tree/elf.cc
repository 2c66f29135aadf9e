#include "images/tree/elf.h"

#include <elf.h>

#include <cstring>

#include "images/store/refuse.h"
#include "profiles/base/text.h"

namespace images {
namespace {

constexpr std::uint16_t kMachine = EM_X86_64;

// Whatever offset the file claims, nothing outside of it is read.
template <class T>
bool read_at(std::string_view file, std::uint64_t offset, T& value) {
  if (offset > file.size() || sizeof value > file.size() - offset) return false;
  std::memcpy(&value, file.data() + offset, sizeof value);
  return true;
}

base::Result<std::string> text_at(std::string_view file, std::uint64_t offset) {
  const std::size_t end = offset < file.size() ? file.find('\0', offset) : file.npos;
  if (end == file.npos) return refuse("a name that lies beyond its end");
  return std::string(file.substr(offset, end - offset));
}

base::Result<std::vector<Elf64_Phdr>> segments_of(std::string_view file, const Elf64_Ehdr& header) {
  std::vector<Elf64_Phdr> out(header.e_phnum);
  for (std::size_t i = 0; i < out.size(); ++i)
    if (header.e_phoff > file.size() || !read_at(file, header.e_phoff + i * sizeof(Elf64_Phdr), out[i]))
      return refuse("program headers beyond its end");
  return out;
}

// An address in memory as a place in the file.
std::optional<std::uint64_t> place_of(const std::vector<Elf64_Phdr>& segments, std::uint64_t address) {
  for (const Elf64_Phdr& one : segments)
    if (one.p_type == PT_LOAD && address >= one.p_vaddr && address - one.p_vaddr < one.p_filesz)
      return address - one.p_vaddr + one.p_offset;
  return std::nullopt;
}

base::Result<std::vector<Elf64_Dyn>> dynamic_of(std::string_view file, const Elf64_Phdr& segment) {
  std::vector<Elf64_Dyn> out;
  for (std::uint64_t at = 0; at + sizeof(Elf64_Dyn) <= segment.p_filesz; at += sizeof(Elf64_Dyn)) {
    Elf64_Dyn entry = {};
    if (segment.p_offset > file.size() || !read_at(file, segment.p_offset + at, entry)) return refuse("a dynamic section beyond its end");
    if (entry.d_tag == DT_NULL) break;
    out.push_back(entry);
  }
  return out;
}

base::Status read_dynamic(std::string_view file, const std::vector<Elf64_Phdr>& segments, const Elf64_Phdr& segment, Needs& out) {
  const std::vector<Elf64_Dyn> entries = TRY(dynamic_of(file, segment));
  std::optional<std::uint64_t> strings;
  for (const Elf64_Dyn& entry : entries)
    if (entry.d_tag == DT_STRTAB) strings = place_of(segments, entry.d_un.d_ptr);
  for (const Elf64_Dyn& entry : entries) {
    if (entry.d_tag != DT_NEEDED && entry.d_tag != DT_SONAME && entry.d_tag != DT_RUNPATH && entry.d_tag != DT_RPATH) continue;
    if (!strings) return refuse("a dynamic section without names");
    const std::string text = TRY(text_at(file, *strings + entry.d_un.d_val));
    if (entry.d_tag == DT_NEEDED)
      out.libraries.push_back(text);
    else if (entry.d_tag == DT_SONAME)
      out.name = text;
    else
      for (const std::string& folder : base::split(text, ':')) out.folders.push_back(folder);
  }
  return base::success();
}

}  // namespace

bool is_program(std::string_view file) {
  const auto needs = read_needs(file);
  return needs && needs.value() && !needs.value()->interpreter.empty() && needs.value()->name.empty();
}

base::Result<std::optional<Needs>> read_needs(std::string_view file) {
  Elf64_Ehdr header = {};
  if (!read_at(file, 0, header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return std::optional<Needs>();
  const bool loads = header.e_type == ET_DYN || header.e_type == ET_EXEC;
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != kMachine || !loads) return std::optional<Needs>();
  if (header.e_phentsize != sizeof(Elf64_Phdr)) return refuse("odd program headers");
  const std::vector<Elf64_Phdr> segments = TRY(segments_of(file, header));
  Needs out;
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type == PT_INTERP) out.interpreter = TRY(text_at(file, segment.p_offset));
    if (segment.p_type == PT_DYNAMIC) TRY(read_dynamic(file, segments, segment, out));
  }
  return std::optional<Needs>(std::move(out));
}

}  // namespace images
