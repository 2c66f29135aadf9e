// From a word on the command line to a composed policy.
//
//   base::Diagnostics diagnostics;
//   Loaded pool = TRY(load_profile(word, globals, diagnostics));
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "launcher/cli/commands.h"
#include "profiles/base/diagnostics.h"
#include "profiles/base/result.h"
#include "profiles/load/compose.h"

namespace cli {

// A profile's bytes, at most 1 MiB. Root reads only what nobody but root can change, along the whole path: a profile
// says what root does. Others read what belongs to root or to themselves.
base::Result<std::string> read_profile(const std::string& path);

// A file that was read, and what was read of it.
struct ReadFile {
  std::string path;
  std::string text;
  std::string known_digest = {};  // of a text that a cache knows
};
std::string digest_of(const ReadFile& file);  // SHA-256 of its text

struct Loaded {
  std::string file;
  bool is_pool = true;
  bool for_caller = false;  // an ordinary user makes the box for itself
  bool in_container = false;  // of which we are the entrypoint
  bool is_clean = false;    // known to have no mistake: root's cache says so
  std::vector<ReadFile> reads;
  profiles::Composed composed;
};

// The error is for a word that names nothing or a catalog that is not there; mistakes in files are in `diagnostics`.
base::Result<Loaded> load_profile(const std::string& word, const Globals& globals, base::Diagnostics& diagnostics);

// When we are not root: the box is one of our own, and its user is us unless the file says so.
void take_as_caller(Loaded& loaded);

// check_policy(), unless the file itself could not be read: false then, for what it does not say is no mistake.
bool check_loaded(const Loaded& loaded, base::Diagnostics& diagnostics);

// Sorted by place, each once: two pools that extend a file find its mistakes twice.
std::vector<base::Diagnostic> in_order(base::Diagnostics diagnostics);
// The same, one line each.
void print_diagnostics(const base::Diagnostics& diagnostics, std::FILE* out);
// "fpmbox: WHAT", with control characters escaped, on stderr.
void print_error(const std::string& what);
// "POOL: WHAT", as every line that concerns a pool begins, whether it comes from its set-up or from its running box.
void print_error(const std::string& pool, const std::string& what);

}  // namespace cli
