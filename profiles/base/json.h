// A JSON value: what we print for programs, and what we keep. An object has its members in the order in which they came. The
// library that writes and parses takes longer to compile than most of our files, so json.cc alone has it.
//
//   Json out = {{"name", box.pool}, {"pid", box.pid}, {"gaps", box.gaps}};
//   out["outdated"] = Json::array();
//   out["outdated"].push_back({{"what", "library"}, {"subject", path}});
//   const std::string text = out.dump(2);
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "profiles/base/result.h"

namespace base {

class Json {
 public:
  Json() = default;  // null
  Json(std::nullptr_t) {}
  template <std::same_as<bool> Bool>  // and no pointer by mistake
  Json(Bool value) : kind_(Kind::boolean), number_(value) {}
  template <std::integral Number>
    requires(!std::same_as<Number, bool>)
  Json(Number value) : kind_(value < Number{0} ? Kind::below_zero : Kind::number), number_(static_cast<std::uint64_t>(value)) {}
  Json(const char* text) : Json(std::string(text)) {}
  Json(std::string_view text) : Json(std::string(text)) {}
  Json(std::string text);
  template <class Value>
  Json(const std::vector<Value>& values) : kind_(Kind::array), items_(values.begin(), values.end()) {}
  Json(std::initializer_list<Json> items);  // pairs that begin with a text make an object, all else is a list
  static Json array(std::initializer_list<Json> items = {});
  static Json object();
  Json(const Json& other);
  Json(Json&& other) noexcept;
  Json& operator=(const Json& other);
  Json& operator=(Json&& other) noexcept;
  ~Json();

  // null becomes what the first of these makes of it
  Json& operator[](std::string_view name);  // the member, which is null when it was not there
  void push_back(Json item);
  void update(const Json& object);

  bool is_object() const { return kind_ == Kind::object; }
  bool is_array() const { return kind_ == Kind::array; }
  std::size_t size() const { return items_.size(); }
  const std::vector<Json>& items() const { return items_; }         // of a list, or the values of an object
  const std::vector<std::string>& names() const { return names_; }  // of an object, as its items
  const Json* find(std::string_view name) const;                    // nullptr, too, in what is no object
  const std::string* text() const { return kind_ == Kind::text ? &text_ : nullptr; }
  std::optional<bool> boolean() const;
  std::optional<std::uint64_t> number() const;         // not below zero
  std::optional<std::int64_t> signed_number() const;

  // On one line, or indented. Bytes that are not UTF-8, as file names may have, become U+FFFD.
  std::string dump(int indent = -1) const;
  std::string dump_ascii() const;  // with \u escapes, for others' parsers
  // Strict. Of two members with one name the last stays; `repeated` says whether there were such.
  static Result<Json> parse(std::string_view text, bool* repeated = nullptr);

 private:
  friend struct JsonLibrary;
  enum class Kind { null, boolean, number, below_zero, real, text, array, object };
  Kind kind_ = Kind::null;
  std::uint64_t number_ = 0;  // of one below zero its two's complement
  double real_ = 0;
  std::string text_;
  std::vector<std::string> names_;
  std::vector<Json> items_;
};

}  // namespace base
