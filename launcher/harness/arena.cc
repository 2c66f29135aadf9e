#include "launcher/harness/arena.h"

#include <time.h>

#include "launcher/harness/plain_fpm.h"
#include "profiles/base/text.h"

namespace harness {
namespace {

constexpr std::size_t kLongestOutcome = 200;
constexpr int kMomentMs = 300, kMomentOfControlMs = 3000, kStepMs = 20;
constexpr int kPatienceMs = 30000;

// Outcomes are words of whoever answers: one line, of bounded length, nothing that drives a terminal.
std::string tidy(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  if (text.size() > kLongestOutcome) text = text.substr(0, kLongestOutcome) + "...";
  return base::escape_control(text);
}

std::string word_of(const launcher::FastcgiReply& reply) {
  if (reply.status == 200) return tidy(reply.body);
  return tidy(std::to_string(reply.status) + (reply.body.empty() ? "" : ": " + reply.body));
}

base::Result<std::string> asked_for(Arena& arena, const Ask& ask_for, const std::string& socket, int timeout_ms) {
  CgiRequest request;
  request.script = TRY(expand(ask_for.script, arena.targets()));
  for (const auto& [name, value] : ask_for.params) request.more[name] = TRY(expand(value, arena.targets()));
  const auto reply = ask(socket, request, timeout_ms);
  if (!reply) return std::string("no answer");
  return reply.value().status == 200 ? tidy(reply.value().body) : std::to_string(reply.value().status);
}

// The kernel takes a moment to end a process, and workers answer for a while without their master.
bool stays_alive(Arena& arena, int moment_ms) {
  constexpr timespec kStep = {0, kStepMs * 1'000'000};
  for (int waited = 0; waited < moment_ms && arena.is_alive(); waited += kStepMs) ::nanosleep(&kStep, nullptr);
  return arena.is_alive();
}

std::string no_start(const base::Error& error) { return tidy("did not start: " + error.text()); }

}  // namespace

void meet_neighbour(const std::string& socket, Targets& targets) {
  targets["neighbour_socket"] = socket + kNeighbour;
  (void)ask(socket + kNeighbour, {.method = "GET", .script = targets["neighbour"] + "/index.php", .name = {}, .uri = {}}, kPatienceMs).ok();
}

Attempted try_php(Arena& arena, const Act& act, int timeout_ms) {
  const auto socket = arena.socket();
  if (!socket) return {no_start(socket.error()), false, true};
  const CgiRequest request{.method = "POST", .script = arena.act_script(), .name = {}, .uri = {}, .body = php_body(act, arena.targets())};
  const auto reply = ask(socket.value(), request, timeout_ms);
  Attempted out{.outcome = reply ? word_of(reply.value()) : "no answer", .died = !arena.is_alive(), .has_answered = reply.ok()};
  if (act.ask && reply) {
    const auto more = asked_for(arena, *act.ask, socket.value(), timeout_ms);
    out.outcome += "; " + (more ? more.value() : tidy(more.error().text()));
  }
  return out;
}

// A control's master is to die, and may take its time; of a box that lives there is nothing to wait for.
std::string look_at_pool(const std::string& look, Arena& arena, bool is_control) {
  const bool is_of_master = look == "master_lives";
  bool is_well = stays_alive(arena, is_control && is_of_master ? kMomentOfControlMs : kMomentMs);
  if (is_well) {
    const auto socket = arena.socket();
    is_well = socket.ok() && ask(socket.value(), {.method = "GET", .script = "/nonexistent.php", .name = {}, .uri = {}}, kPatienceMs).ok();
  }
  if (is_of_master) return is_well ? "the master lives" : "the master is dead";
  return is_well ? "the pool answers" : "the pool is dead";
}

std::vector<Attempted> try_native(Arena& arena, const std::vector<const Act*>& acts, int timeout_ms) {
  std::vector<Attempted> out(acts.size());
  std::vector<std::string> lines;
  std::vector<std::size_t> sent;
  for (std::size_t i = 0; i < acts.size(); ++i) {
    const auto request = probe_request(*acts[i], arena.targets());
    if (!request) {
      out[i].outcome = request.error().text();
      continue;
    }
    lines.push_back(request_line(request.value()));
    sent.push_back(i);
  }
  const auto answers = lines.empty() ? base::Result<std::vector<std::string>>(std::vector<std::string>()) : arena.probe(lines, timeout_ms);
  for (std::size_t n = 0; n < sent.size(); ++n) {
    Attempted& attempted = out[sent[n]];
    if (!answers) {
      attempted = {no_start(answers.error()), false, true};
    } else if (n < answers.value().size()) {
      const std::string prefix = acts[sent[n]]->id + "\t";
      const std::string& line = answers.value()[n];
      attempted.has_answered = line.starts_with(prefix);
      attempted.outcome = tidy(attempted.has_answered ? line.substr(prefix.size()) : "an answer to something else: " + line);
    } else {
      attempted = {.outcome = "no answer: the process ended", .died = n == answers.value().size(), .has_answered = false};
    }
  }
  return out;
}

}  // namespace harness
