#include "launcher/harness/copy_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <memory>

#include "launcher/sys/file.h"

namespace harness {
namespace {

using base::Result;
using base::Status;
using sys::Fd;

constexpr int kDeepest = 100;
constexpr std::size_t kNamed = 5;
constexpr mode_t kPermissions = 0777;

Result<std::vector<std::string>> names_in(int directory) {
  Fd again = TRY(sys::open_at(directory, ".", O_RDONLY | O_DIRECTORY));
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(again.get()), ::closedir);
  if (!stream) return sys::failure("fdopendir", {});
  (void)again.release();
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  return names;
}

class Copier {
 public:
  explicit Copier(CopyBudget& budget) : budget_(budget) {}

  // `shown` is the name for people.
  Status copy(int from, const std::string& name, int to, const std::string& as, const std::string& shown, int depth) {
    const struct stat info = TRY(sys::status_at(from, name));
    if (budget_.entries == 0 || depth > kDeepest) return leave_out(shown);
    --budget_.entries;
    if (S_ISDIR(info.st_mode)) return copy_folder(from, name, to, as, shown, depth);
    if (S_ISREG(info.st_mode)) return copy_file(from, name, to, as, shown);
    if (S_ISLNK(info.st_mode)) return copy_link(from, name, to, as, info);
    return leave_out(shown);
  }

 private:
  Status leave_out(const std::string& shown) {
    ++budget_.left_out;
    if (budget_.names_left_out.size() < kNamed) budget_.names_left_out.push_back(shown);
    return base::success();
  }

  Status give(int fd, const struct stat& info, const std::string& shown) {
    if (::geteuid() == 0 && ::fchown(fd, info.st_uid, info.st_gid) != 0) return sys::failure("chown", shown);
    if (::fchmod(fd, info.st_mode & kPermissions) != 0) return sys::failure("chmod", shown);
    return base::success();
  }

  Status copy_folder(int from, const std::string& name, int to, const std::string& as, const std::string& shown, int depth) {
    const Fd source = TRY(sys::open_at(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    const struct stat info = TRY(sys::status_of(source.get()));
    TRY(sys::make_directory_at(to, as, 0700));
    const Fd target = TRY(sys::open_at(to, as, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    const std::vector<std::string> names = TRY(names_in(source.get()));
    for (const std::string& entry : names) {
      auto copied = copy(source.get(), entry, target.get(), entry, shown + "/" + entry, depth + 1);
      if (!copied && copied.error().code != ENOENT) return copied;  // gone meanwhile: a running site's
    }
    return give(target.get(), info, shown);
  }

  Status copy_file(int from, const std::string& name, int to, const std::string& as, const std::string& shown) {
    const Fd source = TRY(sys::open_at(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
    const struct stat info = TRY(sys::status_of(source.get()));
    if (!S_ISREG(info.st_mode)) return leave_out(shown);
    const Fd target = TRY(sys::open_at(to, as, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
    const auto size = static_cast<std::uint64_t>(info.st_size);
    if (::ioctl(target.get(), FICLONE, source.get()) == 0) return give(target.get(), info, shown);
    if (size > budget_.bytes) {
      ::unlinkat(to, as.c_str(), 0);
      return leave_out(shown);
    }
    budget_.bytes -= size;
    for (std::uint64_t left = size; left > 0;) {  // no more than it had: it may grow meanwhile
      const ssize_t count = ::sendfile(target.get(), source.get(), nullptr, left);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return sys::failure("copy", shown);
      if (count == 0) break;
      left -= static_cast<std::uint64_t>(count);
    }
    return give(target.get(), info, shown);
  }

  Status copy_link(int from, const std::string& name, int to, const std::string& as, const struct stat& info) {
    std::array<char, PATH_MAX> text{};
    const ssize_t length = ::readlinkat(from, name.c_str(), text.data(), text.size() - 1);
    if (length < 0) return sys::failure("readlink", name);
    TRY(sys::symlink_at(std::string(text.data(), static_cast<std::size_t>(length)), to, as));
    if (::geteuid() == 0 && ::fchownat(to, as.c_str(), info.st_uid, info.st_gid, AT_SYMLINK_NOFOLLOW) != 0) return sys::failure("chown", as);
    return base::success();
  }

  CopyBudget& budget_;
};

// How deep a tree is that a pool wrote is the pool's choice: what lies deeper than there are descriptors for is moved up, and
// removed from there.
class Remover {
 public:
  explicit Remover(int top) : top_(top) {}

  Status remove(const std::string& name) {
    TRY(remove_one(top_, name, 0));
    for (unsigned number = 0; number < moved_; ++number) TRY(remove_one(top_, name_of(number), 0));
    return base::success();
  }

 private:
  static std::string name_of(unsigned number) { return ".removed-" + std::to_string(::getpid()) + "-" + std::to_string(number); }

  Status remove_one(int directory, const std::string& name, int depth) {
    if (::unlinkat(directory, name.c_str(), 0) == 0 || errno == ENOENT) return base::success();
    if (errno != EISDIR && errno != EPERM) return sys::failure("unlink", name);
    {
      const Fd below = TRY(sys::open_at(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
      ::fchmod(below.get(), 0700);  // an ordinary user's own folder may be closed to it
      if (depth > kDeepest) return move_up(directory, name);
      TRY(remove_all_in(below.get(), depth + 1));
    }
    if (::unlinkat(directory, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) return sys::failure("rmdir", name);
    return base::success();
  }

  Status remove_all_in(int directory, int depth) {
    const std::vector<std::string> names = TRY(names_in(directory));
    for (const std::string& name : names) TRY(remove_one(directory, name, depth));
    return base::success();
  }

  Status move_up(int directory, const std::string& name) {
    if (::renameat(directory, name.c_str(), top_, name_of(moved_).c_str()) != 0) return sys::failure("rename", name);
    ++moved_;
    return base::success();
  }

  int top_;
  unsigned moved_ = 0;
};

}  // namespace

Status copy_tree(const std::string& from, int directory, const std::string& name, CopyBudget& budget) {
  const auto slash = from.rfind('/');
  const Fd parent = TRY(sys::open_without_links(slash == 0 ? "/" : from.substr(0, slash), O_PATH | O_DIRECTORY));
  return Copier(budget).copy(parent.get(), from.substr(slash + 1), directory, name, from, 0);
}

Status remove_tree(int directory, const std::string& name) { return Remover(directory).remove(name); }

}  // namespace harness
