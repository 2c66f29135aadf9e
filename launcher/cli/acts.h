// Where the catalogue of acts lies, and what is in it.
#pragma once

#include <string>
#include <vector>

#include "launcher/harness/catalogue.h"
#include "launcher/harness/scratch.h"

namespace cli {

// As catalog_places(): beside the binary, where an installed tree has it, and where this build would install it.
std::vector<std::string> acts_places(const std::string& executable);

struct ActFiles {
  harness::Catalogue catalogue;
  std::vector<harness::ScratchFile> scripts;  // act.php and prelude.php
};
// The error is for a folder or a script that is not there; mistakes in files are in `diagnostics`. Root reads only what root
// alone can change: these files say what is tried on this machine.
base::Result<ActFiles> read_acts(base::Diagnostics& diagnostics);

}  // namespace cli
