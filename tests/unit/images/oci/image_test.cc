#include "images/oci/image.h"

#include <doctest/doctest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "images/oci/read.h"
#include "images/oci/write.h"
#include "images/store/digest.h"
#include "images/store/files.h"
#include "launcher/sys/file.h"
#include "tests/support/scratch.h"

using namespace images;
namespace fs = std::filesystem;

namespace {

Image image() {
  PathMap one, two;
  REQUIRE(one.add("etc/passwd", {.mode = 0644, .content = content("root")}).ok());
  REQUIRE(two.add("fpmbox", {.mode = 0755, .content = content("program")}).ok());
  About about;
  about.name = "localhost/x/wiki:1";
  about.created = 1795573350;
  about.entrypoint = {"/fpmbox", "run"};
  about.working_directory = "/";
  about.stop_signal = "SIGTERM";
  about.healthcheck = {"/fpmbox", "health"};
  about.labels = {{"a", "b"}};
  std::vector<Layer> layers;
  layers.push_back(make_layer("one", one, about.created, {}).value());
  layers.push_back(make_layer("two", two, about.created, {}).value());
  return make_image(std::move(layers), about);
}

}  // namespace

TEST_CASE("layout and archive hold the same image, and both read back whole") {
  const Scratch folder;
  const Image made = image();
  REQUIRE(write_layout(made, folder.path("layout")).ok());
  REQUIRE(write_archive(made, folder.path("image.tar")).ok());
  for (const std::string& place : {folder.path("layout"), folder.path("image.tar")}) {
    const auto read = read_image(place);
    CAPTURE(place);
    REQUIRE_MESSAGE(read.ok(), read.error().text());
    CHECK_EQ(read.value().name, "localhost/x/wiki:1");
    CHECK_EQ(read.value().manifest_digest, "sha256:" + made.manifest_digest);
    REQUIRE_EQ(read.value().layers.size(), 2);
    CHECK_EQ(read.value().layers[1].name, "two");
    const auto config = nlohmann::json::parse(read.value().config);
    CHECK_EQ(config.at("created"), "2026-11-25T02:22:30Z");
    CHECK_EQ(config.at("config").at("Labels").at("a"), "b");
    CHECK_EQ(config.at("config").at("Healthcheck").at("Test"), nlohmann::json::array({"CMD", "/fpmbox", "health"}));
    CHECK_EQ(config.at("history").size(), 2);
  }
  CHECK(write_layout(made, folder.path("layout")).ok());  // its own kind is replaced
}

TEST_CASE("docker's manifest names the same blobs") {
  const Image made = image();
  const auto manifest = nlohmann::json::parse(made.docker_manifest).at(0);
  CHECK_EQ(manifest.at("Config"), "blobs/sha256/" + made.config_digest);
  CHECK_EQ(manifest.at("RepoTags").at(0), "localhost/x/wiki:1");
  CHECK_EQ(manifest.at("Layers").size(), 2);
}

TEST_CASE("damage is found, wherever it is") {
  const Scratch folder;
  const Image made = image();
  struct Row {
    std::string digest;
    const char* says;
  };
  for (const Row& row : {Row{made.blobs[0].digest, "damaged"}, Row{made.manifest_digest, "damaged"}, Row{made.config_digest, "damaged"}}) {
    REQUIRE(write_layout(made, folder.path("layout")).ok());
    const std::string file = folder.path("layout/blobs/sha256/" + row.digest);
    std::string bytes = sys::read_file(file, 1 << 20).value();
    bytes[bytes.size() / 2] ^= 1;
    REQUIRE(write_whole(file, bytes).ok());
    const auto read = read_image(folder.path("layout"));
    REQUIRE_FALSE(read.ok());
    CHECK_MESSAGE(read.error().text().find(row.says) != std::string::npos, read.error().text());
  }
}

TEST_CASE("what is no layout is not replaced, and nothing is left beside it") {
  const Scratch folder;
  fs::create_directories(folder.path("precious"));
  REQUIRE(write_whole(folder.path("precious/file"), "x").ok());
  CHECK_FALSE(write_layout(image(), folder.path("precious")).ok());
  CHECK(fs::exists(folder.path("precious/file")));
  CHECK_FALSE(write_archive(image(), folder.path("none/image.tar")).ok());
  CHECK_EQ(std::distance(fs::directory_iterator(folder.root()), fs::directory_iterator()), 1);
}

TEST_CASE("a folder that others have put where a layout is drafted is not taken") {
  const Scratch folder;
  const fs::path planted = folder.path(".layout." + std::to_string(::getpid()));
  fs::create_directories(planted / "blobs");
  REQUIRE(write_layout(image(), folder.path("layout")).ok());
  CHECK(fs::exists(planted / "blobs"));
  CHECK(fs::exists(folder.path("layout") + "/index.json"));
  CHECK_EQ(fs::status(folder.path("layout")).permissions(), fs::perms{0755});
}

TEST_CASE("a FIFO or a device in the place of a file of a layout, or of the whole, is an error at once") {
  const Scratch folder;
  const Image made = image();
  for (const std::string& file : {std::string("index.json"), std::string("oci-layout"), "blobs/sha256/" + made.manifest_digest, "blobs/sha256/" + made.blobs[0].digest}) {
    CAPTURE(file);
    REQUIRE(write_layout(made, folder.path("layout")).ok());
    fs::remove(folder.path("layout/" + file));
    REQUIRE_EQ(::mkfifo(folder.path("layout/" + file).c_str(), 0644), 0);
    const auto read = read_image(folder.path("layout"));
    REQUIRE_FALSE(read.ok());
    CHECK_NE(read.error().text().find("no plain file"), std::string::npos);
  }
  REQUIRE_EQ(::mkfifo(folder.path("pipe").c_str(), 0644), 0);
  CHECK_FALSE(read_image(folder.path("pipe")).ok());
  CHECK_FALSE(read_image("/dev/zero").ok());
}

TEST_CASE("zstd layers have a type of their own, read back whole, and no docker manifest that docker could not follow") {
  const Scratch folder;
  PathMap tree;
  REQUIRE(tree.add("usr/x", {.mode = 0644, .content = content(std::string(9 << 20, 'x'))}).ok());
  std::vector<Layer> layers;
  layers.push_back(make_layer("one", tree, 1000, {}, Compression::zstd).value());
  About about;
  about.name = "localhost/x:1";
  about.created = 1000;
  const Image made = make_image(std::move(layers), about);
  CHECK_EQ(made.docker_manifest, "");
  REQUIRE(write_archive(made, folder.path("zstd.tar")).ok());
  const auto read = read_image(folder.path("zstd.tar"));
  REQUIRE_MESSAGE(read.ok(), read.error().text());
  CHECK_EQ(read.value().layers.at(0).members.at(1).bytes.size(), 9 << 20);
  const auto manifest = nlohmann::json::parse(made.blobs.back().bytes);
  CHECK_EQ(manifest.at("layers").at(0).at("mediaType"), "application/vnd.oci.image.layer.v1.tar+zstd");
}
