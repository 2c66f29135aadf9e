// Text as JSON, for `--json`.
#pragma once

#include <string>
#include <string_view>

#include "profiles/base/diagnostics.h"

namespace cli {

// With its quotes. Control characters and bytes that are not UTF-8 become \xNN in the text.
std::string json_text(std::string_view text);
// {"severity": ..., "file": ..., "line": ..., "column": ..., "key": ..., "what": ..., "fix": ...}
std::string json_object(const base::Diagnostic& diagnostic);

}  // namespace cli
