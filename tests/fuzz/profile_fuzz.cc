// Profiles as an author may write them. Whatever can be read is written, and what was written is read again without a
// mistake and as the same policy. Nothing here knows the catalog's files: a profile that extends one is told that it is
// not there.
#include <errno.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "profiles/base/diagnostics.h"
#include "profiles/load/compose.h"
#include "tests/fuzz/standalone.h"

using namespace profiles;

static Composed composed(const std::string& text, base::Diagnostics& diagnostics) {
  const auto read = [&text](const std::string& path) -> base::Result<std::string> {
    if (path == "/pools/shop.yaml") return text;
    return base::Error{"open", path, ENOENT, {}};
  };
  return compose("/catalog", read, "/pools/shop.yaml", diagnostics);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMost = 64 * 1024;
  const std::string text(reinterpret_cast<const char*>(data), std::min(size, kMost));
  base::Diagnostics diagnostics;
  const Composed first = composed(text, diagnostics);
  for (const base::Diagnostic& one : diagnostics.all()) FUZZ_REQUIRE(!one.text().empty());
  if (diagnostics.has_errors()) return 0;
  base::Diagnostics again;
  const std::string flat = write(first.policy);
  const Composed second = composed(flat, again);
  FUZZ_REQUIRE(!again.has_errors());
  FUZZ_REQUIRE(second.policy == first.policy);
  FUZZ_REQUIRE(write(second.policy) == flat);
  base::Diagnostics commented;
  FUZZ_REQUIRE(composed(write(first.policy, first.origins), commented).policy == first.policy);
  return 0;
}

[[maybe_unused]] static std::vector<std::string> seeds() {
  return {
      "identity: {user: www-shop}\nfilesystem:\n  code: /srv/shop\n  writable: [data, {path: conf/x.php, optional: true}]\n  umask: \"0027\"\n",
      "limits: {memory.max: 512MiB, pids.max: 64, cpu.max: 200%, start_timeout: 30s}\n",
      "php:\n  version: \"8.2\"\n  extensions: [gd]\n  admin_values: {memory_limit: 256M, \"a\": \"b\"}\n  pm: {mode: static, max_children: 2}\n",
      "syscalls:\n  allow: [read, {name: ptrace, why: \"x\"}]\n  arguments: [{name: ioctl, index: 1, one_of: [TCGETS], why: x}]\n  report: {set: [bpf]}\n",
      "connect:\n  - {unix: /run/db/s.sock}\n  - {tcp: \"a.org:443\", why: updates}\nweb: {front_controllers: {remove: [a], add: [\"b*\"]}}\n",
      "extends: php-fpm\nname: shop\n",
      "a: &x [*x]\n",
      "? {a: b}\n: \"\\u0000\"\n",
  };
}

FUZZ_MAIN(seeds())
