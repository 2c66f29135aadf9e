// Which script answers an address, as the web server's snippet (`fpmbox export`) decides it. Pure but for the question whether
// a file is there.
#pragma once

#include <functional>
#include <string>

#include "profiles/base/result.h"
#include "profiles/model/policy.h"

namespace harness {

struct Routed {
  std::string script;     // relative to the document root: "lib/exe/js.php"
  std::string path_info;  // "" or "/..."
  friend bool operator==(const Routed&, const Routed&) = default;
};

enum class OnDisk { missing, file, folder };
// Of a path relative to the document root.
using Looks = std::function<OnDisk(const std::string& relative)>;

// `uri` with its query. The error: the web server answers it by itself, and how.
base::Result<Routed> route(const profiles::Policy& policy, const std::string& uri, const Looks& look);

}  // namespace harness
