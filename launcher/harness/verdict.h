// What became of an act, from its two outcomes. Pure.
#pragma once

#include <string>
#include <vector>

#include "launcher/harness/act.h"

namespace harness {

enum class Verdict {
  stopped,         // the box ended it as the catalogue says, and its control succeeded
  leaked,          // it succeeded in the box
  otherwise,       // neither: the harness or the act is wrong, never a pass
  not_shown,       // its control does not succeed here, and the catalogue knows why
  broken_control,  // its control does not succeed here, and nobody knows why: an error
  accepted,        // it succeeded, and the profile says that it has to (expect.allowed)
  granted,         // it succeeded, and a line of the profile grants the call (granted.h)
  does_not_apply,  // this profile gives what it would try (`when:`)
};
std::string_view word_of(Verdict verdict);
bool is_error(Verdict verdict);  // the test as a whole fails

struct ActResult {
  const Act* act = nullptr;
  Verdict verdict = Verdict::otherwise;
  std::string inside;                  // outcome in the box
  std::string outside;                 // outcome of the control
  std::string reason;                  // why not shown, why it does not apply, who granted it, that it was stopped by another wall
  bool pool_died = false;              // in the box
  bool control_ran = true;             // false: what would have tried it outside did not come up, or did not answer
  // With --walls:
  bool walls_known = false;
  std::vector<std::string> only_wall;  // without this layer alone it succeeds
  std::vector<std::string> walls;      // each of these stops it when the others that the act names are away
  bool more_walls = false;             // with all that it names away it is stopped still: how many there are is not known
};

Verdict verdict_of(const Act& act, const std::string& inside, const std::string& outside);

// The same when an ordinary user runs the test: a control that only root can make is no broken one.
Verdict verdict_of_ordinary(const Act& act, const std::string& inside, const std::string& outside);
inline constexpr const char* kOnlyRoot = "only root can show it";

}  // namespace harness
