// Boxes of ordinary users, for root. Their folders are theirs to change, so root never reads them: who asks becomes the user first,
// for good, and may then no more than the user may.
//
//   TRY(become_user(TRY(named_user("ada"))));                // then as if ada had called
//   for (const auto& user : users_with_boxes()) answer_of(user, [] { return text; });
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "launcher/facts/user_database.h"
#include "profiles/base/result.h"

namespace cli {

// By name or number.
base::Result<launcher::UserEntry> named_user(const std::string& word);

// Ids, no further groups, no capability, and the variables that say where a user's folders are; read back. Root's alone to call.
base::Status become_user(const launcher::UserEntry& user);

inline constexpr const char* kUsersRuns = "/run/user";

// Those with a folder of fpmbox's in `runs`: an XDG_RUNTIME_DIR elsewhere is known to nobody but who set it.
std::vector<launcher::UserEntry> users_with_boxes(const std::string& runs);

// What the function returns in a child that has become the user.
base::Result<std::string> answer_of(const launcher::UserEntry& user, const std::function<base::Result<std::string>()>& ask);

}  // namespace cli
