// Puts into the vault what a lock names and the vault has not.
#pragma once

#include <string>

#include "images/lock/apt.h"
#include "images/lock/lock.h"
#include "images/store/vault.h"
#include "profiles/base/result.h"

namespace images {

// All at a time, by apt's own methods. `folder` is where resolve() works. Offline: an error that names what is missing.
base::Status fetch(const Lock& lock, const Vault& vault, const std::string& folder, const HostApt& host, bool offline);

}  // namespace images
