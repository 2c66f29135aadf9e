// What a launcher says of its box's course, in a file of its own that it can still write when it is no longer root: one of
// three words, all of one length, so that a full file system cannot keep one from being written over another.
#pragma once

#include <optional>
#include <string_view>

#include "profiles/base/result.h"

namespace launcher {

enum class BoxState { starting, running, stopping };

std::string_view state_word(BoxState state);
base::Status write_state(int file, BoxState state);
std::optional<BoxState> read_state(std::string_view text);

}  // namespace launcher
