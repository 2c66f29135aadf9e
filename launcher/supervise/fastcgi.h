// A FastCGI client's two pure halves: the bytes of a request, and a parser of what comes back, which is hostile.
// https://fastcgi-archives.github.io/FastCGI_Specification.html
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace launcher {

using FastcgiParameters = std::vector<std::pair<std::string, std::string>>;
// Any request; FPM's own pages need no more than fastcgi_get().
std::string fastcgi_request(const FastcgiParameters& parameters, std::string_view body);
std::string fastcgi_get(std::string_view path, std::string_view query = {});

struct FastcgiReply {
  int status = 200;  // from the "Status:" header
  std::string body;
  friend bool operator==(const FastcgiReply&, const FastcgiReply&) = default;
};

// Feed it bytes as they come, in any pieces; after `complete` or `malformed` it takes no more.
class FastcgiParser {
 public:
  static constexpr std::size_t kLimit = 64 * 1024;  // of all the bytes of a reply, unless another is given
  enum class State { incomplete, complete, malformed };

  explicit FastcgiParser(std::size_t limit = kLimit) : limit_(limit) {}

  State feed(std::string_view bytes);
  State state() const { return state_; }
  const std::string& error() const { return error_; }   // when malformed
  const FastcgiReply& reply() const { return reply_; }  // when complete

 private:
  bool take_record();
  void take_end(std::string_view content);
  State fail(std::string why);

  std::size_t limit_;
  State state_ = State::incomplete;
  std::size_t received_ = 0;
  std::string pending_;  // bytes of records not yet whole
  std::string output_;   // the reply as CGI text: headers, empty line, body
  std::string error_;
  FastcgiReply reply_;
};

}  // namespace launcher
