// For visitors that walk a facet and, beside it, another of the same kind. describe() visits both in the same order, so the
// second walk only counts: the n-th field of the one is the n-th of the other.
//
//   FieldAddresses others;
//   describe(others, other);
//   describe(walk, facet);  // whose n-th field() casts others.fields[n] to its own type
#pragma once

#include <string_view>
#include <vector>

namespace profiles {

struct FieldAddresses {
  std::vector<const void*> fields;
  template <class T>
  void field(std::string_view, T& value, std::string_view) {
    fields.push_back(&value);
  }
  template <class T>
  void title(std::string_view, T& value, std::string_view) {
    fields.push_back(&value);
  }
  template <class T>
  void words(std::string_view, T& value, std::string_view) {
    fields.push_back(&value);
  }
};

}  // namespace profiles
