// Where things are inside a box. Fixed, so that profiles, probes and messages can name them.
#pragma once

namespace launcher::inside {

inline constexpr const char* kConfig = "/etc/fpmbox";
inline constexpr const char* kTmp = "/tmp";
inline constexpr const char* kSessions = "/var/lib/fpmbox/sessions";
// The sockets' names for FPM (FPM_SOCKETS). Nothing lies there: the sockets were bound outside and only fds came in.
inline constexpr const char* kLiveSocket = "/run/fpmbox/live.sock";
inline constexpr const char* kStatusSocket = "/run/fpmbox/status.sock";
inline constexpr int kLiveFd = 3;
inline constexpr int kStatusFd = 4;
// Of throw-away boxes of `fpmbox test` alone.
inline constexpr const char* kTrial = "/var/lib/fpmbox/trial";
inline constexpr const char* kTrialScript = "/var/lib/fpmbox/trial/act.php";
inline constexpr const char* kPingPath = "/fpmbox-ping";
inline constexpr const char* kStatusPath = "/fpmbox-status";

// Of a recording box (learn): in front of a script's path, a file that is never there; the script that says of which extension
// a name is, and the list of scripts that it reads.
inline constexpr const char* kRequestMark = "/.fpmbox-request";
inline constexpr const char* kExtensionsScript = "/etc/fpmbox/extensions.php";
inline constexpr const char* kRecorded = "/etc/fpmbox/recorded";

}  // namespace launcher::inside

namespace launcher::outside {

// Of root's boxes; where those of ordinary users are, HostFacts say.
inline constexpr const char* kRun = "/run/fpmbox";
inline constexpr const char* kConfig = "/run/fpmbox/.etc";    // generated configuration where there is no box of mounts
inline constexpr const char* kFilters = "/var/cache/fpmbox/filters";      // compiled filters by what they come from
inline constexpr const char* kDocuments = "/var/cache/fpmbox/documents";  // parsed profiles by their text
inline constexpr const char* kPrograms = "/run/fpmbox/.programs";  // 0700; unreadable copies of php-fpm, by digest. No pool can have that name

}  // namespace launcher::outside
