#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "launcher/boxes/view.h"

using namespace launcher;

namespace {

std::vector<BoxView> invented() {
  BoxView wiki{.pool = "wiki", .state = "running", .launcher = 11, .pid = 12, .workers = 3, .uptime_s = 12345, .memory = 50 << 20,
               .memory_from = "cgroup", .user = "www-wiki", .socket = "/run/fpmbox/wiki/live.sock", .code = "/srv/wiki/www",
               .code_version = "/srv/wiki/www-2025.1", .unit = "fpmbox@wiki.service"};
  wiki.outdated = {{Outdated::What::library, "/usr/lib/libxml2.so.2", ""}, {Outdated::What::code, "/srv/wiki/www", "/srv/wiki/www-2025.2"}};
  BoxView shop{.pool = "shop", .state = "stale", .trouble = "its processes\nare gone", .user = "www-shop", .socket = "127.0.0.1:9000"};
  return {wiki, shop};
}

}  // namespace

TEST_CASE("boxes in words") {
  CHECK(print_boxes(invented()) ==
        "NAME  STATE    PID  WORKERS  UP       MEMORY   USER      CODE        SOCKET\n"
        "wiki  running  12   3        3h25min  50.0MiB  www-wiki  www-2025.1  /run/fpmbox/wiki/live.sock\n"
        "  outdated: library /usr/lib/libxml2.so.2 was replaced\n"
        "  outdated: new version /srv/wiki/www leads to /srv/wiki/www-2025.2\n"
        "shop  stale    -    -        -        -        www-shop  -           127.0.0.1:9000\n"
        "  stale: its processes\\x0aare gone\n");
}

TEST_CASE("of a box's code as much is shown as tells it from the others'") {
  const struct {
    std::vector<std::string> paths;
    std::vector<std::string> shown;
  } rows[] = {
      {{"/srv/wiki/www-2025.1"}, {"www-2025.1"}},
      {{"/srv/wiki/www", "/srv/shop/www"}, {"wiki/www", "shop/www"}},
      {{"/srv/a/wiki/www", "/srv/b/wiki/www", "/srv/shop/html"}, {"a/wiki/www", "b/wiki/www", "html"}},
      {{"/srv/wiki/www", "/srv/wiki/www"}, {"www", "www"}},  // one site, two pools
      {{"/www", "/srv/www"}, {"/www", "/srv/www"}},
      {{"/srv/my-www", "/srv/www"}, {"my-www", "www"}},
      {{"", "/srv/www"}, {"", "www"}},
  };
  for (const auto& row : rows) {
    std::vector<BoxView> boxes;
    for (const std::string& path : row.paths) boxes.push_back({.pool = "p", .state = "running", .user = "u", .socket = "SOCKET", .code_version = path});
    const std::string text = print_boxes(boxes);
    std::size_t at = 0;
    for (const std::string& shown : row.shown) {
      at = text.find('\n', at) + 1;
      const std::string line = text.substr(at, text.find('\n', at) - at);
      CAPTURE(line);
      CHECK_NE(line.find(" " + shown + " "), line.npos);
      CHECK_EQ(line.find("/" + shown + " "), line.npos);
    }
    const auto json = nlohmann::json::parse(print_boxes_json(boxes));
    for (std::size_t i = 0; i < boxes.size(); ++i) CHECK_EQ(json[i]["code_version"], row.paths[i]);
  }
}

TEST_CASE("boxes for programs") {
  const auto json = nlohmann::json::parse(print_boxes_json(invented()));
  REQUIRE(json.size() == 2);
  CHECK(json[0]["name"] == "wiki");
  CHECK(json[0]["memory"] == 50 << 20);
  CHECK(json[0]["outdated"][0]["what"] == "library");
  CHECK(json[0]["outdated"][0]["subject"] == "/usr/lib/libxml2.so.2");
  CHECK(json[1]["memory"].is_null());
  CHECK(json[1]["trouble"] == "its processes\nare gone");
  CHECK(print_boxes_json({}) == "[]\n");
}

TEST_CASE("reasons in words") {
  using What = Outdated::What;
  const struct {
    Outdated one;
    const char* text;
    const char* name;
  } rows[] = {
      {{What::library, "/l", ""}, "library /l was replaced", "library"},
      {{What::library, "/l", "removed"}, "library /l was removed", "library"},
      {{What::php, "/p", ""}, "PHP /p was replaced", "php"},
      {{What::launcher, "/f", ""}, "fpmbox /f was replaced", "launcher"},
      {{What::profile, "/y", ""}, "profile /y was changed", "profile"},
      {{What::profile, "/y", "removed"}, "profile /y was removed", "profile"},
      {{What::code, "/c", "/d"}, "new version /c leads to /d", "code"},
  };
  for (const auto& row : rows) {
    CHECK(describe(row.one) == row.text);
    CHECK(name_of(row.one.what) == std::string(row.name));
  }
}

TEST_CASE("times in words") {
  for (const auto& [seconds, text] : {std::pair(0, "0s"), {59, "59s"}, {60, "1min"}, {3599, "59min"}, {3600, "1h0min"}, {90000, "1d1h"}})
    CHECK(in_words(static_cast<std::uint64_t>(seconds)) == text);
}
