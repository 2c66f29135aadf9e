// fpmbox doctor: what this machine offers to boxes; for each thing missing, the exact fix.

#include "launcher/cli/commands.h"
#include "launcher/cli/exit_codes.h"
#include "launcher/doctor/examine.h"

namespace cli {

void add_doctor(App app, Globals& globals) {
  auto json = std::make_shared<bool>(false);
  App command = app.add_subcommand("doctor", "what this machine offers to boxes; for each thing missing, the exact fix").group(kProve);
  command.add_flag("--json", *json, "for programs");
  command.callback([json, &globals] {
    globals.command = [json] {
      const launcher::Examination found = launcher::examine();
      std::fputs((*json ? launcher::print_json(found) : launcher::print(found)).c_str(), stdout);
      return launcher::is_complete(found) ? kDone : kLayerMissing;
    };
  });
}

}  // namespace cli
