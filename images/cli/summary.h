// What a build says of the image that it made.
#pragma once

#include <string>

#include "images/cli/workshop.h"

namespace images {

// For programs, and what summary_text() is made of. `web`: the second image, or null.
std::string summary_json(const Workshop& shop, const Assembled& parts, const Image& image, const Image* web);
std::string summary_text(const std::string& json, const std::string& output, bool unchanged);

}  // namespace images
