// What launcher and child say to each other over a SOCK_SEQPACKET pair, one byte a message, fds attached going up.
//
//   launcher                         child
//   ----------------------------------------------------------------------------------
//   clone  ------------------------> joins its cgroups, makes the box's mounts
//   hands its pidfd to the janitor   (both at once)
//   kGo  --------------------------> drops everything, loads the filter
//        <-------------------------- kListener + seccomp listener fd   (if calls are reported)
//        <-------------------------- kRelay + listening socket fd      (one per relayed connection; later)
//   report pipe: EOF <-------------- exec worked;   or SetupFailure {step, errno, subject}
//
// The pair is CLOEXEC on both sides, so no program ever holds it. A launcher that gives up closes its end: the child
// exits without a word.
#pragma once

namespace child::handshake {

inline constexpr char kGo = 'g';
inline constexpr char kListener = 'n';
inline constexpr char kRelay = 'r';
// SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, Linux 5.19
inline constexpr unsigned long kWaitKillable = 1UL << 5;

}  // namespace child::handshake
