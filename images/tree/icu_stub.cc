#include "images/tree/icu_stub.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "images/store/refuse.h"
#include "profiles/base/text.h"

namespace images {
namespace {

constexpr const char* kFolder = "usr/lib/x86_64-linux-gnu/";
constexpr const char* kLibrary = "libicudata.so.";
constexpr std::size_t kPage = 4096;

// ICU's header of a table of contents without entries ("ToCP" is its format), in the byte order of this machine.
struct IcuData {
  std::uint16_t header_size = 32;
  std::uint8_t magic[2] = {0xda, 0x27};
  std::uint16_t info_size = 20;
  std::uint16_t reserved = 0;
  std::uint8_t big_endian = 0, charset_family = 0, bytes_of_char = 2, reserved_byte = 0;
  std::uint8_t format[4] = {'T', 'o', 'C', 'P'};
  std::uint8_t format_version[4] = {1, 0, 0, 0};
  std::uint8_t data_version[4] = {0, 0, 0, 0};
  std::uint8_t padding[8] = {};
  std::uint32_t entries = 0, more[5] = {};
};
static_assert(sizeof(IcuData) == 56);

template <class T>
std::string bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

Elf64_Phdr segment(std::uint32_t type, std::uint32_t flags, std::uint64_t offset, std::uint64_t size, std::uint64_t alignment) {
  Elf64_Phdr out = {};
  out.p_type = type;
  out.p_flags = flags;
  out.p_offset = out.p_vaddr = out.p_paddr = offset;
  out.p_filesz = out.p_memsz = size;
  out.p_align = alignment;
  return out;
}

Elf64_Dyn dynamic(std::int64_t tag, std::uint64_t value) {
  Elf64_Dyn out = {};
  out.d_tag = tag;
  out.d_un.d_val = value;
  return out;
}

Elf64_Ehdr header_of(std::uint16_t segments) {
  Elf64_Ehdr out = {};
  std::memcpy(out.e_ident, ELFMAG, SELFMAG);
  out.e_ident[EI_CLASS] = ELFCLASS64;
  out.e_ident[EI_DATA] = ELFDATA2LSB;
  out.e_ident[EI_VERSION] = EV_CURRENT;
  out.e_type = ET_DYN;
  out.e_machine = EM_X86_64;
  out.e_version = EV_CURRENT;
  out.e_phoff = out.e_ehsize = sizeof out;
  out.e_phentsize = sizeof(Elf64_Phdr);
  out.e_phnum = segments;
  return out;
}

// "72" of "libicudata.so.72.1" and of "libicudata.so.72".
std::string version_of(const std::string& path) {
  const std::string rest = path.substr(std::string(kFolder).size() + std::string(kLibrary).size());
  return rest.substr(0, rest.find('.'));
}

void drop_sum(const std::string& package, const std::string& path, PathMap& runtime) {
  Entry* sums = runtime.find("var/lib/dpkg/status.d/" + package + ".md5sums");
  if (sums == nullptr || !sums->content) return;
  std::string left;
  for (const std::string& line : base::split(*sums->content, '\n'))
    if (!line.empty() && !line.ends_with("  " + path)) left += line + "\n";
  sums->content = content(std::move(left));
}

}  // namespace

std::string icu_stub(const std::string& soname, const std::string& symbol) {
  constexpr std::uint16_t kSegments = 4;
  const std::string strings = std::string(1, '\0') + soname + '\0' + symbol + '\0';
  const std::array<std::uint32_t, 5> hash = {1, 2, 1, 0, 0};  // one bucket, two symbols; the bucket's is the second (gABI, "Hash Table")
  const std::uint64_t at_hash = sizeof(Elf64_Ehdr) + kSegments * sizeof(Elf64_Phdr), at_symbols = at_hash + 24;
  const std::uint64_t at_data = at_symbols + 2 * sizeof(Elf64_Sym), at_strings = at_data + sizeof(IcuData);
  Elf64_Sym data = {};
  data.st_name = static_cast<std::uint32_t>(1 + soname.size() + 1);
  data.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT);
  data.st_shndx = 1;  // defined; sections themselves nobody reads at run time
  data.st_value = at_data;
  data.st_size = sizeof(IcuData);
  const std::array<Elf64_Dyn, 7> table = {dynamic(DT_SONAME, 1), dynamic(DT_HASH, at_hash), dynamic(DT_STRTAB, at_strings), dynamic(DT_SYMTAB, at_symbols),
                                          dynamic(DT_STRSZ, strings.size()), dynamic(DT_SYMENT, sizeof(Elf64_Sym)), dynamic(DT_NULL, 0)};
  // the loader writes into the dynamic section, so that has a page of its own; no code, and no executable stack for its sake
  std::string out = bytes_of(header_of(kSegments)) + bytes_of(segment(PT_LOAD, PF_R, 0, at_strings + strings.size(), kPage)) +
                    bytes_of(segment(PT_LOAD, PF_R | PF_W, kPage, sizeof table, kPage)) + bytes_of(segment(PT_DYNAMIC, PF_R | PF_W, kPage, sizeof table, 8)) +
                    bytes_of(segment(PT_GNU_STACK, PF_R | PF_W, 0, 0, 16));
  out += bytes_of(hash) + std::string(4, '\0') + bytes_of(Elf64_Sym{}) + bytes_of(data) + bytes_of(IcuData{}) + strings;
  out.resize(kPage, '\0');
  return out + bytes_of(table);
}

base::Status stub_icu_data(const std::vector<std::string>& extensions, PathMap& runtime) {
  if (std::find(extensions.begin(), extensions.end(), "intl") != extensions.end())
    return refuse("strip: icu-data: php.extensions has intl, which needs that data; leave one of them out");
  bool is_there = false;
  for (auto& [path, entry] : runtime.entries()) {
    if (entry.kind != Entry::Kind::file || !path.starts_with(std::string(kFolder) + kLibrary)) continue;
    const std::string version = version_of(path);
    drop_sum(entry.package, path, runtime);
    entry.content = content(icu_stub(kLibrary + version, "icudt" + version + "_dat"));
    entry.package.clear();
    entry.why = "strip: icu-data";
    is_there = true;
  }
  if (!is_there) return refuse("strip: icu-data: nothing of this image loads ICU's data; leave it out");
  return base::success();
}

}  // namespace images
