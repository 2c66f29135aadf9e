// Hosts that do not exist, for tests of pure steps.
#pragma once

#include <doctest/doctest.h>

#include "launcher/facts/host_facts.h"
#include "launcher/sys/file.h"
#include "profiles/load/compose.h"

namespace test {

inline const std::string kCatalogFolder = SOURCE_DIR "/profiles/catalog";

// A pool file given as text, composed with the real catalog.
inline profiles::Composed pool(const std::string& yaml, base::Diagnostics& diagnostics) {
  const auto read = [&yaml](const std::string& path) -> base::Result<std::string> {
    if (path == "/pools/shop.yaml") return yaml;
    return sys::read_file(path, 1 << 20);
  };
  return profiles::compose(kCatalogFolder, read, "/pools/shop.yaml", diagnostics);
}

inline launcher::PathFact folder(const std::string& path, uid_t uid = 0) {
  return {.kind = launcher::PathFact::Kind::directory, .link = {}, .real = path,
          .real_kind = launcher::PathFact::Kind::directory, .uid = uid, .gid = uid, .mode = 0755, .neighbours = {}};
}
inline launcher::PathFact file(const std::string& path, uid_t uid = 0) {
  auto out = folder(path, uid);
  out.kind = out.real_kind = launcher::PathFact::Kind::file;
  out.mode = 0644;
  return out;
}
inline launcher::PathFact link(const std::string& to, const std::string& real) {
  auto out = folder(real);
  out.kind = launcher::PathFact::Kind::symlink;
  out.link = to;
  return out;
}

// A plain Debian-like machine with cgroup v2 and every layer, on which pool "shop" is deployed as a version.
inline launcher::HostFacts good_host() {
  launcher::HostFacts facts;
  facts.privileged = true;
  facts.landlock_abi = 7;
  facts.user_notification = facts.exec_notification = true;
  facts.page_zero = facts.mdwe = true;
  const std::string own = "/sys/fs/cgroup/system.slice/fpmbox@shop.service";
  for (const char* name : {"memory", "pids", "cpu", "kill"}) facts.cgroups[name] = {2, own, {}};
  facts.users["root"] = {0, 0, {"root"}};
  facts.users["fpmbox"] = {990, 990, {"fpmbox"}};
  facts.users["www-shop"] = {1007, 1007, {"www-shop"}};
  facts.groups = {{"root", 0}, {"www-data", 33}, {"www-shop", 1007}};
  for (const char* path : {"/usr/lib", "/usr/lib64", "/usr/share/zoneinfo", "/etc/ssl/certs", "/srv", "/srv/shop", "/var",
                           "/run", "/run/fpmbox", "/srv/shop/www-1.4"})
    facts.paths[path] = folder(path);
  facts.paths["/lib"] = link("usr/lib", "/usr/lib");
  facts.paths["/lib64"] = link("usr/lib64", "/usr/lib64");
  facts.paths["/etc/ld.so.cache"] = file("/etc/ld.so.cache");
  facts.paths["/srv/shop/www"] = link("www-1.4", "/srv/shop/www-1.4");
  facts.paths["/srv/shop/www-1.4/data"] = folder("/srv/shop/www-1.4/data", 1007);
  facts.paths["/srv/shop/www-1.4/config.php"] = file("/srv/shop/www-1.4/config.php", 1007);
  facts.php = {.binary = "/usr/sbin/php-fpm8.2", .reason = {}, .version = "8.2.36", .extension_dir = "/usr/lib/php/20220829",
               .interpreter = "/lib64/ld-linux-x86-64.so.2",
               .shared = {"ctype", "fileinfo", "gd", "iconv", "opcache", "posix", "tokenizer", "xml"},
               .built_in = {"core", "date", "hash", "json", "pcre", "session", "standard", "zlib"}};
  facts.host_name = "example";
  return facts;
}

// The same machine as an ordinary user sees it, whose own pool "shop" is.
inline launcher::HostFacts ordinary_host() {
  launcher::HostFacts facts = good_host();
  facts.privileged = facts.page_zero = false;
  facts.users.erase("www-shop");
  facts.groups.erase("www-shop");
  facts.users["ada"] = {1000, 1000, {"ada", "staff"}};
  facts.groups["ada"] = 1000;
  facts.groups["staff"] = 50;
  facts.ordinary_user = launcher::OrdinaryUser{.name = "ada", .uid = 1000, .gid = 1000, .groups = {50}};
  facts.run_directory = "/run/user/1000/fpmbox";
  facts.state_directory = "/home/ada/.local/state/fpmbox";
  for (auto& [path, fact] : facts.paths)
    if (path.starts_with("/srv/shop")) fact.uid = fact.gid = 1000;
  return facts;
}

// The same machine seen from the entrypoint of a container as `docker run IMAGE` makes it: no namespaces, no limits.
inline launcher::HostFacts docker_host() {
  launcher::HostFacts facts = good_host();
  facts.privileged = facts.page_zero = false;
  for (auto& [name, controller] : facts.cgroups) controller = {0, {}, "the container's cgroup is read-only"};
  for (const char* path : {"/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/hosts"}) facts.paths[path] = file(path);
  launcher::ContainerFacts container;
  container.engine = "docker";
  container.namespaces_obstacle = "step `user namespace` of making it fails: Operation not permitted";
  container.mounts = {{.point = "/", .type = "overlay"}};
  container.processors = 8;
  container.nofile = 1048576;
  container.is_first_process = true;
  facts.container = container;
  return facts;
}

// And as podman's default makes it: namespaces are allowed.
inline launcher::HostFacts podman_host() {
  launcher::HostFacts facts = docker_host();
  facts.container->engine = "podman";
  facts.container->namespaces_obstacle.clear();
  facts.container->proc_obstacle = "parts of this container's /proc are covered (Operation not permitted)";
  return facts;
}

inline const std::string kOwnShop = R"(extends: php-fpm
identity: {user: ada}
filesystem:
  code: /srv/shop/www
  writable: [data, config.php]
)";

inline const std::string kShop = R"(extends: php-fpm
identity: {user: www-shop}
listen: {group: www-data}
filesystem:
  code: /srv/shop/www
  writable: [data, config.php]
)";

inline std::string text_of(const base::Diagnostics& diagnostics) {
  std::string out;
  for (const auto& one : diagnostics.all()) out += one.text() + "\n";
  return out;
}

// The policy of a pool file without a mistake.
inline profiles::Policy policy(const std::string& yaml) {
  base::Diagnostics diagnostics;
  profiles::Composed composed = pool(yaml, diagnostics);
  REQUIRE_EQ(text_of(diagnostics), "");
  return std::move(composed.policy);
}

}  // namespace test
