// The text of passwd(5) and group(5). Pure. The C library's own look-ups are not used: in a static program they load
// whatever modules nsswitch.conf names into it, and a module built for another C library crashes it (tried:
// libnss_systemd, which Debian asks for groups by default).
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace launcher {

struct UserEntry {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  friend bool operator==(const UserEntry&, const UserEntry&) = default;
};
struct GroupEntry {
  std::string name;
  gid_t gid = 0;
  std::vector<std::string> members;  // by the group's line; a primary group need not list its user
  friend bool operator==(const GroupEntry&, const GroupEntry&) = default;
};

// Lines with an id that is not a plain number below 2^32-1 are passed over, as are comments and NIS's "+" lines.
std::vector<UserEntry> parse_users(std::string_view text);
std::vector<GroupEntry> parse_groups(std::string_view text);

}  // namespace launcher
