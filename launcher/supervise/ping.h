// Ping: one question after another to FPM's private status socket until it answers. Never blocks: the loop polls fd()
// for events() and calls advance().
#pragma once

#include <optional>
#include <string>

#include "launcher/supervise/fastcgi.h"
#include "launcher/supervise/rate.h"
#include "launcher/sys/fd.h"

namespace launcher {

class Ping {
 public:
  static constexpr Milliseconds kPatience{5000};  // for one answer
  static constexpr Milliseconds kPause{50};       // before the next question, after a failure

  // Borrows an O_PATH fd of the socket's inode. It has no name any more: connect(2) reaches it as /proc/self/fd/N.
  explicit Ping(int socket_inode) : inode_(socket_inode) {}

  // Does what can be done now. True once, when FPM answered "pong".
  bool advance(Instant now);
  void ask_again(Instant at) { due_ = at; }  // once answered
  void hang_up() { connection_.reset(); }       // a worker may wait for it before it ends
  int fd() const { return connection_.get(); }  // -1 between two questions
  short events() const;
  std::optional<Instant> due() const;  // when to advance although nothing happened on fd(); nullopt once answered
  const std::string& last_failure() const { return failure_; }

 private:
  bool ask(Instant now);
  bool listen_for_reply(Instant now);
  bool fail(std::string why, Instant now);

  int inode_;
  sys::Fd connection_;
  FastcgiParser parser_;
  std::optional<Instant> due_ = Instant();  // long past: at once
  std::string failure_ = "no question was asked yet";
};

}  // namespace launcher
