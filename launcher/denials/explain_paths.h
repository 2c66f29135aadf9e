// Messages about paths that are read-only, absent or not permitted, explained. For php_messages.cc, whose table names these.
#pragma once

#include "launcher/denials/context.h"
#include "launcher/denials/message_shape.h"

namespace launcher::paths {

// "file_put_contents(PATH): Failed to open stream: Read-only file system": function and path.
bool read_only(Denial& denial, const Captures& parts, const DenialContext& context);
// The path alone.
bool read_only_file(Denial& denial, const Captures& parts, const DenialContext& context);
// What a name is taken from or given to in a folder: one path or two.
bool read_only_names(Denial& denial, const Captures& parts, const DenialContext& context);
// The function alone: the message names no path.
bool read_only_somewhere(Denial& denial, const Captures& parts, const DenialContext& context);
bool database(Denial& denial, const Captures& parts, const DenialContext& context);
bool not_permitted(Denial& denial, const Captures& parts, const DenialContext& context);
bool absent(Denial& denial, const Captures& parts, const DenialContext& context);
bool open_basedir(Denial& denial, const Captures& parts, const DenialContext& context);

}  // namespace launcher::paths
