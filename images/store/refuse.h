// An Error that is a sentence of its own: what failed, on what, and what to do.
#pragma once

#include <string>
#include <utility>

#include "profiles/base/result.h"

namespace images {

inline base::Error refuse(std::string why) { return {std::move(why), {}, 0, {}}; }

}  // namespace images
