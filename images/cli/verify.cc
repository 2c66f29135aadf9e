// fpmbox image verify IMAGE RECIPE: does the recipe with its lock make this very image again?

#include "images/cli/commands.h"
#include "images/cli/exit_codes.h"
#include "images/cli/workshop.h"
#include "images/oci/read.h"

namespace images {
namespace {

// That one of the recipe's images whose name the stored one has.
base::Result<Image> make_again(const Workshop& shop, bool offline, const std::string& name) {
  TRY(fill_vault(shop, offline));
  const Assembled parts = TRY(assemble(shop.inputs, vault_of(shop)));
  return parts.web && name == shop.inputs.recipe.web.name ? web_image_of(shop, parts) : image_of(shop, parts);
}

int run(cli::VerifyWords words) {
  words.of.locked = true;
  const auto stored = read_image(words.image);
  if (!stored) return print_error(stored.error().text()), kFailed;
  Workshop shop;
  if (const int code = open_workshop(words.of, shop); code != kDone) return code;
  const auto made = make_again(shop, words.of.offline, stored.value().name);
  if (!made) return print_error(made.error().text()), kFailed;
  if (stored.value().manifest_digest == "sha256:" + made.value().manifest_digest) {
    std::printf("%s: the same, %s\n", words.image.c_str(), stored.value().manifest_digest.c_str());
    return kDone;
  }
  for (std::size_t i = 0; i < stored.value().layers.size(); ++i)
    if (stored.value().layers[i].digest != "sha256:" + made.value().blobs[i].digest)
      std::printf("%s: layer %s is another\n", words.image.c_str(), stored.value().layers[i].name.c_str());
  std::printf("%s: %s, made again it is sha256:%s (%s)\n", words.image.c_str(), stored.value().manifest_digest.c_str(),
              made.value().manifest_digest.c_str(), compressor(shop.inputs.recipe.compression).c_str());
  return kDiffers;
}

}  // namespace

void add_verify(cli::App image, Command& command) {
  auto words = std::make_shared<cli::VerifyWords>();
  cli::declare(image, *words).callback([words, &command] { command = [words] { return run(*words); }; });
}

}  // namespace images
