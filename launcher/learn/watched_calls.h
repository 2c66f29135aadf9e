// The allowed calls that a recording looks into, and where each has what is of interest. Numbers are argument positions.
#pragma once

#include <span>
#include <string_view>

namespace launcher {

struct WatchedCall {
  enum class Kind {
    open,      // reads or writes, by its flags
    create,    // creat(2)
    entry,     // changes an entry of a folder: makes, removes or renames it
    inode,     // changes a file that is there: its length, mode or times
    connect,
    send,      // perhaps a question for a name
    send_many,
  };
  // Where a path is: the fd that it is relative to (-1: the working directory), and the text.
  struct Path {
    int directory = -1;
    int text = -1;
  };
  std::string_view name;
  Kind kind;
  Path first = {};
  Path second = {};  // of a rename
  int flags = -1;    // of an open
};

std::span<const WatchedCall> watched_calls();
// nullptr when it is not watched.
const WatchedCall* watched_call(std::string_view name);

}  // namespace launcher
