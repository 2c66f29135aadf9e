// What libapt is asked, behind plain values: it keeps its configuration in globals, so only one root is in use at a time.
//
//   const auto mirrors = TRY(host_mirrors());
//   TRY(enter_root("/var/cache/fpmbox/images/apt/NAME", sources, hints));
//   TRY(update());
#pragma once

#include <map>
#include <string>
#include <vector>

#include "profiles/base/result.h"

namespace images {

struct HostApt {
  std::map<std::string, std::string> mirrors;   // by suite: where this machine has it from
  std::map<std::string, std::string> proxies;   // apt's own keys and values
};
base::Result<HostApt> host_apt();

struct Source {
  std::string suite;
  std::string mirror;
  std::vector<std::string> components;
  std::string keyring;
  bool accepts_expired = false;
};

// A root of apt's own with nothing installed in it: from now on libapt knows no other.
base::Status enter_root(const std::string& folder, const std::vector<Source>& sources, const HostApt& host);
// Fetches the indexes. Every signature, date and digest must hold; an old index is never taken instead of a new one.
base::Status update();
// The signed index of a source, as update() left it.
std::string index_path(const Source& source);

// What libapt has to say since it was asked last; clears it.
base::Error apt_failure(const std::string& what);

}  // namespace images
