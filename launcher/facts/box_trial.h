// Tried in a throw-away child, beside the reading of a profile: whether this process can make boxes; and made there ahead of a box,
// what of it takes the kernel longest.
//
//   launcher                               child
//   BoxTrial ------------ fork ----------> a mount namespace, a mount, a device
//   reads the profile
//   can_make_boxes() <--- one byte ------- did it work
//   looks further, plans                   network, IPC and UTS namespaces
//   take_namespaces() <-- SCM_RIGHTS ----- the three, by descriptor
//   ~BoxTrial                              ends
#pragma once

#include <sys/types.h>

#include <optional>
#include <vector>

#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace launcher {

// A namespace that nobody has been in but the child that made it, which is gone.
struct FreshNamespace {
  int type = 0;  // CLONE_NEWNET
  const char* name = "";  // "net"
  sys::Fd fd;    // for setns(2)
};

// None of them is one that this process is in: a box that entered such a one would rename the host.
bool are_fresh(const std::vector<FreshNamespace>& namespaces);

// Are we root with all that a box needs (mounts, devices, other users' ids), and does mounting really work? The child that tries
// it runs beside whatever its caller does until it asks. For a box it makes the namespaces, too, that need nothing else of it: a
// network alone takes the kernel as long as all else that clone(2) does for a box.
class BoxTrial {
 public:
  enum class For { an_answer, a_box };
  explicit BoxTrial(For purpose = For::an_answer);
  BoxTrial(const BoxTrial&) = delete;
  BoxTrial& operator=(const BoxTrial&) = delete;
  ~BoxTrial();  // waits for its end
  bool can_make_boxes();
  // What the machine was short of, memory perhaps, when it was begun or tried: that says nothing of what boxes may do here.
  const base::Status& shortage() const { return shortage_; }
  // Which may be there, in the control groups of this one; -1 where there is none.
  pid_t process() const { return child_; }
  // Once. Empty where it could not: then clone(2) has to.
  std::vector<FreshNamespace> take_namespaces();

 private:
  base::Status begin(For purpose);

  base::Status shortage_ = base::success();
  pid_t child_ = -1;
  sys::Fd answers_;
  std::optional<bool> works_;  // once it was asked
};

}  // namespace launcher
