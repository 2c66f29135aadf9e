// Opening and making files without following what others may have put in the way.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <string>

#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace sys {

using base::Error;
using base::Result;
using base::Status;

// An Error from errno.
Error failure(std::string act, std::string subject);

// open(2) with O_CLOEXEC added.
Result<Fd> open(const std::string& path, int flags, mode_t mode = 0);
Result<Fd> open_at(int directory, const std::string& name, int flags, mode_t mode = 0);
// openat2(2) with RESOLVE_ flags; O_CLOEXEC added. Kernel 5.6.
Result<Fd> open_beneath(int directory, const std::string& path, int flags, unsigned long long resolve);
// Walks `path` from "/" component by component with O_PATH|O_NOFOLLOW. A symlink is an error that names which component
// it is and where it points, so that the author can write the canonical path.
Result<Fd> open_without_links(const std::string& path, int flags);

Result<struct stat> status_of(int fd);                           // fstat(2)
Result<struct stat> status_at(int directory, const std::string& name);  // fstatat(2), AT_SYMLINK_NOFOLLOW

Status make_directory_at(int directory, const std::string& name, mode_t mode);  // existing is success
// Every directory of a relative path; each one is opened with O_NOFOLLOW. Returns the last one, O_PATH.
Result<Fd> make_directories(int directory, const std::string& path, mode_t mode);
Status write_file_at(int directory, const std::string& name, const std::string& content, mode_t mode);
Status symlink_at(const std::string& target, int directory, const std::string& name);
Status device_at(int directory, const std::string& name, unsigned major, unsigned minor, mode_t mode);

Result<std::string> read_all(int fd, std::size_t limit);
Result<std::string> read_file(const std::string& path, std::size_t limit);
Status write_all(int fd, const std::string& bytes);
Status change_owner(int fd, uid_t uid, gid_t gid);  // fchownat(fd, "", AT_EMPTY_PATH)

// A folder that is ours and that others can write, as engines make them (an emptyDir, a tmpfs), is so no longer.
Status close_to_others(int folder);

// The file and every directory above it belong to root or to the calling user and nobody else can write them; a sticky
// directory passes when what lies in it belongs to root or the caller. Ends in an Error that names the offender.
Status check_trusted_path(const std::string& path);

}  // namespace sys
