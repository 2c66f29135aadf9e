#include "launcher/learn/recorder.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>

#include "launcher/learn/name_question.h"
#include "launcher/learn/programs.h"
#include "launcher/plan/inside.h"
#include "launcher/sys/process.h"
#include "launcher/sys/process_memory.h"
#include "profiles/kernel/syscall_names.h"

namespace launcher {
namespace {

using Kind = WatchedCall::Kind;
using Act = WrittenPath::Act;

constexpr std::size_t kLongestAddress = 128;
constexpr std::size_t kLongestPacket = 512;
constexpr std::size_t kMostArguments = 3;  // of a program: sh -c COMMAND
constexpr std::size_t kMostProcesses = 4096;
constexpr int kNearestAncestors = 4;       // from a child that a script started to the worker

const FilterRule* rule_of(const FilterPlan& filter, int number) {
  const auto found = std::find_if(filter.rules.begin(), filter.rules.end(), [&](const FilterRule& rule) { return rule.number == number; });
  return found == filter.rules.end() ? nullptr : &*found;
}

std::string text_at(pid_t pid, std::uint64_t address, bool& is_readable) {
  auto text = sys::read_memory_text(pid, address, PATH_MAX);
  if (text) return std::move(text).value();
  is_readable = false;
  return {};
}

std::string bytes_at(pid_t pid, std::uint64_t address, std::size_t size, bool& is_readable) {
  auto bytes = sys::read_memory(pid, address, size);
  if (bytes) return std::move(bytes).value();
  is_readable = false;
  return {};
}

std::uint64_t word_in(const std::string& bytes, std::size_t at) {
  std::uint64_t value = 0;
  if (at + sizeof value <= bytes.size()) std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

// struct mmsghdr of the first message: its name, then where its parts are (recvmmsg(2)).
std::string first_message(pid_t pid, std::uint64_t address, bool& is_readable) {
  const std::string header = bytes_at(pid, address, sizeof(msghdr), is_readable);
  const std::string part = bytes_at(pid, word_in(header, offsetof(msghdr, msg_iov)), sizeof(iovec), is_readable);
  const std::size_t size = std::min<std::size_t>(word_in(part, offsetof(iovec, iov_len)), kLongestPacket);
  return is_readable ? bytes_at(pid, word_in(part, 0), size, is_readable) : "";
}

std::string port_text(in_port_t port) { return ":" + std::to_string(ntohs(port)); }

std::optional<Connected> internet_address(const std::string& bytes) {
  char text[INET6_ADDRSTRLEN] = {};
  sockaddr_in four = {};
  sockaddr_in6 six = {};
  std::memcpy(&four, bytes.data(), std::min(bytes.size(), sizeof four));
  if (four.sin_family == AF_INET) {
    ::inet_ntop(AF_INET, &four.sin_addr, text, sizeof text);
    return Connected{Connected::Kind::tcp, text + port_text(four.sin_port), {}};
  }
  if (four.sin_family != AF_INET6 || bytes.size() < sizeof six) return std::nullopt;
  std::memcpy(&six, bytes.data(), sizeof six);
  ::inet_ntop(AF_INET6, &six.sin6_addr, text, sizeof text);
  return Connected{Connected::Kind::tcp, "[" + std::string(text) + "]" + port_text(six.sin6_port), {}};
}

std::optional<Connected> connection_to(const std::string& bytes) {
  if (bytes.size() < sizeof(sa_family_t)) return std::nullopt;
  sa_family_t family = 0;
  std::memcpy(&family, bytes.data(), sizeof family);
  if (family != AF_UNIX) return internet_address(bytes);
  const std::string path = bytes.substr(offsetof(sockaddr_un, sun_path));
  if (path.starts_with('\0')) return Connected{Connected::Kind::abstract_socket, path.substr(1), {}};
  return Connected{Connected::Kind::unix_socket, path.substr(0, path.find('\0')), {}};
}

bool is_to_name_server(const Connected& peer) { return peer.address.ends_with(":53"); }

// Of a socket of the caller: without this TCP and UDP look the same.
bool is_datagram(pid_t pid, int number) {
  const auto process = sys::open_process(pid);
  if (!process) return false;
  const sys::Fd socket(static_cast<int>(::syscall(SYS_pidfd_getfd, process.value().get(), number, 0)));
  int type = 0;
  socklen_t size = sizeof type;
  return socket && ::getsockopt(socket.get(), SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_DGRAM;
}

std::string detail_of(const seccomp_data& call, const std::string& name) {
  std::string text = name + "(";
  for (int i = 0; i < 3; ++i) {
    char value[24];
    std::snprintf(value, sizeof value, call.args[i] < 65536 ? "%llu, " : "0x%llx, ", static_cast<unsigned long long>(call.args[i]));
    text += value;
  }
  return text + "...)";
}

bool is_beneath(const std::string& path, std::string_view folder) { return path.starts_with(folder); }

}  // namespace

Verdict judge(const FilterPlan& filter, int number) {
  const FilterRule* rule = rule_of(filter, number);
  const std::string name = profiles::syscall_name(number);
  if (name == "execveat") return {Answer::refuse, Refusal::dangerous, nullptr, true};  // the gate's own is over
  if (rule == nullptr) return {Answer::carry_out, Refusal::none, nullptr, true};
  switch (rule->action) {
    case FilterRule::Action::record: return {Answer::carry_out, Refusal::none, watched_call(name), false};
    case FilterRule::Action::allow: return {Answer::refuse, Refusal::argument, nullptr, true};
    case FilterRule::Action::report:
    case FilterRule::Action::absent: break;
  }
  return {Answer::refuse, Refusal::dangerous, nullptr, true};
}

base::Status Recorder::handle(int listener) {
  const auto reported = TRY(notifications_.receive(listener));
  if (!reported) return base::success();
  const seccomp_data& call = reported->call;
  const pid_t pid = reported->pid;
  const Verdict verdict = judge(filter_, call.nr);
  const bool is_program = profiles::syscall_name(call.nr) == "execve";
  Look seen;
  if (is_program) seen = look_at_program(call, pid);
  if (verdict.watched != nullptr) seen = look(call, pid, *verdict.watched);
  if (notifications_.is_waiting(listener, *reported)) {
    if (verdict.watched != nullptr && seen.is_readable) note(call, pid, *verdict.watched, seen);
    if (is_program) note_programs(seen, script_of(pid));
    if (verdict.is_beyond) note_beyond(call, pid, verdict);
  }
  if (verdict.answer == Answer::refuse) return notifications_.refuse(listener, *reported, EPERM);
  return notifications_.let_through(listener, *reported);
}

void Recorder::note_programs(const Look& look, const std::string& script) {
  for (const std::string* const path : {&look.first, &look.second})
    if (!path->empty()) record_.programs.see(*path, script);
}

Recorder::Look Recorder::look(const seccomp_data& call, pid_t pid, const WatchedCall& watched) const {
  Look out;
  const auto argument = [&](int at) { return static_cast<std::uint64_t>(call.args[at]); };
  if (watched.first.text >= 0) out.first = text_at(pid, argument(watched.first.text), out.is_readable);
  if (watched.second.text >= 0) out.second = text_at(pid, argument(watched.second.text), out.is_readable);
  if (watched.flags >= 0) out.flags = argument(watched.flags);
  if (watched.name == "openat2") out.flags = word_in(bytes_at(pid, argument(watched.flags), 8, out.is_readable), 0);
  if (watched.kind == Kind::connect)
    out.bytes = bytes_at(pid, argument(1), std::min<std::size_t>(argument(2) & 0xffffffff, kLongestAddress), out.is_readable);
  if (watched.kind == Kind::send) out.bytes = bytes_at(pid, argument(1), std::min<std::size_t>(argument(2), kLongestPacket), out.is_readable);
  if (watched.kind == Kind::send_many) out.bytes = first_message(pid, argument(1), out.is_readable);
  return out;
}

Recorder::Look Recorder::look_at_program(const seccomp_data& call, pid_t pid) const {
  Look out;
  const std::string path = text_at(pid, call.args[0], out.is_readable);
  std::vector<std::string> words;
  const std::string pointers = bytes_at(pid, call.args[1], kMostArguments * sizeof(std::uint64_t), out.is_readable);
  for (std::size_t i = 0; i < kMostArguments; ++i) {
    const std::uint64_t address = word_in(pointers, i * sizeof(std::uint64_t));
    if (address == 0) break;
    words.push_back(text_at(pid, address, out.is_readable));
  }
  out.first = program_meant(path, words);
  if (is_shell(path) && path != out.first) out.second = path;
  return out;
}

void Recorder::note(const seccomp_data& call, pid_t pid, const WatchedCall& watched, const Look& look) {
  switch (watched.kind) {
    case Kind::open:
    case Kind::create:
      return note_open(pid, watched.first.directory < 0 ? AT_FDCWD : static_cast<int>(call.args[watched.first.directory]), look,
                       watched.kind == Kind::create);
    case Kind::entry:
    case Kind::inode: return note_entry(call, pid, watched, look);
    case Kind::connect: {
      auto peer = connection_to(look.bytes);
      if (!peer) return;
      if (peer->kind == Connected::Kind::tcp && is_datagram(pid, static_cast<int>(call.args[0]))) peer->kind = Connected::Kind::udp;
      // a port of 0 connects nowhere: how a C library asks which of its own addresses it would use
      if (peer->address.empty() || peer->address.ends_with(":0") || (peer->kind == Connected::Kind::udp && is_to_name_server(*peer))) return;
      if (const auto asked = asked_names_.find(pid); asked != asked_names_.end() && peer->kind != Connected::Kind::unix_socket)
        peer->name = asked->second;
      record_.connections.see(std::move(*peer), script_of(pid));
      return;
    }
    case Kind::send:
    case Kind::send_many:
      if (asked_names_.size() >= kMostProcesses) asked_names_.clear();
      if (std::string name = name_in_question(look.bytes); !name.empty()) asked_names_[pid] = std::move(name);
      return;
  }
}

// FPM has opened the script itself before it names itself.
void Recorder::note_request(pid_t pid, const std::string& script) {
  ++record_.requests;
  if (scripts_.size() >= kMostProcesses) scripts_.clear();
  if (asked_names_.size() >= kMostProcesses) asked_names_.clear();
  scripts_[pid] = script;
  asked_names_.erase(pid);
  record_.requested.see(script, script);
  if (script.starts_with('/')) note_read(paths_.find(pid, AT_FDCWD, script, true), pid);
}

void Recorder::note_open(pid_t pid, int directory, const Look& look, bool is_create) {
  if (is_beneath(look.first, inside::kRequestMark)) return note_request(pid, look.first.substr(std::string_view(inside::kRequestMark).size()));
  const bool creates = is_create || (look.flags & O_CREAT) != 0;
  const bool writes = is_create || (look.flags & O_ACCMODE) != O_RDONLY || (look.flags & O_TRUNC) != 0 || creates;
  const BoxPath path = paths_.find(pid, directory, look.first, (look.flags & O_NOFOLLOW) == 0);
  if (!writes) return note_read(path, pid);
  if ((look.flags & O_TMPFILE) == O_TMPFILE) {
    record_.writes.see({path.text + "/?", Act::made}, script_of(pid));
  } else if (!path.exists) {
    if (creates) record_.writes.see({path.text, Act::made}, script_of(pid));
  } else if ((look.flags & O_EXCL) == 0) {
    record_.writes.see({path.text, Act::rewritten}, script_of(pid));
  }
}

// A call that would change nothing says nothing: mkdir of what is there, unlink of what is not.
void Recorder::note_entry(const seccomp_data& call, pid_t pid, const WatchedCall& watched, const Look& look) {
  const auto find = [&](const WatchedCall::Path& at, const std::string& text) {
    return paths_.find(pid, at.directory < 0 ? AT_FDCWD : static_cast<int>(call.args[at.directory]), text, watched.kind == Kind::inode);
  };
  const BoxPath first = find(watched.first, look.first);
  const bool makes = watched.name.starts_with("mkdir") || watched.name.starts_with("symlink") || watched.name.starts_with("link");
  if (first.exists == makes) return;
  const Act act = watched.kind == Kind::inode ? Act::rewritten : Act::entry;
  record_.writes.see({first.text, act}, script_of(pid));
  if (watched.second.text >= 0) record_.writes.see({find(watched.second, look.second).text, act}, script_of(pid));
}

void Recorder::note_read(const BoxPath& path, pid_t pid) {
  const std::string script = script_of(pid);
  if (script.empty()) return;
  if (!path.exists) {
    record_.absent.see(path.text, script);
  } else if (path.text.ends_with(".php") || path.text.ends_with(".inc") || path.text.ends_with(".phtml")) {
    record_.scripts.see(path.text, script);
  }
}

void Recorder::note_beyond(const seccomp_data& call, pid_t pid, const Verdict& verdict) {
  std::string name = profiles::syscall_name(call.nr);
  if (name.empty()) name = "number " + std::to_string(call.nr);
  const std::string script = script_of(pid);
  const std::string detail = verdict.refusal == Refusal::argument ? detail_of(call, name) : "";
  CalledOften& known = record_.calls.try_emplace(name, CalledOften{script, verdict.refusal, detail}).first->second;
  if (known.script.empty()) known.script = script;
}

// A program that a script wants is started by a child of its worker.
std::string Recorder::script_of(pid_t pid) const {
  for (int i = 0; i < kNearestAncestors && pid > 1; ++i) {
    if (const auto known = scripts_.find(pid); known != scripts_.end()) return known->second;
    const auto parent = sys::process_stat(pid);
    if (!parent) break;
    pid = parent.value().parent;
  }
  return {};
}

}  // namespace launcher
