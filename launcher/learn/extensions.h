// Which PHP extensions the recorded scripts refer to. A script in the recording box, where all of them are loaded, reads the
// recorded scripts with PHP's own tokenizer and says of which extension each name is. That a name is referred to is not that it
// was called. Scripts that ask whether an extension is there (function_exists) may do without it, or stop with a page that
// says so: what was recorded is how they work with it, so it is granted, with the doubt.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "launcher/facts/host_facts.h"
#include "profiles/model/policy.h"

namespace launcher {

std::string render_extensions_script();

struct ExtensionUse {
  enum class How {
    needed,     // referred to
    perhaps,    // likewise, but the scripts ask first whether it is there
    asked_for,  // only asked for
  };
  std::string name;     // "mbstring"
  How how = How::needed;
  std::string example;  // "mb_strlen()"
  std::string script;
  unsigned line = 0;
  std::vector<std::string> depends_on;
  friend bool operator==(const ExtensionUse&, const ExtensionUse&) = default;
};

// What the script answered: hostile text of a pool. Lines that are not of its form are passed over.
std::vector<ExtensionUse> parse_extensions(std::string_view answer);

// Those that the policy does not load and that are files on this host, in the order of their names, with what they depend on.
std::vector<ExtensionUse> missing_extensions(const std::vector<ExtensionUse>& uses, const profiles::Policy& policy, const PhpFacts& php);

}  // namespace launcher
