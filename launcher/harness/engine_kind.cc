#include "launcher/harness/engine_kind.h"

#include <cstdio>

#include "launcher/sys/digest.h"

namespace harness {
namespace {

using Words = EngineKind::Words;

// podman takes no path of more than 50 characters there: the name of a pool may be longer than its checksum.
std::string podman_run(const std::string& name) {
  char sum[17];
  std::snprintf(sum, sizeof sum, "%08x", static_cast<unsigned>(sys::checksum(name)));
  return std::string("/run/fpmbox/.podman-") + sum;
}
Words podman_store(const std::string& folder, const std::string& name) {
  return {"--root", folder + "/store", "--runroot", podman_run(name), "--tmpdir", folder + "/state", "--storage-driver", "vfs"};
}
Words podman_root(const std::string& folder, const std::string&) { return {"--rootfs", folder + "/root"}; }

Words docker_store(const std::string&, const std::string&) { return {}; }  // the daemon's
Words docker_root(const std::string&, const std::string& image) { return {image}; }
Words docker_import(const std::string& folder, const std::string& label) {
  return {"import", "--change", "LABEL " + label, folder + "/" + kEmptyArchive};
}

constexpr EngineKind kKinds[] = {
    {"podman", podman_store, podman_root, nullptr, nullptr, podman_run, true},
    {"docker", docker_store, docker_root, docker_import, "DOCKER_HOST", nullptr, false},
};

}  // namespace

const EngineKind& kind_of(const std::string& program) {
  for (const EngineKind& kind : kKinds)
    if (program.ends_with(std::string("/") + kind.name)) return kind;
  return kKinds[0];
}

}  // namespace harness
