#include "launcher/harness/verdict.h"

namespace harness {

std::string_view word_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::stopped: return "stopped";
    case Verdict::leaked: return "LEAKED";
    case Verdict::otherwise: return "otherwise";
    case Verdict::not_shown: return "not shown";
    case Verdict::broken_control: return "broken control";
    case Verdict::accepted: return "accepted";
    case Verdict::granted: return "granted";
    case Verdict::does_not_apply: return "does not apply";
  }
  return "";
}

bool is_error(Verdict verdict) {
  switch (verdict) {
    case Verdict::stopped:
    case Verdict::not_shown:
    case Verdict::accepted:
    case Verdict::granted:
    case Verdict::does_not_apply: return false;
    case Verdict::leaked:
    case Verdict::otherwise:
    case Verdict::broken_control: return true;
  }
  return true;
}

// What leaks is said first, whatever its control did. Where this machine lacks what is attacked, another answer inside than
// "stopped" is still an error.
Verdict verdict_of(const Act& act, const std::string& inside, const std::string& outside) {
  if (is_among(inside, act.outside)) return Verdict::leaked;
  const bool is_lacking = act.lacking.contains(outside);
  if (!is_among(outside, act.outside) && !is_lacking) return Verdict::broken_control;
  if (is_lacking && (inside == outside || is_stopped(act, inside))) return Verdict::not_shown;
  return is_stopped(act, inside) ? Verdict::stopped : Verdict::otherwise;
}

Verdict verdict_of_ordinary(const Act& act, const std::string& inside, const std::string& outside) {
  const Verdict verdict = verdict_of(act, inside, outside);
  if (verdict != Verdict::broken_control || act.control == Control::user) return verdict;
  return is_stopped(act, inside) ? Verdict::not_shown : Verdict::otherwise;
}

}  // namespace harness
