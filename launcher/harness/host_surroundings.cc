// The host's tree, as a box without a view of its own would see it.
#include <dirent.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "launcher/harness/layers.h"

namespace harness {
namespace {

HostEntry look_at(const std::string& folder, const std::string& name) {
  HostEntry out{name, HostEntry::Kind::other, {}};
  const std::string path = folder + "/" + name;
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return out;
  if (S_ISDIR(info.st_mode)) out.kind = HostEntry::Kind::folder;
  if (S_ISREG(info.st_mode)) out.kind = HostEntry::Kind::file;
  std::array<char, PATH_MAX> target{};
  if (!S_ISLNK(info.st_mode) || ::readlink(path.c_str(), target.data(), target.size() - 1) <= 0) return out;
  out.kind = HostEntry::Kind::link;
  out.target = target.data();
  return out;
}

class Host : public Surroundings {
 public:
  std::vector<HostEntry> entries(const std::string& folder) const override {
    std::vector<HostEntry> out;
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(folder.c_str()), ::closedir);
    while (const dirent* entry = stream ? ::readdir(stream.get()) : nullptr) {
      const std::string name = entry->d_name;
      if (name != "." && name != "..") out.push_back(look_at(folder, name));
    }
    std::sort(out.begin(), out.end(), [](const HostEntry& a, const HostEntry& b) { return a.name < b.name; });
    return out;
  }
};

}  // namespace

std::unique_ptr<Surroundings> host_surroundings() { return std::make_unique<Host>(); }

}  // namespace harness
