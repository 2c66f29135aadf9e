// Act: one thing that somebody who runs code inside a pool may try, as the catalogue (profiles/acts) says it. A value.
//
//   for (const Act& act : catalogue.acts) run(act);
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "profiles/base/diagnostics.h"

namespace harness {

// Where the same act has to succeed, so that a refusal in the box means something.
enum class Control {
  user,   // php-fpm or a process of the pool's user that nothing confines
  stock,  // the same below a root master that serves other pools too, as distributions start it
  root,   // as root: for what no ordinary user could try anywhere
};

// One argument of a system call as it is written.
struct NativeArgument {
  enum class Kind {
    number,  // 0, 0x541b, or a constant of the kernel by its name
    target,  // $tmp: a number, or a pointer to the text, whichever the target is
    text,    // "..." in quotes: a pointer to a copy that ends in a zero byte; $NAME or ${NAME} in it is a target's text
    zeros,   // {zeros: 64}: a pointer to as many zero bytes
    bytes,   // {bytes: 7f454c46}: a pointer to these bytes
  };
  Kind kind = Kind::number;
  std::uint64_t number = 0;  // of `number`; of `zeros`, how many
  std::string text;          // of `target` its name, of `text` the text, of `bytes` the bytes themselves
  friend bool operator==(const NativeArgument&, const NativeArgument&) = default;
};
struct NativeArguments {
  std::vector<NativeArgument> all;
  friend bool operator==(const NativeArguments&, const NativeArguments&) = default;
};

// Native depth: one system call, or a probe of our own by its name.
struct Native {
  std::string call;
  NativeArguments args;
  std::string probe;
  friend bool operator==(const Native&, const Native&) = default;
};

// One more request after the act, to a script that it left behind perhaps: its answer is appended to the outcome, as
// "; BODY" where the status is 200, else as "; STATUS".
struct Ask {
  std::string script;                         // inside path, with targets: "$data/shell.php"
  std::map<std::string, std::string> params;  // more parameters of FastCGI, likewise
  friend bool operator==(const Ask&, const Ask&) = default;
};

struct Act {
  std::string id;                    // GROUP/NAME
  std::string why;
  std::string source;                // public: an address, or CVE-YYYY-N
  std::vector<std::string> layers;   // of which each alone should stop it (layers.h)
  std::string php;                   // depth PHP; or
  std::optional<Native> native;      // depth native
  std::vector<std::string> calls;    // system calls behind a probe: a profile may grant them (granted.h)
  std::vector<std::string> when;     // it applies to a plan of which all of these hold (conditions.h)
  std::optional<Ask> ask;
  std::vector<std::string> inside;   // what it has to end with in the box
  std::vector<std::string> outside;  // what its control ends with; "reached" stands for kReached
  Control control = Control::user;
  bool alone = false;                // may destroy its pool: gets one of its own
  bool resource = false;             // uses much memory, processor or disk: in the timed part
  std::string look;                  // what is looked at from the host afterwards; appended to the outcome
  std::map<std::string, std::string> lacking;  // outcome of the control -> why this machine cannot show it
  base::Position where;
  friend bool operator==(const Act&, const Act&) = default;

  const std::string& item_name() const { return id; }
  std::string group() const { return id.substr(0, id.find('/')); }
};

// The kernel's code behind the call ran: it was not refused before.
inline constexpr std::string_view kReached[] = {"ok", "EFAULT", "EINVAL", "EBADF"};
inline constexpr std::string_view kReachedWord = "reached";

// What PHP itself says, before the kernel is asked, where a profile disables a function or sets open_basedir (prelude.php).
inline constexpr std::string_view kPhpRefusals[] = {"disabled", "open_basedir"};

// Is an outcome one of these words? "reached" stands for all of kReached.
bool is_among(std::string_view outcome, const std::vector<std::string>& words);

// Is it how the act has to end in the box?
bool is_stopped(const Act& act, std::string_view outcome);

}  // namespace harness
