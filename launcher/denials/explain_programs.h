// Messages about programs that were not started, and the lines of `programs:` that would let them. For php_messages.cc, whose
// table names the functions of `programs`.
//
//   "exec(): Unable to fork [/usr/bin/convert a.png]"
//     -> to permit: programs: [{path: /bin/sh, why: "..."}, {path: /usr/bin/convert, why: "..."}]
#pragma once

#include <string_view>

#include "launcher/denials/context.h"
#include "launcher/denials/message_shape.h"

namespace launcher {

// Of PHP's own: does this function start programs?
bool starts_programs(std::string_view function);

// What `function` needs to be any use once it is no longer disabled.
void permit_programs_of(Denial& denial, std::string_view function, const DenialContext& context);

// The program at `path`, which is absolute.
void permit_program(Denial& denial, std::string_view path, const DenialContext& context);

// Where no program is known: the key.
std::string note_on_programs();

namespace programs {

// Function and command: "ls -l", or "/usr/bin/convert a.png".
bool no_shell(Denial& denial, const Captures& parts, const DenialContext& context);
// Function and errno's text.
bool no_exec(Denial& denial, const Captures& parts, const DenialContext& context);
// As dash says it of a command's first word: its line, that word, and why.
bool not_found(Denial& denial, const Captures& parts, const DenialContext& context);

}  // namespace programs

}  // namespace launcher
