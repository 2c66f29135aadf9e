// The inverse of the reader: a policy as the document that would give it, with origins as positions.
#pragma once

#include "profiles/load/document.h"
#include "profiles/load/origins.h"
#include "profiles/model/policy.h"

namespace profiles {

// Without `origins`: what differs from a policy of which nothing was said. With them: also what an author set to just
// that.
Node to_document(const Policy& policy, const Origins* origins);

}  // namespace profiles
