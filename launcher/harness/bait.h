// Decoys on the host that acts aim at, so that no act ever aims at what is real: files, a neighbour's site, processes,
// listeners, shared memory. Made before, gone afterwards, also when the launcher is killed (but for the folder, which is its
// maker's).
//
//   Bait bait = TRY(make_bait({folder, pool.uid, pool.gid, nobody.uid, nobody.gid}));
//   targets.merge(bait.targets());
//
// Targets (`$T['secret']` in PHP, "$secret" in arguments):
//   scratch           the folder; 0755
//   secret            a file in it that everybody may read: only the view hides it
//   open              a folder that everybody may write
//   neighbour         a neighbour's code: config.php 0644, private.php 0600 of the neighbour, index.php that includes it
//   neighbour_socket  a socket that answers as a pool would
//   status_socket     another one
//   code, data, tmp, sessions   a site of the pool's own user, for pools without a box
//   victim            pid of a process of the pool's user, whose arguments and environment are worth reading
//   address, tcp_port, udp_port    services of the host on loopback
//   unix_path, abstract            the same as sockets; 0666, and by a name that is in no file system
//   memory_key, memory_id, semaphore_key, queue_key, posix_queue, shm_file   shared memory and queues, 0666
//   secret_name, secret_value      what a careless launcher has in its environment
//   host_name
#pragma once

#include <sys/types.h>

#include <map>
#include <string>

#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace harness {

struct BaitInput {
  std::string folder;  // the caller's, empty; everybody may pass through to it
  uid_t uid = 0;       // the pool's
  gid_t gid = 0;
  uid_t neighbour_uid = 0;  // the pool's own where nobody else can be had
  gid_t neighbour_gid = 0;
};

class Bait {
 public:
  Bait(Bait&& other) noexcept;
  Bait& operator=(Bait&& other) noexcept;
  Bait(const Bait&) = delete;
  Bait& operator=(const Bait&) = delete;
  ~Bait();

  const std::map<std::string, std::string>& targets() const { return targets_; }
  // "victim_lives" or "host_answers", as acts write them in `look:`; "" for any other.
  std::string look(const std::string& name) const;

 private:
  friend base::Result<Bait> make_bait(const BaitInput& input);
  Bait() = default;

  std::map<std::string, std::string> targets_;
  pid_t victim_ = -1;
  pid_t keeper_ = -1;
  sys::Fd leash_;  // the keeper takes everything away once it is closed
};

base::Result<Bait> make_bait(const BaitInput& input);

}  // namespace harness
