// Jobs, environment, expectations and layers that may be missing.
#include "profiles/base/utf8.h"
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

void check_expected_requests(const CheckInput& input) {
  for (const ExpectedRequest& request : input.composed.policy.expect.requests) {
    const std::string key = "expect.requests[" + request.path + "]";
    if (!request.path.starts_with('/') || base::has_control(request.path))
      error(input, key, "`" + request.path + "` is not the path of a request", "begin it with /, such as /index.php");
    if (request.status < 100 || request.status > 599)
      error(input, key + ".status", std::to_string(request.status) + " is not a status of HTTP",
            "write 100 to 599, such as 200");
  }
}

void check_best_effort(const CheckInput& input) {
  for (const BestEffort& layer : input.composed.policy.enforcement.best_effort)
    if (layer.why.empty())
      error(input, "enforcement.best_effort[" + layer.layer + "]", "gives a layer up, without a reason",
            "write {layer: " + layer.layer + ", why: WHY THIS SITE MAY RUN WITHOUT IT}");
}

}  // namespace profiles
