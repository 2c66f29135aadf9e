// Every key of the language with its kind, its default and its help, taken from describe(): for the manual page.
#pragma once

#include <string>
#include <vector>

namespace profiles {

struct KeyHelp {
  std::string key;            // "limits.memory.max"; below a list "connect[].unix", below a map "jobs.NAME.every"
  std::string kind;           // "a size such as 64MiB"
  std::string default_value;  // as YAML; empty when there is none
  std::string help;
  bool is_section = false;  // holds other keys: they follow
  friend bool operator==(const KeyHelp&, const KeyHelp&) = default;
};

// In the order of describe(), each section before its keys.
std::vector<KeyHelp> key_help();

}  // namespace profiles
