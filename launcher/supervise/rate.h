// Token bucket: how often something may happen. Pure: the caller brings the time.
#pragma once

#include <algorithm>
#include <chrono>

namespace launcher {

using Instant = std::chrono::steady_clock::time_point;
using Milliseconds = std::chrono::milliseconds;

class TokenBucket {
 public:
  TokenBucket(double capacity, double per_second) : capacity_(capacity), per_second_(per_second), tokens_(capacity) {}

  // One token, if there is one.
  bool take(Instant now) {
    refill(now);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }
  // For amounts that are known only afterwards: the bucket may go into debt, and `empty` says when to pause.
  void spend(double amount, Instant now) {
    refill(now);
    tokens_ -= amount;
  }
  bool empty(Instant now) {
    refill(now);
    return tokens_ < 1;
  }

 private:
  void refill(Instant now) {
    const std::chrono::duration<double> passed = now - last_;
    tokens_ = std::min(capacity_, tokens_ + std::max(0.0, passed.count()) * per_second_);
    last_ = now;
  }

  double capacity_;
  double per_second_;
  double tokens_;
  Instant last_;  // long ago, at first: the bucket is full anyway
};

}  // namespace launcher
