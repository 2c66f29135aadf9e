// A composed policy as bytes, with the origin of each value, so that a start need not compose again what was composed before.
// Whoever keeps them keeps beside them what they come from: the bytes of another build, or of other files, mean nothing here.
//
//   decode_composed(encode_composed(composed))  gives what compose() gave
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "profiles/load/compose.h"

namespace profiles {

std::string encode_composed(const Composed& composed);
// nullopt for bytes that encode_composed() would not have made.
std::optional<Composed> decode_composed(std::string_view bytes);

}  // namespace profiles
