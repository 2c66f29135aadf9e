// The invented pool "shop" as denials are held against it.
#pragma once

#include "launcher/denials/context.h"
#include "launcher/plan/planner.h"
#include "launcher/plan/tier.h"
#include "tests/support/invented.h"

namespace test {

struct Shop {
  explicit Shop(const std::string& more = "", launcher::HostFacts facts = good_host()) : composed(pool(kShop + more, diagnostics)) {
    launcher::settle_tier(composed.policy, facts);
    filter = launcher::plan({composed.policy, composed.origins, facts}, diagnostics).filter;
  }
  launcher::DenialContext context() const {
    auto out = whole_context();
    launcher::shed_long_lists(out);
    return out;
  }
  launcher::DenialContext whole_context() const {
    auto out = launcher::context_of(composed.policy, composed.origins, filter);
    out.resolved_code = "/srv/shop/www-1.4";
    out.generation = 4711;
    return out;
  }

  base::Diagnostics diagnostics;
  profiles::Composed composed;
  launcher::FilterPlan filter;
};

// Where the catalog lies does not matter.
inline std::string shortened(std::string text) {
  for (std::size_t at = text.find(kCatalogFolder); at != text.npos; at = text.find(kCatalogFolder)) text.replace(at, kCatalogFolder.size(), "catalog");
  return text;
}

}  // namespace test
