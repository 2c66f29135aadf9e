// fpmbox image test IMAGE: does it start, answer what its profile expects, and stop? Without an engine.
#include <unistd.h>

#include "images/cli/commands.h"
#include "images/cli/exit_codes.h"
#include "images/oci/read.h"
#include "images/store/refuse.h"
#include "images/trial/trial.h"
#include "launcher/cli/acts.h"
#include "launcher/cli/image_words.h"

namespace images {
namespace {

// The catalogue is this machine's; an image has none.
base::Result<TrialActs> acts_for(const profiles::Policy& policy) {
  if (!names_acts(policy.expect)) return TrialActs();
  base::Diagnostics diagnostics;
  cli::ActFiles files = TRY(cli::read_acts(diagnostics));
  if (diagnostics.has_errors()) return refuse(diagnostics.all().front().text());
  return TrialActs{std::move(files.catalogue.acts), std::move(files.scripts)};
}

int run(const cli::ImageTestWords& words) {
  if (::geteuid() != 0) return print_error("an image's files have several owners, and its namespaces need root: run it as root"), kUsage;
  auto image = read_image(words.image);
  if (!image) return print_error(image.error().text()), kFailed;
  const auto policy = policy_of(image.value());
  if (!policy) return print_error(policy.error().text()), kFailed;
  const auto acts = acts_for(policy.value());
  if (!acts) return print_error(acts.error().text()), kFailed;
  if (const auto named = check_names(policy.value().expect, acts.value()); !named)
    return print_error(words.image + ": " + named.error().text()), kBadRecipe;
  const auto code = try_image(std::move(image).value(), policy.value(), acts.value());
  if (!code) return print_error(code.error().text()), kFailed;
  return code.value();
}

}  // namespace

void add_test(cli::App image, Command& command) {
  auto words = std::make_shared<cli::ImageTestWords>();
  cli::declare(image, *words).callback([words, &command] { command = [words] { return run(*words); }; });
}

}  // namespace images
