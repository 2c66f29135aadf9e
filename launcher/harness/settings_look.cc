// What php-fpm was told on its command line, asked of PHP in the box.

#include "launcher/harness/posture.h"
#include "profiles/base/json.h"

namespace harness {
namespace {

constexpr int kPatienceMs = 30000;

std::string question_of(const std::vector<std::pair<std::string, std::string>>& settings) {
  base::Json keys = base::Json::array();
  for (const auto& [key, value] : settings) keys.push_back(key);
  const std::string list = keys.dump_ascii();  // a list of plain texts is the same in PHP
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
  const auto told = reply ? base::Json::parse(reply.value().body) : reply.error();
  if (!told || !told.value().is_object()) {
    running.settings_obstacle = "PHP did not say: " + (reply ? reply.value().body.substr(0, 100) : reply.error().text());
    return;
  }
  const base::Json& settings_told = told.value();
  for (std::size_t i = 0; i < settings_told.size(); ++i)
    if (const std::string* text = settings_told.items()[i].text()) running.settings[settings_told.names()[i]] = *text;
}

}  // namespace harness
