// The commands that another program does.
#pragma once

namespace cli {

bool is_for_images(int argc, char** argv);
// Becomes that program; comes back only when it could not.
int start_images(char** argv);

}  // namespace cli
