#include "images/oci/stored_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "images/store/files.h"
#include "images/store/refuse.h"
#include "launcher/sys/file.h"
#include "profiles/base/text.h"

namespace images {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLargest = 2u << 30;
constexpr int kDeepest = 100;
// What is neither, and is one of these letters in another case.
constexpr std::pair<std::string_view, char> kLikeLetters[] = {{"\u017f", 's'}, {"\u212a", 'k'}};

std::string in_one_case(std::string name) {
  for (const auto& [letter, plain] : kLikeLetters)
    for (std::size_t at = name.find(letter); at != name.npos; at = name.find(letter, at)) name.replace(at, letter.size(), 1, plain);
  std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return name;
}

// What the parser meets; after the first fault it keeps nothing.
class Guard {
 public:
  bool accepts(int depth, Json::parse_event_t event, const Json& value) {
    using Event = Json::parse_event_t;
    if (!fault_.empty()) return false;
    if (depth > kDeepest) fault_ = "lists in lists more than " + std::to_string(kDeepest) + " deep";
    if (event == Event::object_start) names_.emplace_back();
    if (event == Event::object_end) names_.pop_back();
    if (event == Event::key && !names_.back().insert(in_one_case(value.get<std::string>())).second)
      fault_ = "`" + base::escape_control(value.get<std::string>()) + "` is twice in one object";
    return fault_.empty();
  }
  const std::string& fault() const { return fault_; }

 private:
  std::string fault_;
  std::vector<std::set<std::string>> names_;  // of the objects that are open
};

}  // namespace

base::Result<StoredFiles> StoredFiles::of(const std::string& path) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) != 0) return sys::failure("open", path);
  StoredFiles out;
  if (S_ISDIR(info.st_mode)) {
    out.folder_ = path;
    return out;
  }
  const std::string bytes = TRY(read_regular(path, kLargest));
  Limits limits;
  limits.file = kLargest;
  std::vector<Member> members = TRY(read_tar(bytes, limits));
  for (Member& member : members) {
    const std::string name = member.path;
    if (!out.members_.emplace(name, std::move(member)).second) return refuse(base::escape_control(name) + " is twice in the archive");
  }
  return out;
}

bool StoredFiles::has(const std::string& file) const {
  struct stat info = {};
  return folder_.empty() ? members_.contains(file) : ::lstat((folder_ + "/" + file).c_str(), &info) == 0;
}

base::Result<std::string> StoredFiles::read(const std::string& file) {
  asked_.insert(file);
  if (!folder_.empty()) return read_regular(folder_ + "/" + file, kLargest);
  const auto at = members_.find(file);
  if (at == members_.end()) return refuse("there is no " + file);
  if (at->second.kind != Member::Kind::file) return refuse(file + " is no plain file");
  return at->second.bytes;
}

base::Result<Json> StoredFiles::json(const std::string& file) {
  const std::string text = TRY(read(file));
  return parse_json(text, file);
}

base::Status StoredFiles::check_no_others() const {
  for (const auto& [path, member] : members_)
    if (member.kind != Member::Kind::directory && !asked_.contains(path))
      return refuse(base::escape_control(path) + " is in the archive, and nothing of the image refers to it");
  return base::success();
}

base::Result<Json> parse_json(const std::string& text, const std::string& name) {
  Guard guard;
  Json out = Json::parse(text, [&guard](int depth, Json::parse_event_t event, Json& value) { return guard.accepts(depth, event, value); });
  if (!guard.fault().empty()) return refuse(name + ": " + guard.fault());
  return out;
}

}  // namespace images
