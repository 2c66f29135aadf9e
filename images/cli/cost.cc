// fpmbox image cost RECIPE: what each package and extension adds. The image is made in memory and not written.
#include <nlohmann/json.hpp>

#include "images/build/cost.h"
#include "images/cli/commands.h"
#include "images/cli/exit_codes.h"
#include "images/cli/workshop.h"
#include "images/store/progress.h"

namespace images {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kWorthALine = 10'000;  // bytes

Json json_of(const std::vector<CostShare>& shares) {
  Json out = Json::array();
  for (const CostShare& one : shares) out.push_back({{"name", one.name}, {"bytes", one.bytes}, {"files", one.files}});
  return out;
}

void print(const char* word, const std::vector<CostShare>& shares) {
  CostShare rest;
  std::size_t count = 0;
  for (const CostShare& one : shares) {
    if (one.bytes >= kWorthALine) {
      std::printf("%-10s %8.2f MB  %5llu files  %s\n", word, static_cast<double>(one.bytes) / 1e6, static_cast<unsigned long long>(one.files),
                  one.name.empty() ? "(made by the builder)" : one.name.c_str());
      continue;
    }
    rest.bytes += one.bytes;
    rest.files += one.files;
    ++count;
  }
  if (count != 0)
    std::printf("%-10s %8.2f MB  %5llu files  %zu others\n", word, static_cast<double>(rest.bytes) / 1e6, static_cast<unsigned long long>(rest.files), count);
}

base::Result<Cost> cost(const Workshop& shop, bool offline) {
  TRY(fill_vault(shop, offline));
  const Assembled parts = TRY(assemble(shop.inputs, vault_of(shop)));
  return cost_of(parts.runtime, shop.inputs.recipe, shop.inputs.pool.policy);
}

int run(const cli::CostWords& words) {
  Workshop shop;
  if (const int code = open_workshop(words.of, shop); code != kDone) return code;
  const auto found = cost(shop, words.of.offline);
  progress({});
  if (!found) return print_error(found.error().text()), kFailed;
  if (words.json) {
    std::printf("%s\n", Json({{"packages", json_of(found.value().packages)}, {"extensions", json_of(found.value().extensions)}}).dump().c_str());
    return kDone;
  }
  print("package", found.value().packages);
  print("extension", found.value().extensions);
  return kDone;
}

}  // namespace

void add_cost(cli::App image, Command& command) {
  auto words = std::make_shared<cli::CostWords>();
  cli::declare(image, *words).callback([words, &command] { command = [words] { return run(*words); }; });
}

}  // namespace images
