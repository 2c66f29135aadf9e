// A main() for fuzz targets where libFuzzer is not linked in: runs seeds and random mutations of them, so that the same
// target is an ordinary test under any compiler. Usage: TARGET [ITERATIONS [SEED]]; the seed is printed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

#define FUZZ_REQUIRE(claim)                           \
  do {                                                \
    if (!(claim)) {                                   \
      std::fprintf(stderr, "not true: %s\n", #claim); \
      std::abort();                                   \
    }                                                 \
  } while (false)

namespace fuzz {

using Random = std::mt19937;

inline std::size_t below(Random& random, std::size_t bound) {
  return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
}

// How many times a byte is repeated at most.
inline constexpr std::size_t kLongestRun = 20000;

inline void mutate(std::string& bytes, const std::vector<std::string>& seeds, std::size_t longest_run, Random& random) {
  const std::size_t at = below(random, bytes.size() + 1);
  switch (below(random, 5)) {
    case 0:
      bytes.insert(at, 1, static_cast<char>(below(random, 256)));
      break;
    case 1:
      bytes.erase(at, below(random, 16));
      break;
    case 2:
      if (at < bytes.size()) bytes[at] = static_cast<char>(below(random, 256));
      break;
    case 3:
      bytes.insert(at, seeds[below(random, seeds.size())]);
      break;
    case 4:
      bytes.insert(at, std::string(below(random, longest_run), static_cast<char>(below(random, 256))));
      break;
  }
}

inline int run(int count, char** arguments, const std::vector<std::string>& seeds, std::size_t longest_run = kLongestRun) {
  const long iterations = count > 1 ? std::atol(arguments[1]) : 20000;
  const unsigned seed = count > 2 ? static_cast<unsigned>(std::atol(arguments[2])) : std::random_device()();
  std::printf("%ld iterations, seed %u\n", iterations, seed);
  std::fflush(stdout);
  Random random(seed);
  for (long i = 0; i < iterations; ++i) {
    std::string bytes = seeds[below(random, seeds.size())];
    for (std::size_t changes = below(random, 8); changes > 0; --changes) mutate(bytes, seeds, longest_run, random);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  }
  return 0;
}

}  // namespace fuzz

#ifdef FPMBOX_LIBFUZZER
#define FUZZ_MAIN(...)
#else
#define FUZZ_MAIN(...) \
  int main(int count, char** arguments) { return fuzz::run(count, arguments, __VA_ARGS__); }
#endif
