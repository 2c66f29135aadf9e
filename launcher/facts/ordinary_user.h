// What an ordinary user can have here without root: namespaces, process information, folders of its own.
#pragma once

#include <string>

#include "launcher/facts/host_facts.h"

namespace launcher {

// Fills facts.ordinary_user, and the folders for sockets and state; for a caller that is not root.
void find_ordinary_user(HostFacts& facts);

// The name of the user that we are; "" when this host has none for it.
std::string own_user_name();

}  // namespace launcher
