// Which extension brings a function, a class or a constant of PHP.
#pragma once

#include <string_view>

namespace launcher {

// "mb_strlen" -> "mbstring"; "" when no extension is known to bring it. Names of functions and classes in any case.
std::string_view extension_of_function(std::string_view name);
std::string_view extension_of_class(std::string_view name);
std::string_view extension_of_constant(std::string_view name);

}  // namespace launcher
