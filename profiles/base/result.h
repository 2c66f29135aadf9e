// Result<T> and Status: what a function returns when the world may say no.
// Author's mistakes go to Diagnostics, our own bugs to assert; style: `auto fd = TRY(open_directory(path));`
#pragma once

#include <cstring>
#include <string>
#include <utility>
#include <variant>

namespace base {

// One refusal: the act, what it was done to, the kernel's reason (an errno; 0 when the reason is in `act`).
struct Error {
  std::string act;
  std::string subject;
  int code = 0;
  std::string context;

  std::string text() const {
    std::string line = act;
    if (!subject.empty()) line += "(" + subject + ")";
    if (code != 0) line += std::string(": ") + std::strerror(code);
    if (!context.empty()) line = context + ": " + line;
    return line;
  }
  Error during(std::string what) && {
    context = context.empty() ? std::move(what) : std::move(what) + ": " + context;
    return std::move(*this);
  }
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  const Error& error() const { return std::get<1>(state_); }
  Error&& take_error() { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

struct Nothing {
  friend bool operator==(Nothing, Nothing) = default;
};
using Status = Result<Nothing>;
inline Status success() { return Nothing{}; }

// What was being made when it failed.
template <class T>
Result<T> during(const std::string& what, Result<T> result) {
  if (!result) return std::move(result.take_error()).during(what);
  return result;
}

template <class T>
std::string toString(const Result<T>& result) {  // doctest prints failures with it
  return result.ok() ? "success" : result.error().text();
}

}  // namespace base

// Only as a whole statement or a whole initialiser: inside braces or a new-expression g++ 12 and clang 14 leak what was built.
#define TRY(expression)                                       \
  __extension__({                                             \
    auto try_result_ = (expression);                          \
    if (!try_result_.ok()) return try_result_.take_error();   \
    std::move(try_result_).value();                           \
  })
