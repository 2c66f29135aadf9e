// A pool and its web server as a Compose file (compose-spec.io).
#include "profiles/base/text.h"
#include "profiles/export/engines.h"
#include "profiles/export/yaml_tree.h"

namespace profiles {
namespace {

constexpr const char* kPorts = "[\"127.0.0.1:8080:8080\"]";

bool is_by_tcp(const Policy& policy) { return !policy.listen.tcp.empty(); }

// The web server sees the socket, and of what the pool writes what it serves; it has nothing else to write.
YamlTree web_server(const Policy& policy, const EngineChoice& choice, const EngineValues& values) {
  YamlTree out;
  out.set("image", yaml_text(choice.web_image));
  out.set("restart", "unless-stopped");
  out.set("depends_on", "[pool]");
  out.set("user", "\"33:33\"");
  out.set("read_only", "true");
  out.set("cap_drop", "[ALL]");
  out.set("security_opt", "[\"no-new-privileges:true\"]");
  out.set("tmpfs", "[\"/tmp:rw,noexec,nosuid,nodev,size=64m,mode=1777\"]");
  if (is_by_tcp(policy)) out.set("network_mode", "\"service:pool\"");
  else out.set("ports", kPorts);
  if (!is_by_tcp(policy)) out.set("volumes[]", yaml_text(policy.name + "-run:/run/fpmbox:ro"));
  for (const auto& one : values.repeated)
    if (const auto path = one.find("path"); path != one.end())
      out.set("volumes[]", yaml_text(policy.name + one.at("volume") + ":" + path->second + ":ro"));
  return out;
}

void name_volumes(const Policy& policy, const EngineValues& values, YamlTree& out) {
  if (!is_by_tcp(policy)) out.set("volumes." + policy.name + "-run", "{}");
  for (const auto& one : values.repeated)
    if (const auto volume = one.find("volume"); volume != one.end()) out.set("volumes." + policy.name + volume->second, "{}");
}

// "a:b" and the like are strings to YAML only in quotes; numbers, flags and flow collections stand as they are.
std::string quoted_item(const std::string& lines) {
  std::vector<std::string> out;
  for (const std::string& line : base::split(lines, '\n')) {
    const auto between = line.find(" = ");
    const bool is_item = line.substr(0, between).ends_with("[]");
    out.push_back(is_item ? line.substr(0, between + 3) + yaml_text(line.substr(between + 3)) : line);
  }
  return base::join(out, "\n");
}

}  // namespace

base::Result<Exported> export_compose(const Policy& policy, const EngineChoice& choice) {
  TRY(check_for_container(policy, choice));
  const EngineValues values = engine_values(policy, choice, Engine::compose);
  Exported out{{}, gaps_of(Engine::compose, values)};
  YamlTree pool;
  pool.set("image", yaml_text(choice.image));
  pool.set("restart", "unless-stopped");
  for (const EngineLine& option : options_of(Engine::compose, values)) set_lines(quoted_item(option.text), pool);
  if (is_by_tcp(policy)) pool.set("ports", kPorts);  // a container that shares a network has none of its own
  YamlTree file;
  file.set("services.pool", std::move(pool));
  file.set("services.web", web_server(policy, choice, values));
  name_volumes(policy, values, file);
  out.text = engine_head("A Compose file (docker compose up)", policy, out.gaps) + file.text();
  return out;
}

}  // namespace profiles
