#include "launcher/sys/processors.h"

#include <sched.h>
#include <sys/random.h>

#include <utility>
#include <vector>

#include "launcher/sys/file.h"

namespace sys {
namespace {

std::vector<int> processors_of(const cpu_set_t& set) {
  std::vector<int> out;
  for (int number = 0; number < CPU_SETSIZE; ++number)
    if (CPU_ISSET(number, &set)) out.push_back(number);
  return out;
}

std::size_t random_below(std::size_t limit) {
  std::uint32_t number = 0;
  [[maybe_unused]] const auto count = ::getrandom(&number, sizeof number, 0);
  return number % limit;
}

}  // namespace

base::Status stay_on_processors(std::uint64_t count) {
  cpu_set_t now;
  CPU_ZERO(&now);
  if (::sched_getaffinity(0, sizeof now, &now) != 0) return failure("sched_getaffinity", {});
  std::vector<int> numbers = processors_of(now);
  if (count == 0 || numbers.size() <= count) return base::success();
  cpu_set_t chosen;
  CPU_ZERO(&chosen);
  for (std::uint64_t i = 0; i < count; ++i) {
    std::swap(numbers[i], numbers[i + random_below(numbers.size() - i)]);
    CPU_SET(numbers[i], &chosen);
  }
  if (::sched_setaffinity(0, sizeof chosen, &chosen) != 0) return failure("sched_setaffinity", {});
  if (::sched_getaffinity(0, sizeof now, &now) != 0 || !CPU_EQUAL(&now, &chosen)) return Error{"the processors are not those that were set", {}, 0, {}};
  return base::success();
}

}  // namespace sys
