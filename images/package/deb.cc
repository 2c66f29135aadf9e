#include "images/package/deb.h"

#include <algorithm>

#include "images/store/refuse.h"
#include "profiles/base/text.h"

namespace images {
namespace {

// deb(5): debian-binary, control.tar, data.tar, in this order; either tar with or without compression.
base::Result<std::string_view> member_of(const std::vector<Member>& members, std::string_view start) {
  const auto is_it = [&](const Member& one) { return one.path.starts_with(start); };
  const auto at = std::find_if(members.begin(), members.end(), is_it);
  if (at == members.end()) return refuse("not a Debian package: it has no " + std::string(start));
  if (std::find_if(at + 1, members.end(), is_it) != members.end())
    return refuse("not a Debian package: it has more than one " + std::string(start));
  return std::string_view(at->bytes);
}

}  // namespace

base::Result<Deb> read_deb(std::string_view bytes, const Limits& limits) {
  const std::vector<Member> parts = TRY(read_ar(bytes, limits));
  const std::string_view format = TRY(member_of(parts, "debian-binary"));
  if (!format.starts_with("2.")) return refuse("a Debian package of an unknown format");
  const std::string_view control = TRY(member_of(parts, "control.tar"));
  const std::string_view data = TRY(member_of(parts, "data.tar"));
  Deb out;
  auto about = read_tar(control, limits);
  if (!about) return about.take_error().during("control.tar");
  for (Member& member : about.value()) {
    if (member.path == "control") out.control = std::move(member.bytes);
    if (member.path == "md5sums") out.md5sums = std::move(member.bytes);
  }
  if (control_field(out.control, "Package").empty()) return refuse("not a Debian package: its control file names none");
  auto files = read_tar(data, limits);
  if (!files) return files.take_error().during("data.tar");
  out.members = std::move(files).value();
  return out;
}

std::string control_field(std::string_view control, std::string_view field) {
  for (const std::string& line : base::split(control, '\n')) {
    if (!line.starts_with(field) || line.size() <= field.size() || line[field.size()] != ':') continue;
    const auto value = line.find_first_not_of(" \t", field.size() + 1);
    return value == std::string::npos ? std::string() : line.substr(value);
  }
  return {};
}

}  // namespace images
