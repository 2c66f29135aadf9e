// A pool as NAME.container, of which podman's generator makes a systemd unit (podman-systemd.unit(5), podman 4.6 and later).
#include "profiles/base/text.h"
#include "profiles/export/engines.h"

namespace profiles {

base::Result<Exported> export_quadlet(const Policy& policy, const EngineChoice& choice) {
  TRY(check_for_container(policy, choice));
  const EngineValues values = engine_values(policy, choice, Engine::quadlet);
  Exported out{{}, gaps_of(Engine::quadlet, values)};
  out.text = engine_head("/etc/containers/systemd/" + policy.name + ".container, a Quadlet", policy, out.gaps);
  out.text += "[Unit]\nDescription=PHP-FPM pool " + policy.name + "\n\n[Container]\nContainerName=" + policy.name + "\nImage=" + choice.image + "\n";
  for (const EngineLine& option : options_of(Engine::quadlet, values)) out.text += option.text + "\n";
  out.text += "\n[Service]\nRestart=always\nTimeoutStopSec=" + std::to_string(std::stoul(values.names.at("stop")) + 10) +
              "\n\n[Install]\nWantedBy=multi-user.target\n";
  return out;
}

}  // namespace profiles
