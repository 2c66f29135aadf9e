// What a denial is held against: what its explanation names of the pool's policy, the line of each of these values, and the
// calls that were planned with conditions. Lives as long as the box: one that stays sheds what is long and never asked for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "launcher/denials/denial.h"
#include "launcher/plan/plan.h"
#include "profiles/load/origins.h"
#include "profiles/model/policy.h"

namespace launcher {

struct DenialContext {
  profiles::Policy policy;
  profiles::Origins origins;  // of `policy`
  std::vector<FilterRule> conditional;  // calls that are allowed with some arguments
  std::string resolved_code;    // the version that filesystem.code leads to
  std::int64_t generation = 0;  // Denial::generation
};

DenialContext context_of(profiles::Policy policy, profiles::Origins origins, const FilterPlan& filter);

// Lists of names that decide nothing here, and their lines. No explanation is another without them; a command that ends at
// once is not worth the time it takes.
void shed_long_lists(DenialContext& context);

// "php.extensions (catalog/php-fpm.yaml:34:16)": the key, and the line that set it. Where it is a list, the line of its last
// item, `item`.
std::string decided_at(const DenialContext& context, const std::string& key, const std::string& item = {});

// `text` as a scalar of a YAML flow sequence, quoted where it must be.
std::string yaml_text(std::string_view text);

}  // namespace launcher
