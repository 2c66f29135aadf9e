#include "launcher/supervise/watchdog.h"

namespace launcher {

void Watchdog::told(Instant now) {
  if (!patience_) return;
  due_ = now + *patience_ / kQuestions;
  worried_ = now + *patience_ / kQuestions * (kQuestions - 1);
}

bool Watchdog::is_worried(Instant now) {
  if (!worried_ || now < *worried_) return false;
  worried_.reset();
  return true;
}

}  // namespace launcher
