// The command line of `fpmbox build` and `fpmbox image`, once for two programs: fpmbox-image parses it, and fpmbox, which
// passes these words on, writes help, manual and completions from it.
//
//   BuildWords words;
//   App build = declare(app, words);
#pragma once

#include <string>

#include "launcher/cli/parser.h"

namespace cli {

// Of all commands that begin with a recipe.
struct RecipeWords {
  std::string recipe;  // a file, or the name of one that is shipped
  std::string lock;    // empty: beside the recipe
  std::string cache;
  bool locked = false;
  bool update_lock = false;
  bool offline = false;
};

struct BuildWords {
  RecipeWords of;
  std::string output;
  std::string sbom;
  std::string rootfs;  // "erofs" or "dir": a root for bare metal in the place of an image
  bool json = false;
};

struct InspectWords {
  std::string image;
  std::string attached;
  bool json = false;
};

struct WhyWords {
  RecipeWords of;
  std::string path;
};

struct DiffWords {
  std::string from;
  std::string to;
  bool widening = false;
  bool json = false;
};

struct OutdatedWords {
  RecipeWords of;
  bool security = false;
  bool json = false;
};

struct CostWords {
  RecipeWords of;
  bool json = false;
};

struct ImageTestWords {
  std::string image;
};

struct VerifyWords {
  std::string image;
  RecipeWords of;
};

App declare(App app, BuildWords& words);
App declare_image(App app);  // that holds the others
App declare(App image, InspectWords& words);
App declare(App image, WhyWords& words);
App declare(App image, DiffWords& words);
App declare(App image, VerifyWords& words);
App declare(App image, OutdatedWords& words);
App declare(App image, CostWords& words);
App declare(App image, ImageTestWords& words);

}  // namespace cli
