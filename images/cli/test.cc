// fpmbox image test IMAGE: does it start, answer what its profile expects, and stop? Without an engine.
#include <unistd.h>


#include "images/cli/commands.h"
#include "images/cli/exit_codes.h"
#include "images/oci/read.h"
#include "images/trial/trial.h"
#include "launcher/cli/image_words.h"

namespace images {
namespace {

int run(const cli::ImageTestWords& words) {
  if (::geteuid() != 0) return print_error("an image's files have several owners, and its namespaces need root: run it as root"), kUsage;
  auto image = read_image(words.image);
  if (!image) return print_error(image.error().text()), kFailed;
  const auto policy = policy_of(image.value());
  if (!policy) return print_error(policy.error().text()), kFailed;
  const auto code = try_image(std::move(image).value(), policy.value());
  if (!code) return print_error(code.error().text()), kFailed;
  return code.value();
}

}  // namespace

void add_test(cli::App image, Command& command) {
  auto words = std::make_shared<cli::ImageTestWords>();
  cli::declare(image, *words).callback([words, &command] { command = [words] { return run(*words); }; });
}

}  // namespace images
