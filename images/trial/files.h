// `files:` of an image's expectations, asked of PHP in the running pool: by a script of ours in the code's folder, which the copy of
// the policy names as one more front controller. The image itself has neither.
//
//   add_scripts(policy, {}, image);               // before it is started
//   for (CheckResult& row : check_files_by_php(policy, socket)) ...
#pragma once

#include <string>
#include <vector>

#include "images/oci/read.h"
#include "launcher/harness/expectations.h"
#include "launcher/harness/report.h"
#include "profiles/model/policy.h"

namespace images {

// With `others`, which the pool runs, too. Nothing to do where there are none and the policy expects nothing of files.
void add_scripts(const profiles::Policy& policy, const std::vector<std::string>& others, StoredImage& image);

// What the image does not have is skipped: that it cannot be written would say nothing.
std::vector<harness::CheckResult> check_files_by_php(const profiles::Policy& policy, const std::string& socket);

// By PHP's words. A script that cannot so much as read itself does not run, and then no answer counts.
std::vector<harness::CheckResult> judge_by_php(const profiles::Expect& present, const std::string& script, const harness::AskRight& ask);

}  // namespace images
