#include "launcher/supervise/fastcgi.h"

#include <doctest/doctest.h>

using namespace launcher;
using namespace std::string_literals;
using State = FastcgiParser::State;

namespace {

std::string record(int type, const std::string& content, int padding = 0, int id = 1, int version = 1) {
  std::string bytes;
  for (int value : {version, type, id >> 8, id & 255, static_cast<int>(content.size() >> 8),
                    static_cast<int>(content.size() & 255), padding, 0})
    bytes += static_cast<char>(value);
  return bytes + content + std::string(static_cast<std::size_t>(padding), 'p');
}
std::string end_record(int protocol_status = 0) {
  return record(3, "\0\0\0\0"s + static_cast<char>(protocol_status) + "\0\0\0"s);
}

const std::string kHeaders = "Content-type: text/plain;charset=UTF-8\r\nCache-Control: no-cache\r\n\r\n";

}  // namespace

TEST_CASE("a request is begin, parameters, and two empty records") {
  const std::string bytes = fastcgi_get("/fpmbox-ping");
  CHECK(bytes.substr(0, 16) == "\1\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0"s);
  CHECK(bytes.find("\x0e\3REQUEST_METHODGET"s) != std::string::npos);
  CHECK(bytes.find("\x0b\x0cSCRIPT_NAME/fpmbox-ping"s) != std::string::npos);
  CHECK(bytes.find("\x0f\x0cSCRIPT_FILENAME/fpmbox-ping"s) != std::string::npos);
  CHECK(bytes.substr(bytes.size() - 16) == "\1\4\0\1\0\0\0\0\1\5\0\1\0\0\0\0"s);
  const std::string with_query = fastcgi_get("/fpmbox-status", std::string(200, 'q'));
  CHECK(with_query.find("\x0c\x80\0\0\xc8QUERY_STRINGqqq"s) != std::string::npos);
}

TEST_CASE("replies") {
  const struct {
    const char* name;
    std::string bytes;
    State state;
    FastcgiReply reply;
  } rows[] = {
      {"pong", record(6, kHeaders + "pong") + end_record(), State::complete, {200, "pong"}},
      {"with padding",
       record(6, kHeaders + "pong", 3) + record(6, "", 5) + end_record(),
       State::complete,
       {200, "pong"}},
      {"in two records",
       record(6, kHeaders.substr(0, 7)) + record(6, kHeaders.substr(7) + "pong") + end_record(),
       State::complete,
       {200, "pong"}},
      {"with a status",
       record(6, "Status: 404 Not Found\r\n\r\nFile not found.\n") + end_record(),
       State::complete,
       {404, "File not found.\n"}},
      {"messages aside", record(7, "oops") + record(6, kHeaders) + end_record(), State::complete, {200, ""}},
      {"more after the end", record(6, kHeaders) + end_record() + "rubbish", State::complete, {200, ""}},
      {"half a header", record(6, "").substr(0, 5), State::incomplete, {}},
      {"no end", record(6, kHeaders + "pong"), State::incomplete, {}},
      {"not FastCGI", "HTTP/1.1 400 Bad Request\r\n\r\n", State::malformed, {}},
      {"another version", record(6, kHeaders, 0, 1, 2), State::malformed, {}},
      {"another request", record(6, kHeaders, 0, 2), State::malformed, {}},
      {"a strange type", record(11, "12345678"), State::malformed, {}},
      {"refused", end_record(2), State::malformed, {}},
      {"an end too short", record(3, "1234"), State::malformed, {}},
      {"no headers", record(6, "pong") + end_record(), State::malformed, {}},
      {"headers without an end", record(6, "A: b\r\n") + end_record(), State::malformed, {}},
      {"nothing", end_record(), State::malformed, {}},
      {"a status that is none", record(6, "Status: 2000 x\r\n\r\n") + end_record(), State::malformed, {}},
      {"a short status", record(6, "Status: 20\r\n\r\n") + end_record(), State::malformed, {}},
      {"a negative status", record(6, "Status: -20\r\n\r\n") + end_record(), State::malformed, {}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    FastcgiParser whole;
    CHECK(whole.feed(row.bytes) == row.state);
    CHECK((whole.state() != State::complete || whole.reply() == row.reply));
    CHECK(whole.error().empty() == (row.state != State::malformed));
    FastcgiParser bytewise;
    for (char byte : row.bytes) bytewise.feed(std::string_view(&byte, 1));
    CHECK(bytewise.state() == row.state);
    CHECK(bytewise.reply() == whole.reply());
  }
}

TEST_CASE("an endless reply is cut off") {
  FastcgiParser parser;
  const std::string piece = record(6, std::string(1000, 'x'));
  for (int i = 0; i < 65; ++i) CHECK(parser.feed(piece) == State::incomplete);
  CHECK(parser.feed(piece) == State::malformed);
  CHECK(parser.feed(end_record()) == State::malformed);
}
