// Acts that an image's expectations name, tried by the harness in its box, each after its control: the same act in the same tree
// and a container like it, without a box.
//
//   add_acts(policy, acts, image);                     // before it is entered
//   const ActTrial trial = TRY(make_act_trial(...));   // what they aim at, before the container starts
//   for (CheckResult& row : trial.check(container)) ...
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "images/trial/container.h"
#include "images/trial/outside.h"
#include "launcher/facts/user_database.h"
#include "launcher/harness/act.h"
#include "launcher/harness/bait.h"
#include "launcher/harness/report.h"
#include "launcher/harness/scratch.h"
#include "profiles/model/policy.h"

namespace images {

// All that there are; nothing where a policy names none.
struct TrialActs {
  std::vector<harness::Act> acts;
  std::vector<harness::ScratchFile> scripts;  // act.php and prelude.php
};

bool names_acts(const profiles::Expect& expect);
// That every act which is named is there.
base::Status check_names(const profiles::Expect& expect, const TrialActs& acts);
// The scripts, in the code's folder.
void add_acts(const profiles::Policy& policy, const TrialActs& acts, StoredImage& image);
std::string act_script_of(const profiles::Policy& policy);
// "/usr/sbin/php-fpm8.2"; "" when the image has none there.
std::string php_fpm_of(const StoredImage& image);

// The pool's user by the image's /etc/passwd. Its text is read, nobody is asked: in the image's root the C library would load
// the image's modules into this process, which is root of the host.
base::Result<launcher::UserEntry> user_of(const StoredImage& image, const std::string& name);

// Of those that are named, what can be tried there: in the box of this plan, in an image that has these.
struct Footing {
  std::string php_fpm;  // "" when the image has none to compare with
  std::string data;     // the first folder that the profile lets it write; "" when there is none
};
struct ChosenActs {
  std::vector<const harness::Act*> acts;
  std::map<std::string, std::string> not_tried;  // why, by their ids
};
ChosenActs choose_acts(const std::vector<harness::Act>& all, const profiles::Policy& policy, const launcher::Plan& plan, const Footing& footing);

class ActTrial {
 public:
  ActTrial(const profiles::Policy& policy, const TrialActs& acts, std::string php_fpm, std::string program)
      : policy_(policy), acts_(acts), footing_{std::move(php_fpm), {}}, program_(std::move(program)) {}

  // In the image, before the container starts.
  base::Status prepare(const launcher::UserEntry& user);
  std::vector<harness::CheckResult> check(Container& container);
  // As root, for what anybody may reach outside the box.
  harness::Arena& outside() { return control(harness::Control::root); }

 private:
  harness::Arena& control(harness::Control which);
  std::string look(const std::string& name, harness::Arena& arena) const;
  harness::Targets of_image() const;

  const profiles::Policy& policy_;
  const TrialActs& acts_;
  Footing footing_;
  std::string program_;
  harness::BarePool pool_;
  std::unique_ptr<harness::Bait> bait_;
  std::map<harness::Control, std::unique_ptr<Outside>> controls_;
};

}  // namespace images
