#include "launcher/sys/random.h"

#include <sys/random.h>

#include <array>
#include <cstdio>

#include "launcher/sys/file.h"

namespace sys {

base::Result<std::string> random_digits() {
  unsigned long long number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number) return failure("getrandom", {});
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", number);
  return std::string(text.data());
}

}  // namespace sys
