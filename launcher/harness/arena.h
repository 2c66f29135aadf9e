// A place in which acts are run: a pool that answers FastCGI, and a process for machine code, both with the same confinement.
// The box is one, plain php-fpm another, and so is whatever else the box is compared with.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "launcher/harness/ask.h"
#include "launcher/harness/targets.h"

namespace harness {

// What of a confinement this machine refused, and the layers that are narrower there than they would be otherwise.
struct Shortfall {
  std::string text;
  std::vector<std::string> layers;
};

// What fpmbox said of its own box: "gap: writable: /tmp: not mounted noexec".
struct SaidGap {
  std::string gap;     // writable
  std::string reason;  // "/tmp: not mounted noexec", and what stands in
};

class Arena {
 public:
  virtual ~Arena() = default;
  virtual std::string name() const = 0;            // "box", "plain php-fpm"
  virtual const Targets& targets() const = 0;
  virtual std::string act_script() const = 0;      // where act.php is for its pool
  // Starts the pool when it does not run. The error says why it does not come up.
  virtual base::Result<std::string> socket() = 0;  // where it answers
  virtual bool is_alive() = 0;                     // the pool that socket() gave
  // Ends the pool; the next socket() is of a new one.
  virtual void end_pool() = 0;
  virtual std::vector<Shortfall> shortfalls() const { return {}; }  // known once socket() has answered
  virtual std::vector<SaidGap> gaps() const { return {}; }          // likewise: those of a box of ours
  // Each line's answer, in their order; fewer when the process ended. For machine code.
  virtual base::Result<std::vector<std::string>> probe(const std::vector<std::string>& lines, int timeout_ms) = 0;
};

// What an act came to in one arena.
struct Attempted {
  std::string outcome;
  bool died = false;        // its pool did, or its process
  bool is_missing = false;  // it was not tried at all: the arena did not come up
  bool has_answered = true;  // false: it was, and what came back is no word about it
};

// A pool of the same master: its scripts are in the opcache that both share.
void meet_neighbour(const std::string& socket, Targets& targets);

// The looks "pool_answers" and "master_lives": what has become of its pool, in a word.
std::string look_at_pool(const std::string& look, Arena& arena, bool is_control);

// Acts in their order, each with its outcome; acts of one depth only.
Attempted try_php(Arena& arena, const Act& act, int timeout_ms);
std::vector<Attempted> try_native(Arena& arena, const std::vector<const Act*>& acts, int timeout_ms);

}  // namespace harness
