// Messages about memory, time, sizes and numbers, explained. For php_messages.cc, whose table names these.
#pragma once

#include "launcher/denials/context.h"
#include "launcher/denials/message_shape.h"

namespace launcher::limits {

bool memory_exhausted(Denial& denial, const Captures& parts, const DenialContext& context);
bool time_exceeded(Denial& denial, const Captures& parts, const DenialContext& context);
bool post_too_large(Denial& denial, const Captures& parts, const DenialContext& context);
bool no_space(Denial& denial, const Captures& parts, const DenialContext& context);
bool no_space_for_file(Denial& denial, const Captures& parts, const DenialContext& context);
bool no_upload(Denial& denial, const Captures& parts, const DenialContext& context);
bool no_worker_left(Denial& denial, const Captures& parts, const DenialContext& context);
bool request_too_long(Denial& denial, const Captures& parts, const DenialContext& context);

}  // namespace launcher::limits
