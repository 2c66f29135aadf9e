// The effects of `fpmbox init`: looking at the machine, and running its steps.
#pragma once

#include "launcher/init/findings.h"

namespace launcher {

struct InitRequest {
  std::string application;  // a profile of the catalog, or "auto"
  std::string path;
  std::string name;                   // empty: from the path
  std::string data;                   // empty: /var/lib/NAME
  std::string web_server;             // empty: the one that is installed
  std::vector<std::string> profiles;  // what the catalog has
};

// An Error says what is wrong with the request or the site, and what to do.
base::Result<Findings> look_at_site(const InitRequest& request);

std::vector<Place> look_at_places(const Findings& findings, const profiles::Filesystem& filesystem);

// Shown, then run as root with its output passed on. An Error when it fails.
base::Status run_step(const Step& step);

// A new file, 0644, below folders that are made as needed. One that is there is an Error.
base::Status write_new_file(const std::string& path, const std::string& content);

}  // namespace launcher
