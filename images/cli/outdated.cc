// fpmbox image outdated RECIPE: what the mirrors have newer than its lock. Nothing is changed.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "images/cli/commands.h"
#include "images/cli/exit_codes.h"
#include "images/cli/workshop.h"
#include "images/lock/newer.h"
#include "images/store/progress.h"
#include "profiles/base/text.h"

namespace images {
namespace {

using Json = nlohmann::ordered_json;

void print(const Newer& one) {
  const std::string line = std::string(one.is_security ? "security  " : "newer     ") + one.name + " " + (one.from.empty() ? "(not locked)" : one.from) + " -> " +
                           one.to + " (" + one.source + ")";
  std::printf("%s\n", base::escape_control(line).c_str());
}

void print_json(const std::vector<Newer>& all) {
  Json out = Json::array();
  for (const Newer& one : all)
    out.push_back({{"package", one.name}, {"from", one.from}, {"to", one.to}, {"source", one.source}, {"security", one.is_security}});
  std::printf("%s\n", out.dump().c_str());
}

int run(cli::OutdatedWords words) {
  if (words.of.offline) return print_error("outdated asks the mirrors, and --offline forbids it"), kUsage;
  words.of.locked = true;
  Workshop shop;
  if (const int code = open_workshop(words.of, shop); code != kDone) return code;
  const auto now = newest_lock(shop);
  progress({});
  if (!now) return print_error(now.error().text()), kFailed;
  std::vector<Newer> all = newer(shop.inputs.lock, now.value());
  if (words.security) std::erase_if(all, [](const Newer& one) { return !one.is_security; });
  if (words.json)
    print_json(all);
  else
    for (const Newer& one : all) print(one);
  return all.empty() ? kDone : kDiffers;
}

}  // namespace

void add_outdated(cli::App image, Command& command) {
  auto words = std::make_shared<cli::OutdatedWords>();
  cli::declare(image, *words).callback([words, &command] { command = [words] { return run(*words); }; });
}

}  // namespace images
