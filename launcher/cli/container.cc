#include "launcher/cli/container.h"

#include <unistd.h>

#include <cstdio>
#include <map>
#include <string_view>

#include "launcher/cli/load.h"
#include "launcher/facts/container.h"
#include "launcher/plan/tier.h"
#include "profiles/base/text.h"

namespace cli {

bool is_contained(bool enclosed) { return enclosed || launcher::is_entrypoint(); }

base::Result<launcher::ContainerWishes> read_wishes(bool contained) {
  if (!contained) return launcher::ContainerWishes();
  std::map<std::string, std::string> out;
  for (char** row = ::environ; *row != nullptr; ++row) {
    const std::string_view text = *row;
    if (const auto equals = text.find('='); equals != text.npos) out[std::string(text.substr(0, equals))] = text.substr(equals + 1);
  }
  return launcher::wishes_of(out);
}

void settle_container(const profiles::Policy& policy, const launcher::ContainerWishes& wishes, launcher::HostFacts& facts) {
  if (facts.container) facts.container->wishes = wishes.given;
  launcher::settle_tier(policy, facts);
}

void print_corrected_command(const std::string& pool, const std::string& command) {
  if (command.empty()) return;
  print_error(pool, "the engine can give more than it was asked for:");
  std::fprintf(stderr, "%s\n", base::escape_control(command).c_str());
}

}  // namespace cli
