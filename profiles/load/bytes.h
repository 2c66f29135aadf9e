// Numbers and texts as bytes, for what a cache keeps. The reader refuses whatever the writer would not have made, and never
// allocates more than the bytes that are left could hold.
//
//   ByteWriter out;  out.text("php-fpm");
//   ByteReader in(out.bytes);  in.text() == "php-fpm" && in.at_end()
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace profiles {

class ByteWriter {
 public:
  void number(std::uint32_t value) { bytes.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void large(std::uint64_t value) { bytes.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void text(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    bytes += value;
  }
  std::string bytes;
};

// After a failure everything read is 0 or "".
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : left_(bytes) {}

  std::uint32_t number() { return plain<std::uint32_t>(); }
  std::uint64_t large() { return plain<std::uint64_t>(); }
  std::string text() { return std::string(view()); }
  // text(), in the bytes that were given.
  std::string_view view() {
    const std::uint32_t size = number();
    if (size > left_.size()) fail();
    if (failed_) return {};
    const std::string_view value = left_.substr(0, size);
    left_.remove_prefix(size);
    return value;
  }
  // How many follow, each of at least `smallest` bytes.
  std::size_t count(std::size_t smallest) {
    const std::uint32_t value = number();
    if (value > left_.size() / smallest) fail();
    return failed_ ? 0 : value;
  }
  void fail() { failed_ = true; }
  bool failed() const { return failed_; }
  bool at_end() const { return !failed_ && left_.empty(); }
  std::size_t left() const { return left_.size(); }  // bytes

 private:
  template <class T>
  T plain() {
    T value = 0;
    if (left_.size() < sizeof value) fail();
    if (failed_) return 0;
    std::memcpy(&value, left_.data(), sizeof value);
    left_.remove_prefix(sizeof value);
    return value;
  }

  std::string_view left_;
  bool failed_ = false;
};

}  // namespace profiles
