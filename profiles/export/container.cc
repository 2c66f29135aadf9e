// What all exports for containers have in common.
#include <algorithm>
#include <cctype>
#include <set>

#include "profiles/base/text.h"
#include "profiles/export/engines.h"

namespace profiles {
namespace {

constexpr std::size_t kColumns = 118;

bool is_spelled_plainly(const std::string& text, std::string_view more) {
  return std::all_of(text.begin(), text.end(), [&](unsigned char c) { return std::isalnum(c) != 0 || more.find(static_cast<char>(c)) != more.npos; });
}

base::Error refused(const std::string& what, const std::string& why, const std::string& fix) {
  return base::Error{"`" + base::escape_control(what) + "` " + why + "; " + fix, {}, 0, {}};
}

std::vector<std::string> paths_of(const Policy& policy) {
  std::vector<std::string> out = {policy.filesystem.code.text, policy.listen.unix_path.text, policy.mail.unix_path.text};
  for (const Writable& one : policy.filesystem.writable) out.push_back(one.path.text);
  for (const Connect& one : policy.connect) out.push_back(one.unix_path.text);
  return out;
}

std::string wrapped(const std::string& text) {
  std::string out, line = "#";
  for (const std::string& word : base::split(text, ' ')) {
    if (line.size() + word.size() >= kColumns) {
      out += line + "\n";
      line = "#  ";
    }
    line += " " + word;
  }
  return out + line + "\n";
}

// "registry/shop:1" is "registry/shop-web:1".
std::string beside(const std::string& image) {
  const auto tag = image.rfind(':');
  const bool has_tag = tag != image.npos && image.find('/', tag) == image.npos;
  return has_tag ? image.substr(0, tag) + "-web" + image.substr(tag) : image + "-web";
}

}  // namespace

EngineChoice with_defaults(EngineChoice choice, const Policy& policy) {
  if (choice.image.empty()) choice.image = "localhost/fpmbox/" + policy.name + ":latest";
  if (choice.web_image.empty()) choice.web_image = beside(choice.image);
  return choice;
}

base::Status check_for_container(const Policy& policy, const EngineChoice& choice) {
  if (!policy.filesystem.data.text.empty())
    return refused(policy.filesystem.data.text, "(filesystem.data) is a folder of a host",
                   "export the pool file that is in the image: there, volumes are mounted over the writable paths");
  for (const std::string& path : paths_of(policy))
    if (!is_spelled_plainly(path, "/._-")) return refused(path, "has characters that no engine's option can hold", "use letters, digits and . _ -");
  std::set<std::string> volumes;
  for (const auto& one : engine_values(policy, choice, Engine::docker).repeated)
    if (const auto volume = one.find("volume"); volume != one.end() && !volumes.insert(volume->second).second)
      return refused(one.at("path"), "would be the same volume as another writable path", "name one folder above both");
  for (const std::string* image : {&choice.image, &choice.web_image})
    if (!is_spelled_plainly(*image, "/._-:@")) return refused(*image, "is no name of an image", "write [REGISTRY/]NAME[:TAG]");
  return base::success();
}

std::string engine_head(const std::string& what, const Policy& policy, const std::vector<EngineLine>& gaps) {
  std::string out = wrapped(what + ", for the pool " + policy.name + ": written by `fpmbox export`.");
  if (!gaps.empty()) out += "#\n# What it cannot say:\n";
  for (const EngineLine& gap : gaps) out += wrapped("- " + gap.protection + ": " + gap.text);
  return out + "\n";
}

}  // namespace profiles
