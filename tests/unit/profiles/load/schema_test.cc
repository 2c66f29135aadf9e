#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "profiles/base/text.h"
#include "tests/unit/profiles/load/files.h"

using namespace profiles;
using nlohmann::json;

TEST_CASE("the schema knows every key, with its help") {
  const json schema = json::parse(json_schema());
  CHECK_EQ(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
  for (const std::string& key : all_keys()) {
    CAPTURE(key);
    // Keys may hold dots: go down by the longest property that fits.
    const json* at = &schema;
    std::string rest = key;
    while (!rest.empty()) {
      REQUIRE(at->contains("properties"));
      CHECK_EQ(at->at("additionalProperties"), false);
      const json& properties = at->at("properties");
      std::string head = rest;
      while (!properties.contains(head) && head.find('.') != head.npos) head = head.substr(0, head.rfind('.'));
      REQUIRE(properties.contains(head));
      at = &properties.at(head);
      CHECK_FALSE(at->at("description").get<std::string>().empty());
      rest = head.size() == rest.size() ? "" : rest.substr(head.size() + 1);
    }
  }
}

TEST_CASE("kinds of values in the schema") {
  const json properties = json::parse(json_schema())["properties"];
  CHECK_EQ(properties["php"]["properties"]["version"]["pattern"], "^[0-9]+\\.[0-9]+$");
  CHECK_EQ(properties["php"]["properties"]["open_basedir"]["type"], "boolean");
  CHECK_EQ(properties["limits"]["properties"]["memory.max"]["anyOf"][1]["type"], "null");
  CHECK_EQ(properties["jobs"]["additionalProperties"]["anyOf"][0]["properties"]["run"]["type"], "array");
  const json writable = properties["filesystem"]["properties"]["writable"]["anyOf"];
  CHECK_EQ(writable[0]["type"], "array");
  CHECK_EQ(writable[1]["properties"].size(), 3);
  const json item = writable[0]["items"]["anyOf"][0]["anyOf"];
  CHECK_EQ(item[0]["required"], json{"path"});
  CHECK_EQ(item[1]["type"], "string");
  const json connect = properties["connect"]["anyOf"][0]["items"]["anyOf"][0];
  CHECK_EQ(connect["type"], "object");  // no bare word stands for a connection
}
