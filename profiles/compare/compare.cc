#include "profiles/compare/compare.h"

#include <algorithm>
#include <set>

#include "profiles/base/text.h"
#include "profiles/compare/widening.h"
#include "profiles/load/encode.h"
#include "profiles/load/field_addresses.h"
#include "profiles/load/kinds.h"

namespace profiles {

namespace {

using Kind = Difference::Kind;

constexpr const char* kNone = "none";
constexpr std::string_view kNotCompared[] = {"name", "why"};

template <ScalarValue T>
std::string shown(const T& value) {
  const std::string text = encode(value).text;
  return text.empty() ? kNone : text;
}

// One number for comparisons; a value without an order has none.
template <class T>
std::optional<std::uint64_t> size_of(const T& value) {
  if constexpr (std::same_as<T, base::Bytes>) return value.count;
  if constexpr (std::same_as<T, base::Duration>) return value.milliseconds;
  if constexpr (std::same_as<T, base::Percent>) return value.value;
  if constexpr (std::same_as<T, std::uint32_t>) return value;
  if constexpr (std::same_as<T, Mode>) return value.bits;
  return std::nullopt;
}

Widens rule_for(const std::string& key) {
  const WideningRule* rule = widening_of(key);
  return rule == nullptr ? Widens::never : rule->widens;
}

template <ScalarValue T>
bool widens(const std::string& key, const T& before, const T& after) {
  switch (rule_for(key)) {
    case Widens::added: return shown(after) != kNone;
    case Widens::larger: return size_of(after) > size_of(before);
    case Widens::fewer_bits: return (size_of(before).value_or(0) & ~size_of(after).value_or(0)) != 0;
    case Widens::when_false: return shown(after) == "false";
    case Widens::never:
    case Widens::removed:
    case Widens::added_to_some: break;
  }
  return false;
}

// Of an item of a list or a map.
bool widens(const std::string& list, Kind kind, bool had_any, bool has_any) {
  switch (rule_for(list)) {
    case Widens::added: return kind == Kind::added;
    case Widens::removed: return kind == Kind::removed;
    case Widens::added_to_some: return kind == Kind::added ? had_any : !has_any;
    case Widens::never:
    case Widens::larger:
    case Widens::fewer_bits:
    case Widens::when_false: break;
  }
  return false;
}

template <class T>
const T* find(const std::vector<T>& list, const std::string& name) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const T& item) { return name_of(item) == name; });
  return found == list.end() ? nullptr : &*found;
}

template <class T>
std::set<std::string> names_in(const std::vector<T>& list) {
  std::set<std::string> names;
  for (const T& item : list) names.insert(name_of(item));
  return names;
}

class Comparison {
 public:
  explicit Comparison(std::vector<Difference>& out) : out_(out) {}

  template <ScalarValue T>
  void values(const std::string& key, const T& before, const T& after) {
    if (before != after) out_.push_back({Kind::changed, key, shown(before), shown(after), widens(key, before, after)});
  }

  template <class T>
  void values(const std::string& key, const std::optional<T>& before, const std::optional<T>& after) {
    if (before == after) return;
    if (before && after) return values(key, *before, *after);
    const bool is_limit = rule_for(key) == Widens::larger;
    out_.push_back({Kind::changed, key, before ? shown(*before) : kNone, after ? shown(*after) : kNone, is_limit && !after});
  }

  template <class T>
  void values(const std::string& key, const std::vector<T>& before, const std::vector<T>& after) {
    std::set<std::string> names = names_in(before);
    names.merge(names_in(after));
    for (const std::string& name : names) {
      const T *old = find(before, name), *now = find(after, name);
      if (old != nullptr && now != nullptr) {
        if constexpr (DescribedStruct<T>) values(item_below(key, name), *old, *now);
        continue;
      }
      item(key, name, old != nullptr, {!before.empty(), !after.empty()});
    }
  }

  template <class T>
  void values(const std::string& key, const std::map<std::string, T>& before, const std::map<std::string, T>& after) {
    std::set<std::string> names;
    for (const auto* map : {&before, &after})
      for (const auto& [name, value] : *map) names.insert(name);
    for (const std::string& name : names) {
      const auto old = before.find(name), now = after.find(name);
      if (old != before.end() && now != after.end())
        values(item_below(key, name), old->second, now->second);
      else
        item(key, entry_text(old != before.end() ? *old : *now), old != before.end(), {!before.empty(), !after.empty()});
    }
  }

  template <DescribedStruct T>
  void values(const std::string& path, const T& before, const T& after);

  void command(const std::string& key, const std::vector<std::string>& before, const std::vector<std::string>& after) {
    if (before != after) out_.push_back({Kind::changed, key, base::join(before, " "), base::join(after, " "), false});
  }

 private:
  struct Sizes {
    bool had_any;
    bool has_any;
  };
  void item(const std::string& list, const std::string& text, bool was_there, Sizes sizes) {
    const Kind kind = was_there ? Kind::removed : Kind::added;
    out_.push_back({kind, list, was_there ? text : "", was_there ? "" : text, widens(list, kind, sizes.had_any, sizes.has_any)});
  }

  template <class T>
  static std::string entry_text(const std::pair<const std::string, T>& entry) {
    if constexpr (ScalarValue<T>) return entry.first + ": " + shown(entry.second);
    return entry.first;
  }

  std::vector<Difference>& out_;
};

// Visits a facet; the other one's fields lie in `others`.
struct FieldPairs {
  Comparison& comparison;
  const std::string& path;
  const std::vector<const void*>& others;
  std::size_t visited = 0;

  static bool is_compared(std::string_view key) {
    return std::find(std::begin(kNotCompared), std::end(kNotCompared), key) == std::end(kNotCompared);
  }
  template <class T>
  void field(std::string_view key, T& before, std::string_view) {
    const T& after = *static_cast<const T*>(others[visited++]);
    if (is_compared(key)) comparison.values(key_below(path, key), std::as_const(before), after);
  }
  template <class T>
  void title(std::string_view, T&, std::string_view) {
    ++visited;  // the name by which the two were found
  }
  void words(std::string_view key, std::vector<std::string>& before, std::string_view) {
    comparison.command(key_below(path, key), before, *static_cast<const std::vector<std::string>*>(others[visited++]));
  }
};

template <DescribedStruct T>
void Comparison::values(const std::string& path, const T& before, const T& after) {
  T first = before, second = after;
  FieldAddresses others;
  describe(others, second);
  FieldPairs pairs{*this, path, others.fields};
  describe(pairs, first);
}

}  // namespace

std::vector<Difference> compare(const Policy& before, const Policy& after) {
  std::vector<Difference> out;
  Comparison(out).values({}, before, after);
  return out;
}

std::string text_of(const Difference& difference) {
  std::string text;
  switch (difference.kind) {
    case Kind::added: text = "+ " + difference.key + " " + difference.after; break;
    case Kind::removed: text = "- " + difference.key + " " + difference.before; break;
    case Kind::changed: text = "~ " + difference.key + " " + difference.before + " -> " + difference.after; break;
  }
  return base::escape_control(text + (difference.widens ? "  (widens)" : ""));
}

}  // namespace profiles
