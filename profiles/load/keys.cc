// all_keys(): a visitor that collects.
#include <algorithm>

#include "profiles/load/compose.h"
#include "profiles/load/kinds.h"

namespace profiles {

namespace {

struct KeyCollector {
  std::string path;
  std::vector<std::string>& keys;

  template <class T>
  void field(std::string_view key, T& value, std::string_view) {
    if constexpr (DescribedStruct<T>) {
      KeyCollector below{key_below(path, key), keys};
      describe(below, value);
    } else {
      keys.push_back(key_below(path, key));
    }
  }
};

}  // namespace

std::vector<std::string> all_keys() {
  std::vector<std::string> keys{"extends"};
  KeyCollector collector{{}, keys};
  Policy policy;
  describe(collector, policy);
  std::sort(keys.begin(), keys.end());
  return keys;
}

}  // namespace profiles
