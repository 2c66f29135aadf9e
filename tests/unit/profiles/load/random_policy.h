// Policies of random content, made by one more visitor of describe(): a new field is covered without a word here.
#pragma once

#include <random>
#include <set>

#include "profiles/kernel/syscall_names.h"
#include "profiles/load/kinds.h"
#include "profiles/model/policy.h"

namespace profiles::test {

class RandomValues {
 public:
  explicit RandomValues(unsigned seed) : random_(seed) {}

  template <class T>
  void field(std::string_view, T& value, std::string_view) {
    if (below(3) != 0) fill(value);
  }
  void words(std::string_view, std::vector<std::string>& value, std::string_view) {
    value.resize(below(4));
    for (std::string& word : value) fill(word);
  }
  template <class T>
  void title(std::string_view, T& value, std::string_view) {
    do fill(value);
    while (name_of(value).empty());
  }

  unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

 private:
  static constexpr const char* kNasty[] = {"",
                                           " ",
                                           "null",
                                           "~",
                                           "true",
                                           "yes",
                                           "8.10",
                                           "0755",
                                           "- a",
                                           "a: b",
                                           "a #b",
                                           "#",
                                           ":",
                                           "@x",
                                           "%",
                                           "`",
                                           "|",
                                           ">",
                                           "*a",
                                           "&a",
                                           "!x",
                                           "{",
                                           "}",
                                           "[a]",
                                           ",",
                                           "'",
                                           "\"",
                                           "\\",
                                           "\\n",
                                           " lead",
                                           "trail ",
                                           "a  b",
                                           "x:y",
                                           "key:",
                                           "\n",
                                           "a\nb",
                                           "\t",
                                           "\r\n",
                                           "\x1b[2J",
                                           "\x7f",
                                           "z\xc3\xbc",
                                           "\xc2\x85",
                                           "\xe2\x80\xa8",
                                           "\xef\xbb\xbf",
                                           "\xf0\x9f\x98\x80",
                                           "<<",
                                           "---",
                                           "...",
                                           "1e3",
                                           "0x1f",
                                           "1_000",
                                           "12:30",
                                           ".inf",
                                           ".php",
                                           "=",
                                           "?",
                                           "? a",
                                           "-",
                                           "\xc2\xa0",
                                           "a]",
                                           "a}",
                                           "a,b",
                                           "2001-01-01",
                                           "on",
                                           "Null",
                                           "\x01"};

  void fill(std::string& value) {
    value.clear();
    for (unsigned parts = below(3) + 1; parts > 0; --parts) {
      if (below(2) == 0)
        value += kNasty[below(std::size(kNasty))];
      else
        for (unsigned length = below(12); length > 0; --length) value += static_cast<char>(' ' + below(95));
    }
    if (below(40) == 0) value += std::string(below(300), 'w') + " " + std::string(below(300), 'x');
  }
  void fill(base::Bytes& value) { value.count = number() << below(20); }
  void fill(base::Duration& value) { value.milliseconds = number(); }
  void fill(base::Percent& value) { value.value = static_cast<std::uint32_t>(number()); }
  void fill(bool& value) { value = below(2) == 0; }
  void fill(std::uint32_t& value) { value = static_cast<std::uint32_t>(number()); }
  void fill(Mode& value) { value.bits = below(01000); }
  void fill(HostPath& value) {
    value.text.clear();
    for (unsigned parts = below(3) + 1; parts > 0; --parts) value.text += "/" + component();
  }
  void fill(TreePath& value) {
    value.text = component();
    for (unsigned parts = below(3); parts > 0; --parts) value.text += "/" + component();
  }
  void fill(Version& value) { value.text = std::to_string(below(10)) + "." + std::to_string(below(30)); }
  template <class E>
  requires std::is_enum_v<E>
  void fill(E& value) {
    const auto all = names(E{});
    value = all[below(static_cast<unsigned>(all.size()))].first;
  }
  template <class T>
  void fill(std::optional<T>& value) {
    fill(value.emplace());
  }
  template <DescribedStruct T>
  void fill(T& value) {
    describe(*this, value);
  }
  template <class T>
  void fill(std::vector<T>& list) {
    list.clear();
    std::set<std::string> names;
    for (unsigned count = below(6); count > 0; --count) {
      T item{};
      fill(item);
      if (!name_of(item).empty() && names.insert(std::string(name_of(item))).second) list.push_back(item);
    }
  }
  template <class T>
  void fill(std::map<std::string, T>& map) {
    map.clear();
    for (unsigned count = below(6); count > 0; --count) {
      std::string key;
      while (key.empty() || key == "<<" || key.size() > 200) fill(key);
      fill(map[key]);
    }
  }

  std::uint64_t number() { return random_() >> (32 + below(32)); }
  std::string component() {
    for (;;) {
      std::string text;
      fill(text);
      std::string clean;
      for (const char c : text)
        if (c != '/' && static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) clean += c;
      if (clean.find("\xc2\x85") == clean.npos && !clean.empty() && clean != "." && clean != "..") return clean;
    }
  }

  std::mt19937_64 random_;
};

inline Policy random_policy(unsigned seed) {
  RandomValues values(seed);
  Policy policy;
  describe(values, policy);
  policy.name = "pool" + std::to_string(seed);
  // What the reader holds calls to: they exist, and each is in one list.
  const auto& all = native_syscall_names();
  policy.syscalls.allow.clear();
  policy.syscalls.report.clear();
  policy.syscalls.absent.clear();
  const unsigned density = values.below(4);
  for (const std::string& name : all) {
    switch (density == 0 ? 9u : values.below(density * 5)) {
      case 0:
        policy.syscalls.report.push_back(name);
        break;
      case 1:
        policy.syscalls.absent.push_back(name);
        break;
      case 2:
      case 3:
        policy.syscalls.allow.push_back({name, values.below(9) == 0 ? "why: #" + name : ""});
        break;
      default:
        break;
    }
  }
  return policy;
}

}  // namespace profiles::test
