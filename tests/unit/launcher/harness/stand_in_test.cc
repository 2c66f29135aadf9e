#include "launcher/harness/stand_in.h"

#include <doctest/doctest.h>

using namespace harness;

TEST_CASE("addresses of servers, and which are on loopback") {
  const struct {
    const char* text;
    int family;  // 0: it is none
    bool is_loopback;
  } rows[] = {
      {"127.0.0.1:3306", AF_INET, true}, {"127.8.9.10:1", AF_INET, true}, {"10.9.8.7:443", AF_INET, false}, {"[::1]:25", AF_INET6, true},
      {"[2001:db8::1]:25", AF_INET6, false}, {"127.0.0.1", 0, false}, {"127.0.0.1:", 0, false}, {"127.0.0.1:65536", 0, false}, {":80", 0, false},
      {"::1:25", 0, false}, {"localhost:80", 0, false}, {"/run/db.sock", 0, false}, {"/run/a:80", 0, false}, {"[127.0.0.1]:80", 0, false}, {"", 0, false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto address = server_address(row.text);
    CHECK_EQ(address.has_value(), row.family != 0);
    if (!address) continue;
    CHECK_EQ(address->family(), row.family);
    CHECK_EQ(address->is_loopback(), row.is_loopback);
  }
}

TEST_CASE("where a server stands in, a connection is made") {
  const auto server = stand_in(*server_address("127.0.0.1:0"));
  REQUIRE(server.ok());
  ServerAddress bound;
  bound.size = sizeof bound.bytes;
  REQUIRE_EQ(::getsockname(server.value().get(), reinterpret_cast<sockaddr*>(&bound.bytes), &bound.size), 0);
  const sys::Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  CHECK_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&bound.bytes), bound.size), 0);
}

TEST_CASE("an address at which none can stand in is an error that names it") {
  CHECK_EQ(stand_ins({"nowhere"}).error().text(), "nowhere is no address of a server: write ADDRESS:PORT");
  const auto refused = stand_ins({"203.0.113.1:80"});  // of documentation (RFC 5737): no machine's own
  REQUIRE_FALSE(refused.ok());
  CHECK_NE(refused.error().text().find("203.0.113.1:80"), std::string::npos);
  CHECK(stand_ins({}).value().empty());
}
