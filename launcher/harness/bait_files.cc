#include "launcher/harness/bait_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/sys/file.h"

namespace harness {
namespace {

using base::Status;

enum class Owner { caller, pool, neighbour };

struct Item {
  const char* path;
  const char* content;  // nullptr: a folder
  mode_t mode;
  Owner owner;
  const char* target;  // "" when no act names it
};

constexpr const char* kPrivate = "<?php return ['password' => 'of-neighbour'];\n";

// Parents first.
// clang-format off
constexpr Item kItems[] = {
    {"secret.txt", "a file of the host that everybody may read\n", 0644, Owner::caller, "secret"},
    {"open", nullptr, 01777, Owner::caller, "open"},  // sticky: no link of a stranger is followed in it
    {"run", nullptr, 0755, Owner::caller, ""},
    {"sites", nullptr, 0755, Owner::caller, ""},
    {"sites/neighbour", nullptr, 0755, Owner::caller, "neighbour"},
    {"sites/neighbour/config.php", kPrivate, 0644, Owner::caller, ""},
    {"sites/neighbour/private.php", kPrivate, 0600, Owner::neighbour, ""},
    {"sites/neighbour/index.php", "<?php echo is_array(include __DIR__ . '/private.php') ? 'cached' : 'no';\n", 0644, Owner::caller, ""},
    {"sites/own", nullptr, 0755, Owner::pool, ""},
    {"sites/own/www", nullptr, 0755, Owner::pool, "code"},
    {"sites/own/www/index.php", "<?php echo 'hello';\n", 0644, Owner::pool, ""},
    {"sites/own/www/other.php", "<?php echo 'other';\n", 0644, Owner::pool, ""},
    {"sites/own/www/data", nullptr, 0755, Owner::pool, "data"},
    {"tmp", nullptr, 0700, Owner::pool, "tmp"},
    {"sessions", nullptr, 0700, Owner::pool, "sessions"},
};
// clang-format on

constexpr timespec kLongAgo = {1700000000, 0};  // opcache keeps no file that changed a moment ago

Status give(const BaitInput& input, Owner owner, int fd) {
  if (owner == Owner::caller || ::geteuid() != 0) return base::success();  // an ordinary user has nobody else to give it to
  const bool to_pool = owner == Owner::pool;
  return sys::change_owner(fd, to_pool ? input.uid : input.neighbour_uid, to_pool ? input.gid : input.neighbour_gid);
}

Status make(const BaitInput& input, int folder, const Item& item) {
  if (item.content == nullptr)
    TRY(sys::make_directory_at(folder, item.path, item.mode));
  else
    TRY(sys::write_file_at(folder, item.path, item.content, item.mode));
  const sys::Fd made = TRY(sys::open_at(folder, item.path, O_RDONLY | O_NOFOLLOW));
  if (::fchmod(made.get(), item.mode) != 0) return sys::failure("fchmod", item.path);  // whatever the umask
  const timespec times[] = {kLongAgo, kLongAgo};
  if (item.content != nullptr && ::futimens(made.get(), times) != 0) return sys::failure("futimens", item.path);
  return give(input, item.owner, made.get());
}

}  // namespace

Status make_bait_files(const BaitInput& input, std::map<std::string, std::string>& targets) {
  const sys::Fd folder = TRY(sys::open(input.folder, O_RDONLY | O_DIRECTORY));
  for (const Item& item : kItems) {
    TRY(make(input, folder.get(), item));
    if (item.target[0] != '\0') targets[item.target] = input.folder + "/" + item.path;
  }
  targets["scratch"] = input.folder;
  return base::success();
}

}  // namespace harness
