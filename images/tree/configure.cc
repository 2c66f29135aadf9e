#include "images/tree/configure.h"

namespace images {
namespace {

constexpr const char* kBundle = "etc/ssl/certs/ca-certificates.crt";
constexpr std::uint32_t kWebGroup = 33;         // of web servers, as base-passwd has it: who may connect to the pool's socket
constexpr std::uint32_t kLauncherId = 10001;  // of the user that the launcher becomes once the pool runs

struct Made {
  const char* path;
  Entry::Kind kind;
  std::uint32_t mode;
  const char* text;  // content of a file, target of a link
  const char* instead_of;
};

using Kind = Entry::Kind;
// Engines need the places of what they mount: with a read-only root they cannot make them.
constexpr Made kMade[] = {
    {"etc/nsswitch.conf", Kind::file, 0644, "passwd: files\ngroup: files\nhosts: files dns\n", "base-files"},
    {"etc/hosts", Kind::file, 0644, "", "the container engine's"},
    {"etc/hostname", Kind::file, 0644, "", "the container engine's"},
    {"etc/resolv.conf", Kind::file, 0644, "", "the container engine's"},
    {"etc/mtab", Kind::symlink, 0777, "/proc/mounts", "the container engine's"},
    {"dev", Kind::directory, 0755, nullptr, "the container engine's"},
    {"dev/pts", Kind::directory, 0755, nullptr, "the container engine's"},
    {"dev/shm", Kind::directory, 0755, nullptr, "the container engine's"},
    {"proc", Kind::directory, 0755, nullptr, "the container engine's"},
    {"sys", Kind::directory, 0755, nullptr, "the container engine's"},
    {"run", Kind::directory, 0755, nullptr, "the container engine's"},
    {"run/fpmbox", Kind::directory, 01777, nullptr, "the launcher, whoever it runs as"},
    {"var/lib/fpmbox", Kind::directory, 01777, nullptr, "the launcher, whoever it runs as"},
    {"tmp", Kind::directory, 01777, nullptr, "base-files"},
};

base::Status add_file(const std::string& path, std::string text, const std::string& why, PathMap& runtime) {
  return runtime.add(path, {.mode = 0644, .content = content(std::move(text)), .why = why});
}

base::Status add_made(PathMap& runtime) {
  for (const Made& made : kMade) {
    Entry entry{.kind = made.kind, .mode = made.mode, .why = std::string("made instead of ") + made.instead_of};
    if (made.kind == Kind::file) entry.content = content(made.text);
    if (made.kind == Kind::symlink) entry.target = made.text;
    TRY(runtime.add(made.path, std::move(entry)));
  }
  return base::success();
}

std::string account(const std::string& name, std::uint32_t uid, std::uint32_t gid) {
  return name + ":x:" + std::to_string(uid) + ":" + std::to_string(gid) + "::/nonexistent:/usr/sbin/nologin\n";
}

std::string group(const std::string& name, std::uint32_t gid) { return name + ":x:" + std::to_string(gid) + ":\n"; }

// No shadow, no passwords, no shell: the name of nologin leads nowhere here.
base::Status add_users(const Ids& ids, PathMap& runtime) {
  const std::string why = "made instead of base-passwd";
  TRY(add_file("etc/passwd",
               "root:x:0:0::/nonexistent:/usr/sbin/nologin\n" + account(ids.user, ids.uid, ids.gid) +
                   account("fpmbox", kLauncherId, kLauncherId) + account("nobody", 65534, 65534),
               why, runtime));
  return add_file("etc/group", group("root", 0) + group(ids.user, ids.gid) + group("fpmbox", kLauncherId) +
                              (ids.gid == kWebGroup ? "" : group("www-data", kWebGroup)) + group("nogroup", 65534),
                  why, runtime);
}

// As update-ca-certificates: all that Mozilla trusts, in one file. Paths are sorted, so the bytes are the same everywhere.
base::Status add_certificates(const PathMap& packages, PathMap& runtime) {
  const std::string folder = "usr/share/ca-certificates/mozilla/";
  std::string bundle;
  for (const auto& [path, entry] : packages.entries())
    if (path.starts_with(folder) && path.ends_with(".crt") && entry.kind == Kind::file)
      bundle += *entry.content + (entry.content->ends_with('\n') ? "" : "\n");
  if (bundle.empty()) return base::success();
  TRY(add_file(kBundle, std::move(bundle), "made instead of ca-certificates", runtime));
  return runtime.add("usr/lib/ssl/cert.pem", {.kind = Kind::symlink, .mode = 0777, .target = std::string("/") + kBundle,
                                              .why = "where OpenSSL looks"});
}

}  // namespace

base::Status configure(const PathMap& packages, const Ids& ids, PathMap& runtime) {
  TRY(add_made(runtime));
  TRY(add_users(ids, runtime));
  return add_certificates(packages, runtime);
}

}  // namespace images
