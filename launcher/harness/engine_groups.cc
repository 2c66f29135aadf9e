#include "launcher/harness/engine_groups.h"

#include <unistd.h>

#include "launcher/harness/host_system.h"

namespace harness {
namespace {

constexpr const char* kHierarchies = "/sys/fs/cgroup";

void remove_group(const std::string& path) {
  for (const HostEntry& entry : host_surroundings()->entries(path))
    if (entry.kind == HostEntry::Kind::folder) remove_group(path + "/" + entry.name);
  ::rmdir(path.c_str());
}

}  // namespace

bool has_own_groups(const EngineKind& kind) { return kind.keeps_groups && ::access("/run/systemd/system", F_OK) != 0; }

std::string group_of(const std::string& trial) { return "fpmbox-" + trial + ".podman"; }

void remove_groups(const std::string& group) {
  remove_group(std::string(kHierarchies) + "/" + group);
  for (const HostEntry& entry : host_surroundings()->entries(kHierarchies))
    if (entry.kind == HostEntry::Kind::folder) remove_group(std::string(kHierarchies) + "/" + entry.name + "/" + group);
}

}  // namespace harness
