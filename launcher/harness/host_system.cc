#include "launcher/harness/host_system.h"

#include <algorithm>

namespace harness {
namespace {

constexpr const char* kSystem[] = {"bin", "lib", "lib32", "lib64", "libx32", "sbin"};

bool is_system(const HostEntry& entry) {
  const bool leads_there = entry.kind == HostEntry::Kind::link || entry.kind == HostEntry::Kind::folder;
  return leads_there && std::find(std::begin(kSystem), std::end(kSystem), entry.name) != std::end(kSystem);
}

}  // namespace

std::vector<HostEntry> system_entries(const std::vector<HostEntry>& root) {
  std::vector<HostEntry> out;
  std::copy_if(root.begin(), root.end(), std::back_inserter(out), is_system);
  return out;
}

const std::vector<std::string>& system_settings() {
  static const std::vector<std::string> kSettings = {"/etc/alternatives", "/etc/ld.so.cache", "/etc/localtime", "/etc/php", "/etc/ssl/certs"};
  return kSettings;
}

}  // namespace harness
