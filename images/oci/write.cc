#include "images/oci/write.h"

#include <filesystem>

#include "images/layer/tar_writer.h"
#include "images/store/files.h"
#include "images/store/refuse.h"
#include "images/store/replace.h"
#include "launcher/sys/file.h"

namespace images {
namespace {

constexpr const char* kBlobs = "blobs/sha256/";

base::Status check_replaceable(const std::filesystem::path& folder) {
  std::error_code failed;
  if (!std::filesystem::exists(std::filesystem::symlink_status(folder, failed))) return base::success();
  if (std::filesystem::exists(folder / "oci-layout", failed) || std::filesystem::is_empty(folder, failed)) return base::success();
  return refuse(folder.string() + " is there and no OCI layout; name another, or remove it");
}

base::Status write_files(const Image& image, const std::string& folder) {
  { const sys::Fd made = TRY(make_folders(folder + "/" + kBlobs)); }
  for (const Blob& blob : image.blobs) TRY(write_whole(folder + "/" + kBlobs + blob.digest, blob.bytes));
  TRY(write_whole(folder + "/oci-layout", image.oci_layout));
  return write_whole(folder + "/index.json", image.index);
}

}  // namespace

base::Result<std::string> archive_of(const Image& image) {
  PathMap files;
  const auto add = [&](const std::string& path, const std::string& bytes) { return files.add(path, {.mode = 0644, .content = content(bytes)}); };
  for (const Blob& blob : image.blobs) TRY(add(kBlobs + blob.digest, blob.bytes));
  TRY(add("index.json", image.index));
  TRY(add("oci-layout", image.oci_layout));
  if (!image.docker_manifest.empty()) TRY(add("manifest.json", image.docker_manifest));
  TarWriter tar(1);
  for (const auto& [path, entry] : files.entries()) TRY(tar.add(path, entry));
  return tar.take() + TarWriter::end();
}

base::Status write_archive(const Image& image, const std::string& path) {
  const std::string bytes = TRY(archive_of(image));
  return write_whole(path, bytes);
}

base::Status write_layout(const Image& image, const std::string& path) {
  std::filesystem::path folder = path;
  if (!folder.has_filename()) folder = folder.parent_path();
  TRY(check_replaceable(folder));
  const std::string fresh = TRY(make_draft(folder));
  std::error_code ignored;
  auto done = write_files(image, fresh);
  if (done) done = put_in_place(fresh, folder.string());
  if (!done) std::filesystem::remove_all(fresh, ignored);
  return done;
}

}  // namespace images
