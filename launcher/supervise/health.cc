#include "launcher/supervise/health.h"

#include <sys/socket.h>

#include <string>

namespace launcher {
namespace {

// It fits into any socket's buffer; who does not read it gets none.
void tell(int connection, std::string_view word) {
  const std::string line = std::string(word) + "\n";
  [[maybe_unused]] const auto sent = ::send(connection, line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

std::optional<Instant> Health::due() const {
  if (asking_.empty()) return std::nullopt;
  return asking_.front().until;  // in the order of their coming
}

bool Health::take(Instant now, std::string_view state) {
  sys::Fd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!connection) return false;
  if (!state.empty() || asking_.size() >= kMostAsking) {
    tell(connection.get(), state.empty() ? "busy: too many ask at once" : state);
    return false;
  }
  asking_.push_back({std::move(connection), now + kPatience});
  return true;
}

void Health::answer(std::string_view word) {
  for (const Asking& one : asking_) tell(one.connection.get(), word);
  asking_.clear();
}

void Health::give_up(Instant now, std::string_view why) {
  std::erase_if(asking_, [&](const Asking& one) {
    if (now < one.until) return false;
    tell(one.connection.get(), std::string("unhealthy: ") + std::string(why));
    return true;
  });
}

}  // namespace launcher
