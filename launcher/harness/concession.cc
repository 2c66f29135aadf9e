#include "launcher/harness/concession.h"

#include <sys/resource.h>

#include <algorithm>

namespace harness {
namespace {

using Words = std::vector<std::string>;

Words nothing() { return {}; }
Words runc() { return {"--runtime", "runc"}; }
Words no_network() { return {"--network", "none"}; }

// Far more than an act takes, and less than whoever lacks CAP_SYS_RESOURCE may ask for.
Words own_limits() {
  constexpr const char* kProcesses = "nproc=4096:4096";
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  const std::string most = std::to_string(files.rlim_max);
  return {"--ulimit", "nofile=" + most + ":" + most, "--ulimit", kProcesses};
}

}  // namespace

const std::vector<Concession>& concessions() {
  static const std::vector<Concession> kConcessions = {
      {"podman", {"RLIMIT_", "setting rlimit"}, nothing, own_limits, {"rlimits"}, "with the limits on files and processes that this machine permits, which are lower"},
      {"podman", {"hybrid mode not supported"}, runc, nothing, {}, "with runc as its runtime"},
      {"podman", {"netavark", "iptables"}, nothing, no_network, {"network_namespace"}, "with no network"},
      {"docker", {"setting rlimit"}, nothing, own_limits, {"rlimits"}, "with the limits on files and processes that this machine permits, which are lower"},
      {"docker", {"network bridge not found", "iptables"}, nothing, no_network, {"network_namespace"}, "with no network"},
  };
  return kConcessions;
}

const Concession* concession_for(const std::string& engine, const std::string& said, const std::vector<const Concession*>& made) {
  for (const Concession& one : concessions()) {
    const bool is_asked_for = std::any_of(one.symptoms.begin(), one.symptoms.end(), [&](const std::string& symptom) { return said.find(symptom) != said.npos; });
    if (one.engine == engine && is_asked_for && std::find(made.begin(), made.end(), &one) == made.end()) return &one;
  }
  return nullptr;
}

}  // namespace harness
