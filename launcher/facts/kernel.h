// What this kernel and our privileges permit, found by asking or by trying in a throw-away child.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "launcher/sys/fd.h"

namespace launcher {

// Does seccomp(2) know these flags of SECCOMP_SET_MODE_FILTER? Loads nothing.
bool knows_filter_flags(unsigned long flags);

// Can calls be reported to another process (SECCOMP_RET_USER_NOTIF), in the way in which the box's filter is loaded?
bool has_user_notification();
// Can the one exec be let through by it? A signal may interrupt a waiting call there, which costs a box that asks for it
// again, and nothing else.
bool has_exec_notification();

// CAP_SYS_ADMIN and the others that a box is made with, effective.
bool has_needed_capabilities();
std::vector<std::string> missing_capabilities();  // the same by name: "SYS_ADMIN"

bool has_capability(const std::string& name);  // effective; "CHOWN"

// A namespace that nobody has been in but the child that made it, which is gone.
struct FreshNamespace {
  int type = 0;  // CLONE_NEWNET
  const char* name = "";  // "net"
  sys::Fd fd;    // for setns(2)
};

// Are we root with all that a box needs (mounts, devices, other users' ids), and does mounting really work? The child that tries
// it runs beside whatever its caller does until it asks. For a box it makes the namespaces, too, that need nothing else of it: a
// network alone takes the kernel as long as all else that clone(2) does for a box.
class BoxTrial {
 public:
  enum class For { an_answer, a_box };
  explicit BoxTrial(For purpose = For::an_answer);
  BoxTrial(const BoxTrial&) = delete;
  BoxTrial& operator=(const BoxTrial&) = delete;
  ~BoxTrial() { can_make_boxes(); }
  bool can_make_boxes();
  // Empty where it could not: then clone(2) has to.
  std::vector<FreshNamespace> take_namespaces();

 private:
  pid_t child_ = -1;
  sys::Fd answers_;
  bool works_ = false;
  std::vector<FreshNamespace> namespaces_;
};

}  // namespace launcher
