#include "launcher/harness/engine_clients.h"

#include <unistd.h>

#include <algorithm>

#include "launcher/sys/file.h"
#include "launcher/sys/process.h"
#include "profiles/base/text.h"

namespace harness {
namespace {

constexpr std::size_t kLongestCommandLine = 1 << 20;

// One that has ended and was not waited for has none.
std::string command_line_of(pid_t process) {
  auto text = sys::read_file("/proc/" + std::to_string(process) + "/cmdline", kLongestCommandLine);
  return text ? std::move(text).value() : std::string();
}

}  // namespace

bool is_client(const std::string& command_line, const ClientMarks& marks) {
  const std::vector<std::string> words = base::split(command_line, '\0');
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return word.find(marks.name) != word.npos || std::find(marks.stores.begin(), marks.stores.end(), word) != marks.stores.end();
  });
}

bool has_clients(const ClientMarks& marks) {
  const std::vector<pid_t> children = sys::children_of(::getpid());
  return std::any_of(children.begin(), children.end(), [&](pid_t child) { return is_client(command_line_of(child), marks); });
}

}  // namespace harness
