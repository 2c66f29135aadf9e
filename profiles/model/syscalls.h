// Which system calls the box may make. Names, and @groups of the catalog; compose() expands groups, so a composed
// policy holds plain names only.
#pragma once
#include "profiles/model/describe.h"

namespace profiles {

struct SyscallGrant {
  std::string name;
  std::string why;  // required in a pool file when no layer below allows the name
  friend bool operator==(const SyscallGrant&, const SyscallGrant&) = default;
  const std::string& item_name() const { return name; }
};
template <class V>
void describe(V& v, SyscallGrant& f) {
  v.title("name", f.name, "System call, or @group.");
  v.field("why", f.why, "Why a call that the profile below does not allow is needed.");
}

// An allowed call whose argument number `index` (from 0) must be one of the named constants, or, with `none_of`, must have
// none of those bits set. Rules of one call on several arguments must all hold. A call without a rule is not looked into.
struct ArgumentRule {
  std::string name;
  std::uint32_t index = 0;
  std::vector<std::string> one_of;
  std::vector<std::string> none_of;
  std::string why;  // required in a pool file when a layer below says otherwise
  friend bool operator==(const ArgumentRule&, const ArgumentRule&) = default;
  std::string item_name() const { return name + ":" + std::to_string(index); }
};
template <class V>
void describe(V& v, ArgumentRule& f) {
  v.field("name", f.name, "System call whose argument is checked.");
  v.field("index", f.index, "Which argument, from 0.");
  v.field("one_of", f.one_of, "Constants the argument may be.");
  v.field("none_of", f.none_of, "Flags that must not be set.");
  v.field("why", f.why, "Why the rule differs from that of the profile below.");
}

struct Syscalls {
  std::vector<SyscallGrant> allow;
  std::vector<ArgumentRule> arguments;
  std::vector<std::string> report;  // refused with EPERM and reported by name
  std::vector<std::string> absent;  // refused with ENOSYS, as on a kernel without them
  friend bool operator==(const Syscalls&, const Syscalls&) = default;
};
template <class V>
void describe(V& v, Syscalls& f) {
  v.field("allow", f.allow, "System calls and @groups that work.");
  v.field("arguments", f.arguments, "Allowed calls that are limited to some values of an argument.");
  v.field("report", f.report, "Calls refused with EPERM and reported, because only an attack makes them.");
  v.field("absent", f.absent, "Calls refused with ENOSYS, so that libraries fall back to others.");
}

}  // namespace profiles
