// key_help(): a visitor that knows the kinds of values by their names for people.
#include "profiles/load/manual.h"

#include "profiles/base/text.h"
#include "profiles/load/encode.h"
#include "profiles/load/kinds.h"
#include "profiles/model/policy.h"

namespace profiles {
namespace {

template <class T>
struct KindOf;

template <ScalarValue T>
std::string scalar_kind() {
  if constexpr (std::is_same_v<T, std::string>) return "text";
  if constexpr (std::is_same_v<T, base::Bytes>) return "size, such as 64MiB";
  if constexpr (std::is_same_v<T, base::Duration>) return "time, such as 30s";
  if constexpr (std::is_same_v<T, base::Percent>) return "share of a processor, such as 200%";
  if constexpr (std::is_same_v<T, bool>) return "true or false";
  if constexpr (std::is_same_v<T, std::uint32_t>) return "number";
  if constexpr (std::is_same_v<T, HostPath>) return "absolute path";
  if constexpr (std::is_same_v<T, TreePath>) return "path below the code";
  if constexpr (std::is_same_v<T, Version>) return "version in quotes, such as \"8.2\"";
  if constexpr (std::is_same_v<T, Mode>) return "permission bits in quotes, such as \"0640\"";
  if constexpr (std::is_enum_v<T>) {
    std::vector<std::string> words;
    for (const auto& [enumerator, spelling] : names(T{})) words.emplace_back(spelling);
    return base::join(words, " or ");
  }
}

template <class T>
std::string kind_of() {
  return KindOf<T>::text();
}

template <class T>
struct KindOf {
  static std::string text() {
    if constexpr (ScalarValue<T>)
      return scalar_kind<T>();
    else
      return "section";
  }
};
template <class T>
struct KindOf<std::optional<T>> {
  static std::string text() { return kind_of<T>(); }
};
template <class T>
struct KindOf<std::vector<T>> {
  static std::string text() {
    if constexpr (DescribedStruct<T>) {
      const std::string title(title_of<T>());
      return title.empty() ? "list of mappings" : "list; an item is a mapping, or only its `" + title + "`";
    } else {
      return "list; each item: " + kind_of<T>();
    }
  }
};
template <class T>
struct KindOf<std::map<std::string, T>> {
  static std::string text() {
    return DescribedStruct<T> ? "names, each with a section" : "names, each with a value: " + kind_of<T>();
  }
};

// The keys below a value: of a section its own, of a list those of an item, of a map those behind a name.
template <class T>
struct Below {
  using Type = T;
  static constexpr const char* kSuffix = "";
};
template <class T>
struct Below<std::vector<T>> {
  using Type = T;
  static constexpr const char* kSuffix = "[]";
};
template <class T>
struct Below<std::map<std::string, T>> {
  using Type = T;
  static constexpr const char* kSuffix = ".NAME";
};
template <class T>
struct Below<std::optional<T>> : Below<T> {};

struct Collector {
  std::string path;
  std::vector<KeyHelp>& rows;

  template <class T>
  void field(std::string_view key, T& value, std::string_view help) {
    using Inner = typename Below<T>::Type;
    const std::string full = key_below(path, key);
    rows.push_back({full, kind_of<T>(), default_of(value), std::string(help), DescribedStruct<Inner>});
    if constexpr (DescribedStruct<Inner>) {
      Collector below{full + Below<T>::kSuffix, rows};
      Inner inner{};
      if constexpr (std::is_same_v<Inner, T>) inner = value;  // a policy may preset a section
      describe(below, inner);
    }
  }
  template <class T>
  void title(std::string_view key, T& value, std::string_view help) {
    field(key, value, help);
  }
  void words(std::string_view key, std::vector<std::string>&, std::string_view help) {
    rows.push_back({key_below(path, key), "list of words, one value: a sequence replaces it", {}, std::string(help), false});
  }

  template <class T>
  static std::string default_of(const T& value) {
    if constexpr (!ScalarValue<T>) {
      return {};
    } else {
      const Node node = encode(value);
      return node.text.empty() || !is_telling(value) ? "" : node.text;
    }
  }
  // An empty text stands for "not said"; that is in the help where it means something.
  static bool is_telling(const std::string& value) { return !value.empty(); }
  static bool is_telling(const HostPath& value) { return !value.text.empty(); }
  static bool is_telling(const TreePath& value) { return !value.text.empty(); }
  static bool is_telling(const Version& value) { return !value.text.empty(); }
  template <class T>
  static bool is_telling(const T&) {
    return true;
  }
};

}  // namespace

std::vector<KeyHelp> key_help() {
  std::vector<KeyHelp> rows{{"extends",
                             "a profile of the catalog, or, with a slash, a path relative to this file",
                             {},
                             "The layer below this one.",
                             false}};
  Collector collector{{}, rows};
  Policy policy;
  describe(collector, policy);
  return rows;
}

}  // namespace profiles
