#include "launcher/boxes/record.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace launcher;
using nlohmann::ordered_json;

namespace {

BoxRecord invented() {
  BoxRecord record;
  record.pool = "wiki";
  record.file = "/etc/fpmbox/pools/wiki.yaml";
  record.layers = {{"/usr/share/fpmbox/catalog/base.yaml", "aa"}, {record.file, "bb"}};
  record.boot = "6d2b9e1c-0000-4000-8000-000000000000";
  record.launcher = {4711, 123456};
  record.box = {4713, 123460};
  record.started = 1764000000;
  record.stop_timeout_ms = 30000;
  record.code = "/srv/wiki/www";
  record.code_version = "/srv/wiki/www-2025.1";
  record.socket = "/run/fpmbox/wiki/live.sock";
  record.user = "www-wiki";
  record.cgroups = {"/sys/fs/cgroup/fpmbox-wiki-4711"};
  record.program = "/usr/sbin/php-fpm8.2";
  record.program_digest = "cc";
  record.gaps = {"limits.cpu"};
  record.programs = {{"/usr/bin/convert", "1 2 3"}};
  record.unit = "fpmbox@wiki.service";
  return record;
}

// The record with one member changed, as a hostile or broken file would have it.
std::string with(const char* name, const ordered_json& value) {
  ordered_json json = ordered_json::parse(write_record(invented()));
  json[name] = value;
  return json.dump();
}

std::string without(const char* name) {
  ordered_json json = ordered_json::parse(write_record(invented()));
  json.erase(name);
  return json.dump();
}

}  // namespace

TEST_CASE("a record is read as it was written") {
  auto read = read_record(write_record(invented()));
  REQUIRE(read.ok());
  CHECK(read.value() == invented());
  BoxRecord recording = invented();
  recording.recording = true;
  CHECK(read_record(write_record(recording)).value() == recording);
  CHECK(write_record(invented()).find("recording") == std::string::npos);
  CHECK_FALSE(read_record(with("recording", false)).ok());
  CHECK_FALSE(read_record(with("recording", "yes")).ok());
  BoxRecord of_built_root = invented();
  of_built_root.root = "/srv/roots/wiki";
  CHECK(read_record(write_record(of_built_root)).value() == of_built_root);
  of_built_root.image = "/srv/roots/wiki.erofs";
  of_built_root.image_state = "1 2 3 4.5";
  CHECK(read_record(write_record(of_built_root)).value() == of_built_root);
  for (const char* name : {"root", "image"}) CHECK(write_record(invented()).find(name) == std::string::npos);
  CHECK_FALSE(read_record(with("root", "")).ok());
  BoxRecord without_programs = invented();
  without_programs.programs.clear();
  CHECK(write_record(without_programs).find("programs") == std::string::npos);
  CHECK(read_record(write_record(without_programs)).value() == without_programs);
}

TEST_CASE("bytes that no JSON text can hold are replaced, and the record stays readable") {
  BoxRecord record = invented();
  record.code = "/srv/\xff";
  CHECK(read_record(write_record(record)).ok());
}

TEST_CASE("what is not exactly a record is none") {
  const std::string good = write_record(invented());
  const ordered_json many(std::vector<std::string>(257, "x"));
  const struct {
    std::string text;
    const char* why;
  } rows[] = {
      {"", "JSON"},
      {"[]", "JSON"},
      {good + "{}", "JSON"},
      {good.substr(0, good.size() / 2), "JSON"},
      {std::string(kLongestRecord + 1, ' '), "too long"},
      {std::string(100000, '['), "JSON"},
      {"{\"pool\": \"a\", " + good.substr(1), "twice"},
      {with("version", 2), "version"},
      {with("version", "1"), "version"},
      {without("version"), "version"},
      {without("user"), "user"},
      {without("unit"), "unit"},
      {with("more", 1), "nobody knows"},
      {with("pool", 1), "pool"},
      {with("pool", nullptr), "pool"},
      {with("user", std::string("a\0b", 3)), "user"},
      {with("code", std::string(5000, 'x')), "code"},
      {with("started", -1), "started"},
      {with("started", 1.5), "started"},
      {with("started", std::numeric_limits<std::uint64_t>::max()), "started"},
      {with("launcher", 4711), "launcher"},
      {with("launcher", {{"pid", 4711}}), "launcher"},
      {with("launcher", {{"pid", 0}, {"start", 1}}), "launcher"},
      {with("launcher", {{"pid", -1}, {"start", 1}}), "launcher"},
      {with("launcher", {{"pid", 1ULL << 32}, {"start", 1}}), "launcher"},
      {with("box", {{"pid", 1}, {"start", 1}, {"more", 1}}), "box"},
      {with("layers", {{"/a", "b"}}), "layers"},
      {with("layers", ordered_json::array({{{"path", "/a"}}})), "layers"},
      {with("cgroups", "x"), "cgroups"},
      {with("programs", ordered_json::array()), "nobody knows"},
      {with("programs", ordered_json::array({{{"path", "/a"}}})), "programs"},
      {with("programs", ordered_json::array({{{"path", "/a"}, {"state", 1}}})), "programs"},
      {with("gaps", ordered_json::array({1})), "gaps"},
      {with("gaps", many), "gaps"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text.substr(0, 200));
    const auto read = read_record(row.text);
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().text().find(row.why) != std::string::npos);
  }
}
