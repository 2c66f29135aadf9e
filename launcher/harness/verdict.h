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
  does_not_apply,  // this profile gives what it would try (`when:`)
};
std::string_view word_of(Verdict verdict);
bool is_error(Verdict verdict);  // the test as a whole fails

struct ActResult {
  const Act* act = nullptr;
  Verdict verdict = Verdict::otherwise;
  std::string inside;                  // outcome in the box
  std::string outside;                 // outcome of the control
  std::string reason;                  // why not shown, why it does not apply, that it was stopped by another wall
  bool pool_died = false;              // in the box
  std::vector<std::string> only_wall;  // with --walls: layers without which alone it succeeds
  std::vector<std::string> walls;      // with --walls: layers each of which stops it when the others of its list are away
  bool walls_known = false;
};

Verdict verdict_of(const Act& act, const std::string& inside, const std::string& outside);

}  // namespace harness
