// A line on the terminal that says what is being done, replaced by the next one. Nothing is written where stderr is no terminal.
//
//   progress("reading 40 packages");
//   progress({});                        // before anything else is written, and at the end
#pragma once

#include <string>

namespace images {

void progress(const std::string& what);

}  // namespace images
