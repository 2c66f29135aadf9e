#include "launcher/boxes/state.h"

#include <unistd.h>

#include <string>

#include "launcher/sys/file.h"

namespace launcher {
namespace {

constexpr std::string_view kWords[] = {"starting", "running", "stopping"};
constexpr std::size_t kLength = 9;  // with the newline

}  // namespace

std::string_view state_word(BoxState state) { return kWords[static_cast<int>(state)]; }

base::Status write_state(int file, BoxState state) {
  std::string text(state_word(state));
  text.resize(kLength - 1, ' ');
  text += '\n';
  for (std::size_t done = 0; done < kLength;) {  // after a part of it the next call says why it was no more
    const ssize_t count = ::pwrite(file, text.data() + done, kLength - done, static_cast<off_t>(done));
    if (count < 0) return sys::failure("write", "state");
    done += static_cast<std::size_t>(count);
  }
  return base::success();
}

std::optional<BoxState> read_state(std::string_view text) {
  if (text.size() != kLength || text.back() != '\n') return std::nullopt;
  text.remove_suffix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  for (const BoxState state : {BoxState::starting, BoxState::running, BoxState::stopping})
    if (text == state_word(state)) return state;
  return std::nullopt;
}

}  // namespace launcher
