// What programs are, told from texts: a script's first line, a dynamic loader's list. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace launcher {

// "#!/usr/bin/perl -w" as execve(2) reads it: the interpreter, and all that follows as one argument. nullopt for anything
// else; an empty list when the line is longer than every kernel takes, or names no absolute path.
std::optional<std::vector<std::string>> first_line(std::string_view head);

struct LibraryList {
  std::vector<std::string> found;  // paths, as the loader found them
  std::vector<std::string> lost;   // names
  friend bool operator==(const LibraryList&, const LibraryList&) = default;
};

// From the output of `ld.so --list PROGRAM` (the loaders of glibc and of musl): "NAME => PATH (0xADDRESS)".
LibraryList parse_library_list(std::string_view text);

}  // namespace launcher
