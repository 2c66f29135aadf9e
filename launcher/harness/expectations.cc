#include "launcher/harness/expectations.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>

#include "launcher/harness/route.h"
#include "launcher/harness/tree_state.h"
#include "profiles/base/text.h"
#include "profiles/base/units.h"

namespace harness {
namespace {

using profiles::ExpectedConnection;
using profiles::ExpectedFile;
using profiles::ExpectedRequest;
using State = CheckResult::State;

constexpr int kPatienceMs = 30000;
constexpr std::size_t kShown = 120;

std::string document_root(const profiles::Policy& policy, const std::string& code) {
  const std::string& root = policy.web.document_root.text;
  return code + (root.empty() ? "" : "/" + root);
}

OnDisk look(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return OnDisk::missing;
  return S_ISDIR(info.st_mode) ? OnDisk::folder : OnDisk::file;
}

// HTTP_ACCEPT_LANGUAGE, as CGI/1.1 has it.
std::string variable_of(std::string header) {
  for (char& c : header) c = c == '-' ? '_' : static_cast<char>(::toupper(static_cast<unsigned char>(c)));
  return header == "CONTENT_TYPE" ? header : "HTTP_" + header;
}

CgiRequest cgi_request(const ExpectedRequest& expected, const Routed& routed, const std::string& root) {
  CgiRequest out{.method = expected.method, .script = root + "/" + routed.script, .name = "/" + routed.script, .uri = expected.path, .document_root = root,
                 .more = {{"PATH_INFO", routed.path_info}}, .body = expected.send};
  for (const auto& [name, value] : expected.headers) out.more[variable_of(name)] = value;
  return out;
}

std::string wrong_answer(const ExpectedRequest& expected, int status, const std::string& body) {
  if (status != static_cast<int>(expected.status)) return "the status is " + std::to_string(status) + "; the answer begins: " + base::escape_control(body.substr(0, kShown));
  if (body.find(expected.body) == body.npos) return "the answer lacks `" + expected.body + "`; it begins: " + base::escape_control(body.substr(0, kShown));
  return {};
}

std::string try_request(const ExpectInput& input, const ExpectedRequest& expected) {
  const std::string& code = input.policy.filesystem.code.text;
  const std::string root = document_root(input.policy, code);
  const std::string files = document_root(input.policy, input.code_on_host.empty() ? code : input.code_on_host);
  const auto routed = route(input.policy, expected.path, [&](const std::string& relative) { return look(files + "/" + relative); });
  if (!routed) return expected.status == 404 ? "" : routed.error().text();
  const auto socket = input.box.socket();
  if (!socket) return socket.error().text();
  const TreeState before = expected.writes_nothing ? state_of(input.copies) : TreeState();
  const auto reply = ask(socket.value(), cgi_request(expected, routed.value(), root), kPatienceMs);
  if (!reply) return reply.error().text();
  std::string mistake = wrong_answer(expected, reply.value().status, reply.value().body);
  if (!mistake.empty() || !expected.writes_nothing) return mistake;
  const std::vector<std::string> written = difference(before, state_of(input.copies));
  return written.empty() ? "" : "it wrote " + base::join(written, ", ");
}

std::string what_is_expected(const ExpectedRequest& request) {
  std::string out = "status " + std::to_string(request.status);
  if (!request.body.empty()) out += " with `" + request.body + "`";
  return out + (request.writes_nothing ? ", and nothing is written" : "");
}

// One question to `fpmbox probe`; its word.
std::string probed(const AskProbe& probe, ProbeRequest::Kind kind, const std::string& name, std::vector<ProbeArgument> arguments) {
  const auto answers = probe({request_line({"expect/x", kind, name, std::move(arguments)})}, kPatienceMs);
  if (!answers) return answers.error().text();
  const std::string& line = answers.value().front();
  return line.substr(std::min(line.size(), line.find('\t') + 1));
}

ProbeArgument number(std::uint64_t value) { return {ProbeArgument::Kind::number, value, {}}; }
ProbeArgument text(const std::string& value) { return {ProbeArgument::Kind::text, 0, value}; }

bool needs_a_server(const profiles::Policy& policy, const std::string& to) {
  return std::any_of(policy.connect.begin(), policy.connect.end(), [&](const profiles::Connect& one) { return one.item_name() == to; });
}

std::string opened(Arena& box, const std::string& path, std::uint64_t flags) {
  return probed(probe_of(box), ProbeRequest::Kind::call, "openat", {number(static_cast<std::uint64_t>(AT_FDCWD)), text(path), number(flags), number(0600)});
}

// A folder is written by making a file in it, one that has no name.
std::string writing(Arena& box, const std::string& path) {
  const std::string word = opened(box, path, O_WRONLY);
  return word == "EISDIR" ? opened(box, path, O_TMPFILE | O_RDWR) : word;
}

// "EACCES", but not "EAGAIN at fork", which is what became of the probe.
bool is_errno(const std::string& word) { return word.starts_with('E') && word.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == word.npos; }

// A socket that the box may not so much as make reaches nobody, either. EPROTOTYPE says that somebody is there, who takes datagrams.
bool is_out_of_reach(const std::string& word) {
  return (is_errno(word) && word != "EPROTOTYPE") || word == "EPERM at socket" || word == "EACCES at socket" || word == "EAFNOSUPPORT at socket";
}

std::string wrong_reach(bool is_wanted, const std::string& word) {
  if (is_wanted) return word == "ok" ? "" : word.empty() ? "no answer" : word;
  if (word == "ok") return "it is reached";
  return is_out_of_reach(word) ? "" : "whether it is reached is not known: " + word;
}

std::string wrong_right(const std::string& what, const std::optional<bool>& wanted, const std::string& word, const IsRefusal& is_refusal) {
  const bool is_ok = word == "ok";
  if (!wanted) return {};
  if (!is_ok && !*wanted && !is_refusal(word)) return "whether it is " + what + " is not known: " + word;
  if (*wanted == is_ok) return {};
  return *wanted ? "it is not " + what + ": " + word : "it is " + what;
}

}  // namespace

std::vector<CheckResult> check_requests(const ExpectInput& input) {
  std::vector<CheckResult> out;
  for (const ExpectedRequest& expected : input.policy.expect.requests) {
    CheckResult row{"expect/request/" + expected.method + " " + expected.path, what_is_expected(expected), State::held, {}};
    const bool needs_servers = !input.policy.connect.empty() && !expected.offline && !input.is_live;
    row.reason = needs_servers ? "it may need the servers of connect:, " + input.no_servers + "; say offline: true where it does not" : try_request(input, expected);
    if (!row.reason.empty()) row.state = needs_servers ? State::skipped : State::failed;
    out.push_back(std::move(row));
  }
  return out;
}

std::vector<CheckResult> check_connections(const ExpectInput& input) {
  std::vector<CheckResult> out;
  for (const ExpectedConnection& expected : input.policy.expect.connects) {
    const bool is_away = expected.answers && !input.is_live && needs_a_server(input.policy, expected.to);
    out.push_back(judge_connection(expected, is_away ? "" : connect_word(probe_of(input.box), expected.to)));
    if (!is_away) continue;
    out.back().state = State::skipped;
    out.back().reason = "the servers of connect:, " + input.no_servers;
  }
  return out;
}

AskProbe probe_of(Arena& arena) {
  return [&arena](const std::vector<std::string>& lines, int timeout_ms) { return arena.probe(lines, timeout_ms); };
}

std::string connect_word(const AskProbe& probe, const std::string& to) {
  if (to.starts_with('/')) return probed(probe, ProbeRequest::Kind::probe, "connect_unix", {text(to)});
  const auto colon = to.rfind(':');
  std::string host = to.substr(0, colon);
  const std::string name = host.starts_with('[') ? "connect_inet6" : "connect_inet";
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  const auto port = base::parse_unsigned(to.substr(colon + 1));
  if (colon == to.npos || !port) return "no address: ADDRESS:PORT, or the path of a socket";
  return probed(probe, ProbeRequest::Kind::probe, name, {text(host), number(*port), number(SOCK_STREAM)});
}

CheckResult judge_connection(const ExpectedConnection& expected, const std::string& word) {
  const std::string wrong = wrong_reach(expected.answers, word);
  return {"expect/connect/" + expected.to, expected.answers ? "the box reaches it" : "the box cannot reach it", wrong.empty() ? State::held : State::failed, wrong};
}

std::vector<CheckResult> check_connections_beside(const profiles::Expect& expect, const AskProbe& outside, const AskProbe& box, const std::string& why_nobody) {
  std::vector<CheckResult> out;
  for (const ExpectedConnection& expected : expect.connects) {
    const std::string control = connect_word(outside, expected.to);
    out.push_back(judge_connection(expected, control == "ok" ? connect_word(box, expected.to) : ""));
    if (control == "ok") continue;
    out.back().state = State::skipped;
    out.back().reason = why_nobody + ": outside the box it ends with " + control;
  }
  return out;
}

std::vector<CheckResult> check_files(const ExpectInput& input) {
  return judge_files(input.policy.expect, [&input](const std::string& path, Right right) {
    return right == Right::read ? opened(input.box, path, O_RDONLY) : writing(input.box, path);
  }, is_errno);
}

std::vector<CheckResult> judge_files(const profiles::Expect& expect, const AskRight& ask, const IsRefusal& is_refusal) {
  std::vector<CheckResult> out;
  for (const ExpectedFile& expected : expect.files) {
    const std::string& path = expected.path.text;
    std::string wrong = expected.readable ? wrong_right("readable", expected.readable, ask(path, Right::read), is_refusal) : "";
    const std::string more = expected.writable ? wrong_right("writable", expected.writable, ask(path, Right::write), is_refusal) : "";
    wrong += (wrong.empty() || more.empty() ? "" : "; ") + more;
    const auto word = [](const char* what, const std::optional<bool>& wanted) { return !wanted ? std::string() : std::string(*wanted ? " " : " not ") + what; };
    out.push_back({"expect/file" + path, "it is" + word("readable", expected.readable) + word("writable", expected.writable), wrong.empty() ? State::held : State::failed, wrong});
  }
  return out;
}

}  // namespace harness
