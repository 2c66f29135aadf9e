// Tables whose rows have a name: layers, conditions, sides.
//
//   const Layer* layer = find_named(layers(), "seccomp");
#pragma once

#include <string>
#include <vector>

namespace harness {

template <class Row>
std::vector<std::string> names_of(const std::vector<Row>& table) {
  std::vector<std::string> out;
  for (const Row& row : table) out.emplace_back(row.name);
  return out;
}

template <class Row>
const Row* find_named(const std::vector<Row>& table, const std::string& name) {
  for (const Row& row : table)
    if (row.name == name) return &row;
  return nullptr;
}

}  // namespace harness
