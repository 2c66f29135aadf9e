// A folder that comes whole or not at all, and takes the place of an earlier one at once.
//
//   const std::string draft = TRY(make_draft(folder));
//   ... fill it ...
//   TRY(put_in_place(draft, folder));
#pragma once

#include <filesystem>
#include <string>

#include "profiles/base/result.h"

namespace images {

// Beside `folder`; one that nobody made before us: where others can write (/tmp), a name that can be guessed is theirs to take.
base::Result<std::string> make_draft(const std::filesystem::path& folder);
// At no moment is there none. What was there is removed; a symlink is refused.
base::Status put_in_place(const std::string& draft, const std::string& folder);

// With all below, folders that their own owner may not write included. Of a link only itself.
void remove_tree(const std::string& folder);

}  // namespace images
