// What `fpmbox export` writes for an engine, and the command that the entrypoint prints, read back as that engine reads it: a
// launcher that finds itself so lacks nothing that was not said.
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>

#include "launcher/facts/mount_text.h"
#include "launcher/plan/planner.h"
#include "launcher/plan/tier.h"
#include "profiles/base/text.h"
#include "profiles/export/engines.h"
#include "tests/support/invented.h"

using launcher::ContainerFacts;
using launcher::HostFacts;
using launcher::Plan;

namespace {

// Every engine's words as Docker's.
using Options = std::vector<std::pair<std::string, std::string>>;

const std::string kPool = R"(extends: php-fpm
name: shop
identity: {user: www-shop}
filesystem: {code: /srv/shop/www-1.4, writable: [data]}
limits: {memory.max: 512MiB, pids.max: 40, cpu.max: 150%}
)";
const std::string kByTcp = kPool + "listen: {tcp: \"0.0.0.0:9000\"}\n";

Options words_of(const std::string& text) {
  std::vector<std::string> words;
  for (const std::string& line : base::split(text, '\n'))
    if (!line.starts_with("#"))
      for (const std::string& word : base::split(line, ' '))
        if (!word.empty() && word != "\\") words.push_back(word);
  Options out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!words[i].starts_with("--")) continue;
    const auto equals = words[i].find('=');
    const bool is_flag = words[i] == "--read-only" || words[i] == "--detach" || i + 1 == words.size();
    if (equals != std::string::npos) out.emplace_back(words[i].substr(0, equals), words[i].substr(equals + 1));
    else if (is_flag) out.emplace_back(words[i], "true");
    else out.emplace_back(words[i], words[i + 1]);
  }
  return out;
}

Options of_compose(const std::string& text) {
  const std::pair<const char*, const char*> keys[] = {{"read_only", "--read-only"}, {"tmpfs", "--tmpfs"}, {"volumes", "--volume"}, {"mem_limit", "--memory"},
                                                      {"pids_limit", "--pids-limit"}, {"cpus", "--cpus"}, {"cap_drop", "--cap-drop"}, {"cap_add", "--cap-add"}};
  const YAML::Node pool = YAML::Load(text)["services"]["pool"];
  Options out = {{"--ulimit", "nofile=" + pool["ulimits"]["nofile"].as<std::string>()}};
  for (const auto& [key, option] : keys) {
    const YAML::Node value = pool[key];
    if (!value) continue;
    if (value.IsScalar()) out.emplace_back(option, value.as<std::string>());
    else
      for (const auto& item : value) out.emplace_back(option, item.as<std::string>());
  }
  return out;
}

Options of_quadlet(const std::string& text) {
  const std::pair<const char*, const char*> keys[] = {{"ReadOnly", "--read-only"}, {"Tmpfs", "--tmpfs"}, {"Volume", "--volume"}, {"PidsLimit", "--pids-limit"},
                                                      {"Ulimit", "--ulimit"}, {"DropCapability", "--cap-drop"}};
  Options out;
  for (const std::string& line : base::split(text, '\n')) {
    const std::string key = line.substr(0, line.find('=')), value = line.substr(std::min(line.size(), key.size() + 1));
    for (const auto& [name, option] : keys)
      if (key == name) out.emplace_back(option, value);
    if (key == "PodmanArgs")
      for (auto& option : words_of(value)) out.push_back(std::move(option));
    if (key == "AddCapability")
      for (const std::string& name : base::split(value, ' ')) out.emplace_back("--cap-add", name.substr(std::string("CAP_").size()));
  }
  return out;
}

// "1500m" of a processor.
std::string cpus_of(const std::string& text) {
  return text.ends_with('m') ? std::to_string(std::stod(text) / 1000) : text;
}

Options of_kubernetes(const std::string& text) {
  const YAML::Node pod = YAML::LoadAll(text).at(0)["spec"]["template"]["spec"], pool = pod["containers"][0];
  const YAML::Node user = pod["securityContext"], context = pool["securityContext"], limits = pool["resources"]["limits"];
  Options out = {{"--user", user["runAsUser"].as<std::string>() + ":" + user["runAsGroup"].as<std::string>()},
                 {"--read-only", context["readOnlyRootFilesystem"].as<std::string>()},
                 {"--cap-drop", context["capabilities"]["drop"][0].as<std::string>()},
                 {"--memory", limits["memory"].as<std::string>()},
                 {"--cpus", cpus_of(limits["cpu"].as<std::string>())}};
  for (const auto& mount : pool["volumeMounts"])
    for (const auto& volume : pod["volumes"]) {
      if (volume["name"].as<std::string>() != mount["name"].as<std::string>()) continue;
      const std::string path = mount["mountPath"].as<std::string>();
      if (volume["emptyDir"]) out.emplace_back("--tmpfs", path + ":rw,size=" + volume["emptyDir"]["sizeLimit"].as<std::string>() + ",mode=0777");
      else out.emplace_back("--volume", "claim:" + path);
    }
  return out;
}

std::uint64_t bytes_of(const std::string& text) {
  std::size_t end = 0;
  const std::uint64_t number = std::stoull(text, &end);
  const std::string unit = text.substr(end, 1);
  return number << (unit == "" ? 0 : unit == "k" || unit == "K" ? 10 : unit == "m" || unit == "M" ? 20 : 30);
}

// As the kernel would say it of the mount that the engine makes.
void mount(const std::string& point, const std::string& type, const std::string& flags, ContainerFacts& container) {
  std::string options = "rw", own = "rw";
  for (const std::string& flag : base::split(flags, ',')) {
    if (flag == "ro" || flag == "noexec" || flag == "nosuid" || flag == "nodev") options += "," + flag;
    if (flag.starts_with("size=")) own += ",size=" + std::to_string(bytes_of(flag.substr(5)) / 1024) + "k";
    if (flag.starts_with("mode=") || flag.starts_with("nr_inodes=")) own += "," + flag;
  }
  for (auto& one : launcher::parse_mounts("36 35 0:0 / " + point + " " + options + " - " + type + " x " + own + "\n")) container.mounts.push_back(one);
}

struct Reading {
  const char* option;
  void (*apply)(const std::string& value, ContainerFacts& container);
};
constexpr Reading kReadings[] = {
    {"--read-only", [](const std::string& value, ContainerFacts& c) { c.mounts[0].read_only = value == "true"; }},
    {"--tmpfs", [](const std::string& value, ContainerFacts& c) { mount(value.substr(0, value.find(':')), "tmpfs", value.substr(value.find(':') + 1), c); }},
    {"--volume", [](const std::string& value, ContainerFacts& c) { const auto parts = base::split(value, ':'); mount(parts[1], "ext4", parts.size() > 2 ? parts[2] : "", c); }},
    {"--memory", [](const std::string& value, ContainerFacts& c) { c.memory_limit = bytes_of(value); }},
    {"--pids-limit", [](const std::string& value, ContainerFacts& c) { c.pids_limit = std::stoull(value); }},
    {"--cpus", [](const std::string& value, ContainerFacts& c) { c.cpu_percent = static_cast<std::uint64_t>(std::stod(value) * 100 + 0.5); }},
    {"--ulimit", [](const std::string& value, ContainerFacts& c) { if (value.starts_with("nofile=")) c.nofile = std::stoull(value.substr(7)); }},
    {"--cap-drop", [](const std::string&, ContainerFacts& c) { for (const char* name : profiles::entrypoint_capabilities()) c.missing_capabilities.emplace_back(name); }},
    {"--cap-add", [](const std::string& value, ContainerFacts& c) { std::erase(c.missing_capabilities, value); }},
    {"--user", [](const std::string& value, ContainerFacts& c) { c.uid = static_cast<uid_t>(std::stoul(value)); c.gid = static_cast<gid_t>(std::stoul(value.substr(value.find(':') + 1))); }},
};

bool is_open_to_all(const Options& options, const std::string& folder) {
  return std::any_of(options.begin(), options.end(), [&](const auto& one) { return one.second.starts_with(folder + ":") && one.second.find("777") != std::string::npos; });
}

HostFacts found_in(const Options& options, HostFacts facts) {
  ContainerFacts& container = *facts.container;
  for (const auto& [option, value] : options)
    for (const Reading& reading : kReadings)
      if (option == reading.option) reading.apply(value, container);
  if (container.uid != 0) container.missing_capabilities.clear();
  for (const char* folder : {"/run/fpmbox", "/var/lib/fpmbox"})
    if (launcher::mount_of(container.mounts, folder)->read_only || (container.uid != 0 && !is_open_to_all(options, folder))) container.closed_folders.emplace_back(folder);
  if (container.uid != 0) facts.paths["/srv/shop/www-1.4/data"].uid = container.uid;
  return facts;
}

profiles::Composed composed(const std::string& yaml) {
  base::Diagnostics diagnostics;
  auto out = test::pool(yaml, diagnostics);
  REQUIRE_EQ(test::text_of(diagnostics), "");
  return out;
}

Plan planned(const std::string& yaml, HostFacts facts) {
  const auto pool = composed(yaml);
  base::Diagnostics diagnostics;
  launcher::settle_tier(pool.policy, facts);
  Plan plan = launcher::plan({pool.policy, pool.origins, facts}, diagnostics);
  CHECK_EQ(test::text_of(diagnostics), "");
  return plan;
}

struct Kind {
  const char* name;
  base::Result<profiles::Exported> (*write)(const profiles::Policy&, const profiles::EngineChoice&);
  Options (*read)(const std::string&);
  HostFacts (*host)();
  std::set<std::string> given = {};  // gaps of every container of this engine, whatever it is asked for
};
// Docker allows no namespaces.
const std::set<std::string> kOfDocker = {"namespaces"};
// podman covers parts of /proc, and lets the pool's user make the whole box.
const std::set<std::string> kOfPodman = {"proc", "launcher.identity"};
const Kind kKinds[] = {{"docker", profiles::export_docker, words_of, test::docker_host, kOfDocker},
                           {"docker's words, podman", profiles::export_docker, words_of, test::podman_host, kOfPodman},
                           {"compose", profiles::export_compose, of_compose, test::docker_host, kOfDocker},
                           {"quadlet", profiles::export_quadlet, of_quadlet, test::podman_host, kOfPodman},
                           {"kubernetes", profiles::export_kubernetes, of_kubernetes, test::docker_host, kOfDocker}};

std::set<std::string> layers_of(const Plan& plan) {
  std::set<std::string> out;
  for (const auto& gap : plan.gaps) out.insert(gap.layer);
  return out;
}

}  // namespace

TEST_CASE("an exported container has the gaps that the export names, and starts") {
  for (const std::string& yaml : {kPool, kByTcp})
    for (const Kind& kind : kKinds) {
      CAPTURE(kind.name);
      const auto exported = kind.write(composed(yaml).policy, profiles::with_defaults({}, composed(yaml).policy)).value();
      std::set<std::string> said = kind.given;
      for (const auto& gap : exported.gaps) said.insert(gap.protection);
      CAPTURE(exported.text);
      for (const auto& gap : planned(yaml, found_in(kind.read(exported.text), kind.host())).gaps) {
        CAPTURE(gap.layer);
        CAPTURE(gap.reason);
        CHECK_FALSE(gap.required);
        CHECK(said.count(gap.layer) == 1);
      }
    }
}

TEST_CASE("control: a word less, and the launcher misses it") {
  struct Row {
    const char* without;
    const char* layer;
  };
  const Row rows[] = {{"--cap-add DAC_OVERRIDE", "identity"}, {"--read-only", "root"}, {"--memory 512m", "limits.memory.max"}, {"--pids-limit 48", "limits.pids.max"},
                      {"--cpus 1.50", "limits.cpu.max"}, {"--tmpfs /tmp:rw,noexec,nosuid,nodev,size=256m,mode=1777", "tmp"}};
  const profiles::Policy policy = composed(kPool).policy;
  const std::string text = profiles::export_docker(policy, profiles::with_defaults({}, policy)).value().text;
  for (const Row& row : rows) {
    CAPTURE(row.without);
    std::string less = text;
    REQUIRE_NE(less.find(row.without), std::string::npos);
    less.erase(less.find(row.without), std::string(row.without).size());
    CHECK(layers_of(planned(kPool, found_in(words_of(less), test::docker_host()))).count(row.layer) == 1);
  }
}

TEST_CASE("the corrected command corrects all that it can") {
  for (const std::string& yaml : {kPool, kByTcp})
    for (const uid_t uid : {uid_t{0}, uid_t{1007}}) {
      HostFacts facts = test::docker_host();
      facts.container->uid = facts.container->gid = uid;
      const std::string command = planned(yaml, facts).corrected_command;
      CAPTURE(command);
      REQUIRE(command.starts_with("docker run "));
      HostFacts corrected = found_in(words_of(command), test::docker_host());
      // a new volume has the owner of the image's folder, which the image gives to the pool
      std::erase(corrected.container->closed_folders, "/run/fpmbox");
      std::set<std::string> left = layers_of(planned(yaml, corrected));
      for (const char* layer : {"namespaces", "writable", "launcher.identity", "launcher.files"}) left.erase(layer);
      CHECK(left.empty());
    }
}
