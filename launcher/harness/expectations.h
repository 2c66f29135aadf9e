// The expectations of a profile's author (`expect:`), tried in the running box.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "launcher/harness/arena.h"
#include "launcher/harness/report.h"
#include "profiles/model/policy.h"

namespace harness {

struct ExpectInput {
  const profiles::Policy& policy;
  Arena& box;
  std::vector<std::string> copies;  // folders and files on the host that the box writes
  bool is_live = false;
  std::string code_on_host = {};    // where this process finds the code, when that is elsewhere: it lies in an image
};
std::vector<CheckResult> check_requests(const ExpectInput& input);
std::vector<CheckResult> check_connections(const ExpectInput& input);
std::vector<CheckResult> check_files(const ExpectInput& input);

enum class Right { read, write };
// "ok" where the pool has that right to a file or folder, or else why not.
using AskRight = std::function<std::string(const std::string& path, Right right)>;
// Of a word that is not "ok": is it a refusal? Anything else, such as that nobody could be asked, proves nothing.
using IsRefusal = std::function<bool(const std::string& word)>;
std::vector<CheckResult> judge_files(const profiles::Expect& expect, const AskRight& ask, const IsRefusal& is_refusal);

// What the author expects of acts. An act that is allowed, and does succeed, becomes Verdict::accepted.
std::vector<CheckResult> check_acts(const profiles::Expect& expect, std::vector<ActResult>& results);

}  // namespace harness
