// Why an image cannot be mounted here, in words.
//
//   explain_mount({"open", "/dev/loop-control", ENOENT, {}})   // "… there is no loop device for it; run: modprobe loop, …"
#pragma once

#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace launcher {

// That a file begins as an EROFS file system does: the kernel says the same of a wrong file as of a damaged one.
base::Status check_erofs(const sys::Fd& file);

// What sys::mount_image() ended with; what no row knows stays as it is.
base::Error explain_mount(const base::Error& error);

}  // namespace launcher
