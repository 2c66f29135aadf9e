// fpmbox image diff FROM TO: what an upgrade changes of the surface: packages, programs, owners, settings, policy.

#include "images/cli/commands.h"
#include "images/cli/differences.h"
#include "images/cli/exit_codes.h"
#include "images/cli/look.h"
#include "images/cli/look_text.h"
#include "launcher/cli/image_words.h"
#include "profiles/base/text.h"

namespace images {
namespace {

std::string text_of(const Change& one) {
  // compare() has said so already
  const bool says_so = one.widens && !one.text.starts_with("policy ");
  return base::escape_control(one.text) + (says_so ? "  (widens)" : "");
}

void print_json(const std::vector<Change>& changes) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const Change& one : changes) out.push_back({{"text", one.text}, {"widens", one.widens}});
  std::printf("%s\n", json_text(out).c_str());
}

int run(const cli::DiffWords& words) {
  const auto from = read_image(words.from), to = read_image(words.to);
  for (const auto* image : {&from, &to})
    if (!image->ok()) return print_error(image->error().text()), kFailed;
  const nlohmann::ordered_json before = look(from.value()), after = look(to.value());
  std::vector<Change> changes = differences(before, after);
  if (words.widening) std::erase_if(changes, [](const Change& one) { return !one.widens; });
  if (words.json)
    print_json(changes);
  else
    for (const Change& one : changes) std::printf("%s\n", text_of(one).c_str());
  if (words.widening) return changes.empty() ? kDone : kDiffers;
  return before.at("digest") == after.at("digest") ? kDone : kDiffers;
}

}  // namespace

void add_diff(cli::App image, Command& command) {
  auto words = std::make_shared<cli::DiffWords>();
  cli::declare(image, *words).callback([words, &command] { command = [words] { return run(*words); }; });
}

}  // namespace images
