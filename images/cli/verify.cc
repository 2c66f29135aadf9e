// fpmbox image verify IMAGE RECIPE: does the recipe with its lock make this very image again, and what is attached to it?
#include <algorithm>

#include "images/cli/attachments.h"
#include "images/cli/commands.h"
#include "images/cli/exit_codes.h"
#include "images/cli/workshop.h"
#include "images/oci/read.h"
#include "images/store/progress.h"
#include "profiles/base/text.h"

namespace images {
namespace {

struct Made {
  Image image;
  std::vector<Attachment> documents;
};

// That one of the recipe's images whose name the stored one has.
base::Result<Made> make_again(const Workshop& shop, bool offline, const std::string& name) {
  TRY(fill_vault(shop, offline));
  const Assembled parts = TRY(assemble(shop.inputs, vault_of(shop)));
  const bool is_web = parts.web && name == shop.inputs.recipe.web.name;
  Image image = TRY(is_web ? web_image_of(shop, parts) : image_of(shop, parts));
  std::vector<Attachment> documents = is_web ? attachments_of_web(shop, *parts.web, image) : attachments_of(shop, parts, image);
  return Made{std::move(image), std::move(documents)};
}

// One that is not there says nothing false.
std::vector<std::string> other_documents(const StoredImage& stored, const Made& made) {
  std::vector<std::string> out;
  for (const StoredAttachment& one : stored.attachments) {
    const auto is_it = [&](const Attachment& again) { return again.name == one.name && again.type == one.type && again.bytes == one.bytes; };
    if (std::none_of(made.documents.begin(), made.documents.end(), is_it)) out.push_back(one.name);
  }
  return out;
}

int run(cli::VerifyWords words) {
  words.of.locked = true;
  const auto stored = read_image(words.image);
  if (!stored) return print_error(stored.error().text()), kFailed;
  Workshop shop;
  if (const int code = open_workshop(words.of, shop); code != kDone) return code;
  const auto made = make_again(shop, words.of.offline, stored.value().name);
  progress({});
  if (!made) return print_error(made.error().text()), kFailed;
  const Image& image = made.value().image;
  if (stored.value().manifest_digest == "sha256:" + image.manifest_digest) {
    const std::vector<std::string> others = other_documents(stored.value(), made.value());
    for (const std::string& name : others) std::printf("%s: the attached %s is another\n", words.image.c_str(), base::escape_control(name).c_str());
    std::printf("%s: %s, %s\n", words.image.c_str(), others.empty() ? "the same" : "the image is the same", stored.value().manifest_digest.c_str());
    return others.empty() ? kDone : kDiffers;
  }
  for (std::size_t i = 0; i < stored.value().layers.size(); ++i)
    if (i >= image.blobs.size() || stored.value().layers[i].digest != "sha256:" + image.blobs[i].digest)  // somebody else's may have any number
      std::printf("%s: layer %s is another\n", words.image.c_str(), base::escape_control(stored.value().layers[i].name).c_str());
  std::printf("%s: %s, made again it is sha256:%s (%s)\n", words.image.c_str(), stored.value().manifest_digest.c_str(),
              image.manifest_digest.c_str(), compressor(shop.inputs.recipe.compression).c_str());
  return kDiffers;
}

}  // namespace

void add_verify(cli::App image, Command& command) {
  auto words = std::make_shared<cli::VerifyWords>();
  cli::declare(image, *words).callback([words, &command] { command = [words] { return run(*words); }; });
}

}  // namespace images
