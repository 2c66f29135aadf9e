// Recognises, in what PHP and FPM write into a pool's log, what the box was the cause of: a path that is read-only, a file
// of the host that is not there, a server that cannot be reached, an extension that is not loaded, a limit. That is what
// operators meet most. Pure.
//
//   ... PHP Warning:  mkdir(/srv/wiki/www/cache): Read-only file system in /srv/wiki/www/x.php on line 3
//     -> kind write, to permit: filesystem: {writable: [cache]}
//
// A line is the pool's claim, hostile bytes: its paths are text to be shown, nothing is opened or believed. Messages that an
// application catches never reach the log.
#pragma once

#include <optional>
#include <string_view>

#include "launcher/denials/context.h"

namespace launcher {

// Without time, pool and generation.
std::optional<Denial> recognise(std::string_view line, const DenialContext& context);

// For a write of Denial::path: a file that is there needs to be named itself, and one that is not needs its folder. The
// launcher cannot look, so that the permit names the file and the note its folder; `exists` leaves the one that fits.
void settle_write(Denial& denial, bool exists);

}  // namespace launcher
