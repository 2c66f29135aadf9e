// The expectations of a profile's author (`expect:`), tried in the running box.
#pragma once

#include <functional>
#include <map>
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
  std::string no_servers = "which are there with --live alone";  // of those that connect: names
  std::string code_on_host = {};  // where this process finds the code, when that is elsewhere: it lies in an image
};
std::vector<CheckResult> check_requests(const ExpectInput& input);
std::vector<CheckResult> check_connections(const ExpectInput& input);
std::vector<CheckResult> check_files(const ExpectInput& input);

// Lines for `fpmbox probe`, and their answers.
using AskProbe = std::function<base::Result<std::vector<std::string>>(const std::vector<std::string>& lines, int timeout_ms)>;
AskProbe probe_of(Arena& arena);
// "ok", or what a probe says there when it connects to "ADDRESS:PORT" or a path.
std::string connect_word(const AskProbe& probe, const std::string& to);

// The same where perhaps nobody answers at all: what is not reached outside the box, either, would show nothing, and is skipped.
std::vector<CheckResult> check_connections_beside(const profiles::Expect& expect, const AskProbe& outside, const AskProbe& box, const std::string& why_nobody);

// By the word of a probe that connects. That it cannot be reached is shown by a refusal alone: a probe that died has tried nothing.
CheckResult judge_connection(const profiles::ExpectedConnection& expected, const std::string& word);

enum class Right { read, write };
// "ok" where the pool has that right to a file or folder, or else why not.
using AskRight = std::function<std::string(const std::string& path, Right right)>;
// Of a word that is not "ok": is it a refusal? Anything else, such as that nobody could be asked, proves nothing.
using IsRefusal = std::function<bool(const std::string& word)>;
std::vector<CheckResult> judge_files(const profiles::Expect& expect, const AskRight& ask, const IsRefusal& is_refusal);

// That every act which is named is there: one that is misspelt, or has another name by now, would never be tried.
base::Status check_names(const profiles::Expect& expect, const std::vector<Act>& acts);

// What the author expects of acts. An act that is allowed, and does succeed, becomes Verdict::accepted.
std::vector<CheckResult> check_acts(const profiles::Expect& expect, std::vector<ActResult>& results);
// The same of a box in a container. What shows nothing there is skipped with its reason, and so is what was not tried (by its id).
std::vector<CheckResult> check_acts_there(const profiles::Expect& expect, std::vector<ActResult>& results, const std::map<std::string, std::string>& not_tried = {});

}  // namespace harness
