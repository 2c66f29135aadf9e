#include "images/cli/look_text.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "images/cli/look.h"

using namespace images;

namespace {

constexpr const char* kHostile = "\033]0;title\007\n\xff";

Member file(const std::string& path) { return {Member::Kind::file, path, 06755, 33, 0, 0, {}, "bytes"}; }

// Hostile wherever somebody else chooses the words.
StoredImage hostile() {
  StoredImage out;
  out.name = std::string("name") + kHostile;
  out.manifest_digest = "sha256:1";
  out.config = R"({"config": {"Labels": {"a": "\u001b[2J"}}})";
  StoredLayer layer;
  layer.name = std::string("layer") + kHostile;
  layer.members = {file(std::string("bin/x") + kHostile), file(std::string("usr/lib/php/2/") + kHostile + ".so")};
  Member control = file("var/lib/dpkg/status.d/x");
  control.bytes = "Package: p\033[31m\nVersion: 1\033[0m\n";
  layer.members.push_back(control);
  out.layers.push_back(layer);
  out.attachments.push_back({std::string("type") + kHostile, std::string("attached") + kHostile, "sha256:2", "x"});
  return out;
}

}  // namespace

TEST_CASE("no name of an image drives a terminal, or adds a line of its own") {
  const std::string text = text_of(look(hostile()));
  for (const char c : text) CHECK_MESSAGE(((c >= ' ' && c < 127) || c == '\n'), text);
  for (const char* line : {"name         name\\x1b", "executable   /bin/x\\x1b", "setuid       /bin/x\\x1b", "not root's   /bin/x\\x1b", "MB  layer\\x1b", "MB  \\x1b", "MB  p\\x1b", "attached     attached\\x1b"})
    CHECK_MESSAGE(text.find(line) != std::string::npos, text);
  CHECK_EQ(std::count(text.begin(), text.end(), '\n'), 16);
}

TEST_CASE("a name that is not UTF-8 is no reason to end: programs read U+FFFD in its place") {
  const std::string text = json_text(look(hostile()));
  CHECK(nlohmann::json::accept(text));
  CHECK_NE(text.find("\xEF\xBF\xBD"), std::string::npos);
  CHECK_EQ(text.find('\033'), std::string::npos);
}

// What looks each one up in a list of all takes minutes for so many: the tests' own time limit ends it.
TEST_CASE("an image of many extensions is looked at") {
  StoredImage image;
  image.config = R"({"config": {}})";
  image.layers.emplace_back();
  for (int i = 0; i < 60'000; ++i) image.layers[0].members.push_back(file("usr/lib/php/2/" + std::to_string(i) + ".so"));
  const auto looked = look(image);
  CHECK_EQ(looked.at("extension_bytes").size(), 60'000);
  CHECK_EQ(looked.at("extension_bytes").at(59'999).at("path"), "/usr/lib/php/2/59999.so");
}
