// Messages about scripts that were not started, explained: FPM's and those of the guard (plan/render_prelude.h). For
// php_messages.cc, whose table names these.
#pragma once

#include "launcher/denials/context.h"
#include "launcher/denials/message_shape.h"

namespace launcher::scripts {

bool not_an_extension_of_scripts(Denial& denial, const Captures& parts, const DenialContext& context);
bool guarded(Denial& denial, const Captures& parts, const DenialContext& context);

}  // namespace launcher::scripts
