// What a compromised worker may write into its log. The first byte says how the rest is cut into pieces. Whatever is
// printed is bounded and drives no terminal; the respawn watch reads the same lines.
#include <string_view>

#include "launcher/supervise/lines.h"
#include "launcher/supervise/respawn.h"
#include "tests/fuzz/standalone.h"

using namespace launcher;

static std::vector<std::string> split_in(std::string_view bytes, std::size_t piece) {
  LineSplitter splitter;
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < bytes.size(); at += piece)
    for (std::string& line : splitter.feed(bytes.substr(at, piece))) lines.push_back(std::move(line));
  if (auto rest = splitter.finish()) lines.push_back(std::move(*rest));
  return lines;
}

static bool is_safe(std::string_view text) {
  for (char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  return text.find("\xc2\x9b") == std::string_view::npos;  // U+009B: a terminal's control sequence introducer
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto lines = split_in(bytes, std::size_t{1} + data[0]);
  FUZZ_REQUIRE(lines == split_in(bytes, bytes.size() + 1));
  LineRation ration("www");
  RespawnWatch watch;
  RecentLines recent;
  for (const std::string& raw : lines) {
    FUZZ_REQUIRE(raw.size() <= kLineLimit + 40);
    const auto printed = ration.admit(raw, Instant());
    FUZZ_REQUIRE(!printed || (is_safe(*printed) && printed->size() <= 4 * raw.size() + 5));
    const auto verdict = watch.see(raw, Instant());
    FUZZ_REQUIRE(!verdict || is_safe(*verdict));
    recent.keep(raw);
  }
  FUZZ_REQUIRE(recent.all().size() <= RecentLines::kCount);
  return 0;
}

[[maybe_unused]] static std::vector<std::string> seeds() {
  std::string dying = "\5";
  for (int i = 0; i < 10; ++i)
    dying +=
        "[23-Nov-2026 22:47:29] WARNING: [pool www] child 13738 exited with code 70 after 0.002409 seconds from "
        "start\n";
  return {
      "\1[23-Nov-2026 22:14:00] NOTICE: ready to handle connections\n",
      dying,
      "\2[23-Nov-2026 22:47:29] WARNING: [pool www] child 1 said into stderr: \"oops\"\n",
      "\3\x1b]0;title\x07\xc2\x9b"
      "31m\xf0\x9f\x98\x80\xff\n\r\n\n",
  };
}

FUZZ_MAIN(seeds())
