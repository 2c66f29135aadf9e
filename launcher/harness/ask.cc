#include "launcher/harness/ask.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "launcher/sys/file.h"

namespace harness {
namespace {

using base::Error;
using base::Result;
using launcher::FastcgiParser;

long milliseconds_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

Error no_answer(const std::string& why) { return {why, {}, 0, {}}; }

Result<sys::Fd> connect_to(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return no_answer("the path of the socket is too long: " + path);
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  sys::Fd connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!connection) return sys::failure("socket", {});
  if (::connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return sys::failure("connect", path);
  return connection;
}

// Sends and receives by turns: a pool that answers before it has read everything must not stop us.
class Exchange {
 public:
  Exchange(int connection, std::string bytes, int timeout_ms, std::size_t limit)
      : connection_(connection), bytes_(std::move(bytes)), timeout_ms_(timeout_ms), end_(milliseconds_now() + timeout_ms), parser_(limit) {}

  Result<launcher::FastcgiReply> run() {
    while (parser_.state() == FastcgiParser::State::incomplete) {
      const long left = end_ - milliseconds_now();
      pollfd polled = {connection_, static_cast<short>(POLLIN | (sent_ < bytes_.size() ? POLLOUT : 0)), 0};
      if (left <= 0 || ::poll(&polled, 1, static_cast<int>(left)) <= 0) return no_answer("no answer in " + std::to_string(timeout_ms_ / 1000) + " s");
      if ((polled.revents & POLLOUT) != 0) send_some();
      if ((polled.revents & (POLLIN | POLLHUP | POLLERR)) != 0 && !receive_some()) return no_answer("closed without an answer");
    }
    if (parser_.state() == FastcgiParser::State::malformed) return no_answer(parser_.error());
    return parser_.reply();
  }

 private:
  void send_some() {
    const ssize_t count = ::send(connection_, bytes_.data() + sent_, bytes_.size() - sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0) sent_ += static_cast<std::size_t>(count);
    if (count < 0 && errno != EAGAIN && errno != EINTR) sent_ = bytes_.size();  // closed: what it said may still be read
  }
  bool receive_some() {
    char buffer[16 * 1024];
    const ssize_t count = ::recv(connection_, buffer, sizeof buffer, MSG_DONTWAIT);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    if (count > 0) parser_.feed(std::string_view(buffer, static_cast<std::size_t>(count)));
    return count > 0;
  }

  int connection_;
  std::string bytes_;
  std::size_t sent_ = 0;
  int timeout_ms_;
  long end_;
  FastcgiParser parser_;
};

}  // namespace

launcher::FastcgiParameters parameters_of(const CgiRequest& request) {
  const std::string name = request.name.empty() ? request.script : request.name;
  const std::string uri = request.uri.empty() ? name : request.uri;
  const auto mark = uri.find('?');
  std::map<std::string, std::string> all = {
      {"GATEWAY_INTERFACE", "CGI/1.1"},   {"REQUEST_METHOD", request.method}, {"SCRIPT_FILENAME", request.script},
      {"SCRIPT_NAME", name},              {"REQUEST_URI", uri},               {"QUERY_STRING", mark == uri.npos ? "" : uri.substr(mark + 1)},
      {"DOCUMENT_URI", name},             {"SERVER_PROTOCOL", "HTTP/1.1"},    {"SERVER_SOFTWARE", "fpmbox"},
      {"SERVER_NAME", "localhost"},       {"SERVER_PORT", "80"},              {"REMOTE_ADDR", "127.0.0.1"},
      {"HTTP_HOST", "localhost"},         {"DOCUMENT_ROOT", request.document_root}};
  if (!request.body.empty() || request.method == "POST") all["CONTENT_LENGTH"] = std::to_string(request.body.size());
  for (const auto& [key, value] : request.more) all[key] = value;
  return {all.begin(), all.end()};
}

Result<launcher::FastcgiReply> ask(const std::string& socket_path, const CgiRequest& request, int timeout_ms, std::size_t limit) {
  const sys::Fd connection = TRY(connect_to(socket_path));
  Exchange exchange(connection.get(), launcher::fastcgi_request(parameters_of(request), request.body), timeout_ms, limit);
  return exchange.run();
}

}  // namespace harness
