// Messages about servers that the box cannot reach, explained. For php_messages.cc, whose table names these.
#pragma once

#include "launcher/denials/context.h"
#include "launcher/denials/message_shape.h"

namespace launcher::servers {

bool could_not_connect(Denial& denial, const Captures& parts, const DenialContext& context);
bool could_not_open_url(Denial& denial, const Captures& parts, const DenialContext& context);
bool no_database_socket(Denial& denial, const Captures& parts, const DenialContext& context);
bool no_database_server(Denial& denial, const Captures& parts, const DenialContext& context);
bool no_database_host(Denial& denial, const Captures& parts, const DenialContext& context);
bool no_socket_there(Denial& denial, const Captures& parts, const DenialContext& context);
bool no_names(Denial& denial, const Captures& parts, const DenialContext& context);
bool no_mail(Denial& denial, const Captures& parts, const DenialContext& context);

}  // namespace launcher::servers
