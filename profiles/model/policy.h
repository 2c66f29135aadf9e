// Policy: the effective, host-independent answer to "what may this pool do". A plain value.
#pragma once

#include "profiles/model/connect.h"
#include "profiles/model/enforcement.h"
#include "profiles/model/environment.h"
#include "profiles/model/expect.h"
#include "profiles/model/filesystem.h"
#include "profiles/model/identity.h"
#include "profiles/model/jobs.h"
#include "profiles/model/limits.h"
#include "profiles/model/listen.h"
#include "profiles/model/mail.h"
#include "profiles/model/memory.h"
#include "profiles/model/network.h"
#include "profiles/model/php.h"
#include "profiles/model/programs.h"
#include "profiles/model/syscalls.h"
#include "profiles/model/web.h"

namespace profiles {

struct Policy {
  std::string name;  // [a-z0-9][a-z0-9-]*, at most 32; the file's name unless given
  Identity identity;
  Listen listen;
  Web web;
  Filesystem filesystem;
  std::vector<Connect> connect;
  Network network;
  std::vector<Program> programs;
  Mail mail;
  Syscalls syscalls;
  Memory memory;
  Limits limits;
  Php php;
  Jobs jobs;
  Environment environment;
  Expect expect;
  Enforcement enforcement;
  friend bool operator==(const Policy&, const Policy&) = default;
};

// `extends` is not here: it is read by compose() and leaves nothing in the composed policy.
template <class V>
void describe(V& v, Policy& f) {
  v.field("name", f.name, "Name of the pool; the file's name when absent.");
  v.field("identity", f.identity, "Who the pool is on the host.");
  v.field("listen", f.listen, "Where the web server reaches it.");
  v.field("web", f.web, "What the web server may ask of it.");
  v.field("filesystem", f.filesystem, "What it sees, and what it may write.");
  v.field("connect", f.connect, "All that it can reach.");
  v.field("network", f.network, "Which network it is in.");
  v.field("programs", f.programs, "Programs that scripts may start, each alone; none when absent.");
  v.field("mail", f.mail, "How PHP's mail() leaves the box.");
  v.field("syscalls", f.syscalls, "Which system calls it may make.");
  v.field("memory", f.memory, "Whether memory may be written and executed.");
  v.field("limits", f.limits, "How much it may use.");
  v.field("php", f.php, "What PHP is told.");
  v.field("jobs", f.jobs, "Commands for a timer, which `fpmbox export timers` writes; nothing else starts them.");
  v.field("environment", f.environment, "Environment variables that scripts see.");
  v.field("expect", f.expect, "What works when the application works.");
  v.field("enforcement", f.enforcement, "Which layers may be missing on a host.");
}

}  // namespace profiles
