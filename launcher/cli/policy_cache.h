// Policies that were composed before. An entry holds the text of every file that the policy comes from, and is used while each of
// them, read and checked as ever, still says the same to the byte.
//
//   const PolicyCache cache(sys::own_identity(), catalog, file);
//   if (auto known = cache.find(read_profile)) return known->composed;
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "launcher/cli/load.h"
#include "launcher/sys/cache.h"

namespace cli {

inline constexpr const char* kPolicies = "/var/cache/fpmbox/policies";

struct KnownPolicy {
  std::vector<ReadFile> files;
  profiles::Composed composed;
  bool is_clean = false;  // check_policy(), which looks at nothing else, had nothing to say of it
};

class PolicyCache {
 public:
  // `self` is what the answer depends on besides: this program. Empty: nothing is found or kept.
  PolicyCache(const std::string& self, const std::string& catalog, const std::string& file,
              const std::string& folder = kPolicies);

  std::optional<KnownPolicy> find(const profiles::ReadFile& read) const;
  void keep(const KnownPolicy& policy) const;

 private:
  std::string key_;
  sys::Cache cache_;
};

}  // namespace cli
