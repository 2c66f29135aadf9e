// Options of all commands that begin with a recipe.
#pragma once

#include "images/cli/workshop.h"

namespace CLI {
class App;
}

namespace images {

void add_workshop_options(CLI::App& command, WorkshopOptions& options);

}  // namespace images
