#include "launcher/boxes/view.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "launcher/boxes/pool_files.h"
#include "launcher/sys/file.h"

namespace launcher {
namespace {

std::optional<std::uint64_t> number_in(const std::string& path) {
  const auto text = sys::read_file(path, 4096);
  if (!text) return std::nullopt;
  std::uint64_t number = 0;
  const char* begin = text.value().data();
  const auto [end, error] = std::from_chars(begin, begin + text.value().size(), number);
  return error == std::errc() && end != begin ? std::optional(number) : std::nullopt;
}

std::optional<std::uint64_t> memory_of_groups(const BoxRecord& record) {
  for (const std::string& group : record.cgroups)
    for (const char* file : {"/memory.current", "/memory.usage_in_bytes"})
      if (const auto bytes = number_in(group + file)) return bytes;
  return std::nullopt;
}

// "Pss:                1234 kB"
std::optional<std::uint64_t> pss_of(pid_t pid) {
  constexpr std::string_view kKey = "\nPss:";
  const auto text = sys::read_file("/proc/" + std::to_string(pid) + "/smaps_rollup", 1 << 16);
  const std::size_t at = text ? text.value().find(kKey) : std::string::npos;
  if (at == std::string::npos) return std::nullopt;
  std::string_view rest = std::string_view(text.value()).substr(at + kKey.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  std::uint64_t kibibytes = 0;
  if (std::from_chars(rest.data(), rest.data() + rest.size(), kibibytes).ec != std::errc()) return std::nullopt;
  return kibibytes * 1024;
}

std::optional<std::uint64_t> pss_of_all(const std::vector<pid_t>& pids) {
  std::uint64_t sum = 0;
  for (const pid_t pid : pids) {
    const auto one = pss_of(pid);
    if (!one) return std::nullopt;
    sum += *one;
  }
  return sum;
}

void measure(const BoxRecord& record, const Moment& moment, BoxView& view) {
  view.workers = moment.processes.children(record.box.pid).size();
  if (moment.ticks > record.box.start) view.uptime_s = (moment.ticks - record.box.start) / moment.ticks_per_second;
  view.memory = memory_of_groups(record);
  view.memory_from = view.memory ? "cgroup" : "pss";
  if (!view.memory) view.memory = pss_of_all(moment.processes.family(record.box.pid));
  if (!view.memory) view.memory_from.clear();
}

// What runs and is no boundary is not to be taken for a box.
std::string running_word(BoxState said, const BoxRecord& record) {
  return std::string(said == BoxState::running && record.recording ? "recording" : state_word(said));
}

}  // namespace

base::Result<Moment> this_moment() {
  Moment moment;
  moment.boot = boot_id();
  moment.processes = Processes::now();
  timespec now = {};
  if (::clock_gettime(CLOCK_BOOTTIME, &now) != 0) return sys::failure("clock_gettime", {});
  moment.ticks_per_second = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  moment.ticks = static_cast<std::uint64_t>(now.tv_sec) * moment.ticks_per_second;
  return moment;
}

BoxView look_at_box(const FoundBox& found, const Moment& moment) {
  BoxView view{.pool = found.pool, .state = "stale", .trouble = found.mistake};
  if (!found.mistake.empty()) return view;
  const BoxRecord& record = found.record;
  view.launcher = record.launcher.pid;
  view.pid = record.box.pid;
  view.user = record.user;
  view.socket = record.socket;
  view.code = record.code;
  view.code_version = record.code_version;
  view.unit = record.unit;
  view.gaps = record.gaps;
  switch (presence_of(record, moment.boot, moment.processes)) {
    case Presence::gone:
      view.trouble = "its processes are gone";
      return view;
    case Presence::orphaned:
      view.trouble = "its launcher is gone, php-fpm is not";
      break;
    case Presence::running:
      view.state = running_word(found.said.value_or(BoxState::running), record);
      break;
  }
  measure(record, moment, view);
  view.outdated = find_outdated(record);
  return view;
}

}  // namespace launcher
