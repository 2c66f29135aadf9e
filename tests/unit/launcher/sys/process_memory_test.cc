#include "launcher/sys/process_memory.h"

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

namespace {

// Two pages, of which the second is not there.
struct EndOfMemory {
  static constexpr std::size_t kPage = 4096;
  char* start = static_cast<char*>(::mmap(nullptr, 2 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  EndOfMemory() { ::munmap(start + kPage, kPage); }
  ~EndOfMemory() { ::munmap(start, kPage); }
  std::uint64_t from_end(std::size_t count) const { return reinterpret_cast<std::uint64_t>(start + kPage - count); }
};

}  // namespace

TEST_CASE("memory is read up to where it ends") {
  const EndOfMemory memory;
  std::memcpy(reinterpret_cast<char*>(memory.from_end(6)), "abcde", 6);
  const auto text = sys::read_memory_text(::getpid(), memory.from_end(6), 4096);
  REQUIRE_MESSAGE(text.ok(), toString(text));
  CHECK_EQ(text.value(), "abcde");
  const auto bytes = sys::read_memory(::getpid(), memory.from_end(6), 100);
  REQUIRE(bytes.ok());
  CHECK_EQ(bytes.value(), std::string("abcde\0", 6));
  std::memcpy(reinterpret_cast<char*>(memory.from_end(6)), "abcdef", 6);
  CHECK_FALSE(sys::read_memory_text(::getpid(), memory.from_end(6), 4096).ok());
  CHECK_FALSE(sys::read_memory_text(::getpid(), memory.from_end(6), 3).ok());
  CHECK_FALSE(sys::read_memory(::getpid(), memory.from_end(0), 1).ok());
}

TEST_CASE("a text may go over a page's end") {
  std::string page(3 * EndOfMemory::kPage, 'x');
  const auto text = sys::read_memory_text(::getpid(), reinterpret_cast<std::uint64_t>(page.c_str()), 5 * EndOfMemory::kPage);
  REQUIRE(text.ok());
  CHECK_EQ(text.value(), page);
}
