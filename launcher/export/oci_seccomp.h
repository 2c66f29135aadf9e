// A pool's filter as OCI seccomp JSON (opencontainers/runtime-spec, config-linux.md), for engines that start php-fpm without
// fpmbox: `docker run --security-opt seccomp=FILE`, Kubernetes' Localhost profiles, linux.seccomp of runc's config.json.
//
// Docker's own format knows more (archMap, includes, minKernel); what is written here is the part that both understand.
#pragma once

#include "launcher/plan/plan.h"
#include "profiles/export/engine.h"

namespace launcher {

// The pool's own filter, as it is planned for a kernel that has everything.
FilterPlan exported_filter(const profiles::Policy& policy);

profiles::Exported export_oci_seccomp(const profiles::Policy& policy);

}  // namespace launcher
