// Messages about functions and classes that are not there, explained. For php_messages.cc, whose table names these.
#pragma once

#include "launcher/denials/context.h"
#include "launcher/denials/message_shape.h"

namespace launcher::extensions {

bool undefined_function(Denial& denial, const Captures& parts, const DenialContext& context);
bool disabled_function(Denial& denial, const Captures& parts, const DenialContext& context);
bool unknown_class(Denial& denial, const Captures& parts, const DenialContext& context);
bool unknown_constant(Denial& denial, const Captures& parts, const DenialContext& context);
bool no_driver(Denial& denial, const Captures& parts, const DenialContext& context);
bool no_shared_memory(Denial& denial, const Captures& parts, const DenialContext& context);

}  // namespace launcher::extensions
