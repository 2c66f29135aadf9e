// Jobs, environment, expectations and layers that may be missing.
#include <algorithm>

#include "profiles/base/text.h"
#include "profiles/base/utf8.h"
#include "profiles/checks/address.h"
#include "profiles/checks/facets.h"
#include "profiles/checks/report.h"

namespace profiles {

void check_jobs(const CheckInput& input) {
  for (const auto& [name, job] : input.composed.policy.jobs) {
    const std::string key = "jobs[" + name + "]";
    // The name becomes a file's: that of a timer, a lock, a log.
    if (!consists_of(name, {kLower, kDigits, "-_"}) || name.front() == '-')
      error(input, key, "`" + name + "` is not a name of a job", "write it in a-z, 0-9, - and _");
    if (job.every.milliseconds == 0) error(input, key + ".every", "the job has no interval", "write every: 1h");
    if (job.run.empty() || job.run.front().empty())
      error(input, key + ".run", "the job has no command", "write run: [php, SCRIPT]");
  }
}

void check_environment(const CheckInput& input) {
  for (const auto& [name, value] : input.composed.policy.environment) {
    const std::string key = "environment[" + name + "]";
    if (!is_identifier(name))
      error(input, key, "`" + name + "` is not the name of a variable",
            "write it in letters, digits and _, not beginning with a digit");
    check_ini_value(input, key, value);  // it becomes env[NAME] in FPM's configuration
  }
}

namespace {

constexpr std::string_view kMethods[] = {"GET", "HEAD", "POST"};

void check_request(const CheckInput& input, const ExpectedRequest& request) {
  const std::string key = "expect.requests[" + request.item_name() + "]";
  if (!request.path.starts_with('/') || base::has_control(request.path))
    error(input, key, "`" + request.path + "` is not the path of a request", "begin it with /, such as /index.php");
  if (request.status < 100 || request.status > 599)
    error(input, key + ".status", std::to_string(request.status) + " is not a status of HTTP",
          "write 100 to 599, such as 200");
  if (std::find(std::begin(kMethods), std::end(kMethods), request.method) == std::end(kMethods))
    error(input, key + ".method", "`" + request.method + "` is no method of a request here", "write GET, HEAD or POST");
  if (!request.send.empty() && request.method != "POST")
    error(input, key + ".send", "a body is sent with POST", "write method: POST, or remove it");
  for (const auto& [name, value] : request.headers)
    if (!consists_of(name, {kLower, kUpper, kDigits, "-"}) || base::has_control(value))
      error(input, key + ".headers[" + name + "]", "is no header of a request", "write NAME: VALUE, such as Accept-Language: it");
}

bool is_act_id(const std::string& text) {
  const auto slash = text.find('/');
  return slash != text.npos && consists_of(text.substr(0, slash), {kLower, kDigits, "-_"}) && consists_of(text.substr(slash + 1), {kLower, kDigits, "-_"});
}

// Which ids there are, `fpmbox test` knows.
void check_expected_acts(const CheckInput& input) {
  const Expect& expect = input.composed.policy.expect;
  for (const std::string& id : expect.denied)
    if (!is_act_id(id)) error(input, "expect.denied[" + id + "]", "`" + id + "` is no id of an act", "`fpmbox test --list` names them");
  for (const AllowedAct& act : expect.allowed) {
    const std::string key = "expect.allowed[" + act.id + "]";
    if (!is_act_id(act.id)) error(input, key, "`" + act.id + "` is no id of an act", "`fpmbox test --list` names them");
    if (act.why.empty()) error(input, key, "allows an attack, without a reason", "write {id: " + act.id + ", why: WHY THIS SITE HAS TO ALLOW IT}");
    if (std::find(expect.denied.begin(), expect.denied.end(), act.id) != expect.denied.end())
      error(input, key, "is expected to be denied, too", "remove it from one of the two");
  }
}

void check_expected_files(const CheckInput& input) {
  for (const ExpectedFile& file : input.composed.policy.expect.files)
    if (!file.readable && !file.writable)
      error(input, "expect.files[" + file.path.text + "]", "says nothing about it", "write readable: or writable:, with true or false");
}

void check_expected_connections(const CheckInput& input) {
  for (const ExpectedConnection& connection : input.composed.policy.expect.connects) {
    const bool is_path = base::is_normal_absolute(connection.to);
    if (!is_path && !parse_listen_address(connection.to))
      error(input, "expect.connects[" + connection.to + "]", "is neither a socket's path nor ADDRESS:PORT", "write to: /run/mysqld/mysqld.sock, or to: 127.0.0.1:3306");
  }
}

}  // namespace

void check_expectations(const CheckInput& input) {
  for (const ExpectedRequest& request : input.composed.policy.expect.requests) check_request(input, request);
  check_expected_acts(input);
  check_expected_connections(input);
  check_expected_files(input);
}

void check_best_effort(const CheckInput& input) {
  for (const BestEffort& layer : input.composed.policy.enforcement.best_effort)
    if (layer.why.empty())
      error(input, "enforcement.best_effort[" + layer.layer + "]", "gives a layer up, without a reason",
            "write {layer: " + layer.layer + ", why: WHY THIS SITE MAY RUN WITHOUT IT}");
}

}  // namespace profiles
