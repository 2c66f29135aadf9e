// The kinds of values that facets are made of, as concepts, so that each visitor of describe() says once what it does
// with a kind and not with each type.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "profiles/base/units.h"
#include "profiles/model/describe.h"

namespace profiles {

template <class T, class... Others>
concept OneOf = (std::same_as<T, Others> || ...);

// One value, written as one YAML scalar.
template <class T>
concept ScalarValue = std::is_enum_v<T> || OneOf<T, std::string, base::Bytes, base::Duration, base::Percent, bool,
                                                 std::uint32_t, HostPath, TreePath, Version, Mode>;

template <class T>
struct IsContainer : std::false_type {};
template <class T>
struct IsContainer<std::vector<T>> : std::true_type {};
template <class T>
struct IsContainer<std::optional<T>> : std::true_type {};
template <class K, class T>
struct IsContainer<std::map<K, T>> : std::true_type {};

// A struct with a describe().
template <class T>
concept DescribedStruct = std::is_class_v<T> && !ScalarValue<T> && !IsContainer<T>::value;

// The key of the field that a bare scalar stands for; "" when an item must be written as a mapping.
struct TitleFinder {
  std::string_view found;
  template <class T>
  void field(std::string_view, T&, std::string_view) {}
  template <class T>
  void words(std::string_view, T&, std::string_view) {}
  template <class T>
  void title(std::string_view key, T&, std::string_view) {
    found = key;
  }
};
template <DescribedStruct T>
std::string_view title_of() {
  TitleFinder finder;
  T item{};
  describe(finder, item);
  return finder.found;
}

// The name by which an item of a list is known: in origins, in `remove:`, and to tell whether it is there already.
inline const std::string& name_of(const std::string& item) { return item; }
inline const std::string& name_of(const HostPath& item) { return item.text; }
inline const std::string& name_of(const TreePath& item) { return item.text; }
inline std::string name_of(std::uint32_t item) { return std::to_string(item); }
template <DescribedStruct T>
std::string name_of(const T& item) {
  return item.item_name();
}

inline std::string key_below(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : path + "." + std::string(key);
}
inline std::string item_below(const std::string& path, std::string_view name) {
  return path + "[" + std::string(name) + "]";
}

}  // namespace profiles
