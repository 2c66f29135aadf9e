// fpmbox build RECIPE: from a recipe to an OCI layout or an archive.
#include <sys/stat.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "images/cli/attachments.h"
#include "images/cli/commands.h"
#include "images/cli/exit_codes.h"
#include "images/cli/summary.h"
#include "images/cli/workshop.h"
#include "images/oci/write.h"
#include "images/rootfs/write.h"
#include "images/store/digest.h"
#include "images/store/files.h"
#include "images/store/progress.h"
#include "launcher/sys/file.h"

namespace images {
namespace {

bool is_archive(const std::string& path) { return path.ends_with(".tar"); }

// What stands at `path`, so that a build that would write the same again is none.
std::string state_of(const std::string& path) {
  struct stat info = {};
  const std::string file = is_archive(path) ? path : path + "/index.json";
  if (::stat(file.c_str(), &info) != 0) return {};
  return std::to_string(info.st_ino) + " " + std::to_string(info.st_size) + " " + std::to_string(info.st_mtim.tv_sec) + "." +
         std::to_string(info.st_mtim.tv_nsec);
}

std::string note_file(const Workshop& shop, const std::string& output) {
  std::error_code failed;
  return shop.cache + "/builds/" + sha256(shop.key + std::filesystem::absolute(output, failed).string());
}

std::string state_of_all(const Workshop& shop, const std::string& output) {
  const std::string first = state_of(output);
  if (first.empty() || shop.inputs.recipe.web.server.empty()) return first;
  const std::string second = state_of(web_output(output));
  return second.empty() ? second : first + " " + second;
}

// The summary of the build that wrote what stands there; empty when none did.
std::string earlier(const Workshop& shop, const std::string& output) {
  const std::string state = state_of_all(shop, output);
  const auto note = read_own(note_file(shop, output), 1 << 20);
  if (state.empty() || !note || !note.value().starts_with(state + "\n")) return {};
  return note.value().substr(state.size() + 1);
}

base::Status write_image(Image& image, const std::string& output) {
  progress("writing " + output);
  if (!is_archive(output)) return write_layout(image, output);
  gather(image);
  return write_archive(image, output);
}

base::Result<std::string> build(const Workshop& shop, const cli::BuildWords& words, const std::string& output) {
  const Assembled parts = TRY(parts_of(shop, words.of.offline));
  Image image = TRY(image_of(shop, parts));
  attach(attachments_of(shop, parts, image), epoch_of(shop.inputs.lock), image);
  TRY(write_image(image, output));
  std::optional<Image> web;
  if (parts.web) {
    web = TRY(web_image_of(shop, parts));
    attach(attachments_of_web(shop, *parts.web, *web), epoch_of(shop.inputs.lock), *web);
    TRY(write_image(*web, web_output(output)));
  }
  if (!words.sbom.empty()) TRY(write_whole(words.sbom, sbom_of(shop, parts, image)));
  const std::string summary = summary_json(shop, parts, image, web ? &*web : nullptr);
  if (const auto made = make_folders(shop.cache + "/builds"); made)
    TRY(write_whole(note_file(shop, output), state_of_all(shop, output) + "\n" + summary));
  return summary;
}

base::Status build_rootfs(const Workshop& shop, const cli::BuildWords& words, const std::string& output) {
  TRY(fill_vault(shop, words.of.offline));
  const Assembled parts = TRY(assemble(shop.inputs, vault_of(shop)));
  Rootfs root{{}, epoch_of(shop.inputs.lock), uuid_of(write(shop.inputs.lock) + shop.inputs.pool.text)};
  root.tree = TRY(root_of(parts));
  progress("writing " + output);
  TRY(write_rootfs(words.rootfs, root, output));
  progress({});
  if (words.json)
    std::printf("%s\n", nlohmann::ordered_json({{"rootfs", output}, {"form", words.rootfs}, {"uuid", root.uuid}, {"files", root.tree.entries().size()}}).dump().c_str());
  else
    std::printf("%s: a read-only root, %zu paths, %s\n", output.c_str(), root.tree.entries().size(), root.uuid.c_str());
  return base::success();
}

int run_rootfs(const Workshop& shop, const cli::BuildWords& words) {
  const std::string output = words.output.empty() ? shop.name + (words.rootfs == "dir" ? "-root" : ".erofs") : words.output;
  const auto done = build_rootfs(shop, words, output);
  if (!done) print_error(done.error().text());
  return done ? kDone : kFailed;
}

int run(const cli::BuildWords& words) {
  Workshop shop;
  if (const int code = open_workshop(words.of, shop); code != kDone) return code;
  progress({});
  for (const std::string& note : shop.notes) std::fprintf(stderr, "%s\n", note.c_str());
  if (!words.rootfs.empty()) return run_rootfs(shop, words);
  const std::string output = words.output.empty() ? shop.name + ".tar" : words.output;
  std::string summary = words.sbom.empty() ? earlier(shop, output) : std::string();
  const bool unchanged = !summary.empty();
  if (!unchanged) {
    auto built = build(shop, words, output);
    if (!built) {
      print_error(built.error().text());
      return kFailed;
    }
    summary = std::move(built).value();
  }
  progress({});
  if (is_archive(output) && shop.inputs.recipe.compression == Compression::zstd)
    std::fprintf(stderr, "%s: zstd: for podman, skopeo and containerd; docker load takes gzip, so leave compression: out for it\n", output.c_str());
  const std::string text = words.json ? summary + "\n" : summary_text(summary, output, unchanged);
  std::fputs(text.c_str(), stdout);
  return kDone;
}

}  // namespace

void add_build(cli::App app, Command& command) {
  auto words = std::make_shared<cli::BuildWords>();
  cli::declare(app, *words).callback([words, &command] { command = [words] { return run(*words); }; });
}

}  // namespace images
