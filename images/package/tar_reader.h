// A tar archive, compressed or not, from memory to a list of its members. Hostile archives are expected: limits are
// checked before memory is taken, and what an image cannot hold (devices, FIFOs, sparse files, file capabilities) is refused.
//
//   const std::vector<Member> members = TRY(read_tar(bytes, Limits{}));
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "profiles/base/result.h"

namespace images {

struct Limits {
  std::uint64_t file = 512ull << 20;
  std::uint64_t total = 2ull << 30;
  std::size_t members = 200'000;
};

struct Member {
  enum class Kind { file, directory, symlink, hardlink };
  Kind kind = Kind::file;
  std::string path;    // as in the archive, without a leading "./" and a trailing "/"; empty for the root itself
  std::uint32_t mode = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::int64_t mtime = 0;
  std::string target;  // of links
  std::string bytes;
};

base::Result<std::vector<Member>> read_tar(std::string_view archive, const Limits& limits);

// The members of an ar(1) archive, names and content; nothing is unpacked.
base::Result<std::vector<Member>> read_ar(std::string_view archive, const Limits& limits);

}  // namespace images
