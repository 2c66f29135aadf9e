// fpmbox image diff FROM TO: what an upgrade changes of the surface: packages, programs, owners, settings, policy.
#include <CLI/CLI.hpp>

#include "images/cli/commands.h"
#include "images/cli/differences.h"
#include "images/cli/exit_codes.h"
#include "images/cli/look.h"
#include "launcher/cli/image_words.h"
#include "profiles/base/text.h"

namespace images {
namespace {

int run(const cli::DiffWords& words) {
  const auto from = read_image(words.from), to = read_image(words.to);
  for (const auto* image : {&from, &to})
    if (!image->ok()) return print_error(image->error().text()), kFailed;
  const nlohmann::ordered_json before = look(from.value()), after = look(to.value());
  for (const std::string& line : differences(before, after)) std::printf("%s\n", base::escape_control(line).c_str());
  return before.at("digest") == after.at("digest") ? kDone : kDiffers;
}

}  // namespace

void add_diff(CLI::App& image, Command& command) {
  auto words = std::make_shared<cli::DiffWords>();
  cli::declare(image, *words)->callback([words, &command] { command = [words] { return run(*words); }; });
}

}  // namespace images
