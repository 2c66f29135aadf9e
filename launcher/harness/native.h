// The native half of an attack: `fpmbox probe`, which runs in a box in place of its program and tries what is asked of it on
// stdin, an act a line, each in a forked child. It is no boundary and decides nothing; it reports what the kernel answered.
//
//   kernel/bpf<TAB>call<TAB>bpf<TAB>n:0<TAB>n:0<TAB>n:0               one system call, by name or by number
//   exec/memfd<TAB>probe<TAB>exec_memfd                               a named probe of native_probes.h
//   kernel/mount<TAB>call<TAB>mount<TAB>t:x<TAB>t:/<TAB>t:tmpfs<TAB>n:0<TAB>n:0
//
// Answers, in the order of the questions:   kernel/bpf<TAB>EPERM
// The word is "ok", the name of an errno, "EBADF at dup2" when a step before the act itself failed, "ran" when another program
// was started, "SIGSYS" and its like when the child was killed, "no answer in 15 s", or a probe's own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "profiles/base/result.h"

namespace harness {

// An argument as the child gets it: constants and targets are numbers or texts by now.
struct ProbeArgument {
  enum class Kind {
    number,  // n:18446744073709551615, n:-1, n:0x10
    text,    // t:words, with \t, \n and \\ : a pointer to a copy that ends with NUL
    bytes,   // b:c0ffee : a pointer to them
    zeros,   // z:64 : a pointer to so many
  };
  Kind kind = Kind::number;
  std::uint64_t number = 0;  // zeros: how many
  std::string text;          // bytes: as they are
  friend bool operator==(const ProbeArgument&, const ProbeArgument&) = default;
};

struct ProbeRequest {
  enum class Kind { call, probe };
  std::string id;
  Kind kind = Kind::call;
  std::string name;
  std::vector<ProbeArgument> arguments;
  friend bool operator==(const ProbeRequest&, const ProbeRequest&) = default;
};

std::string request_line(const ProbeRequest& act);  // without the newline
base::Result<ProbeRequest> parse_request(std::string_view line);

// What a call that this architecture or libseccomp's table lacks ends with: it cannot be shown here.
inline constexpr const char* kNoSuchCall = "no such call here";

// Until `input` ends. The exit code: 0, or 64 when a line could not be understood (said on stderr).
int serve_requests(int input, int output);

}  // namespace harness
