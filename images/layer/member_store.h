// Compressed members by what they hold, so that only what changed is compressed again.
#pragma once

#include <string>

#include "images/layer/layer.h"

namespace images {

// A damaged file is passed over and written anew. Failures to keep are silent: it is only compressed again next time.
MemberStore member_store(const std::string& folder);

}  // namespace images
