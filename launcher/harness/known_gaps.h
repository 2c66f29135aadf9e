// What acts may succeed by where fpmbox is the entrypoint of a container: gaps that the launcher said at its start, for the engine gave
// less than a box takes. An act that succeeds by none of them is a mistake of ours.
//
//   if (const KnownGap* gap = gap_behind(act, arena.targets(), arena.gaps())) ...
#pragma once

#include <string>
#include <vector>

#include "launcher/harness/arena.h"

namespace harness {

struct KnownGap {
  const char* gap;                  // as `plan` and the entrypoint call it
  std::vector<std::string> layers;  // of an act: nothing else stands behind the first of them there, in the folders that the gap names
  std::vector<std::string> acts;    // single ones
  const char* why;
};
const std::vector<KnownGap>& known_gaps();

// The act's own targets tell which folder it aims at.
const KnownGap* gap_behind(const Act& act, const Targets& targets, const std::vector<SaidGap>& said);

// How an act may end there beside the words of the catalogue, where less than a box stands before it, without that it succeeds.
struct OtherAnswer {
  const char* gap;                  // that was said; "": in every container
  std::vector<std::string> layers;  // of an act: the first of them
  std::vector<std::string> acts;    // single ones
  std::vector<std::string> outcomes;
  const char* why;
};
const std::vector<OtherAnswer>& other_answers();

const OtherAnswer* find_other_answer(const Act& act, const std::string& outcome, const std::vector<SaidGap>& said);

// Which of them says that a box has no /proc of its own to look at: none can be mounted, or Landlock keeps it from the engine's.
const SaidGap* gap_without_proc(const std::vector<SaidGap>& said);

// Of what a launcher printed: "shop: gap: writable: /tmp: not mounted ..." says `writable` of /tmp.
std::vector<SaidGap> gaps_said(const std::string& log);

}  // namespace harness
