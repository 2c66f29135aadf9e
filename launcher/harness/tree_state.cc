#include "launcher/harness/tree_state.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <memory>

#include "launcher/sys/file.h"

namespace harness {
namespace {

constexpr std::size_t kNamed = 5;
constexpr int kDeepest = 100;

void look(int parent, const std::string& name, const std::string& path, int depth, TreeState& out) {
  const auto info = sys::status_at(parent, name);
  if (!info || depth > kDeepest) return;
  const struct stat& status = info.value();
  const bool is_folder = S_ISDIR(status.st_mode);
  // a folder's own time says that a file came or went, which that file says as well
  out[path] = is_folder ? "folder" : std::to_string(status.st_ino) + " " + std::to_string(status.st_size) + " " + std::to_string(status.st_ctim.tv_sec) + "." + std::to_string(status.st_ctim.tv_nsec);
  if (!is_folder) return;
  auto folder = sys::open_at(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!folder) return;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(folder.value().get()), ::closedir);
  if (!stream) return;
  const int below = folder.value().release();
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string child = entry->d_name;
    if (child != "." && child != "..") look(below, child, path + "/" + child, depth + 1, out);
  }
}

}  // namespace

TreeState state_of(const std::vector<std::string>& roots) {
  TreeState out;
  for (const std::string& root : roots) look(AT_FDCWD, root, root, 0, out);
  return out;
}

std::vector<std::string> difference(const TreeState& before, const TreeState& after) {
  std::vector<std::string> out;
  for (const auto& [path, state] : after)
    if (const auto found = before.find(path); out.size() < kNamed && (found == before.end() || found->second != state)) out.push_back(path);
  for (const auto& [path, state] : before)
    if (out.size() < kNamed && !after.contains(path)) out.push_back(path + " (removed)");
  return out;
}

}  // namespace harness
