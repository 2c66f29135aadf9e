#include "profiles/base/json.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

namespace base {

using Library = nlohmann::ordered_json;

namespace {

constexpr std::size_t kDeepest = 100;  // lists in lists: a destructor calls itself so often

bool is_member(const Json& item) { return item.is_array() && item.size() == 2 && item.items()[0].text() != nullptr; }

}  // namespace

Json::Json(const Json&) = default;
Json::Json(Json&&) noexcept = default;
Json& Json::operator=(const Json&) = default;
Json& Json::operator=(Json&&) noexcept = default;
Json::~Json() = default;

Json::Json(std::string text) : kind_(Kind::text), text_(std::move(text)) {}

Json::Json(std::initializer_list<Json> items) : kind_(Kind::object) {
  if (!std::all_of(items.begin(), items.end(), is_member)) {
    *this = array(items);
    return;
  }
  for (const Json& item : items) (*this)[*item.items_[0].text()] = item.items_[1];
}

Json Json::array(std::initializer_list<Json> items) {
  Json out;
  out.kind_ = Kind::array;
  out.items_ = items;
  return out;
}

Json Json::object() {
  Json out;
  out.kind_ = Kind::object;
  return out;
}

Json& Json::operator[](std::string_view name) {
  if (kind_ == Kind::null) kind_ = Kind::object;
  const auto at = std::find(names_.begin(), names_.end(), name);
  if (at != names_.end()) return items_[static_cast<std::size_t>(at - names_.begin())];
  names_.emplace_back(name);
  return items_.emplace_back();
}

void Json::push_back(Json item) {
  if (kind_ == Kind::null) kind_ = Kind::array;
  items_.push_back(std::move(item));
}

void Json::update(const Json& object) {
  for (std::size_t i = 0; i < object.size(); ++i) (*this)[object.names_[i]] = object.items_[i];
}

const Json* Json::find(std::string_view name) const {
  const auto at = std::find(names_.begin(), names_.end(), name);
  return at == names_.end() ? nullptr : &items_[static_cast<std::size_t>(at - names_.begin())];
}

std::optional<bool> Json::boolean() const {
  if (kind_ != Kind::boolean) return std::nullopt;
  return number_ != 0;
}

std::optional<std::uint64_t> Json::number() const {
  if (kind_ != Kind::number) return std::nullopt;
  return number_;
}

std::optional<std::int64_t> Json::signed_number() const {
  if (kind_ != Kind::below_zero && (kind_ != Kind::number || number_ > std::numeric_limits<std::int64_t>::max())) return std::nullopt;
  return static_cast<std::int64_t>(number_);
}

// To the library's values, and what its parser says step by step.
struct JsonLibrary {
  static Library of(const Json& value) {
    switch (value.kind_) {
      case Json::Kind::null: return nullptr;
      case Json::Kind::boolean: return value.number_ != 0;
      case Json::Kind::number: return value.number_;
      case Json::Kind::below_zero: return static_cast<std::int64_t>(value.number_);
      case Json::Kind::real: return value.real_;
      case Json::Kind::text: return value.text_;
      case Json::Kind::array: break;
      case Json::Kind::object: break;
    }
    Library out = value.is_array() ? Library::array() : Library::object();
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (value.is_array())
        out.push_back(of(value.items_[i]));
      else
        out[value.names_[i]] = of(value.items_[i]);
    }
    return out;
  }

  static Json of_real(double value) {
    Json out;
    out.kind_ = Json::Kind::real;
    out.real_ = value;
    return out;
  }
};

namespace {

// Builds the value; what the library calls is named by it.
class Builder : public nlohmann::json_sax<Library> {
 public:
  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(std::int64_t value) override { return add(value); }
  bool number_unsigned(std::uint64_t value) override { return add(value); }
  bool number_float(double value, const std::string&) override { return add(JsonLibrary::of_real(value)); }
  bool string(std::string& value) override { return add(std::move(value)); }
  bool binary(Library::binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(std::string& name) override {
    repeated = repeated || open_.back()->find(name) != nullptr;
    name_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

  Json root;
  bool repeated = false;

 private:
  Json* put(Json value) {
    if (open_.empty()) return &(root = std::move(value));
    Json& in = *open_.back();
    if (in.is_object()) return &(in[name_] = std::move(value));
    in.push_back(std::move(value));
    return const_cast<Json*>(&in.items().back());
  }
  bool add(Json value) {
    put(std::move(value));
    return true;
  }
  // What is open is the last of what holds it, and stays where it is until it is closed.
  bool open(Json value) {
    if (open_.size() == kDeepest) return false;
    open_.push_back(put(std::move(value)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::vector<Json*> open_;
  std::string name_;
};

}  // namespace

std::string Json::dump(int indent) const { return JsonLibrary::of(*this).dump(indent, ' ', false, Library::error_handler_t::replace); }
std::string Json::dump_ascii() const { return JsonLibrary::of(*this).dump(-1, ' ', true, Library::error_handler_t::replace); }

Result<Json> Json::parse(std::string_view text, bool* repeated) {
  Builder builder;
  if (!Library::sax_parse(text, &builder)) return Error{"not JSON", {}, 0, {}};
  if (repeated != nullptr) *repeated = builder.repeated;
  return std::move(builder.root);
}

}  // namespace base
