#include <doctest/doctest.h>

#include "launcher/harness/native.h"

using harness::ProbeArgument;
using harness::ProbeRequest;
using Kind = ProbeArgument::Kind;

TEST_CASE("a line says an act, and reads back the same") {
  struct Row {
    ProbeRequest request;
    const char* line;
  };
  const Row rows[] = {
      {{"kernel/bpf", ProbeRequest::Kind::call, "bpf", {{Kind::number, 1, {}}, {Kind::zeros, 64, {}}, {Kind::number, 64, {}}}},
       "kernel/bpf\tcall\tbpf\tn:1\tz:64\tn:64"},
      {{"exec/memfd", ProbeRequest::Kind::probe, "exec_memfd", {}}, "exec/memfd\tprobe\texec_memfd"},
      {{"a/b", ProbeRequest::Kind::probe, "x", {{Kind::text, 0, "a\tb\\c\nd"}, {Kind::bytes, 0, std::string("\x7f\0E", 3)}, {Kind::text, 0, {}}}},
       "a/b\tprobe\tx\tt:a\\tb\\\\c\\nd\tb:7f0045\tt:"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.line);
    CHECK(harness::request_line(row.request) == row.line);
    const auto read = harness::parse_request(row.line);
    REQUIRE(read.ok());
    CHECK(read.value() == row.request);
  }
}

TEST_CASE("numbers are decimal, hexadecimal or negative") {
  struct Row {
    const char* text;
    std::uint64_t value;
  };
  for (const Row& row : {Row{"n:0", 0}, {"n:0x10", 16}, {"n:-1", ~0ULL}, {"n:18446744073709551615", ~0ULL}}) {
    CAPTURE(row.text);
    const auto read = harness::parse_request(std::string("a/b\tcall\tx\t") + row.text);
    REQUIRE(read.ok());
    CHECK(read.value().arguments.at(0).number == row.value);
  }
}

TEST_CASE("what is no line is refused") {
  for (const char* line : {"", "a/b", "a/b\tcall", "a/b\tsing\tx", "\tcall\tx", "a/b\tcall\t", "a/b\tcall\tx\t", "a/b\tcall\tx\tn:", "a/b\tcall\tx\tn:1x",
                           "a/b\tcall\tx\tn:-", "a/b\tcall\tx\tq:1", "a/b\tcall\tx\tt:a\\", "a/b\tcall\tx\tt:\\q", "a/b\tcall\tx\tb:7", "a/b\tcall\tx\tb:zz"}) {
    CAPTURE(line);
    CHECK_FALSE(harness::parse_request(line).ok());
  }
}
