// What a compromised FPM may answer to a ping. The first byte says how the rest is cut into pieces: what comes out must
// not depend on that, and the memory held must not depend on the sender.
#include <algorithm>
#include <string_view>

#include "launcher/supervise/fastcgi.h"
#include "tests/fuzz/standalone.h"

using launcher::FastcgiParser;

static FastcgiParser parse(std::string_view bytes, std::size_t piece) {
  FastcgiParser parser;
  for (std::size_t at = 0; at < bytes.size(); at += piece) parser.feed(bytes.substr(at, piece));
  return parser;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const FastcgiParser pieces = parse(bytes, std::size_t{1} + data[0]);
  FUZZ_REQUIRE(pieces.reply().body.size() <= FastcgiParser::kLimit);
  FUZZ_REQUIRE(pieces.error().empty() == (pieces.state() != FastcgiParser::State::malformed));
  FUZZ_REQUIRE(pieces.reply().status >= 100 && pieces.reply().status <= 599);
  if (bytes.size() > FastcgiParser::kLimit) return 0;
  const FastcgiParser whole = parse(bytes, std::max<std::size_t>(bytes.size(), 1));
  FUZZ_REQUIRE(whole.state() == pieces.state());
  FUZZ_REQUIRE(whole.reply() == pieces.reply());
  return 0;
}

[[maybe_unused]] static std::vector<std::string> seeds() {
  using namespace std::string_literals;
  const std::string end = "\1\3\0\1\0\10\0\0\0\0\0\0\0\0\0\0"s;
  return {
      "\7\1\6\0\1\0\40\0\0Content-type: text/plain\r\n\r\npong"s + end,
      "\0\1\6\0\1\0\40\3\0Status: 404 Not Found\r\n\r\nFile nopad"s + end,
      "\3\1\7\0\1\0\4\0\0oops"s + end,
      "\1"s + end,
  };
}

FUZZ_MAIN(seeds())
