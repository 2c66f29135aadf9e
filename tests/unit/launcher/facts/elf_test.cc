#include "launcher/facts/elf.h"

#include <doctest/doctest.h>
#include <elf.h>

#include <cstring>
#include <fstream>
#include <functional>
#include <sstream>

using namespace launcher;

namespace {

struct Elf {
  Elf64_Ehdr header = {};
  Elf64_Phdr segments[2] = {};
  char text[64] = "/lib64/ld.so";

  Elf() {
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_phoff = sizeof header;
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_phnum = 2;
    segments[0].p_type = PT_LOAD;
    segments[1].p_type = PT_INTERP;
    segments[1].p_offset = sizeof header + sizeof segments;
    segments[1].p_filesz = std::strlen(text) + 1;
  }
  std::string bytes() const {
    std::string out(reinterpret_cast<const char*>(&header), sizeof header);
    out.append(reinterpret_cast<const char*>(segments), sizeof segments);
    return out.append(text, sizeof text);
  }
};

}  // namespace

TEST_CASE("interpreter of a well-formed program") {
  CHECK(program_interpreter(Elf().bytes()).value() == "/lib64/ld.so");
  Elf fixed;
  fixed.segments[1].p_type = PT_NOTE;
  CHECK(program_interpreter(fixed.bytes()).value().empty());
  fixed.header.e_phnum = 0;
  CHECK(program_interpreter(fixed.bytes()).value().empty());
}

TEST_CASE("malformed programs are refused") {
  struct Row {
    std::string name;
    std::function<void(Elf&)> spoil;
  };
  const Row rows[] = {
      {"magic", [](Elf& e) { e.header.e_ident[0] = 0; }},
      {"32 bit", [](Elf& e) { e.header.e_ident[EI_CLASS] = ELFCLASS32; }},
      {"byte order", [](Elf& e) { e.header.e_ident[EI_DATA] = ELFDATA2MSB; }},
      {"entry size", [](Elf& e) { e.header.e_phentsize = 1; }},
      {"entry size 0", [](Elf& e) { e.header.e_phentsize = 0; }},
      {"too many headers", [](Elf& e) { e.header.e_phnum = 0xffff; }},
      {"headers at the end", [](Elf& e) { e.header.e_phoff = 1 << 20; }},
      {"headers wrap around", [](Elf& e) { e.header.e_phoff = ~0ull - 8; }},
      {"text at the end", [](Elf& e) { e.segments[1].p_offset = 1 << 20; }},
      {"text wraps around", [](Elf& e) { e.segments[1].p_offset = ~0ull - 3; }},
      {"text too long", [](Elf& e) { e.segments[1].p_filesz = ~0ull; }},
      {"text beyond", [](Elf& e) { e.segments[1].p_filesz = 4096; }},
      {"no text", [](Elf& e) { e.segments[1].p_filesz = 0; }},
      {"only its end", [](Elf& e) { e.segments[1].p_filesz = 1; }},
      {"not ended", [](Elf& e) { e.segments[1].p_filesz -= 1; }},
      {"ended twice", [](Elf& e) { e.text[4] = '\0'; }},
      {"relative", [](Elf& e) { e.text[0] = 'x'; }},
      {"dots", [](Elf& e) { std::strcpy(e.text, "/lib/../ld.s"); }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Elf elf;
    row.spoil(elf);
    CHECK_FALSE(program_interpreter(elf.bytes()).ok());
  }
}

TEST_CASE("every truncation is refused or right") {
  const std::string whole = Elf().bytes();
  const std::size_t needed = whole.size() - sizeof(Elf::text) + std::strlen("/lib64/ld.so") + 1;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    CHECK(program_interpreter(whole.substr(0, length)).ok() == (length >= needed));
  }
  CHECK_FALSE(program_interpreter("#!/bin/sh\n").ok());
}

TEST_CASE("a program of this host") {
  std::ifstream file("/usr/bin/env", std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  const auto found = program_interpreter(text.str());
  REQUIRE(found.ok());
  CHECK(found.value().starts_with("/lib"));
}
