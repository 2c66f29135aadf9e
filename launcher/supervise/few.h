// Values that lie in place, for what must not be in the heap: the janitor lets go of it.
//
//   Few<FileName, 2> names = {"box.json", ".box.json"};
#pragma once

#include <limits.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace launcher {

// No file system has longer ones.
class FileName {
 public:
  FileName() = default;
  FileName(std::string_view name) { name.copy(text_.data(), NAME_MAX); }  // implicit: a name is a name
  FileName(const std::string& name) : FileName(std::string_view(name)) {}
  FileName(const char* name) : FileName(std::string_view(name)) {}
  const char* c_str() const { return text_.data(); }

 private:
  std::array<char, NAME_MAX + 1> text_{};
};

template <class T, std::size_t N>
class Few {
 public:
  Few() = default;
  Few(std::initializer_list<T> items) {
    for (const T& item : items) push_back(item);
  }
  void push_back(T item) {
    if (size_ == N) std::abort();  // more than N of them is a bug
    items_[size_++] = std::move(item);
  }
  T& operator[](std::size_t index) { return items_[index]; }
  T* begin() { return items_.data(); }
  T* end() { return items_.data() + size_; }
  const T* begin() const { return items_.data(); }
  const T* end() const { return items_.data() + size_; }

 private:
  std::array<T, N> items_{};
  std::size_t size_ = 0;
};

}  // namespace launcher
