// What the box reaches, and who reaches the box.
#include <algorithm>

#include "launcher/facts/host_check_facets.h"
#include "profiles/base/text.h"

namespace launcher {
namespace {

constexpr const char* kOwnRun = "/run/fpmbox";  // the live sockets of all pools
// Folders of everybody: the box would see whatever comes to lie there.
constexpr const char* kCommonFolders[] = {"/",        "/run", "/var/run", "/tmp", "/var/tmp",
                                          "/var/lib", "/var", "/home",    "/srv", "/etc"};

std::string listed(std::vector<std::string> names) {
  constexpr std::size_t kMost = 5;
  const std::size_t more = names.size() > kMost ? names.size() - kMost : 0;
  names.resize(names.size() - more);
  return base::join(names, ", ") + (more == 0 ? "" : " and " + std::to_string(more) + " more");
}

// A server that listens on two sockets (mysqld and its X protocol) shares nothing with another service. Sockets of root
// may belong to anybody.
bool is_same_service(const PathFact& socket, const PathFact& neighbour) {
  return socket.kind == PathFact::Kind::socket && neighbour.kind == PathFact::Kind::socket &&
         socket.uid == neighbour.uid && socket.uid != 0;
}

void check_neighbours_of(const HostCheckInput& input, const std::string& key, const std::string& folder,
                         const PathFact& socket) {
  std::vector<std::string> others, own;
  for (const std::string& name : socket.neighbours)
    (is_same_service(socket, path_fact(input.facts, folder + "/" + name)) ? own : others).push_back(name);
  if (!others.empty())
    host_error(
        input, key,
        "its folder `" + folder + "`, which the box would see, also holds sockets of other services: " + listed(others),
        "let the server put its socket into a folder of its own");
  if (!own.empty())
    host_warning(input, key, "the box also reaches the same server's " + listed(own) + " in `" + folder + "`",
                 "switch it off in the server if nothing needs it");
}

std::string without_digits(std::string name) {
  std::erase_if(name, [](char c) { return c >= '0' && c <= '9'; });
  return name;
}

// The socket that may have been meant; "" when none is near. What differs in digits alone is another server: .s.PGSQL.5433
std::string misspelt(const std::string& path, const PathFact& socket) {
  if (socket.kind != PathFact::Kind::missing) return {};
  const std::string name = path.substr(path.rfind('/') + 1), near = base::nearest(name, socket.neighbours);
  return without_digits(near) == without_digits(name) ? "" : near;
}

// The socket that was meant, with its neighbours: what else the box would see is to be known before the name is corrected.
PathFact meant_socket(const HostCheckInput& input, const std::string& folder, const std::string& name, const PathFact& socket) {
  PathFact out = path_fact(input.facts, folder + "/" + name);
  out.neighbours = socket.neighbours;
  std::erase(out.neighbours, name);
  return out;
}

// The launch will stop at it: that is to be known before a pool is stopped for its restart.
void check_tcp(const HostCheckInput& input, const std::string& address) {
  const std::string key = "connect[" + address + "]";
  const auto& let_go = input.policy.enforcement.best_effort;
  const bool may_lack = std::any_of(let_go.begin(), let_go.end(), [&](const profiles::BestEffort& one) { return one.layer == key; });
  if (address.empty() || may_lack || input.facts.container || input.policy.network.mode == profiles::NetworkMode::host) return;
  host_warning(input, key, "the box does not start: out of a network of its own it cannot connect by TCP",
               "name the server's Unix socket, or write network: {mode: host, why: \"...\"}");
}

void check_server(const HostCheckInput& input, const std::string& path, const std::string& key) {
  const std::string folder = folder_of(path);
  const PathFact& directory = path_fact(input.facts, folder);
  const PathFact& socket = path_fact(input.facts, path);
  const bool is_common =
      std::find(std::begin(kCommonFolders), std::end(kCommonFolders), folder) != std::end(kCommonFolders) ||
      std::find(std::begin(kCommonFolders), std::end(kCommonFolders), directory.real) != std::end(kCommonFolders);
  if (is_common)
    return host_error(input, key,
                      "the folder of the socket is shown to the box, and `" + folder + "` holds more than this server",
                      "let the server put its socket into a folder of its own, such as /run/SERVER/");
  const auto holds_pools = [&](const std::string& of_pools) {
    return !of_pools.empty() && (is_within(folder, of_pools) || is_within(directory.real, of_pools));
  };
  if (holds_pools(kOwnRun) || holds_pools(input.facts.run_directory))
    return host_error(input, key, "through a pool's own socket everything in that pool can be run",
                      "connect to servers only");
  if (directory.real_kind != PathFact::Kind::directory)
    return host_error(input, key, "there is no folder `" + folder + "` on this host",
                      "start the server, or correct the path");
  if (const std::string meant = misspelt(path, socket); !meant.empty()) {
    host_error(input, key, "nothing listens there", "did you mean `" + folder + "/" + meant + "`?");
    return check_neighbours_of(input, key, folder, meant_socket(input, folder, meant, socket));
  }
  check_neighbours_of(input, key, folder, socket);
  if (socket.kind == PathFact::Kind::missing)
    host_warning(input, key, "nothing listens there now",
                 "start the server, or correct the path; the box sees the socket once it is there");
  else if (socket.real_kind != PathFact::Kind::socket)
    host_error(input, key, "`" + path + "` is not a socket", "write the path of the server's Unix socket");
}

}  // namespace

void check_host_connect(const HostCheckInput& input) {
  for (const auto& connection : input.policy.connect) check_tcp(input, connection.tcp);
  for (const auto& connection : input.policy.connect)
    if (const std::string& path = connection.unix_path.text; !path.empty()) check_server(input, path, "connect[" + path + "]");
  if (const std::string& path = input.policy.mail.unix_path.text; !path.empty()) check_server(input, path, "mail.unix");
}

// The folder of the live socket. Below /run/fpmbox the launcher makes it, as it must be.
void check_host_listen(const HostCheckInput& input) {
  const auto& listen = input.policy.listen;
  const std::string& path = listen.unix_path.text;
  if (path.empty() || !listen.tcp.empty()) return;
  const std::string folder = folder_of(path);
  const PathFact& directory = path_fact(input.facts, folder);
  if (directory.real_kind != PathFact::Kind::directory) {
    if (folder == input.facts.run_directory + "/" + input.policy.name) return;
    if (input.facts.ordinary_user)
      return host_error(input, "listen.unix", "there is no folder `" + folder + "` on this host",
                        "remove the key, or run: install -d -m 0700 " + shell_word(folder));
    const std::string group = listen.group.empty() ? "root" : listen.group;
    return host_error(input, "listen.unix", "there is no folder `" + folder + "` on this host",
                      "remove the key, or run: install -d -o root -g " + group + " -m 0750 " + shell_word(folder));
  }
  if (const PathFact& there = path_fact(input.facts, path);
      there.kind != PathFact::Kind::missing && there.kind != PathFact::Kind::socket)
    host_error(input, "listen.unix", "`" + path + "` is there and is not a socket", "write another path, or remove it");
  const auto pool = pool_ids(input.policy, input.facts);
  const std::string open = pool ? writable_folder_above(path, input, *pool) : "";
  if (!open.empty())
    host_error(input, "listen.unix",
               "`" + open + "` " + why_not_ours(input, owner_of(path_fact(input.facts, open)), *pool) +
                   ", who could put a socket of its own in this place",
               "use a folder that only root can write, or remove the key for the default in " + std::string(kOwnRun));
}

}  // namespace launcher
