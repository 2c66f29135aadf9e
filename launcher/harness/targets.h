// What acts aim at, by name: `$T['tmp']` in PHP, `$tmp` in arguments and addresses. Each side has its own.
#pragma once

#include <map>
#include <string>

#include "launcher/harness/act.h"
#include "launcher/harness/native.h"
#include "profiles/base/result.h"

namespace harness {

using Targets = std::map<std::string, std::string>;

// `$NAME` and `${NAME}` replaced; `$$` is a dollar. The error names a target that is not there.
base::Result<std::string> expand(const std::string& text, const Targets& targets);

// The act as `fpmbox probe` gets it.
base::Result<ProbeRequest> probe_request(const Act& act, const Targets& targets);

// The body of the request that has act.php try it: {"code": ..., "targets": {...}}. Texts of digits alone become numbers.
std::string php_body(const Act& act, const Targets& targets);

}  // namespace harness
