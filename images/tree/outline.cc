#include "images/tree/outline.h"

#include <array>
#include <nlohmann/json.hpp>

#include "images/store/refuse.h"
#include "images/tree/elf.h"

namespace images {
namespace {

using Json = nlohmann::json;

constexpr std::array<Entry::Kind, 3> kKinds = {Entry::Kind::file, Entry::Kind::directory, Entry::Kind::symlink};

bool starts(const Entry& entry) { return entry.content ? is_program(*entry.content) : entry.is_program; }

Json json_of(const std::string& path, const Entry& e) {
  return {path, kind_name(e.kind), e.mode, e.uid, e.gid, e.mtime, e.target, size_of(e), starts(e), e.package, e.why};
}

Entry::Kind kind_of(const std::string& name) {
  for (const Entry::Kind kind : kKinds)
    if (kind_name(kind) == name) return kind;
  return Entry::Kind::file;
}

Entry entry_of(const Json& json) {
  Entry out{.kind = kind_of(json.at(1)), .mode = json.at(2), .uid = json.at(3), .gid = json.at(4), .mtime = json.at(5), .target = json.at(6)};
  out.size = json.at(7);
  out.is_program = json.at(8);
  out.package = json.at(9);
  out.why = json.at(10);
  return out;
}

}  // namespace

base::Result<std::string> write_outline(const PathMap& tree) {
  Json out = Json::array();
  for (const auto& [path, entry] : tree.entries()) out.push_back(json_of(path, entry));
  try {
    return out.dump();
  } catch (const Json::exception&) {
    return refuse("a path that is no UTF-8");
  }
}

base::Result<PathMap> read_outline(std::string_view text) {
  try {
    PathMap out;
    const Json list = Json::parse(text);
    if (!list.is_array()) return refuse("not an outline: no list");
    for (const Json& one : list) TRY(out.add(one.at(0), entry_of(one)));
    return out;
  } catch (const Json::exception& error) {
    return refuse(std::string("not an outline: ") + error.what());
  }
}

}  // namespace images
