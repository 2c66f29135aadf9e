#include "images/oci/attach.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "images/oci/provenance.h"
#include "images/oci/read.h"
#include "images/oci/write.h"
#include "images/store/digest.h"
#include "images/store/files.h"
#include "tests/support/scratch.h"

using namespace images;
using Json = nlohmann::json;

namespace {

Image image(const std::string& text) {
  PathMap tree;
  REQUIRE(tree.add("fpmbox", {.mode = 0755, .content = content(text)}).ok());
  std::vector<Layer> layers;
  layers.push_back(make_layer("one", tree, 1000, {}).value());
  About about;
  about.name = "localhost/x:1";
  about.created = 1000;
  Image out = make_image(std::move(layers), about);
  attach({{"application/spdx+json", "sbom.spdx.json", "{}\n"}, {"text/x-policy", "pool.yaml", "name: x\n"}}, 1000, out);
  return out;
}

}  // namespace

TEST_CASE("documents lie beside the image, refer to it, and are read with it") {
  const Scratch folder;
  const Image made = image("program");
  CHECK_EQ(image("program").index, made.index);
  REQUIRE(write_layout(made, folder.path("layout")).ok());
  const auto read = read_image(folder.path("layout"));
  REQUIRE_MESSAGE(read.ok(), read.error().text());
  REQUIRE_EQ(read.value().attachments.size(), 2);
  CHECK_EQ(read.value().attachments[1].name, "pool.yaml");
  CHECK_EQ(read.value().attachments[1].type, "text/x-policy");
  CHECK_EQ(read.value().attachments[1].bytes, "name: x\n");
  CHECK_EQ(read.value().manifest_digest, "sha256:" + made.manifest_digest);
}

TEST_CASE("in an archive image and documents are below one name, and are read as before") {
  const Scratch folder;
  Image made = image("program");
  const std::string digest = made.manifest_digest;
  gather(made);
  const Json top = Json::parse(made.index).at("manifests");
  REQUIRE_EQ(top.size(), 1);
  CHECK_EQ(top.at(0).at("annotations").at("org.opencontainers.image.ref.name"), "localhost/x:1");
  const Json inner = Json::parse(made.blobs.back().bytes).at("manifests");
  REQUIRE_EQ(inner.size(), 3);
  CHECK_EQ(inner.at(0).at("platform").at("os"), "linux");
  CHECK_EQ(inner.at(2).at("platform").at("os"), "unknown");
  const std::string archive = folder.path("x.tar");
  REQUIRE(write_archive(made, archive).ok());
  const auto read = read_image(archive);
  REQUIRE_MESSAGE(read.ok(), read.error().text());
  CHECK_EQ(read.value().name, "localhost/x:1");
  CHECK_EQ(read.value().manifest_digest, "sha256:" + digest);
  REQUIRE_EQ(read.value().attachments.size(), 2);
  CHECK_EQ(read.value().attachments[0].name, "sbom.spdx.json");
}

TEST_CASE("an image without documents is at the top, and an index in an index is none") {
  const Scratch folder;
  Image made = image("program");
  Json index = Json::parse(made.index);
  index["manifests"].erase(1);
  index["manifests"].erase(1);
  made.index = index.dump();
  gather(made);
  CHECK_EQ(made.index, index.dump());
  Image twice = image("program");
  gather(twice);
  const std::string inner = twice.index;
  twice.blobs.push_back({sha256(inner), inner});
  twice.index = Json({{"schemaVersion", 2}, {"manifests", Json::array({{{"mediaType", "application/vnd.oci.image.index.v1+json"}, {"digest", "sha256:" + sha256(inner)},
                                                                        {"size", inner.size()}, {"annotations", {{"org.opencontainers.image.ref.name", "x"}}}}})}}).dump();
  REQUIRE(write_layout(twice, folder.path("layout")).ok());
  CHECK_FALSE(read_image(folder.path("layout")).ok());
}

TEST_CASE("a document of another image, or one whose bytes are others, is no document of this one") {
  const Scratch folder;
  Image made = image("program");
  Image other = image("another program");
  Json index = Json::parse(made.index);
  index["manifests"][1] = Json::parse(other.index)["manifests"][1];
  other.index = index.dump();
  for (const Blob& blob : made.blobs) other.blobs.push_back(blob);
  REQUIRE(write_layout(other, folder.path("layout")).ok());
  auto read = read_image(folder.path("layout"));
  REQUIRE_FALSE(read.ok());
  CHECK_NE(read.error().text().find("not to this image"), std::string::npos);
  REQUIRE(write_layout(made, folder.path("layout")).ok());
  REQUIRE(write_whole(folder.path("layout") + "/blobs/sha256/" + sha256("name: x\n"), "name: y\n").ok());
  CHECK_FALSE(read_image(folder.path("layout")).ok());
}

TEST_CASE("provenance names every package of the lock with its digest, and nothing of who built it") {
  Lock lock;
  lock.suites = {{"bookworm", "http://m/debian", {"main"}, {"F1"}, 1000, 0}};
  lock.packages = {{"libc6", "2.36", "amd64", "glibc", "2.36", std::string(64, 'a'), 1, "http://m/libc6.deb"}};
  PathMap code;
  REQUIRE(code.add("srv/www/index.php", {.mode = 0444, .content = content("<?php")}).ok());
  const std::string text = provenance({"wiki", std::string(64, 'd'), "debian-12", "libdeflate", "name: wiki\n", "program", lock, code});
  const Json json = Json::parse(text);
  CHECK_EQ(json.at("_type"), "https://in-toto.io/Statement/v1");
  CHECK_EQ(json.at("predicateType"), "https://slsa.dev/provenance/v1");
  CHECK_EQ(json.at("subject").at(0).at("digest").at("sha256"), std::string(64, 'd'));
  const Json& materials = json.at("predicate").at("buildDefinition").at("resolvedDependencies");
  REQUIRE_EQ(materials.size(), 4);
  CHECK_EQ(materials.at(0).at("uri"), "pkg:deb/debian/libc6@2.36?arch=amd64&distro=debian-12");
  CHECK_EQ(materials.at(0).at("digest").at("sha256"), std::string(64, 'a'));
  CHECK_EQ(materials.at(1).at("digest").at("sha256"), sha256("program"));
  CHECK_EQ(materials.at(3).at("digest").at("sha256"), digest_of(code));
  PathMap other = code;
  other.find("srv/www/index.php")->content = content("<?php //");
  CHECK_NE(digest_of(other), digest_of(code));
  other = code;
  other.find("srv/www/index.php")->uid = 5;
  CHECK_EQ(digest_of(other), digest_of(code));
}
