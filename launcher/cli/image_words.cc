#include "launcher/cli/image_words.h"


#include "launcher/cli/commands.h"

namespace cli {
namespace {

void declare(App command, RecipeWords& words) {
  command.add_option("RECIPE", words.recipe, "recipe file, or the name of one that is shipped").required();
  Option locked = command.add_flag("--locked", words.locked, "fail when the lock is absent or of other packages, instead of making it");
  command.add_flag("--update-lock", words.update_lock, "take what the mirrors have now, and say what changed").excludes(locked);
  command.add_flag("--offline", words.offline, "ask no mirror: all packages are in the cache");
  command.add_option("--lock", words.lock, "the lock's file; beside the recipe when absent").type_name("FILE");
  command.add_option("--cache", words.cache, "folder for packages, indexes and compressed parts").type_name("FOLDER");
}

constexpr const char* kImage = "archive, or folder of an OCI layout";

}  // namespace

App declare(App app, BuildWords& words) {
  App build = app.add_subcommand("build", "an image from a recipe").group(kShip);
  declare(build, words.of);
  build.add_option("--output", words.output, "an archive (NAME.tar), or without that ending a folder for an OCI layout; RECIPE.tar when absent")
      .type_name("PATH");
  build.add_option("--sbom", words.sbom, "write the packages of the image as SPDX 2.3 to this file").type_name("FILE");
  build.add_option("--rootfs", words.rootfs, "a read-only root for filesystem.root in the place of an image: an EROFS file, or a folder")
      .type_name("erofs|dir")
      .one_of({"erofs", "dir"});
  build.add_flag("--json", words.json, "the summary for programs");
  return build;
}

App declare_image(App app) {
  App image = app.add_subcommand("image", "what is in an image, and why").group(kShip);
  image.require_subcommand();
  return image;
}

App declare(App image, InspectWords& words) {
  App inspect = image.add_subcommand("inspect", "what is in an image; every digest, size and path is checked").group(kShip);
  inspect.add_option("IMAGE", words.image, kImage).required();
  inspect.add_option("--attached", words.attached, "print one of the documents that belong to it, such as sbom.spdx.json").type_name("NAME");
  inspect.add_flag("--json", words.json, "for programs");
  return inspect;
}

App declare(App image, WhyWords& words) {
  App why = image.add_subcommand("why", "the chain that brought a file into a recipe's image").group(kShip);
  declare(why, words.of);
  why.add_option("PATH", words.path, "file of the image").required();
  return why;
}

App declare(App image, DiffWords& words) {
  App diff = image.add_subcommand("diff", "what two images differ in: packages, executables, extensions, owners, settings, policy (exit 1 when they do)").group(kShip);
  diff.add_option("FROM", words.from, kImage).required();
  diff.add_option("TO", words.to, kImage).required();
  diff.add_flag("--widening", words.widening, "only what lets the box of TO do more, or gives an attacker more to use");
  diff.add_flag("--json", words.json, "for programs");
  return diff;
}

App declare(App image, VerifyWords& words) {
  App verify = image.add_subcommand("verify", "make an image again from its recipe and lock, and compare (exit 1 when it differs)").group(kShip);
  verify.add_option("IMAGE", words.image, kImage).required();
  declare(verify, words.of);
  return verify;
}

App declare(App image, OutdatedWords& words) {
  App outdated = image.add_subcommand("outdated", "which locked packages the mirrors have newer, security updates first (exit 1 when there are any)").group(kShip);
  declare(outdated, words.of);
  outdated.add_flag("--security", words.security, "only what comes from a security suite");
  outdated.add_flag("--json", words.json, "for programs");
  return outdated;
}

App declare(App image, CostWords& words) {
  App cost = image.add_subcommand("cost", "what each package and extension adds to a recipe's image").group(kShip);
  declare(cost, words.of);
  cost.add_flag("--json", words.json, "for programs");
  return cost;
}

App declare(App image, ImageTestWords& words) {
  App test = image.add_subcommand("test", "start an image by its own launcher, without an engine, and try what its profile's expect: says (as root)").group(kShip);
  test.add_option("IMAGE", words.image, kImage).required();
  return test;
}

}  // namespace cli
