#include "launcher/facts/program_text.h"

#include <doctest/doctest.h>

using namespace launcher;
using Words = std::vector<std::string>;

TEST_CASE("a script's first line, as the kernel reads it") {
  struct Row {
    std::string head;
    std::optional<Words> words;
  };
  const Row rows[] = {
      {"#!/bin/sh\necho", Words{"/bin/sh"}},
      {"#! /usr/bin/perl  -w -T \n", Words{"/usr/bin/perl", "-w -T"}},
      {"#!/usr/bin/env\tphp\r\n", Words{"/usr/bin/env", "php"}},
      {"#!/bin/sh", Words{}},
      {"#!sh\n", Words{}},
      {"#!/bin/../sh\n", Words{}},
      {"#!\n", Words{}},
      {"#!/" + std::string(200, 'x') + "\n", Words{}},
      {"\x7f" "ELF", std::nullopt},
      {"", std::nullopt},
      {"#", std::nullopt},
      {" #!/bin/sh\n", std::nullopt},
  };
  for (const Row& row : rows) {
    CAPTURE(row.head);
    CHECK(first_line(row.head) == row.words);
  }
}

TEST_CASE("what a dynamic loader would load") {
  const LibraryList list = parse_library_list(
      "\tlinux-vdso.so.1 (0x00007fff)\n\tlibz.so.1 => not found\n\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f94)\n"
      "\tlibodd.so => /opt/an odd (0x1) place/libodd.so (0x7f)\n\t/lib64/ld-linux-x86-64.so.2 (0x00007f94286fd000)\n"
      "libx.so => relative/libx.so (0x7f)\nnoise\n");
  CHECK(list.found == Words{"/lib/x86_64-linux-gnu/libc.so.6", "/opt/an odd (0x1) place/libodd.so", "/lib64/ld-linux-x86-64.so.2"});
  CHECK(list.lost == Words{"libz.so.1"});
  CHECK(parse_library_list("") == LibraryList{});
}
