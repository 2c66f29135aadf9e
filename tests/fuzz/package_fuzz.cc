// What a mirror, a package or a lock may hold. The first byte says as what the rest is read: whatever is taken keeps within
// the limits and below the image's root.
#include "images/lock/lock.h"
#include "images/package/deb.h"
#include "images/tree/elf.h"
#include "images/tree/unpack.h"
#include "profiles/base/text.h"
#include "tests/fuzz/standalone.h"
#include "tests/unit/images/craft.h"
#include "tests/unit/images/elf.h"

using namespace images;

namespace {

constexpr Limits kLimits{.file = 1 << 20, .total = 4 << 20, .members = 100};

void check_members(std::vector<Member> members) {
  std::uint64_t total = 0;
  FUZZ_REQUIRE(members.size() <= kLimits.members);
  for (const Member& member : members) {
    FUZZ_REQUIRE(member.bytes.size() <= kLimits.file);
    total += member.bytes.size();
  }
  FUZZ_REQUIRE(total <= kLimits.total);
  PathMap tree;
  if (!add_merged_usr(tree) || !add_members(std::move(members), "demo", tree)) return;
  for (const auto& [path, entry] : tree.entries()) {
    FUZZ_REQUIRE(base::is_normal_relative(path));
    FUZZ_REQUIRE(entry.kind != Entry::Kind::symlink || link_target(path, entry.target));
    FUZZ_REQUIRE(entry.kind != Entry::Kind::file || entry.content != nullptr);
    const auto real = tree.resolve(path);
    FUZZ_REQUIRE(!real || real->empty() || tree.find(*real) != nullptr);
  }
}

void read_as(unsigned char kind, std::string_view bytes) {
  switch (kind % 4) {
    case 0:
      if (auto deb = read_deb(bytes, kLimits)) check_members(std::move(deb.value().members));
      break;
    case 1:
      if (auto members = read_tar(bytes, kLimits)) check_members(std::move(members).value());
      break;
    case 2: (void)read_needs(bytes).ok(); break;
    case 3:
      if (const auto lock = read_lock(std::string(bytes))) FUZZ_REQUIRE(read_lock(write(lock.value())).value() == lock.value());
      break;
  }
}

[[maybe_unused]] std::vector<std::string> seeds() {  // libFuzzer takes the corpus
  const std::vector<test::Piece> files = {{"./usr/", '5', "", 0755}, {"./usr/x", '0', "text"}, {"./usr/y", '1', "", 0644, "./usr/x"}, {"./lib/z", '2', "", 0777, "../usr/x"}};
  const Lock lock{"w", {{"s", "m", {"main"}, {"F"}, 1, 2}}, {{"a", "1", "amd64", "a", "1", std::string(64, 'a'), 1, "u"}}};
  return {std::string(1, '\0') + test::deb(files), "\1" + test::tar(files), "\1" + images::gzip(test::tar(files)).value(),
          "\2" + test::elf({{"liba.so"}, "/lib64/ld.so", "libx.so", "/a"}), "\3" + write(lock)};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size != 0) read_as(data[0], std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1));
  return 0;
}

FUZZ_MAIN(seeds())
