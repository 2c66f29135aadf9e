#include "launcher/learn/fold_writes.h"

#include <algorithm>
#include <map>

#include "launcher/plan/inside.h"

namespace launcher {
namespace {

using Act = WrittenPath::Act;

constexpr std::size_t kManyNeighbours = 3;  // folders of one folder that are granted as that folder
// Every box has these of its own; /dev/null and the like are everybody's.
constexpr const char* kOfEveryBox[] = {inside::kTmp, inside::kSessions, "/dev", "/proc"};

bool is_within(const std::string& path, const std::string& folder) { return path == folder || path.starts_with(folder + "/"); }

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? "" : path.substr(0, slash);
}

const char* verb(Act act) {
  switch (act) {
    case Act::rewritten: return "rewrote ";
    case Act::made: return "made ";
    case Act::entry: break;
  }
  return "renamed, removed or made ";
}

class Folding {
 public:
  explicit Folding(const FoldInput& input) : input_(input) {}

  void take(const WrittenPath& write, const std::string& script) {
    if (std::any_of(std::begin(kOfEveryBox), std::end(kOfEveryBox), [&](const char* own) { return is_within(write.path, own); })) return;
    if (!write.path.starts_with(input_.code + "/"))
      return out_.outside.push_back({write.path, script, std::string(verb(write.act)) + write.path});
    const std::string path = write.path.substr(input_.code.size() + 1);
    const auto covers = [&](const std::string& granted) { return is_within(path, granted); };
    if (std::any_of(input_.granted.begin(), input_.granted.end(), covers)) return;
    place(path, write.act, {{}, script, verb(write.act) + path});
  }

  Folded finish() {
    join_neighbours();
    drop_covered();
    for (auto& [path, line] : lines_) {
      line.path = path;
      warn(line);
      out_.lines.push_back(std::move(line));
    }
    return std::move(out_);
  }

 private:
  void place(const std::string& path, Act act, WritableLine line) {
    const Before before = input_.before(path);
    // Made in this run and rewritten later: the folder is granted by its making.
    if (act == Act::rewritten && before == Before::missing) act = Act::made;
    if (act == Act::rewritten) return add(path, std::move(line));
    const std::string folder = parent_of(path);
    if (!folder.empty() && input_.before(folder) == Before::folder) return add(folder, std::move(line));
    if (folder.empty()) return place_in_root(path, act, before, std::move(line));
    place(folder, Act::entry, std::move(line));  // a folder that was made, too
  }

  // A file or folder of its own, put there once by an operator, is all that can be granted.
  void place_in_root(const std::string& path, Act act, Before before, WritableLine line) {
    if (before != Before::missing && act == Act::entry) {
      if (before == Before::folder) return add(path, std::move(line));
      line.path = path;
      return out_.in_root.push_back(std::move(line));
    }
    if (before == Before::missing) line.warnings.push_back("not there before: make it first, of the pool's user");
    add(path, std::move(line));
  }

  void add(const std::string& path, WritableLine line) { lines_.emplace(path, std::move(line)); }

  bool holds_scripts(const std::string& folder) const {
    return std::any_of(input_.scripts.begin(), input_.scripts.end(), [&](const std::string& script) {
      return is_within(script, folder) && input_.before(script) != Before::missing;
    });
  }

  // data/pages, data/media, data/meta: data. Never where code lies, and never the root.
  void join_neighbours() {
    std::map<std::string, std::size_t> neighbours;
    for (const auto& [path, line] : lines_)
      if (const std::string above = parent_of(path); !above.empty() && input_.before(path) == Before::folder) ++neighbours[above];
    for (const auto& [folder, count] : neighbours) {
      if (count < kManyNeighbours || holds_scripts(folder)) continue;
      const auto first = lines_.lower_bound(folder + "/");
      WritableLine line = first->second;
      line.because += " and in " + std::to_string(count - 1) + " folders beside it";
      lines_.emplace(folder, std::move(line));
    }
  }

  void drop_covered() {
    std::erase_if(lines_, [&](const auto& item) {
      return std::any_of(lines_.begin(), lines_.end(),
                         [&](const auto& other) { return other.first != item.first && is_within(item.first, other.first); });
    });
  }

  void warn(WritableLine& line) const {
    for (const std::string& script : input_.scripts) {
      if (!is_within(script, line.path)) continue;
      const bool is_new = input_.before(script) == Before::missing;
      line.warnings.push_back(std::string(is_new ? "PHP that the application makes and reads: " : "holds PHP that is read: ") + script +
                              "; what the pool writes there may be executed");
      return;
    }
  }

  const FoldInput& input_;
  std::map<std::string, WritableLine> lines_;
  Folded out_;
};

}  // namespace

Folded fold_writes(const FirstSeen<WrittenPath>& writes, const FoldInput& input) {
  Folding folding(input);
  for (const auto& seen : writes.all()) folding.take(seen.thing, seen.script);
  return folding.finish();
}

}  // namespace launcher
