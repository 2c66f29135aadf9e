// fpmbox-image: builds images from recipes, and looks into them. fpmbox starts it for `build` and `image`.
#include <sys/stat.h>

#include <cstdio>
#include <exception>
#include <new>

#include "images/cli/commands.h"
#include "images/cli/exit_codes.h"
#include "images/store/progress.h"
#include "launcher/cli/image_words.h"
#include "profiles/base/text.h"

namespace images {

void print_error(const std::string& what) {
  progress({});
  std::fprintf(stderr, "fpmbox-image: %s\n", base::escape_control(what).c_str());
}

namespace {

int parse_and_run(int argc, char** argv) {
  Command command;
  cli::Parser parser("Images from recipes: PHP-FPM with what it loads and nothing else, and the launcher as entrypoint.", "fpmbox");
  const cli::App app = parser.top().require_subcommand();
  add_build(app, command);
  const cli::App image = cli::declare_image(app);
  add_inspect(image, command);
  add_why(image, command);
  add_diff(image, command);
  add_verify(image, command);
  add_outdated(image, command);
  add_cost(image, command);
  add_test(image, command);
  if (const auto code = parser.parse(argc, argv)) return *code;
  const int code = command();
  progress({});
  return code;
}

}  // namespace
}  // namespace images

int main(int argc, char** argv) {
  // what is in the cache is believed: it is no group's to write
  ::umask(::umask(077) | 022);
  try {
    return images::parse_and_run(argc, argv);
  } catch (const std::bad_alloc&) {
    images::print_error("out of memory");
    return images::kFailed;
  } catch (const std::exception& error) {
    images::print_error(std::string("a bug: ") + error.what());
  }
  return images::kBug;
}
