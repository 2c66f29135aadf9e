// The host name in a question to a name server (RFC 1035, section 4.1). Pure; the bytes are a pool's.
#pragma once

#include <string>
#include <string_view>

namespace launcher {

// "" when it is no such question.
std::string name_in_question(std::string_view packet);

}  // namespace launcher
