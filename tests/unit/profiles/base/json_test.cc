#include "profiles/base/json.h"

#include <doctest/doctest.h>

using base::Json;

TEST_CASE("values are written as they were made, members in their order") {
  const std::vector<std::string> words = {"a", "b"};
  const std::string text = "t";
  const struct {
    Json value;
    const char* written;
  } rows[] = {
      {Json(), "null"},
      {nullptr, "null"},
      {true, "true"},
      {7, "7"},
      {-7, "-7"},
      {std::int64_t{-9223372036854775807 - 1}, "-9223372036854775808"},
      {std::uint64_t{18446744073709551615u}, "18446744073709551615"},
      {"x", "\"x\""},
      {std::string_view("x"), "\"x\""},
      {words, "[\"a\",\"b\"]"},
      {std::vector<std::uint64_t>{1, 2}, "[1,2]"},
      {Json::array(), "[]"},
      {Json::object(), "{}"},
      {Json::array({{{"k", 1}}, "x"}), "[{\"k\":1},\"x\"]"},
      {{{"z", 1}, {"a", {1, 2}}, {"t", text}}, "{\"z\":1,\"a\":[1,2],\"t\":\"t\"}"},
      {{"one", "two", "three"}, "[\"one\",\"two\",\"three\"]"},
      {{{"names", {"only"}}}, "{\"names\":[\"only\"]}"},
      {"q\"\\\n\x01\x7f", "\"q\\\"\\\\\\n\\u0001\x7f\""},
      {"\xc3\xa9\xff", "\"\xc3\xa9\xef\xbf\xbd\""},  // what is not UTF-8 does not end the program
  };
  for (const auto& row : rows) {
    CAPTURE(row.written);
    CHECK(row.value.dump() == row.written);
  }
  CHECK(Json("\xc3\xa9").dump_ascii() == "\"\\u00e9\"");
  CHECK(Json({{"a", {1}}}).dump(2) == "{\n  \"a\": [\n    1\n  ]\n}");
}

TEST_CASE("members are added, replaced and found") {
  Json out;
  out["a"] = 1;
  out["list"].push_back({{"k", "v"}});
  out["a"] = 2;
  out.update({{"list", nullptr}, {"new", true}});
  CHECK(out.dump() == "{\"a\":2,\"list\":null,\"new\":true}");
  REQUIRE(out.find("a") != nullptr);
  CHECK(out.find("a")->number() == 2);
  CHECK(out.find("nothing") == nullptr);
  CHECK(Json("text").find("a") == nullptr);
}

TEST_CASE("a value is read as what it is, and as nothing else") {
  const auto read = Json::parse(R"({"t": "x", "n": 5, "m": -5, "b": true, "r": 1.5, "l": [1], "z": null, "max": 18446744073709551615})");
  REQUIRE(read.ok());
  const Json& value = read.value();
  CHECK(value.names() == std::vector<std::string>{"t", "n", "m", "b", "r", "l", "z", "max"});
  CHECK(*value.find("t")->text() == "x");
  CHECK(value.find("n")->number() == 5);
  CHECK(value.find("n")->signed_number() == 5);
  CHECK(value.find("m")->number() == std::nullopt);
  CHECK(value.find("m")->signed_number() == -5);
  CHECK(value.find("max")->signed_number() == std::nullopt);
  CHECK(value.find("b")->boolean() == true);
  CHECK(value.find("l")->items().size() == 1);
  for (const char* name : {"m", "b", "r", "l", "z"}) {
    CAPTURE(name);
    CHECK(value.find(name)->text() == nullptr);
    CHECK(value.find(name)->number() == std::nullopt);
  }
  CHECK(value.find("n")->boolean() == std::nullopt);
  CHECK(value.dump() == R"({"t":"x","n":5,"m":-5,"b":true,"r":1.5,"l":[1],"z":null,"max":18446744073709551615})");
}

TEST_CASE("what is not JSON, or deeper than anybody writes it, is refused") {
  const auto deep = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  for (const std::string& text : {std::string(), std::string("{"), std::string("[1,]"), std::string("{\"a\" 1}"), std::string("1 2"), std::string("nul"),
                                  std::string("\"\xff\""), deep(101), std::string(1000000, '[')}) {
    CAPTURE(text.substr(0, 20));
    CHECK_FALSE(Json::parse(text).ok());
  }
  CHECK(Json::parse(deep(100)).ok());
}

TEST_CASE("of a member that is there twice the last stays, and it is told") {
  const struct {
    const char* text;
    bool repeated;
    const char* read;
  } rows[] = {
      {R"({"a": 1, "b": {"a": 2}})", false, R"({"a":1,"b":{"a":2}})"},
      {R"({"a": [1], "b": 2, "a": {"c": 3}})", true, R"({"a":{"c":3},"b":2})"},
      {R"([{"a": 1}, {"a": 2, "a": 3}])", true, R"([{"a":1},{"a":3}])"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    bool repeated = false;
    const auto read = Json::parse(row.text, &repeated);
    REQUIRE(read.ok());
    CHECK(repeated == row.repeated);
    CHECK(read.value().dump() == row.read);
  }
}
