// A pool as one `docker run`, of which podman takes every word.
#include "profiles/base/text.h"
#include "profiles/export/engines.h"

namespace profiles {

base::Result<Exported> export_docker(const Policy& policy, const EngineChoice& choice) {
  TRY(check_for_container(policy, choice));
  const EngineValues values = engine_values(policy, choice, Engine::docker);
  Exported out{{}, gaps_of(Engine::docker, values)};
  out.text = engine_head("A command for docker (podman takes it too)", policy, out.gaps);
  out.text += "docker run --detach --name " + policy.name + " --restart unless-stopped \\\n";
  for (const EngineLine& option : options_of(Engine::docker, values))
    for (const std::string& words : base::split(option.text, '\n')) out.text += "  " + words + " \\\n";
  out.text += "  " + choice.image + "\n";
  return out;
}

}  // namespace profiles
