#include "launcher/harness/fpm_arena.h"

namespace harness {

base::Result<std::string> FpmArena::socket() {
  if (is_alive()) return socket_;
  end_pool();
  socket_ = TRY(start());
  targets_["own_socket"] = seen_inside(socket_);
  if (has_neighbour()) meet_neighbour(socket_, targets_);
  return socket_;
}

}  // namespace harness
