// A pool for each engine: what one types, or the file that one gives to it. Pure, from the table of protections.h.
#pragma once

#include "profiles/base/result.h"
#include "profiles/export/engine.h"

namespace profiles {

// The error is for a pool that no container can hold: a folder of a host, a path that the engine's language cannot spell.
base::Result<Exported> export_docker(const Policy& policy, const EngineChoice& choice);      // a command for a shell
base::Result<Exported> export_compose(const Policy& policy, const EngineChoice& choice);     // compose.yaml
base::Result<Exported> export_quadlet(const Policy& policy, const EngineChoice& choice);     // NAME.container of podman's systemd generator
base::Result<Exported> export_kubernetes(const Policy& policy, const EngineChoice& choice);  // Deployment, Service, NetworkPolicy, claims

// Of all of them: what the pool has to be, and the comment that names the gaps.
base::Status check_for_container(const Policy& policy, const EngineChoice& choice);
std::string engine_head(const std::string& what, const Policy& policy, const std::vector<EngineLine>& gaps);
// "localhost/fpmbox/shop:latest" where nothing else is chosen, and the web server's beside it.
EngineChoice with_defaults(EngineChoice choice, const Policy& policy);

}  // namespace profiles
