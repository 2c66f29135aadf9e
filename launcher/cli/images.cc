// fpmbox build, fpmbox image: done by fpmbox-image, which lies beside this program and is linked with what builds images.
#include "launcher/cli/images.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <span>
#include <string_view>

#include "launcher/cli/commands.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/cli/image_words.h"
#include "launcher/cli/load.h"
#include "launcher/cli/scope.h"

namespace cli {
namespace {

constexpr std::string_view kCommands[] = {"build", "image"};
constexpr std::string_view kHelp[] = {"--help", "-h"};

bool is_one_of(std::string_view word, std::span<const std::string_view> words) { return std::find(words.begin(), words.end(), word) != words.end(); }

// As main() passes the words on before they are parsed, only an option ahead of the command leads here.
int refuse() {
  print_error("no option may stand before `build` or `image`");
  return kUsage;
}

template <class Words>
void add(App app, Globals& globals) {
  auto words = std::make_shared<Words>();
  declare(app, *words).callback([words, &globals] { globals.command = refuse; });
}

}  // namespace

bool is_for_images(int argc, char** argv) {
  const bool asks_help = std::any_of(argv, argv + argc, [](const char* word) { return is_one_of(word, kHelp); });
  return argc > 1 && is_one_of(argv[1], kCommands) && !asks_help;
}

int start_images(char** argv) {
  const std::string self = own_executable();
  const std::string program = self.substr(0, self.rfind('/') + 1) + "fpmbox-image";
  ::execv(program.c_str(), argv);
  print_error(errno == ENOENT ? "there is no " + program + ": this fpmbox was installed without what builds images"
                              : "starting " + program + ": " + ::strerror(errno));
  return kSetupFailed;
}

void add_images(App app, Globals& globals) {
  add<BuildWords>(app, globals);
  App image = declare_image(app);
  add<InspectWords>(image, globals);
  add<WhyWords>(image, globals);
  add<DiffWords>(image, globals);
  add<VerifyWords>(image, globals);
  add<OutdatedWords>(image, globals);
  add<CostWords>(image, globals);
  add<ImageTestWords>(image, globals);
}

}  // namespace cli
