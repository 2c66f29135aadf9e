#include "launcher/supervise/allow_list.h"

#include <errno.h>

#include <memory>

namespace launcher {

base::Status load_allow_list(std::span<const AllowedCall> calls) {
  std::unique_ptr<void, void (*)(scmp_filter_ctx)> filter(::seccomp_init(SCMP_ACT_ERRNO(EPERM)), ::seccomp_release);
  if (!filter) return base::Error{"seccomp_init", {}, ENOMEM, {}};
  for (const AllowedCall& call : calls) {
    const int code =
        ::seccomp_rule_add_array(filter.get(), SCMP_ACT_ALLOW, call.number, call.only_when ? 1 : 0, &call.when);
    if (code != 0) return base::Error{"seccomp_rule_add", "call " + std::to_string(call.number), -code, {}};
  }
  const int code = ::seccomp_load(filter.get());
  if (code != 0) return base::Error{"seccomp_load", {}, -code, {}};
  return base::success();
}

}  // namespace launcher
