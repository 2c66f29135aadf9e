// The smallest ELF file that says what it needs.
#pragma once

#include <elf.h>

#include <cstring>
#include <string>
#include <vector>

namespace test {

struct Elf {
  std::vector<std::string> needed;
  std::string interpreter;
  std::string soname;
  std::string runpath;
};

inline std::string elf(const Elf& wanted) {
  std::string strings(1, '\0');
  const auto name = [&](const std::string& text) {
    const std::size_t at = strings.size();
    strings += text + '\0';
    return at;
  };
  std::vector<Elf64_Dyn> dynamic;
  const auto add = [&](Elf64_Sxword tag, std::uint64_t value) {
    Elf64_Dyn entry{};
    entry.d_tag = tag;
    entry.d_un.d_val = value;
    dynamic.push_back(entry);
  };
  for (const std::string& one : wanted.needed) add(DT_NEEDED, name(one));
  if (!wanted.soname.empty()) add(DT_SONAME, name(wanted.soname));
  if (!wanted.runpath.empty()) add(DT_RUNPATH, name(wanted.runpath));
  const std::size_t headers = sizeof(Elf64_Ehdr) + 3 * sizeof(Elf64_Phdr);
  const std::size_t at_dynamic = headers, at_strings = headers + (dynamic.size() + 2) * sizeof(Elf64_Dyn);
  const std::size_t at_interpreter = at_strings + strings.size();
  add(DT_STRTAB, at_strings);
  add(DT_NULL, 0);
  const std::size_t end = at_interpreter + wanted.interpreter.size() + 1;
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_type = ET_DYN;
  header.e_machine = EM_X86_64;
  header.e_phoff = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = wanted.interpreter.empty() ? 2 : 3;
  Elf64_Phdr load{}, section{}, interpreter{};
  load.p_type = PT_LOAD;
  load.p_filesz = load.p_memsz = end;
  section.p_type = PT_DYNAMIC;
  section.p_offset = section.p_vaddr = at_dynamic;
  section.p_filesz = dynamic.size() * sizeof(Elf64_Dyn);
  interpreter.p_type = PT_INTERP;
  interpreter.p_offset = at_interpreter;
  interpreter.p_filesz = wanted.interpreter.size() + 1;
  std::string out(end, '\0');
  std::size_t at = 0;
  const auto put = [&](const void* bytes, std::size_t length) {
    std::memcpy(out.data() + at, bytes, length);
    at += length;
  };
  put(&header, sizeof header);
  put(&load, sizeof load);
  put(&section, sizeof section);
  put(&interpreter, sizeof interpreter);
  put(dynamic.data(), dynamic.size() * sizeof(Elf64_Dyn));
  put(strings.data(), strings.size());
  put(wanted.interpreter.c_str(), wanted.interpreter.size() + 1);
  return out;
}

}  // namespace test
