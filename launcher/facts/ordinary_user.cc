#include "launcher/facts/ordinary_user.h"

#include <stdlib.h>
#include <unistd.h>

#include <cstring>

#include "launcher/facts/namespace_trial.h"
#include "launcher/facts/own_folders.h"
#include "launcher/facts/users.h"

namespace launcher {
namespace {

void explain(const NamespaceTrial& trial, OrdinaryUser& user) {
  if (trial.step.empty()) return;
  if (trial.step == "proc") {
    user.proc_obstacle = std::string("no process information of the box's own can be mounted (") + std::strerror(trial.code) +
                         "): parts of this /proc are covered, as containers do it";
    return;
  }
  user.obstacle = "an ordinary user's box needs a user namespace, and here step `" + trial.step + "` of making one fails: " +
                  std::strerror(trial.code);
  user.remedy = remedy_for_namespaces(trial.code);
}

}  // namespace

std::string own_user_name() { return user_name(::geteuid()); }

void find_ordinary_user(HostFacts& facts) {
  OrdinaryUser user;
  user.name = own_user_name();
  user.uid = ::geteuid();
  user.gid = ::getegid();
  user.groups = other_groups(user.gid);
  explain(try_user_namespace(), user);
  OwnFolder run = own_run_directory(::getenv("XDG_RUNTIME_DIR"), user.uid);
  OwnFolder state = own_state_directory(::getenv("XDG_STATE_HOME"), ::getenv("HOME"));
  facts.run_directory = std::move(run.path);
  facts.state_directory = std::move(state.path);
  user.run_obstacle = std::move(run.reason);
  user.state_obstacle = std::move(state.reason);
  facts.ordinary_user = std::move(user);
}

}  // namespace launcher
