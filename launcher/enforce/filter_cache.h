// The compiled filter, kept from one start to the next: libseccomp takes 2 to 3 ms for it.
#pragma once

#include <string>
#include <vector>

#include "launcher/enforce/filter.h"
#include "launcher/sys/cache.h"

namespace launcher {

// Everything that compile_filter() looks at, as text: the same text gives the same program.
std::string filter_text(const FilterPlan& plan);

base::Result<std::vector<sock_filter>> cached_filter(const FilterPlan& plan, const sys::Cache& cache);

}  // namespace launcher
