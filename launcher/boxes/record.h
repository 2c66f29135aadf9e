// The record of a running box: what other commands need to know to find it, judge it and end it. The launcher writes it
// while it is still root, into a file that root alone can read or write; whoever reads it believes only what the kernel
// still says: a process is the recorded one when its start time is.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "profiles/base/result.h"

namespace launcher {

struct RecordedProcess {
  pid_t pid = 0;
  std::uint64_t start = 0;  // sys::ProcessStat::start
  friend bool operator==(const RecordedProcess&, const RecordedProcess&) = default;
};

// A file that the pool's policy was composed from.
struct RecordedLayer {
  std::string path;
  std::string digest;
  friend bool operator==(const RecordedLayer&, const RecordedLayer&) = default;
};

// A program of the host, or a dynamic loader, that the box shows or has a copy of; and state_of_file() at its start.
struct RecordedProgram {
  std::string path;
  std::string state;
  friend bool operator==(const RecordedProgram&, const RecordedProgram&) = default;
};

struct BoxRecord {
  std::string pool;
  std::string file;                   // the pool file, absolute
  std::vector<RecordedLayer> layers;  // of the pool file and all that it extends
  std::string boot;                   // the kernel's boot id: start times count from the boot
  RecordedProcess launcher;
  RecordedProcess box;                // FPM's master
  std::int64_t started = 0;           // seconds since 1970
  std::uint64_t stop_timeout_ms = 0;
  std::string code;                   // as the pool file names it,
  std::string code_version;           // and what that led to
  std::string socket;                 // path or host:port
  std::string user;
  std::vector<std::string> cgroups;   // directories
  std::string program;                // php-fpm's path,
  std::string program_digest;         // and what the copy that runs was copied from
  std::vector<std::string> gaps;      // layers that it runs without
  std::vector<RecordedProgram> programs = {};  // not there in records of boxes without any
  std::string root = {};              // the folder of a built root, where libraries are compared; not there in records of boxes without one
  std::string image = {};             // the file that is mounted there, and state_of_file() at its start; not there in records of boxes without one
  std::string image_state = {};
  bool recording = false;             // of `learn`: no boundary; not there in records of other boxes
  std::string unit;                   // the system service that the launcher is the main process of; or empty
  friend bool operator==(const BoxRecord&, const BoxRecord&) = default;
};

std::string write_record(const BoxRecord& record);
// Every field, each once (those that need not be there at most once), of its type and within its bounds, and no other field; else an Error that names it.
base::Result<BoxRecord> read_record(std::string_view json);

inline constexpr std::size_t kLongestRecord = 256 * 1024;

}  // namespace launcher
