// A container engine, podman or docker, asked for containers with its own defaults: root inside, its capabilities, filter, masks and
// network. The root of their tree is empty, and what they need of this machine is mounted into it. Whatever it makes carries a label,
// by which it is found and taken away: with random digits, for a daemon has containers of others, too.
//
//   Engine engine("/usr/bin/podman", folder, "shop.test");
//   TRY(engine.prepare());
//   become_program(engine.words("1", binds, {"/usr/sbin/php-fpm8.2", "-F"}));
#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "launcher/harness/arena.h"
#include "launcher/harness/concession.h"
#include "launcher/harness/engine_clients.h"
#include "launcher/harness/host_system.h"
#include "launcher/harness/plain_fpm.h"

namespace harness {

struct EngineKind;

// What a container is asked for beside its engine's defaults.
struct Asked {
  std::vector<std::string> options = {};
  bool has_own_tmp = false;  // of the engine's, by these options: else /tmp and /var/tmp are folders that everybody may write
};

class Engine {
 public:
  // `folder` is root's, and there, and keeps the digits for who cleans up; `name` is the trial's.
  Engine(std::string program, std::string folder, std::string name);

  const char* name() const;
  // Its store, an image or folder for the root, the users that it knows; and whether a container starts, with what this machine
  // refuses left out.
  base::Status prepare(const BarePool& pool, const std::map<std::string, gid_t>& other_groups = {});
  std::vector<std::string> words(const std::string& container, const Binds& binds, const std::vector<std::string>& command, const Asked& asked = {}) const;
  const std::map<std::string, std::string>& environment() const { return environment_; }
  std::vector<Shortfall> shortfalls() const;
  // Of a container that runs, as this machine numbers it.
  base::Result<pid_t> first_process(const std::string& container) const;
  void remove(const std::string& container) const;
  // A client that is ended while it makes a container forgets what it has made of it, such as a namespace with a name in /run/netns.
  // So its containers are removed, by which clients that are children of the caller end by themselves. The error: one has not, in time.
  base::Status let_clients_end() const;
  // All that carries its label. Says what could not be removed.
  base::Status clean_up() const;

 private:
  base::Status make_folders(const BarePool& pool, const std::map<std::string, gid_t>& other_groups) const;
  base::Status settle();
  base::Status make_image();
  std::optional<Engine> as_prepared() const;  // by what prepare() has left in the folder; nothing: it did not come to a container
  ClientMarks marks() const;
  base::Result<std::vector<std::string>> containers() const;  // their ids
  base::Status remove_containers() const;
  base::Status remove_made() const;
  base::Result<std::vector<std::string>> ids(std::vector<std::string> question) const;
  std::string label() const { return "fpmbox=" + marked_; }
  base::Result<std::string> ask(std::vector<std::string> words) const;

  std::string program_;
  std::string folder_;
  std::string name_;
  std::string marked_;  // the name with the digits, from prepare() on
  std::string image_;   // its id
  const EngineKind* kind_;
  std::map<std::string, std::string> environment_;
  std::vector<const Concession*> made_;
  std::vector<std::string> refused_;  // why each was made
};

}  // namespace harness
