// Which PHP extensions the recorded scripts refer to. A script in the recording box, where all of them are loaded, reads the
// recorded scripts with PHP's own tokenizer and says of which extension each name is. That a name is referred to is not that it
// was called; a name that the scripts ask for first (function_exists) is one that they can do without.
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
    needed,
    perhaps,    // referred to without a question, but the scripts ask for other names of it
    asked_for,  // all that is referred to is asked for first
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
