// What a program or library of the image needs to be loaded: its interpreter and libraries (elf(5)).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "profiles/base/result.h"

namespace images {

struct Needs {
  std::string interpreter;             // absolute; empty for a library
  std::vector<std::string> libraries;  // DT_NEEDED
  std::string name;                    // DT_SONAME; programs have none
  std::vector<std::string> folders;    // DT_RUNPATH or DT_RPATH, $ORIGIN not yet replaced
};

// Does it start by itself, with an interpreter? Libraries that print their version when they are started have a name of their own.
bool is_program(std::string_view file);

// nullopt for anything that is no ELF file of this architecture; an error for one that is damaged.
base::Result<std::optional<Needs>> read_needs(std::string_view file);

}  // namespace images
