#include "images/tree/audit.h"

#include <algorithm>

#include "images/tree/elf.h"

namespace images {
namespace {

struct Place {
  const std::string& path;
  const Entry& entry;
  const Promise& promise;
};

bool is_below(const std::string& path, const std::string& folder) { return path == folder || path.starts_with(folder + "/"); }

bool is_promised_writable(const Place& p) {
  return std::any_of(p.promise.writable.begin(), p.promise.writable.end(), [&](const auto& one) { return is_below(p.path, one); });
}

bool is_promised_program(const Place& p) { return std::find(p.promise.programs.begin(), p.promise.programs.end(), p.path) != p.promise.programs.end(); }

bool is_file(const Place& p) { return p.entry.kind == Entry::Kind::file; }

bool pool_can_write(const Place& p) {
  if (p.entry.kind == Entry::Kind::symlink) return false;
  return (p.entry.uid == p.promise.uid && (p.entry.mode & 0200) != 0) || (p.entry.gid == p.promise.gid && (p.entry.mode & 0020) != 0) ||
         (p.entry.mode & 0002) != 0;
}

// A program without an x bit is one for whoever can start its interpreter.
bool is_other_program(const Place& p) {
  if (!is_file(p) || is_promised_program(p)) return false;
  return p.entry.content ? is_program(*p.entry.content) : p.entry.is_program;
}

// Where anybody may make a folder of its own: the launcher runs as whoever the engine says.
bool is_for_everybody(const Place& p) {
  return (p.path == "tmp" || p.path == "run/fpmbox" || p.path == "var/lib/fpmbox") && p.entry.mode == 01777;
}

struct Rule {
  const char* says;
  bool (*broken)(const Place&);
};

constexpr Rule kRules[] = {
    {"is setuid or setgid", [](const Place& p) { return p.entry.kind != Entry::Kind::symlink && (p.entry.mode & 06000) != 0; }},
    {"can be written by the pool, and no profile says so",
     [](const Place& p) { return pool_can_write(p) && !is_promised_writable(p) && !is_for_everybody(p); }},
    {"can be written by everybody", [](const Place& p) {
       return p.entry.kind != Entry::Kind::symlink && (p.entry.mode & 0002) != 0 && !is_for_everybody(p);
     }},
    {"belongs to somebody else than root", [](const Place& p) {
       return (p.entry.uid != 0 || p.entry.gid != 0) && !is_promised_writable(p);
     }},
    {"is executable", [](const Place& p) { return is_file(p) && (p.entry.mode & 0111) != 0 && !is_promised_program(p); }},
    {"is a program", is_other_program},
    {"would hide a path of another layer", [](const Place& p) { return p.path.substr(p.path.rfind('/') + 1).starts_with(".wh."); }},
};

bool same_folder(const Entry& a, const Entry& b) {
  return a.kind == Entry::Kind::directory && b.kind == a.kind && a.mode == b.mode && a.uid == b.uid && a.gid == b.gid;
}

// /proc is mounted later; what leads there is no mistake.
bool leads_nowhere(const PathMap& all, const std::string& path, const Entry& entry) {
  if (entry.kind != Entry::Kind::symlink || entry.target.starts_with("/proc/")) return false;
  return !all.resolve(path);
}

}  // namespace

std::vector<std::string> audit(const std::vector<const PathMap*>& layers, const Promise& promise) {
  std::vector<std::string> out;
  PathMap all;
  for (const PathMap* layer : layers)
    for (const auto& [path, entry] : layer->entries()) {
      const Entry* there = all.find(path);
      if (there != nullptr && !same_folder(*there, entry)) out.push_back(path + ": is in two layers");
      all.entries()[path] = entry;
    }
  for (const auto& [path, entry] : all.entries()) {
    for (const Rule& rule : kRules)
      if (rule.broken({path, entry, promise})) out.push_back(path + ": " + rule.says);
    if (leads_nowhere(all, path, entry)) out.push_back(path + ": a link to " + entry.target + ", where nothing is");
  }
  return out;
}

}  // namespace images
