#include "images/trial/files.h"

#include <sys/stat.h>

#include <algorithm>

#include "launcher/harness/ask.h"
#include "profiles/load/compose.h"

namespace images {
namespace {

using harness::CheckResult;
using harness::Right;

constexpr const char* kName = "fpmbox-image-test.php";
constexpr const char* kPool = "etc/fpmbox/pool.yaml";
constexpr int kPatienceMs = 10'000;
// open_basedir's is the fourth
constexpr const char* kRefusals[] = {"Permission denied", "Read-only file system", "No such file or directory", "Operation not permitted"};

// A file is opened to append, and nothing is appended; in a folder one is made that is gone again. What PHP does not see at all it
// opens without making it, to have the reason.
constexpr const char* kScript = R"(<?php
$path = $_SERVER['FPMBOX_PATH'];
$word = fn($opened) => $opened ? 'ok' : preg_replace('/^.*: /', '', error_get_last()['message'] ?? 'refused');
$make = function ($name) use ($word) {
  $said = $word(@fopen($name, 'x'));
  if ($said === 'ok') unlink($name);
  return $said;
};
header('Content-Type: text/plain');
if ($_SERVER['FPMBOX_RIGHT'] === 'read') echo $word(is_dir($path) ? @opendir($path) : @fopen($path, 'r'));
elseif (is_dir($path)) echo $make($path . '/.fpmbox-' . bin2hex(random_bytes(8)));
elseif (file_exists($path)) echo is_file($path) ? $word(@fopen($path, 'a')) : 'neither a file nor a folder';
else echo $word(@fopen($path, 'r+'));
)";

Member file(std::string path, std::string bytes) { return {Member::Kind::file, std::move(path), 0444, 0, 0, 0, {}, std::move(bytes)}; }

std::string script_of(const profiles::Policy& policy) { return policy.filesystem.code.text + "/" + kName; }

std::string asked(const profiles::Policy& policy, const std::string& socket, const std::string& path, Right right) {
  harness::CgiRequest request{.script = script_of(policy), .name = std::string("/") + kName, .uri = {}, .document_root = policy.filesystem.code.text};
  request.more = {{"FPMBOX_PATH", path}, {"FPMBOX_RIGHT", right == Right::read ? "read" : "write"}};
  const auto reply = harness::ask(socket, request, kPatienceMs);
  if (!reply) return reply.error().text();
  return reply.value().status == 200 ? reply.value().body : "status " + std::to_string(reply.value().status);
}

// By root, who sees all of it.
bool is_there(const std::string& path) {
  struct stat info = {};
  return ::stat(path.c_str(), &info) == 0;
}

}  // namespace

void add_scripts(const profiles::Policy& policy, const std::vector<std::string>& others, StoredImage& image) {
  std::vector<std::string> scripts = others;
  if (!policy.expect.files.empty()) scripts.push_back(script_of(policy));
  if (scripts.empty() || image.layers.empty()) return;
  profiles::Policy copy = policy;
  for (const std::string& script : scripts)
    if (!policy.web.front_controllers.empty()) copy.web.front_controllers.push_back(script.substr(policy.filesystem.code.text.size() + 1));
  std::vector<Member>& last = image.layers.back().members;  // above whatever else has these names
  last.push_back(file(kPool, profiles::write(copy)));
  if (!policy.expect.files.empty()) last.push_back(file(script_of(policy).substr(1), kScript));
}

std::vector<CheckResult> check_files_by_php(const profiles::Policy& policy, const std::string& socket) {
  profiles::Expect present;
  std::vector<CheckResult> out;
  for (const profiles::ExpectedFile& expected : policy.expect.files) {
    if (is_there(expected.path.text))
      present.files.push_back(expected);
    else
      out.push_back({"expect/file" + expected.path.text, "as the profile says", CheckResult::State::skipped, "there is no such path in the image"});
  }
  const auto ask = [&](const std::string& path, Right right) { return asked(policy, socket, path, right); };
  for (CheckResult& row : judge_by_php(present, script_of(policy), ask)) out.push_back(std::move(row));
  return out;
}

std::vector<CheckResult> judge_by_php(const profiles::Expect& present, const std::string& script, const harness::AskRight& ask) {
  const auto is_refusal = [](const std::string& word) { return std::find(std::begin(kRefusals), std::end(kRefusals), word) != std::end(kRefusals); };
  const std::string control = present.files.empty() ? "ok" : ask(script, Right::read);
  if (control == "ok") return harness::judge_files(present, ask, is_refusal);
  std::vector<CheckResult> out;
  for (const profiles::ExpectedFile& expected : present.files)
    out.push_back({"expect/file" + expected.path.text, "as the profile says", CheckResult::State::failed, "the script that asks PHP does not run: " + control});
  return out;
}

}  // namespace images
