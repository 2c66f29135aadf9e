// Processes of an engine that work for one trial: its client, and what a client leaves beside a container to look after it. They are
// known by what their command lines name: the trial's name with its random digits, or the store that it alone has.
//
//   if (has_clients({"shop.test-0123456789abcdef"}, {"/var/lib/fpmbox/shop.test/against/podman/store"})) ...
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace harness {

struct ClientMarks {
  std::string name;                 // part of a word
  std::vector<std::string> stores;  // whole words
};
bool is_client(const std::string& command_line, const ClientMarks& marks);  // as in /proc/PID/cmdline
// Among the children of whoever asks, which orphans of the test are when it adopts them.
bool has_clients(const ClientMarks& marks);

}  // namespace harness
