// Plain php-fpm, as whoever confines it by other means starts it: its configuration, its command line, and the process that becomes it.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "launcher/harness/act.h"
#include "launcher/harness/process.h"
#include "profiles/base/result.h"

namespace harness {

struct BarePool {
  Control control = Control::user;
  std::string php_fpm;           // program
  std::string user;              // the pool's
  std::string group;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;     // all that the user is in, as a login has them
  uid_t neighbour_uid = 0;       // whom a root master serves, too
  gid_t neighbour_gid = 0;
  std::map<std::string, std::string> environment;  // what a careless launcher lets in
  std::string leaked;            // a file of it that is left open
  std::string folder;            // root's; the configuration and the sockets are made in it
  std::string act_script;        // act.php on the host
  bool can_become = true;        // we are root and become the user; else it is us
};

// What distributions ship, with a socket of ours.
std::string bare_configuration(const BarePool& pool, const std::string& socket);
std::vector<std::string> fpm_command(const BarePool& pool, const std::string& configuration);

// For a child of the harness. What a careless launcher does before: its variables and open files come along.
bool be_careless(const std::map<std::string, std::string>& environment, const std::string& leaked);
bool clear_environment();  // all but a PATH
// As a shell leaves it, and dying with its parent; 0, or an exit code.
int enter(const BarePool& pool);
bool become(const BarePool& pool);
int become_program(std::vector<std::string> words);  // by its path; comes back with an exit code

constexpr int kNotStarted = 71;
constexpr const char* kNeighbour = ".neighbour";  // behind the pool's socket: that of whom the same master serves

// A folder of the pool's `folder`, with its configuration, a log, and `run` for the socket: the pool's user's where `is_users`.
struct FpmFolder {
  std::string path;
  std::string configuration;
  std::string socket;
  sys::Fd log;
};
base::Result<FpmFolder> make_fpm_folder(const BarePool& pool, const std::string& name, bool is_users);

// The process with its output in the log, once it answers. The error is what its log says.
base::Result<Process> start_fpm(const FpmFolder& folder, std::vector<int> kept, const std::string& who, const std::function<int()>& program);

}  // namespace harness
