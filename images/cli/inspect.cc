// fpmbox image inspect IMAGE: what is in it. All blobs are checked on the way.
#include "images/cli/commands.h"
#include "images/cli/exit_codes.h"
#include "images/cli/look.h"
#include "images/cli/look_text.h"
#include "launcher/cli/image_words.h"

namespace images {
namespace {

int print_attachment(const StoredImage& image, const std::string& name) {
  for (const StoredAttachment& one : image.attachments)
    if (one.name == name) return std::fwrite(one.bytes.data(), 1, one.bytes.size(), stdout) == one.bytes.size() ? kDone : kFailed;
  print_error("nothing of the name " + name + " is attached to it");
  return kDiffers;
}

int run(const cli::InspectWords& words) {
  const auto image = read_image(words.image);
  if (!image) return print_error(image.error().text()), kFailed;
  if (!words.attached.empty()) return print_attachment(image.value(), words.attached);
  const nlohmann::ordered_json looked = look(image.value());
  std::fputs((words.json ? json_text(looked) + "\n" : text_of(looked)).c_str(), stdout);
  return kDone;
}

}  // namespace

void add_inspect(cli::App image, Command& command) {
  auto words = std::make_shared<cli::InspectWords>();
  cli::declare(image, *words).callback([words, &command] { command = [words] { return run(*words); }; });
}

}  // namespace images
