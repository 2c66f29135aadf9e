#include "launcher/engine/options.h"

#include "profiles/base/text.h"

namespace launcher {
namespace {

std::string on_one_line(std::string text) {
  for (char& c : text)
    if (c == '\n') c = ' ';
  return text;
}

}  // namespace

EngineNeeds needs_of(const profiles::Policy& policy, const profiles::EngineChoice& choice) {
  constexpr auto kEngine = profiles::Engine::docker;
  return {choice.dialect, options_of(kEngine, engine_values(policy, choice, kEngine))};
}

std::string option_for(const EngineNeeds& needs, const std::string& protection) {
  std::vector<std::string> words;
  for (const profiles::EngineLine& option : needs.options)
    if (option.protection == protection) words.push_back(on_one_line(option.text));
  return base::join(words, " ");
}

std::string command_line(const EngineNeeds& needs, const std::string& image) {
  std::vector<std::string> words = {needs.dialect == profiles::Dialect::podman ? "podman run" : "docker run"};
  for (const profiles::EngineLine& option : needs.options) words.push_back(on_one_line(option.text));
  for (const std::string& variable : needs.environment) words.push_back("--env " + profiles::shell_quoted(variable));
  words.push_back(image);
  return base::join(words, " ");
}

}  // namespace launcher
