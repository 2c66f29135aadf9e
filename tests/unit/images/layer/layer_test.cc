#include "images/layer/layer.h"

#include <doctest/doctest.h>

#include <map>
#include <mutex>

#include "images/layer/tar_writer.h"
#include "images/package/tar_reader.h"
#include "images/store/digest.h"

using namespace images;

namespace {

PathMap tree_of(const std::map<std::string, std::string>& files) {
  PathMap tree;
  for (const auto& [path, text] : files)
    REQUIRE(tree.add(path, {.mode = 0644, .content = content(text), .package = path.substr(0, path.find('/'))}).ok());
  return tree;
}

}  // namespace

TEST_CASE("SHA-256") {
  CHECK_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(is_sha256(sha256("")));
  CHECK_FALSE(is_sha256("abc"));
  CHECK_FALSE(is_sha256(std::string(64, 'G')));
}

TEST_CASE("what is written is read again by libarchive, long and foreign names too") {
  PathMap tree;
  const std::string deep = std::string(90, 'a') + "/" + std::string(90, 'b') + "/" + std::string(60, 'c');
  const std::string longest = std::string(200, 'd') + "/" + std::string(200, 'e'), foreign = "srv/\xc3\xa9t\xc3\xa9.php", bytes = "srv/\xff\xfe";
  for (const std::string& path : {std::string("a"), deep, longest, foreign, bytes})
    REQUIRE(tree.add(path, {.mode = 0640, .uid = 10000, .gid = 10001, .mtime = 7, .content = content("of " + path)}).ok());
  REQUIRE(tree.add("link", {.kind = Entry::Kind::symlink, .mode = 0777, .target = std::string(150, 't')}).ok());
  REQUIRE(tree.add("tmp", {.kind = Entry::Kind::directory, .mode = 01777}).ok());
  TarWriter tar(1000);
  for (const auto& [path, entry] : tree.entries()) REQUIRE(tar.add(path, entry).ok());
  const auto read = read_tar(tar.take() + TarWriter::end(), Limits{});
  REQUIRE(read.ok());
  CHECK_EQ(read.value().size(), tree.entries().size());
  for (const Member& member : read.value()) {
    CAPTURE(member.path);
    const Entry* entry = tree.find(member.path);
    REQUIRE(entry != nullptr);
    CHECK_EQ(member.mode, entry->mode);
    CHECK_EQ(member.uid, entry->uid);
    CHECK_EQ(member.gid, entry->gid);
    CHECK_EQ(member.target, entry->target);
    CHECK_EQ(member.mtime, entry->kind == Entry::Kind::file ? 7 : 1000);
    if (entry->content) CHECK_EQ(member.bytes, *entry->content);
  }
}

TEST_CASE("times later than the image's are the image's") {
  TarWriter tar(1000);
  REQUIRE(tar.add("a", {.mode = 0644, .mtime = 2000, .content = content("")}).ok());
  CHECK_EQ(read_tar(tar.take() + TarWriter::end(), Limits{}).value().front().mtime, 1000);
}

TEST_CASE("a layer has two digests, and only what changed is compressed again") {
  std::mutex one_at_a_time;  // parts are compressed side by side
  std::map<std::string, std::string> kept;
  int found = 0;
  const MemberStore store{[&](const std::string& digest) -> std::optional<std::string> {
                            const std::lock_guard held(one_at_a_time);
                            const auto at = kept.find(digest);
                            if (at == kept.end()) return std::nullopt;
                            ++found;
                            return at->second;
                          },
                          [&](const std::string& digest, const std::string& bytes) {
                            const std::lock_guard held(one_at_a_time);
                            kept[digest] = bytes;
                          }};
  const auto layer = [&](const std::string& y) {
    found = 0;
    auto made = make_layer("l", tree_of({{"one/x", std::string(100, 'x')}, {"two/y", y}}), 1000, store);
    REQUIRE(made.ok());
    return std::move(made).value();
  };
  const Layer first = layer("y");
  CHECK_EQ(found, 0);
  CHECK_EQ(read_tar(first.blob, Limits{}).value().size(), 4);
  CHECK_EQ(first.digest, sha256(first.blob));
  CHECK_NE(first.digest, first.diff_id);
  CHECK_EQ(layer("y").digest, first.digest);
  CHECK_EQ(found, 4);  // folders, two packages, the end
  CHECK_NE(layer("z").digest, first.digest);
  CHECK_EQ(found, 3);
}

TEST_CASE("of a large folder of code, only the part around a change is compressed again, also when a file grows") {
  std::mutex one_at_a_time;
  std::map<std::string, std::string> kept;
  std::size_t missed = 0;
  const MemberStore store{[&](const std::string& digest) -> std::optional<std::string> {
                            const std::lock_guard held(one_at_a_time);
                            const auto at = kept.find(digest);
                            if (at == kept.end()) return std::nullopt;
                            return at->second;
                          },
                          [&](const std::string& digest, const std::string& bytes) {
                            const std::lock_guard held(one_at_a_time);
                            ++missed;
                            kept[digest] = bytes;
                          }};
  std::map<std::string, std::string> files;
  for (int i = 1000; i < 2000; ++i) files["x/file" + std::to_string(i)] = std::string(10'000, static_cast<char>(i));
  const Layer first = make_layer("code", tree_of(files), 1000, store).value();
  CHECK_GT(missed, 10);  // of 10 MB
  CHECK_EQ(read_tar(first.blob, Limits{}).value().size(), 1001);
  missed = 0;
  files["x/file1500"] += std::string(5'000, 'y');
  const Layer second = make_layer("code", tree_of(files), 1000, store).value();
  CHECK_LE(missed, 2);
  CHECK_NE(second.diff_id, first.diff_id);
}
