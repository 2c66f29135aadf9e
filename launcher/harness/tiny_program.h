// A program of one page that ends with 0 and needs nothing but itself: what an attacker uploads, in the smallest form. Of this
// architecture; "" where we have none.
#pragma once

#include <string>

namespace harness {

std::string tiny_program();

}  // namespace harness
