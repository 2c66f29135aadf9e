// From what `run` knows of a box to the record that other commands find.
#pragma once

#include <string>

#include "launcher/boxes/pool_files.h"
#include "launcher/cli/load.h"
#include "launcher/enforce/box.h"
#include "launcher/enforce/prepared.h"

namespace cli {

struct Origin {
  const Loaded& pool;
  const launcher::Plan& plan;
  std::string unit;  // own_unit()
};
base::Status publish(const Origin& origin, const launcher::Prepared& prepared, const launcher::RunningBox& box,
                     const launcher::PoolFiles& files);

// The version of the code that was mounted, and not what the link leads to by now.
std::string code_version(const launcher::Plan& plan, const std::string& named);

// The system service that this process is the main process of. Asked before the environment is cleared.
std::string own_unit();

}  // namespace cli
