// What building, `why` and `verify` have in common: from a recipe's name to all that goes into its image.
//
//   Workshop shop;
//   if (const int code = open_workshop(words, shop); code != kDone) return code;
#pragma once

#include <string>

#include "images/build/assemble.h"
#include "images/layer/layer.h"
#include "images/oci/image.h"
#include "images/store/vault.h"
#include "launcher/cli/image_words.h"
#include "profiles/base/result.h"

namespace images {

struct Workshop {
  std::string name;           // of the pool: the recipe's file
  std::string lock_file;
  std::string cache;
  std::vector<std::string> notes;  // for people: what became of the lock
  Inputs inputs;
  std::string builder;        // digest of this program
  std::string key;            // digest of all inputs: what is equal in it gives the same image
};

// Prints what is wrong, and gives the exit code. Writes the lock where it made or changed one.
int open_workshop(const cli::RecipeWords& words, Workshop& shop);

Vault vault_of(const Workshop& shop);
// What the recipe resolves to now; the lock stays as it is.
base::Result<Lock> newest_lock(const Workshop& shop);
// Fetches what the vault has not.
base::Status fill_vault(const Workshop& shop, bool offline);
// All that goes into the image: upon a runtime that was packed before where there is one, else from the vault.
base::Result<Assembled> parts_of(const Workshop& shop, bool offline);
base::Result<Image> image_of(const Workshop& shop, const Assembled& parts);
// The second image; `parts.web` is there.
base::Result<Image> web_image_of(const Workshop& shop, const Assembled& parts);
// Where it goes: "site-web.tar" beside "site.tar", "site-web" beside "site".
std::string web_output(const std::string& output);

}  // namespace images
