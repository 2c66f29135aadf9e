#include "images/cli/options.h"

#include <CLI/CLI.hpp>

namespace images {

void add_workshop_options(CLI::App& command, WorkshopOptions& options) {
  command.add_option("RECIPE", options.recipe, "recipe file, or the name of one that is shipped")->required();
  CLI::Option* locked = command.add_flag("--locked", options.locked, "fail when the lock is absent or of other packages, instead of making it");
  command.add_flag("--update-lock", options.update_lock, "take what the mirrors have now, and say what changed")->excludes(locked);
  command.add_flag("--offline", options.offline, "ask no mirror: all packages are in the vault");
  command.add_option("--lock", options.lock, "the lock's file; beside the recipe when absent")->type_name("FILE");
  command.add_option("--cache", options.cache, "folder for packages, indexes and compressed parts")->type_name("FOLDER");
}

}  // namespace images
