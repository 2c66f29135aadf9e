// Where a recording box's changes go: a tmpfs in a mount namespace of the launcher's own. Nobody else sees it, and it goes with
// the last process in that namespace, however that ends. In it, one folder a layer, and the overlays that stand on them.
#pragma once

#include <string>

#include "launcher/plan/plan.h"
#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace launcher {

// Enters the namespace and mounts the scratch at plan.scratch. Before anything is acquired for the box's tree; root's.
base::Status make_scratch(const Plan& plan);

// An overlay on op.source, mounted nowhere yet. With op.handed_over every folder and file in it is given to the pool's user,
// which copies no contents (metacopy): what lies below keeps its owner.
base::Result<sys::Fd> acquire_overlay(const Plan& plan, const MountOp& op);
// A copy of the file op.source, of the same owner and mode.
base::Result<sys::Fd> acquire_copy(const Plan& plan, const MountOp& op);

// The folder of plan.scratch that the launcher fills and the box sees read-only as inside::kRecorded.
inline constexpr const char* kExchange = "exchange";

}  // namespace launcher
