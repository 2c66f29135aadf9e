#include "launcher/facts/users.h"

#include <doctest/doctest.h>

using namespace launcher;

namespace {

constexpr const char* kUsers =
    "root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33::/var/www:/usr/sbin/nologin\n"
    "site:x:990:990::/:/usr/sbin/nologin\nalias:x:33:990::/:/bin/sh\nfpmbox:x:999:995::/:/x\n";
constexpr const char* kGroups = "root:x:0:\nwww-data:x:33:other,site\nsite:x:990:\nfpmbox:x:995:\nteam:x:1200:site\n";

HostFacts find(const std::string& user, AskDatabase ask = nullptr) {
  profiles::Policy policy;
  policy.identity.user = user;
  policy.listen.group = "www-data";
  HostFacts facts;
  find_users_in(policy, kUsers, kGroups, ask, facts);
  return facts;
}

}  // namespace

TEST_CASE("odd lines of passwd and group are passed over") {
  CHECK(parse_users(
            "\n#a:x:1:1:::\n+::::::\n-x:x:1:1:::\na:x:1:1::\na:x:-1:1:::\na:x:1:99999999999:::\na:x:4294967295:1:::\n"
            ":x:1:1:::\na:x::1:::\na:x: 1:1:::\na:x:0x1:1:::\n")
            .empty());
  CHECK(parse_users("a:x:4294967294:1:::").size() == 1);
  CHECK(parse_groups("\ng:x:1\ng:x:a:\ng:x:4294967295:\n+:::\n:x:1:\n").empty());
  CHECK(parse_groups("g:x:1:a,b")[0].members == std::vector<std::string>{"a", "b"});
}

TEST_CASE("users a policy names, with all their groups") {
  const HostFacts facts = find("site");
  CHECK(facts.users.at("site") == UserFact{990, 990, {"www-data", "site", "team"}});
  CHECK(facts.users.contains("root"));  // listen.owner
  CHECK(facts.users.contains("fpmbox"));
  CHECK_FALSE(facts.users.contains("www-data"));
  CHECK(facts.groups.at("team") == 1200);
  CHECK(facts.groups.at("www-data") == 33);
}

TEST_CASE("another name of the same uid is found") {
  const HostFacts facts = find("alias");
  CHECK(facts.users.at("www-data").uid == facts.users.at("alias").uid);
}

TEST_CASE("unknown names are asked of the host's databases") {
  CHECK(find("far").users.count("far") == 0);
  const HostFacts facts = find("far", [](const char* database, const std::string& name) {
    return std::string(database) == "passwd" && name == "far" ? std::string("far:x:5000:5000::/:/x\n") : std::string();
  });
  CHECK(facts.users.at("far").uid == 5000);
  // an answer about somebody else is not believed to be the one asked for
  const HostFacts other =
      find("far", [](const char*, const std::string&) { return std::string("root:x:0:0::/:/x\n"); });
  CHECK_FALSE(other.users.contains("far"));
}
