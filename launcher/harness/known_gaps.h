// What acts may succeed by where fpmbox is the entrypoint of a container: gaps that the launcher said at its start, for the engine gave
// less than a box takes. An act that succeeds by none of them is a mistake of ours.
//
//   if (const KnownGap* gap = gap_behind(act, {"writable", "tmp"})) ...
#pragma once

#include <string>
#include <vector>

#include "launcher/harness/act.h"

namespace harness {

struct KnownGap {
  const char* gap;                  // as `plan` and the entrypoint call it
  std::vector<std::string> layers;  // of an act: nothing else stands behind the first of them there
  std::vector<std::string> acts;    // single ones
  const char* why;
};
const std::vector<KnownGap>& known_gaps();

const KnownGap* gap_behind(const Act& act, const std::vector<std::string>& said);

// Of what a launcher printed: "shop: gap: writable: /tmp: not mounted ..." says `writable`.
std::vector<std::string> gaps_said(const std::string& log);

}  // namespace harness
