// Programs of one page that need nothing but themselves: what an attacker uploads, in the smallest form. Of this architecture;
// "" where we have none.
#pragma once

#include <string>

namespace harness {

std::string tiny_program();     // ends with 0
std::string waiting_program();  // waits for a signal that ends it

}  // namespace harness
