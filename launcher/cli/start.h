// What `run` and `exec` have in common: from a word on the command line to a plan, and from a plan to a running box with its
// janitor.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "launcher/boxes/kept_log.h"
#include "launcher/cli/load.h"
#include "launcher/denials/context.h"
#include "launcher/enforce/box.h"
#include "launcher/enforce/prepared.h"
#include "launcher/plan/container_wishes.h"
#include "launcher/plan/planner.h"
#include "launcher/supervise/notify.h"
#include "launcher/supervise/output.h"
#include "launcher/sys/stopwatch.h"

namespace cli {

struct PoolOptions {
  std::string file;
  bool enclosed = false;
  bool in_scope = false;           // started again by ourselves
  launcher::Request request = {};
  std::vector<std::string> again;  // the command line that starts us again in a scope
};

struct PlannedPool {
  Loaded pool;
  launcher::Plan plan;
  bool leaves_record = true;  // for other commands; a trial is nobody else's business
  // Of a service: its folder, which is ours as long as this is open, and the log that is kept there.
  launcher::PoolDirectory claimed = {};
  launcher::KeptLog log = {};
  launcher::PhpFacts php = {};
  launcher::KeptLog denials = {};
  std::unique_ptr<launcher::BoxTrial> trial = {};  // the box takes its namespaces
  sys::Fd health = {};  // in a container: where `fpmbox health` asks

  void say(const std::string& text);  // on stderr and in the log
  void say(const base::Error& error);  // with what can be done about it
};

// From a word to a policy without mistakes and to what this host offers to it.
struct LoadedPool {
  Loaded pool;
  launcher::HostFacts facts;
  launcher::ContainerWishes wishes;
  base::Diagnostics warnings;  // which plan_loaded() prints with its own
  std::unique_ptr<launcher::BoxTrial> trial;  // where a box follows: it has namespaces for it
};
// `purpose` is what the trial of the kernel is for: a_box where one box follows, and enters the namespaces.
std::optional<LoadedPool> load_pool(const PoolOptions& options, const Globals& globals, sys::Stopwatch& laps, int& code,
                                    launcher::BoxTrial::For purpose = launcher::BoxTrial::For::an_answer);
std::optional<launcher::Plan> plan_loaded(const LoadedPool& pool, const launcher::Request& request, int& code);
// By systemd, where limits are missing and it would help: comes back when it would not.
void ask_for_scope(const launcher::Plan& plan, LoadedPool& loaded, std::vector<std::string> arguments, const Globals& globals);
// The pool's folder becomes ours.
base::Result<launcher::PoolDirectory> claim_folder(const launcher::Plan& plan);
base::Result<launcher::PoolDirectory> share(const launcher::PoolDirectory& claimed);
// true when the plan may be carried out; what it lacks is said either way.
bool say_gaps(PlannedPool& pool);

// All that comes before anything is done, mistakes and gaps printed. No value: `code` is the exit code.
std::optional<PlannedPool> plan_pool(const PoolOptions& options, const Globals& globals, sys::Stopwatch& laps, int& code);

// As PID 1 of a container whose box is made in a user namespace: until the launcher, which it forks, has ended; its exit code. Nothing
// in the launcher itself, and elsewhere.
std::optional<int> stay_first_process(std::optional<PlannedPool>& planned);

// Prepared, cloned, let go and read back; the janitor is in the box, and a service has its record. On a failure nothing is
// left and the error is said. `kept` is what the launcher still holds of the set-up, the live socket, where it
// writes its state and its log, and its claim on the pool; the rest of `pool` can go.
struct Kept {
  sys::Fd live;
  sys::Fd state;
  launcher::PoolDirectory claimed;
  launcher::KeptLog log;
  launcher::KeptLog denials;
};
std::optional<launcher::RunningBox> start_box(PlannedPool& pool, sys::Stopwatch& laps, Kept& kept);

// "limits.memory.max of 512MiB (wiki.yaml:6:10)" by key, of limits that the kernel counts.
std::map<std::string, std::string> limits_in_words(const launcher::Plan& plan, const profiles::Origins& origins);
// What the pool's denials are held against, taken out of the pool, which goes before the launcher supervises.
launcher::DenialContext denial_context(PlannedPool& pool);
// From here on in serve.cc.
//
// The pool's service from its set-up to its end, as `run` is; the exit code. `answered` is called once the pool has answered.
struct Serving {
  launcher::Notifier notify;
  std::function<void()> answered;
};
// Takes the pool: of profile and plan a launcher that supervises needs no more than what denials are held against.
int serve(PlannedPool pool, launcher::Output& output, Serving serving, sys::Stopwatch& laps);
// A command beside it, as `exec` is; `command` in words, for denials.
int attend(PlannedPool pool, std::string command, sys::Stopwatch& laps);

}  // namespace cli
