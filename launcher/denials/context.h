// What a denial is held against: the pool's policy, the line of each of its values, and what was planned from it. Lives as
// long as the box.
#pragma once

#include <cstdint>
#include <string>

#include "launcher/denials/denial.h"
#include "launcher/plan/plan.h"
#include "profiles/load/origins.h"
#include "profiles/model/policy.h"

namespace launcher {

struct DenialContext {
  profiles::Policy policy;
  profiles::Origins origins;
  FilterPlan filter;
  std::string resolved_code;    // the version that filesystem.code leads to
  std::int64_t generation = 0;  // Denial::generation
};

// "php.extensions (catalog/php-fpm.yaml:34:16)": the key, and the line that set it. Where it is a list, the line of its last
// item, `item`.
std::string decided_at(const DenialContext& context, const std::string& key, const std::string& item = {});

// `text` as a scalar of a YAML flow sequence, quoted where it must be.
std::string yaml_text(std::string_view text);

}  // namespace launcher
