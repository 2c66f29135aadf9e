#include "images/package/tar_reader.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

#include <algorithm>
#include <memory>

#include "images/store/refuse.h"
#include "profiles/base/text.h"

namespace images {
namespace {

constexpr std::uint64_t kMostAhead = 64 << 20;  // memory that is taken on a header's word alone

using Handle = std::unique_ptr<archive, int (*)(archive*)>;

// pax headers hold names in UTF-8, and libarchive turns them into the locale's bytes: with this one they stay as they are,
// whatever the builder's locale is.
class Utf8Names {
 public:
  Utf8Names() : locale_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
    if (locale_ != nullptr) before_ = ::uselocale(locale_);
  }
  ~Utf8Names() {
    if (locale_ == nullptr) return;
    ::uselocale(before_);
    ::freelocale(locale_);
  }
  Utf8Names(const Utf8Names&) = delete;
  Utf8Names& operator=(const Utf8Names&) = delete;

 private:
  locale_t locale_;
  locale_t before_ = nullptr;
};

base::Error failure(archive* handle, const std::string& what) {
  const char* why = archive_error_string(handle);
  return refuse(what + ": " + (why == nullptr ? "damaged or cut off" : base::escape_control(why)));
}

std::string name_of(archive_entry* entry) {
  const char* name = archive_entry_pathname(entry);
  return name == nullptr ? std::string() : name;
}

// "./usr/bin/" and "usr/bin" are one; an absolute path stays absolute, so that it is refused where paths are checked.
std::string plain(std::string path) {
  while (path.starts_with("./")) path.erase(0, 2);
  if (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path == "." ? std::string() : path;
}

base::Result<Member::Kind> kind_of(archive_entry* entry, const std::string& path) {
  if (archive_entry_hardlink(entry) != nullptr) return Member::Kind::hardlink;
  switch (archive_entry_filetype(entry)) {
    case AE_IFREG: return Member::Kind::file;
    case AE_IFDIR: return Member::Kind::directory;
    case AE_IFLNK: return Member::Kind::symlink;
    case AE_IFCHR:
    case AE_IFBLK: return refuse(path + ": a device");
    case AE_IFIFO: return refuse(path + ": a FIFO");
    default: return refuse(path + ": neither a file, a folder nor a link");
  }
}

base::Status check_oddities(archive_entry* entry, const std::string& path, const Limits& limits) {
  if (archive_entry_sparse_count(entry) > 0) return refuse(path + ": a sparse file");
  if (archive_entry_xattr_count(entry) > 0) return refuse(path + ": extended attributes, such as file capabilities");
  if (archive_entry_acl_types(entry) != 0) return refuse(path + ": an access control list");
  if (archive_entry_size(entry) < 0 || static_cast<std::uint64_t>(archive_entry_size(entry)) > limits.file)
    return refuse(path + ": larger than " + std::to_string(limits.file) + " bytes");
  return base::success();
}

// What the headers say of sizes is a claim: the limits are held against what comes.
base::Result<std::string> read_content(archive* handle, const std::string& path, std::uint64_t claimed, std::uint64_t limit) {
  std::string out;
  out.reserve(std::min({claimed, limit, kMostAhead}));
  for (;;) {
    const void* block = nullptr;
    std::size_t length = 0;
    la_int64_t offset = 0;
    const int state = archive_read_data_block(handle, &block, &length, &offset);
    if (state == ARCHIVE_EOF) return out;
    if (state != ARCHIVE_OK) return failure(handle, path);
    if (static_cast<std::uint64_t>(offset) != out.size()) return refuse(path + ": a sparse file");
    if (length > limit - out.size()) return refuse(path + ": too large; the archive holds more than its limit");
    out.append(static_cast<const char*>(block), length);
  }
}

base::Result<Member> read_member(archive* handle, archive_entry* entry, const Limits& limits, std::uint64_t& left) {
  Member out;
  const std::string name = name_of(entry);
  const std::string shown = base::escape_control(name);
  if (name.empty()) return refuse("a member without a name");
  out.path = plain(name);
  out.kind = TRY(kind_of(entry, shown));
  TRY(check_oddities(entry, shown, limits));
  out.mode = archive_entry_mode(entry) & 07777;
  out.uid = static_cast<std::uint32_t>(archive_entry_uid(entry));
  out.gid = static_cast<std::uint32_t>(archive_entry_gid(entry));
  out.mtime = archive_entry_mtime(entry);
  if (const char* target = out.kind == Member::Kind::symlink ? archive_entry_symlink(entry) : archive_entry_hardlink(entry))
    out.target = out.kind == Member::Kind::hardlink ? plain(target) : target;
  if (out.kind == Member::Kind::file) out.bytes = TRY(read_content(handle, shown, static_cast<std::uint64_t>(archive_entry_size(entry)), std::min(limits.file, left)));
  left -= out.bytes.size();
  return out;
}

base::Result<std::vector<Member>> read_members(archive* handle, std::string_view bytes, const Limits& limits) {
  if (archive_read_open_memory(handle, bytes.data(), bytes.size()) != ARCHIVE_OK) return failure(handle, "cannot be read");
  std::vector<Member> out;
  std::uint64_t left = limits.total;
  for (;;) {
    archive_entry* entry = nullptr;
    const int state = archive_read_next_header(handle, &entry);
    if (state == ARCHIVE_EOF) return out;
    if (state != ARCHIVE_OK) return failure(handle, "cannot be read");
    if (out.size() == limits.members) return refuse("more than " + std::to_string(limits.members) + " members");
    Member member = TRY(read_member(handle, entry, limits, left));
    out.push_back(std::move(member));
  }
}

}  // namespace

base::Result<std::vector<Member>> read_tar(std::string_view bytes, const Limits& limits) {
  const Handle handle(archive_read_new(), archive_read_free);
  archive_read_support_filter_gzip(handle.get());
  archive_read_support_filter_xz(handle.get());
  archive_read_support_filter_zstd(handle.get());
  archive_read_support_format_tar(handle.get());
  const Utf8Names names;
  return read_members(handle.get(), bytes, limits);
}

base::Result<std::vector<Member>> read_ar(std::string_view bytes, const Limits& limits) {
  const Handle handle(archive_read_new(), archive_read_free);
  archive_read_support_format_ar(handle.get());
  return read_members(handle.get(), bytes, limits);
}

}  // namespace images
