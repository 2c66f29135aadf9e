#include "profiles/compare/widening.h"

#include <algorithm>

namespace profiles {

namespace {

// "syscalls.arguments[ioctl:1].one_of" -> "syscalls.arguments[].one_of". Names of items may hold brackets of their own.
std::string without_names(const std::string& key) {
  const auto open = key.find('[');
  const auto close = key.rfind(']');
  if (open == key.npos || close == key.npos) return key;
  return key.substr(0, open + 1) + key.substr(close);
}

}  // namespace

// clang-format off
const std::vector<WideningRule>& widening_rules() {
  static const std::vector<WideningRule> kRules = {
      {"identity.user", Widens::never}, {"identity.group", Widens::never},
      {"listen.unix", Widens::never}, {"listen.tcp", Widens::added}, {"listen.owner", Widens::added}, {"listen.group", Widens::added},
      {"listen.backlog", Widens::never},
      {"web.document_root", Widens::never}, {"web.front_controllers", Widens::added_to_some}, {"web.fallback", Widens::never},
      {"web.deny", Widens::removed},
      {"filesystem.code", Widens::never}, {"filesystem.data", Widens::never}, {"filesystem.root", Widens::never},
      {"filesystem.writable", Widens::added}, {"filesystem.writable[].optional", Widens::never},
      {"filesystem.system", Widens::added}, {"filesystem.system[].optional", Widens::never},
      {"filesystem.tmp.size", Widens::larger}, {"filesystem.tmp.inodes", Widens::larger},
      {"filesystem.umask", Widens::fewer_bits}, {"filesystem.owned_by_pool", Widens::added},
      {"connect", Widens::added}, {"connect[].unix", Widens::added}, {"connect[].tcp", Widens::added},
      {"network.mode", Widens::added},
      {"programs", Widens::added},
      {"mail.unix", Widens::added}, {"mail.tcp", Widens::added}, {"mail.from", Widens::never},
      {"syscalls.allow", Widens::added}, {"syscalls.arguments", Widens::removed},
      {"syscalls.arguments[].name", Widens::never}, {"syscalls.arguments[].index", Widens::never},
      {"syscalls.arguments[].one_of", Widens::added}, {"syscalls.arguments[].none_of", Widens::removed},
      {"syscalls.report", Widens::never}, {"syscalls.absent", Widens::never},  // refused all the same, unless they are allowed
      {"memory.deny_write_execute", Widens::when_false},
      {"limits.memory.max", Widens::larger}, {"limits.pids.max", Widens::larger}, {"limits.cpu.max", Widens::larger},
      {"limits.nofile", Widens::larger}, {"limits.core", Widens::larger}, {"limits.start_timeout", Widens::never},
      {"limits.stop_timeout", Widens::never},
      {"php.version", Widens::never}, {"php.binary", Widens::never}, {"php.timezone", Widens::never},
      {"php.extensions", Widens::added}, {"php.admin_values", Widens::never}, {"php.disable_functions", Widens::removed},
      {"php.limit_extensions", Widens::added_to_some}, {"php.open_basedir", Widens::when_false},
      {"php.pm.mode", Widens::never}, {"php.pm.max_children", Widens::never}, {"php.pm.worker_memory", Widens::never},
      {"php.pm.max_requests", Widens::never}, {"php.pm.request_timeout", Widens::never},
      {"php.opcache.memory", Widens::never}, {"php.opcache.strings", Widens::never}, {"php.opcache.max_files", Widens::never},
      {"php.opcache.written", Widens::never},
      {"jobs", Widens::never}, {"jobs[].every", Widens::never}, {"jobs[].run", Widens::never},
      {"environment", Widens::never},
      {"expect.requests", Widens::never}, {"expect.requests[].status", Widens::never}, {"expect.requests[].body", Widens::never},
      {"expect.requests[].method", Widens::never}, {"expect.requests[].headers", Widens::never}, {"expect.requests[].send", Widens::never},
      {"expect.requests[].writes_nothing", Widens::never}, {"expect.requests[].offline", Widens::never},
      {"expect.denied", Widens::never}, {"expect.allowed", Widens::never}, {"expect.connects", Widens::never},
      {"expect.connects[].answers", Widens::never}, {"expect.files", Widens::never}, {"expect.files[].readable", Widens::never},
      {"expect.files[].writable", Widens::never},
      {"enforcement.best_effort", Widens::added},
  };
  return kRules;
}
// clang-format on

const WideningRule* widening_of(const std::string& key) {
  const auto find = [](const std::string& wanted) -> const WideningRule* {
    const auto& rules = widening_rules();
    const auto found = std::find_if(rules.begin(), rules.end(), [&](const WideningRule& rule) { return rule.key == wanted; });
    return found == rules.end() ? nullptr : &*found;
  };
  const std::string plain = without_names(key);
  if (const WideningRule* rule = find(plain)) return rule;
  return plain.ends_with("[]") ? find(plain.substr(0, plain.size() - 2)) : nullptr;
}

}  // namespace profiles
