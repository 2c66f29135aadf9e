#include "images/lock/fetch_line.h"

#include <array>
#include <cstdio>

#include "images/store/progress.h"

namespace images {

bool FetchLine::Pulse(pkgAcquire* owner) {
  const bool goes_on = pkgAcquireStatus::Pulse(owner);
  constexpr double kMega = 1e6;
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), ": %lu of %lu, %.1f of %.1f MB", CurrentItems, TotalItems, static_cast<double>(CurrentBytes) / kMega,
                static_cast<double>(TotalBytes) / kMega);
  progress(what_ + text.data());
  return goes_on;
}

}  // namespace images
