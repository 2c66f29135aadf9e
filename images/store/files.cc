#include "images/store/files.h"

#include <stdio.h>
#include <unistd.h>

#include <filesystem>

#include "launcher/sys/file.h"

namespace images {
namespace {

std::string absolute(const std::string& path) {
  std::error_code failed;
  const auto out = std::filesystem::absolute(path, failed).lexically_normal();
  return failed ? path : out.string();
}

base::Status rename_at(int directory, const std::string& from, const std::string& to) {
  if (::renameat(directory, from.c_str(), directory, to.c_str()) != 0) return sys::failure("rename", to);
  return base::success();
}

}  // namespace

base::Result<sys::Fd> make_folders(const std::string& path) {
  std::error_code failed;
  std::filesystem::create_directories(absolute(path), failed);
  if (failed) return base::Error{"mkdir", path, failed.value(), {}};
  return sys::open(absolute(path), O_RDONLY | O_DIRECTORY);
}

base::Status write_whole(const std::string& path, const std::string& bytes) {
  const std::filesystem::path full = absolute(path);
  const sys::Fd directory = TRY(sys::open(full.parent_path().string(), O_RDONLY | O_DIRECTORY));
  const std::string name = full.filename().string(), draft = "." + name + "." + std::to_string(::gettid());
  ::unlinkat(directory.get(), draft.c_str(), 0);
  auto done = sys::write_file_at(directory.get(), draft, bytes, 0644);
  if (done) done = rename_at(directory.get(), draft, name);
  if (!done) ::unlinkat(directory.get(), draft.c_str(), 0);
  return done;
}

}  // namespace images
