// A Debian package as a value: its control file and the files that it would install. No script of it is ever run.
//
//   const Deb deb = TRY(read_deb(bytes, Limits{}));
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "images/package/tar_reader.h"
#include "profiles/base/result.h"

namespace images {

struct Deb {
  std::string control;  // as it is in the package
  std::string md5sums;  // may be empty
  std::vector<Member> members;
};

base::Result<Deb> read_deb(std::string_view bytes, const Limits& limits);

// A field of a control file, such as "Package"; empty when there is none. Continuation lines are left out.
std::string control_field(std::string_view control, std::string_view field);

}  // namespace images
