// What php-fpm was told on its command line, asked of PHP in the box.
#include <nlohmann/json.hpp>

#include "launcher/harness/posture.h"

namespace harness {
namespace {

constexpr int kPatienceMs = 5000;

std::string question_of(const std::vector<std::pair<std::string, std::string>>& settings) {
  nlohmann::ordered_json keys = nlohmann::ordered_json::array();
  for (const auto& [key, value] : settings) keys.push_back(key);
  const std::string list = keys.dump(-1, ' ', true);  // a list of plain texts is the same in PHP
  return "$out = []; foreach (" + list + " as $key) if (($value = ini_get($key)) !== false) $out[$key] = $value; return json_encode((object) $out);";
}

}  // namespace

void look_at_settings(Arena& box, const launcher::Plan& plan, Running& running) {
  const auto settings = settings_of_command(plan);
  if (settings.empty()) return;
  Act act;
  act.php = question_of(settings);
  const auto socket = box.socket();
  const auto reply = socket ? ask(socket.value(), {.method = "POST", .script = box.act_script(), .name = {}, .uri = {}, .body = php_body(act, {})}, kPatienceMs)
                            : base::Result<launcher::FastcgiReply>(socket.error());
  const auto told = reply ? nlohmann::json::parse(reply.value().body, nullptr, false) : nlohmann::json();
  if (!told.is_object()) {
    running.settings_obstacle = "PHP did not say: " + (reply ? reply.value().body.substr(0, 100) : reply.error().text());
    return;
  }
  for (const auto& [key, value] : told.items())
    if (value.is_string()) running.settings[key] = value.get<std::string>();
}

}  // namespace harness
