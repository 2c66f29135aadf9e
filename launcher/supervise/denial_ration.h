// How many denials of a pool are told: each different one a few times, then it is counted. Bounded, whatever the pool does.
// Pure.
//
//   if (ration.admit("ptrace", denial, now)) tell(denial);
//   for (const Denial& more : ration.report(now)) tell(more);   // every ten seconds: count 412
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "launcher/denials/denial.h"
#include "launcher/supervise/rate.h"

namespace launcher {

class DenialRation {
 public:
  static constexpr std::size_t kMostKinds = 200;  // told apart; all further ones are counted together

  // `key` says which belong together. True: to be told.
  bool admit(const std::string& key, const Denial& denial, Instant now);
  std::vector<Denial> report(Instant now);
  std::vector<Denial> last_report();
  std::optional<Instant> report_due() const;

 private:
  struct Told {
    TokenBucket bucket;
    Denial last;
    std::uint64_t untold = 0;
    Instant seen{};
  };
  Told& told_of(const std::string& key, const Denial& denial, Instant now);

  std::map<std::string, Told> told_;
  std::optional<Instant> untold_since_;
};

}  // namespace launcher
