// A pool as a unit and a socket of systemd, without fpmbox: what of the plan systemd can do, by its own directives
// (systemd.exec(5), version 252 and later). The files that fpmbox would generate at each start are written beside it.
#pragma once

#include "launcher/plan/plan.h"
#include "profiles/base/result.h"
#include "profiles/export/engine.h"

namespace launcher {

// `plan` is the pool's own on this machine. Paths of the files: /etc/systemd/system/php-fpm-NAME.service and .socket, and
// /etc/fpmbox/systemd/NAME/. The error is for what a directive cannot spell, and for binds of which the
// pool could replace the source; that nobody else can is the caller's to look at.
base::Result<profiles::Exported> export_systemd(const profiles::Policy& policy, const Plan& plan);

}  // namespace launcher
