#include "images/tree/read_folder.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "images/store/refuse.h"
#include "launcher/sys/file.h"

namespace images {
namespace {

constexpr std::size_t kLargest = 512u << 20;
constexpr int kDeepest = 64;

base::Result<std::vector<std::string>> names_in(int directory) {
  const int copy = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0) return sys::failure("open", ".");
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(copy), ::closedir);
  if (!stream) return sys::failure("fdopendir", ".");
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

base::Result<std::string> link_text(int directory, const std::string& name) {
  std::array<char, 4096> text{};
  const ssize_t length = ::readlinkat(directory, name.c_str(), text.data(), text.size());
  if (length < 0) return sys::failure("readlink", name);
  return std::string(text.data(), static_cast<std::size_t>(length));
}

class Walk {
 public:
  explicit Walk(PathMap& tree) : tree_(tree) {}

  base::Status folder(int directory, const std::string& prefix, int depth) {
    if (depth > kDeepest) return refuse(prefix + ": deeper than " + std::to_string(kDeepest) + " folders");
    const std::vector<std::string> names = TRY(names_in(directory));
    for (const std::string& name : names) {
      auto done = one(directory, name, prefix + name, depth);
      if (!done) return std::move(done).take_error().during("the code's " + prefix + name);
    }
    return base::success();
  }

 private:
  base::Status one(int directory, const std::string& name, const std::string& path, int depth) {
    const struct stat info = TRY(sys::status_at(directory, name));
    if (S_ISLNK(info.st_mode)) {
      std::string target = TRY(link_text(directory, name));
      return tree_.add(path, {.kind = Entry::Kind::symlink, .mode = 0777, .target = std::move(target)});
    }
    if (S_ISDIR(info.st_mode)) {
      TRY(tree_.add(path, {.kind = Entry::Kind::directory, .mode = 0755}));
      const sys::Fd below = TRY(sys::open_at(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
      return folder(below.get(), path + "/", depth + 1);
    }
    if (!S_ISREG(info.st_mode)) return refuse("neither a file, a folder nor a link");
    const sys::Fd file = TRY(sys::open_at(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
    std::string bytes = TRY(sys::read_all(file.get(), kLargest));
    return tree_.add(path, {.mode = 0644, .content = content(std::move(bytes))});
  }

  PathMap& tree_;
};

}  // namespace

base::Result<PathMap> read_folder(const std::string& path) {
  const sys::Fd directory = TRY(sys::open(path, O_RDONLY | O_DIRECTORY));
  PathMap tree;
  TRY(Walk(tree).folder(directory.get(), "", 0));
  return tree;
}

}  // namespace images
