#include "images/oci/read.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "images/oci/attach.h"
#include "images/oci/image.h"
#include "images/oci/write.h"
#include "images/store/digest.h"
#include "images/store/files.h"
#include "tests/support/scratch.h"

using namespace images;
using Json = nlohmann::json;

namespace {

Image image(const std::string& program) {
  std::vector<Layer> layers;
  for (const std::string& name : {std::string("one"), program}) {
    PathMap tree;
    REQUIRE(tree.add(name, {.mode = 0755, .content = content(name)}).ok());
    layers.push_back(make_layer(name, tree, 1000, {}).value());
  }
  About about;
  about.name = "localhost/x:1";
  about.created = 1000;
  return make_image(std::move(layers), about);
}

// What reading it as an archive says; empty when it is an image.
std::string fault(const Image& made) {
  const Scratch folder;
  REQUIRE(write_archive(made, folder.path("x.tar")).ok());
  const auto read = read_image(folder.path("x.tar"));
  return read.ok() ? "" : read.error().text();
}

bool says(const std::string& text, const std::string& what) { return text.find(what) != std::string::npos; }

std::string deep(int levels) { return std::string(static_cast<std::size_t>(levels), '[') + std::string(static_cast<std::size_t>(levels), ']'); }

}  // namespace

TEST_CASE("docker's manifest.json leads to the image of index.json, or the archive is none") {
  const Image good = image("program"), bad = image("backdoor");
  CHECK_EQ(fault(good), "");
  Image both = good;  // index.json of one, manifest.json of the other, and all blobs of both
  both.docker_manifest = bad.docker_manifest;
  for (const Blob& blob : bad.blobs)
    if (blob.digest != good.blobs[0].digest) both.blobs.push_back(blob);
  CHECK_MESSAGE(says(fault(both), "leads to another image than index.json"), fault(both));
  const auto with = [&](const char* key, const Json& value) {
    Json list = Json::parse(good.docker_manifest);
    list[0][key] = value;
    Image out = good;
    out.docker_manifest = list.dump();
    return fault(out);
  };
  const Json layers = Json::parse(good.docker_manifest)[0]["Layers"];
  CHECK(says(with("Layers", Json::array({layers[1], layers[0]})), "another image"));
  CHECK(says(with("Layers", Json::array({layers[0]})), "another image"));
  CHECK(says(with("RepoTags", Json::array({"localhost/y:1"})), "another name"));
  CHECK(says(with("Layer\u017f", layers), "is twice"));
  CHECK(says(with("config", "x"), "is twice"));
  CHECK(says(with("Foreign", "x"), "not known"));
  CHECK_EQ(with("RepoTags", nullptr), "");
  Image two = good;
  two.docker_manifest = "[" + good.docker_manifest.substr(1, good.docker_manifest.size() - 2) + "," + bad.docker_manifest.substr(1);
  CHECK(says(fault(two), "no list of one image"));
}

TEST_CASE("what is no image is said by its own name") {
  const Scratch folder;
  folder.file("site.yaml", "extends: php-fpm\n");
  folder.folder("empty");
  for (const char* name : {"site.yaml", "empty"}) {
    const auto read = read_image(folder.path(name));
    REQUIRE_FALSE(read.ok());
    CHECK_MESSAGE(says(read.error().text(), folder.path(name) + ": "), read.error().text());
  }
  CHECK(says(read_image(folder.path("empty")).error().text(), "it is no OCI image"));
  CHECK_FALSE(says(read_image(folder.path("none")).error().text(), folder.path("none") + ": open"));  // it is named once
}

TEST_CASE("an archive has nothing that the image does not refer to; a layout's index names all that anybody reads") {
  const Scratch folder;
  Image made = image("program");
  made.blobs.push_back({sha256("left"), "left"});
  CHECK(says(fault(made), "nothing of the image refers to it"));
  REQUIRE(write_layout(made, folder.path("layout")).ok());
  CHECK(read_image(folder.path("layout")).ok());
  REQUIRE(write_whole(folder.path("layout/manifest.json"), image("backdoor").docker_manifest).ok());
  CHECK_FALSE(read_image(folder.path("layout")).ok());
}

TEST_CASE("JSON that is too deep is refused wherever it is, and ends nothing") {
  const std::string end = deep(300'000);
  Image index = image("program"), layout = index, docker = index;
  index.index = "{\"manifests\": [" + end + "]}";
  layout.oci_layout = "{\"imageLayoutVersion\": \"1.0.0\", \"x\": " + end + "}";
  docker.docker_manifest = end;
  for (const Image& made : {index, layout, docker}) CHECK_MESSAGE(says(fault(made), "100 deep"), fault(made));
  Image manifest = image("program");
  const std::string text = end;
  manifest.blobs.push_back({sha256(text), text});
  Json list = Json::parse(manifest.index);
  list["manifests"].push_back({{"mediaType", "application/vnd.oci.image.manifest.v1+json"}, {"digest", "sha256:" + sha256(text)}, {"size", text.size()}});
  manifest.index = list.dump();
  CHECK(says(fault(manifest), "100 deep"));
  Image shallow = image("program");
  shallow.oci_layout = "{\"imageLayoutVersion\": \"1.0.0\", \"x\": " + deep(99) + "}";
  CHECK_EQ(fault(shallow), "");
}

TEST_CASE("of two names that an engine takes for one none is read") {
  Image made = image("program");
  made.index.insert(1, "\"Manifests\": [],");
  CHECK(says(fault(made), "is twice in one object"));
}
