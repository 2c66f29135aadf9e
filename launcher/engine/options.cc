#include "launcher/engine/options.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "profiles/base/text.h"

namespace launcher {
namespace {

// Sources: docker-run(1), podman-run(1). A tmpfs of Docker's is noexec unless it is told otherwise; said all the same.
// clang-format off
constexpr EngineOption kOptions[] = {
    {"root", "--read-only", "--read-only --read-only-tmpfs=false", "nothing of the image can be changed, whatever fails"},
    {"tmp", "--tmpfs /tmp:rw,noexec,nosuid,nodev,size={tmp},mode=1777", "--tmpfs /tmp:rw,noexec,nosuid,nodev,size={tmp},mode=1777",
     "uploads pass through it; it ends with the container"},
    {"state", "--tmpfs /var/lib/fpmbox:rw,noexec,nosuid,nodev,mode={folder_mode}", "--tmpfs /var/lib/fpmbox:rw,noexec,nosuid,nodev,mode={folder_mode}",
     "sessions; a volume in its place keeps them"},
    {"socket", "--volume {socket_volume}:/run/fpmbox", "--volume {socket_volume}:/run/fpmbox:noexec,nosuid,nodev", "the socket, for the web server's container"},
    {"socket", "--tmpfs /run/fpmbox:rw,noexec,nosuid,nodev,mode={tcp_folder_mode}", "--tmpfs /run/fpmbox:rw,noexec,nosuid,nodev,mode={tcp_folder_mode}",
     "the launcher's folder, where the web server comes by TCP"},
    {"writable", "--volume {name}{volume}:{path}", "--volume {name}{volume}:{path}:noexec,nosuid,nodev", "what the application writes"},
    {"identity", "--user {user}", "--user {user}", "the pool's own user from the start"},
    {"capabilities", "--cap-drop ALL {cap_add}", "--cap-drop ALL {cap_add}", "what the launcher needs to become two other users, and no more"},
    {"no_new_privs", "--security-opt no-new-privileges", "--security-opt no-new-privileges", "from the launcher's first moment"},
    {"network", "--network {network}", "--network {network}", "the web server comes by a Unix socket: no network is needed"},
    {"limits.memory.max", "--memory {memory} --memory-swap {memory}", "--memory {memory} --memory-swap {memory}", "all of the pool's processes together"},
    {"limits.pids.max", "--pids-limit {pids}", "--pids-limit {pids}", "all of the pool's processes and threads"},
    {"limits.cpu.max", "--cpus {cpus}", "--cpus {cpus}", "all of the pool's processes together"},
    {"limits.nofile", "--ulimit nofile={nofile}", "--ulimit nofile={nofile}", "above the pool's own limit: one descriptor is kept out of its reach"},
    {"stop_timeout", "--stop-timeout {stop}", "--stop-timeout {stop}", "running requests may finish"},
};
// clang-format on

constexpr std::string_view kAddedCapabilities = "{cap_add}";

// Ids are changed (SETUID, SETGID, SETPCAP), folders and sockets given away and found again (CHOWN, DAC_OVERRIDE, FOWNER),
// and a pool of another user stopped (KILL).
constexpr const char* kCapabilities[] = {"CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETGID", "SETPCAP", "SETUID"};

// Room for the one descriptor above the pool's limit, and for the launcher's own.
constexpr std::uint64_t kRoomAboveLimit = 1024;
// The launcher waits as long as the profile says, and has to end itself then.
constexpr std::uint64_t kTimeToEnd = 5;

std::string seconds(base::Duration time, std::uint64_t more) { return std::to_string((time.milliseconds + 999) / 1000 + more); }

std::string cores(base::Percent share) {
  const std::string rest = std::to_string(100 + share.value % 100).substr(1);
  return std::to_string(share.value / 100) + (rest == "00" ? "" : "." + rest);
}

std::string added_capabilities() {
  std::vector<std::string> words;
  for (const char* name : kCapabilities) words.push_back(std::string("--cap-add ") + name);
  return base::join(words, " ");
}

// As a volume's name has it: letters, digits and ".", "_", "-".
std::string volume_of(const std::string& path, const std::string& code) {
  std::string out = path.starts_with(code + "/") ? path.substr(code.size()) : path;
  for (char& c : out)
    if (c == '/' || c == ':') c = '-';
  return out;
}

// nullopt where a name has no value.
std::optional<std::string> filled(std::string text, const std::map<std::string, std::string>& values) {
  for (auto open = text.find('{'); open != text.npos; open = text.find('{', open)) {
    const auto close = text.find('}', open);
    const auto value = values.find(text.substr(open + 1, close - open - 1));
    if (value == values.end()) return std::nullopt;
    text.replace(open, close - open + 1, value->second);
    open += value->second.size();
  }
  return text;
}

// A word stays one whatever fills it, but for those that stand for several. Nothing is added where a name has no value.
void add_words(const std::string& text, const std::map<std::string, std::string>& values, std::vector<std::string>& words) {
  std::vector<std::string> added;
  for (const std::string& word : base::split(text, ' ')) {
    const auto whole = filled(word, values);
    if (!whole) return;
    const bool is_several = word == kAddedCapabilities;
    for (std::string& part : is_several ? base::split(*whole, ' ') : std::vector{*whole})
      if (!part.empty()) added.push_back(std::move(part));
  }
  words.insert(words.end(), added.begin(), added.end());
}

// As a shell reads it back.
std::string quoted(const std::string& word) {
  const bool is_plain = word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./_-") == word.npos;
  if (is_plain && !word.empty()) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

void add_limits(const profiles::Limits& limits, std::map<std::string, std::string>& values) {
  if (limits.memory_max) values["memory"] = std::to_string(limits.memory_max->count);
  if (limits.pids_max) values["pids"] = std::to_string(*limits.pids_max + kProcessesOfOurs);
  if (limits.cpu_max) values["cpus"] = cores(*limits.cpu_max);
  values["nofile"] = std::to_string(limits.nofile + kRoomAboveLimit);
  values["stop"] = seconds(limits.stop_timeout, kTimeToEnd);
}

}  // namespace

std::span<const EngineOption> engine_options() { return kOptions; }

std::span<const char* const> entrypoint_capabilities() { return kCapabilities; }

EngineNeeds needs_of(const profiles::Policy& policy, Start start, PoolNumbers pool) {
  EngineNeeds out;
  auto& values = out.values;
  const bool by_tcp = !policy.listen.tcp.empty();
  const std::string folder_mode = start == Start::as_root ? "0755" : "1777";
  values["name"] = policy.name;
  values["code"] = policy.filesystem.code.text;
  values["tmp"] = std::to_string(policy.filesystem.tmp.size.count);
  values["folder_mode"] = folder_mode;
  values["cap_add"] = start == Start::as_root ? added_capabilities() : "";
  if (start == Start::as_user) values["user"] = std::to_string(pool.uid) + ":" + std::to_string(pool.gid);
  values[by_tcp ? "tcp_folder_mode" : "socket_volume"] = by_tcp ? folder_mode : policy.name + "-run";
  const bool reaches_out = policy.network.mode == profiles::NetworkMode::host;
  if (!by_tcp && !reaches_out) values["network"] = "none";
  add_limits(policy.limits, values);
  const std::string& store = policy.filesystem.data.text.empty() ? policy.filesystem.code.text : policy.filesystem.data.text;
  for (const auto& writable : policy.filesystem.writable) out.paths.push_back(store + "/" + writable.path.text);
  return out;
}

std::vector<std::string> words_of(const EngineOption& option, Engine engine, const EngineNeeds& needs) {
  const std::string text = engine == Engine::docker ? option.docker : option.podman;
  std::vector<std::string> out;
  if (text.find("{path}") == text.npos) {
    add_words(text, needs.values, out);
    return out;
  }
  for (const std::string& path : needs.paths) {
    auto values = needs.values;
    values["path"] = path;
    values["volume"] = volume_of(path, values["code"]);
    add_words(text, values, out);
  }
  return out;
}

std::string command_line(Engine engine, const EngineNeeds& needs, const std::string& image) {
  std::vector<std::string> words = {engine == Engine::docker ? "docker" : "podman", "run"};
  for (const EngineOption& option : kOptions)
    for (std::string& word : words_of(option, engine, needs)) words.push_back(std::move(word));
  for (const std::string& variable : needs.environment) words.insert(words.end(), {"--env", variable});
  words.push_back(image);
  std::vector<std::string> spelled;
  for (const std::string& word : words) spelled.push_back(quoted(word));
  return base::join(spelled, " ");
}

}  // namespace launcher
