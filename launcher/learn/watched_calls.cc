#include "launcher/learn/watched_calls.h"

#include <algorithm>

namespace launcher {
namespace {

using Kind = WatchedCall::Kind;

// clang-format off
constexpr WatchedCall kCalls[] = {
    {"open", Kind::open, {-1, 0}, {}, 1}, {"openat", Kind::open, {0, 1}, {}, 2}, {"openat2", Kind::open, {0, 1}, {}, 2},
    {"creat", Kind::create, {-1, 0}},
    {"mkdir", Kind::entry, {-1, 0}}, {"mkdirat", Kind::entry, {0, 1}}, {"rmdir", Kind::entry, {-1, 0}},
    {"unlink", Kind::entry, {-1, 0}}, {"unlinkat", Kind::entry, {0, 1}},
    {"rename", Kind::entry, {-1, 0}, {-1, 1}}, {"renameat", Kind::entry, {0, 1}, {2, 3}}, {"renameat2", Kind::entry, {0, 1}, {2, 3}},
    {"symlink", Kind::entry, {-1, 1}}, {"symlinkat", Kind::entry, {1, 2}}, {"link", Kind::entry, {-1, 1}}, {"linkat", Kind::entry, {2, 3}},
    {"truncate", Kind::inode, {-1, 0}}, {"chmod", Kind::inode, {-1, 0}}, {"fchmodat", Kind::inode, {0, 1}},
    {"utime", Kind::inode, {-1, 0}}, {"utimes", Kind::inode, {-1, 0}}, {"futimesat", Kind::inode, {0, 1}}, {"utimensat", Kind::inode, {0, 1}},
    {"connect", Kind::connect}, {"sendto", Kind::send}, {"sendmmsg", Kind::send_many},
};
// clang-format on

}  // namespace

std::span<const WatchedCall> watched_calls() { return kCalls; }

const WatchedCall* watched_call(std::string_view name) {
  const auto found = std::find_if(std::begin(kCalls), std::end(kCalls), [&](const WatchedCall& call) { return call.name == name; });
  return found == std::end(kCalls) ? nullptr : &*found;
}

}  // namespace launcher
