#include "profiles/export/engine.h"

#include <algorithm>
#include <cctype>
#include <optional>

namespace profiles {
namespace {

using Names = std::map<std::string, std::string>;

// Ids are changed (SETUID, SETGID, SETPCAP), folders and sockets given away and found again (CHOWN, DAC_OVERRIDE, FOWNER),
// and a pool of another user stopped (KILL).
constexpr const char* kCapabilities[] = {"CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETGID", "SETPCAP", "SETUID"};
// One descriptor is kept above the pool's limit, and the launcher has its own.
constexpr std::uint32_t kOwnFiles = 1024;
// The launcher waits as long as the profile says, and has to end itself then.
constexpr std::uint64_t kTimeToEnd = 5;

struct Unit {
  std::uint64_t bytes;
  std::array<const char*, kEngineCount> suffix;  // in the order of Engine
};
constexpr Unit kUnits[] = {{1ull << 30, {"g", "g", "g", "Gi", "G"}}, {1ull << 20, {"m", "m", "m", "Mi", "M"}}, {1ull << 10, {"k", "k", "k", "Ki", "K"}}};

std::string size_of(base::Bytes size, Engine engine) {
  for (const Unit& unit : kUnits)
    if (size.count != 0 && size.count % unit.bytes == 0) return std::to_string(size.count / unit.bytes) + unit.suffix[static_cast<std::size_t>(engine)];
  return std::to_string(size.count);
}

std::string share_of(base::Percent share, Engine engine) {
  if (engine == Engine::systemd) return std::to_string(share.value) + "%";
  if (engine == Engine::kubernetes) return std::to_string(share.value * 10) + "m";
  const std::string rest = std::to_string(100 + share.value % 100).substr(1);
  return std::to_string(share.value / 100) + "." + rest;
}

std::string parent_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

// A volume's name, of what all engines take: small letters, digits, "-".
std::string volume_of(const std::string& path) {
  std::string out = "-" + path;
  for (char& c : out) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? static_cast<char>(std::tolower(static_cast<unsigned char>(c))) : '-';
  return out;
}

// A policy does not say which of its writable paths are files; their names do.
bool is_file(const std::string& path, const EngineChoice& choice) {
  if (choice.folders) return std::find(choice.folders->begin(), choice.folders->end(), path) == choice.folders->end();
  return path.find('.', path.rfind('/') + 1) != std::string::npos;
}

std::string capabilities(const std::string& before, const std::string& between) {
  std::string out;
  for (const char* name : kCapabilities) out += (out.empty() ? "" : between) + before + name;
  return out;
}

void add_start(const EngineChoice& choice, Names& names) {
  const bool is_root = choice.start == Start::as_root;
  names[is_root ? "when_root" : "when_user"] = "";
  names["folder_mode"] = is_root ? "0755" : "1777";
  names["cap_add"] = is_root ? "\n" + capabilities("--cap-add ", " ") : "";
  names["cap_list"] = capabilities("", ", ");
  names["cap_names"] = capabilities("CAP_", " ");
  const bool is_podman = choice.dialect == Dialect::podman;
  names["no_other_tmpfs"] = is_podman ? "\n--read-only-tmpfs=false" : "";
  names["sealed"] = is_podman ? ":noexec,nosuid,nodev" : "";
}

void add_limits(const Policy& policy, const EngineChoice& choice, Engine engine, Names& names) {
  const bool counts_ours = engine != Engine::systemd;  // in whose unit the launcher is not
  const Limits& limits = policy.limits;
  if (limits.memory_max) names["memory"] = size_of(*limits.memory_max, engine);
  if (limits.pids_max) names["pids"] = std::to_string(*limits.pids_max + (counts_ours ? kProcessesBeside : 0));
  if (limits.pids_max) names["when_pids"] = "";
  if (limits.cpu_max) names["cpus"] = share_of(*limits.cpu_max, engine);
  names["nofile"] = std::to_string(limits.nofile + (counts_ours ? kOwnFiles : 0));
  names["core"] = std::to_string(limits.core.count);
  names["stop"] = std::to_string((limits.stop_timeout.milliseconds + 999) / 1000 + (counts_ours ? kTimeToEnd : 0));
  names["tmp"] = size_of(policy.filesystem.tmp.size, engine);
  names["tmp_inodes"] = std::to_string(policy.filesystem.tmp.inodes);
  names["tmp_files"] = choice.dialect == Dialect::docker ? ",nr_inodes=" + names["tmp_inodes"] : "";
}

void add_conditions(const Policy& policy, Engine engine, Names& names) {
  const bool has_tcp = !policy.listen.tcp.empty();
  const bool binds_inside = has_tcp && engine != Engine::systemd;  // whose socket is bound outside, as ours are
  const bool is_open = policy.network.mode == NetworkMode::host || binds_inside;
  names[has_tcp ? "when_tcp" : "when_unix"] = "";
  names[is_open ? "when_open" : "when_closed"] = "";
  const bool connects = policy.network.mode == NetworkMode::host || !policy.connect.empty() || !policy.mail.unix_path.text.empty();
  if (!has_tcp && connects) names["when_own_socket"] = "";
  if (!policy.connect.empty() || !policy.mail.unix_path.text.empty() || !policy.mail.tcp.empty()) names["when_connects"] = "";
  if (!policy.programs.empty()) names["when_programs"] = "";
  if (policy.memory.deny_write_execute) names["when_strict_memory"] = "";
}

void add_repeated(const Policy& policy, const EngineChoice& choice, Engine engine, std::vector<Names>& out) {
  const auto spelled = [&](const std::string& path) { return engine == Engine::docker ? shell_quoted(path) : path; };
  const std::string& store = policy.filesystem.data.text.empty() ? policy.filesystem.code.text : policy.filesystem.data.text;
  for (const Writable& one : policy.filesystem.writable) {
    const std::string path = store + "/" + one.path.text;
    if (is_file(one.path.text, choice)) out.push_back({{"file", path}});
    else out.push_back({{"path", spelled(path)}, {"volume", volume_of(one.path.text)}});
  }
  std::vector<std::string> folders;
  const auto add_folder = [&](const std::string& socket) {
    if (!socket.empty() && std::find(folders.begin(), folders.end(), parent_of(socket)) == folders.end()) folders.push_back(parent_of(socket));
  };
  for (const Connect& one : policy.connect) add_folder(one.unix_path.text);
  add_folder(policy.mail.unix_path.text);
  for (const std::string& folder : folders) out.push_back({{"socket_folder", spelled(folder)}});
  if (policy.network.mode == NetworkMode::host) return;
  for (const Connect& one : policy.connect)
    if (!one.tcp.empty()) out.push_back({{"tcp_server", one.tcp}});
  if (!policy.mail.tcp.empty()) out.push_back({{"tcp_server", policy.mail.tcp}});
}

// nullopt where a name has no value.
std::optional<std::string> filled(std::string text, const Names& names, const Names& more) {
  for (auto open = text.find('<'); open != text.npos; open = text.find('<', open)) {
    const auto close = text.find('>', open);
    const std::string name = text.substr(open + 1, close - open - 1);
    const auto found = names.find(name);
    const auto other = more.find(name);
    if (found == names.end() && other == more.end()) return std::nullopt;
    const std::string& value = found == names.end() ? other->second : found->second;
    text.replace(open, close - open + 1, value);
    open += value.size();
  }
  return text;
}

void add_filled(const Protection& row, const Cell& cell, const EngineValues& values, std::vector<EngineLine>& out) {
  if (auto text = filled(cell.text, values.names, {})) {
    out.push_back({row.name, std::move(*text)});
    return;
  }
  for (const Names& one : values.repeated)
    if (auto text = filled(cell.text, values.names, one)) out.push_back({row.name, std::move(*text)});
}

std::vector<EngineLine> lines_of(Engine engine, Cell::Kind kind, const EngineValues& values) {
  std::vector<EngineLine> out;
  for (const Protection& row : protections()) {
    const Cell& cell = row.cells[static_cast<std::size_t>(engine)];
    if (cell.kind == kind) add_filled(row, cell, values, out);
  }
  return out;
}

}  // namespace

std::span<const char* const> entrypoint_capabilities() { return kCapabilities; }

std::string shell_quoted(const std::string& word) {
  const bool is_plain = word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./_-") == word.npos;
  if (is_plain && !word.empty()) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

EngineValues engine_values(const Policy& policy, const EngineChoice& choice, Engine engine) {
  EngineValues out;
  out.names = {{"name", policy.name}, {"user", policy.identity.user}, {"uid", std::to_string(choice.uid)}, {"gid", std::to_string(choice.gid)}};
  out.names["group"] = policy.identity.group.empty() ? policy.identity.user : policy.identity.group;
  add_limits(policy, choice, engine, out.names);
  add_conditions(policy, engine, out.names);
  add_start(choice, out.names);
  add_repeated(policy, choice, engine, out.repeated);
  if (std::any_of(out.repeated.begin(), out.repeated.end(), [](const Names& one) { return one.contains("volume"); })) out.names["when_volumes"] = "";
  return out;
}

std::vector<EngineLine> options_of(Engine engine, const EngineValues& values) { return lines_of(engine, Cell::Kind::option, values); }
std::vector<EngineLine> gaps_of(Engine engine, const EngineValues& values) { return lines_of(engine, Cell::Kind::gap, values); }

}  // namespace profiles
