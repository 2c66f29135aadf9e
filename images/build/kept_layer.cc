#include "images/build/kept_layer.h"

#include <set>

#include "images/package/tar_reader.h"
#include "images/store/digest.h"
#include "images/tree/elf.h"

namespace images {
namespace {

Entry entry_of(Member member) {
  Entry out{.kind = Entry::Kind::file, .mode = member.mode, .uid = member.uid, .gid = member.gid, .target = std::move(member.target)};
  if (member.kind == Member::Kind::directory) out.kind = Entry::Kind::directory;
  if (member.kind == Member::Kind::symlink) out.kind = Entry::Kind::symlink;
  if (member.kind == Member::Kind::file) out.content = content(std::move(member.bytes));
  return out;
}

bool is_started(const Entry& entry) { return entry.content ? is_program(*entry.content) : entry.is_program; }

bool is_as(const Entry& said, const Entry& held) {
  return said.kind == held.kind && said.mode == held.mode && said.uid == held.uid && said.gid == held.gid && said.target == held.target &&
         size_of(said) == size_of(held) && is_started(said) == is_started(held) && (!said.content || *said.content == *held.content);
}

}  // namespace

bool agrees(const Layer& layer, const PathMap& outline) {
  const auto tar = decompress(layer.compression, layer.blob, layer.tar_size);
  if (!tar || tar.value().size() != layer.tar_size || sha256(tar.value()) != layer.diff_id) return false;
  auto members = read_tar(tar.value(), Limits{});
  if (!members || members.value().size() != outline.entries().size()) return false;
  std::set<std::string> seen;
  for (Member& member : members.value()) {
    const Entry* said = outline.find(member.path);
    if (said == nullptr || member.kind == Member::Kind::hardlink) return false;
    if (!seen.insert(member.path).second || !is_as(*said, entry_of(std::move(member)))) return false;
  }
  return true;
}

}  // namespace images
