#include "launcher/supervise/fastcgi.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace launcher {
namespace {

constexpr unsigned char kVersion = 1;
constexpr unsigned char kRequestId = 1;
constexpr std::size_t kHeaderSize = 8;
enum RecordType : unsigned char { kBegin = 1, kEnd = 3, kParams = 4, kStdin = 5, kStdout = 6, kStderr = 7 };

std::string record(RecordType type, std::string_view content) {
  std::string bytes;
  bytes += static_cast<char>(kVersion);
  bytes += static_cast<char>(type);
  bytes += '\0';
  bytes += static_cast<char>(kRequestId);
  bytes += static_cast<char>(content.size() >> 8);
  bytes += static_cast<char>(content.size() & 0xff);
  bytes += '\0';  // padding
  bytes += '\0';
  return bytes.append(content);
}

void add_length(std::string& bytes, std::size_t length) {
  if (length < 128) {
    bytes += static_cast<char>(length);
    return;
  }
  bytes += static_cast<char>(0x80 | (length >> 24));
  for (int shift = 16; shift >= 0; shift -= 8) bytes += static_cast<char>((length >> shift) & 0xff);
}

void add_parameter(std::string& bytes, std::string_view name, std::string_view value) {
  add_length(bytes, name.size());
  add_length(bytes, value.size());
  bytes.append(name).append(value);
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::optional<int> http_status(std::string_view value) {
  int status = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), status);
  if (error != std::errc() || end != value.data() + 3 || status < 100 || status > 599) return std::nullopt;
  return status;
}

// CGI text into a reply; nullopt when it is none.
std::optional<FastcgiReply> parse_cgi(std::string_view text) {
  FastcgiReply reply;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.empty()) {
      reply.body = text;
      return reply;
    }
    if (line.find(':') == std::string_view::npos) return std::nullopt;
    if (!line.starts_with("Status: ")) continue;
    const auto status = http_status(line.substr(8));
    if (!status) return std::nullopt;
    reply.status = *status;
  }
  return std::nullopt;
}

// A record carries at most 65535 bytes; an empty one ends a stream.
std::string stream_of(RecordType type, std::string_view content) {
  std::string bytes;
  while (!content.empty()) {
    bytes += record(type, content.substr(0, 0xffff));
    content.remove_prefix(std::min<std::size_t>(content.size(), 0xffff));
  }
  return bytes + record(type, {});
}

}  // namespace

std::string fastcgi_request(const FastcgiParameters& parameters, std::string_view body) {
  std::string encoded;
  for (const auto& [name, value] : parameters) add_parameter(encoded, name, value);
  const std::string responder_and_close{0, 1, 0, 0, 0, 0, 0, 0};
  return record(kBegin, responder_and_close) + stream_of(kParams, encoded) + stream_of(kStdin, body);
}

std::string fastcgi_get(std::string_view path, std::string_view query) {
  const std::string uri = std::string(path) + (query.empty() ? "" : "?" + std::string(query));
  return fastcgi_request({{"GATEWAY_INTERFACE", "CGI/1.1"},
                          {"REQUEST_METHOD", "GET"},
                          {"SCRIPT_NAME", std::string(path)},
                          {"SCRIPT_FILENAME", std::string(path)},
                          {"REQUEST_URI", uri},
                          {"QUERY_STRING", std::string(query)},
                          {"SERVER_PROTOCOL", "HTTP/1.1"},
                          {"SERVER_SOFTWARE", "fpmbox"},
                          {"SERVER_NAME", "fpmbox"}},
                         {});
}

FastcgiParser::State FastcgiParser::fail(std::string why) {
  error_ = std::move(why);
  pending_.clear();
  return state_ = State::malformed;
}

FastcgiParser::State FastcgiParser::feed(std::string_view bytes) {
  if (state_ != State::incomplete) return state_;
  received_ += bytes.size();
  if (received_ > limit_) return fail("the reply is longer than " + std::to_string(limit_ / 1024) + " KiB");
  pending_.append(bytes);
  while (state_ == State::incomplete && take_record()) {
  }
  return state_;
}

// Takes one whole record off the front of `pending_`; false when there is none.
bool FastcgiParser::take_record() {
  if (pending_.size() < kHeaderSize) return false;
  const auto byte = [this](std::size_t i) { return static_cast<unsigned char>(pending_[i]); };
  if (byte(0) != kVersion) return fail("not a FastCGI reply"), false;
  if (byte(2) != 0 || byte(3) != kRequestId) return fail("a reply to another request"), false;
  const std::size_t content = static_cast<std::size_t>(byte(4)) << 8 | byte(5);
  const std::size_t whole = kHeaderSize + content + byte(6);
  if (pending_.size() < whole) return false;
  const std::string bytes = pending_.substr(kHeaderSize, content);
  const unsigned char type = byte(1);
  pending_.erase(0, whole);
  if (type == kStdout)
    output_ += bytes;
  else if (type == kEnd)
    take_end(bytes);
  else if (type != kStderr)
    fail("record type " + std::to_string(type) + " in a reply");
  return true;
}

void FastcgiParser::take_end(std::string_view content) {
  if (content.size() != 8) return void(fail("an end record of the wrong size"));
  if (content[4] != 0) return void(fail("the request was refused"));
  auto reply = parse_cgi(output_);
  if (!reply) return void(fail("the reply has no headers"));
  reply_ = std::move(*reply);
  state_ = State::complete;
}

}  // namespace launcher
