#include "launcher/learn/programs.h"

#include "profiles/base/text.h"

namespace launcher {
namespace {

constexpr std::size_t kLongest = 256;

// `'/usr/bin/convert' x` -> /usr/bin/convert; settings such as LANG=C in front are none.
std::string first_program(const std::string& command) {
  for (std::string word : base::split(command, ' ')) {
    std::erase_if(word, [](char c) { return c == '\'' || c == '"'; });
    if (word.empty() || word == "exec" || word.find('=') != word.npos) continue;
    return word;
  }
  return {};
}

}  // namespace

bool is_shell(const std::string& path) { return path == "/bin/sh" || path == "/usr/bin/sh" || path.ends_with("/bash") || path.ends_with("/dash"); }

std::string program_meant(const std::string& path, const std::vector<std::string>& words) {
  if (!is_shell(path) || words.size() < 3 || words[1] != "-c") return path.substr(0, kLongest);
  const std::string meant = first_program(words[2].starts_with("exec ") ? words[2].substr(5) : words[2]);
  return (meant.empty() ? path : meant).substr(0, kLongest);
}

}  // namespace launcher
