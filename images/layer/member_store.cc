#include "images/layer/member_store.h"

#include "images/store/digest.h"
#include "images/store/files.h"

namespace images {
namespace {

constexpr std::size_t kLargest = 64 << 20;
constexpr std::size_t kDigestLength = 64;

}  // namespace

MemberStore member_store(const std::string& folder) {
  const auto find = [folder](const std::string& digest) -> std::optional<std::string> {
    auto text = read_own(folder + "/" + digest, kLargest);
    if (!text || text.value().size() < kDigestLength) return std::nullopt;
    std::string bytes = text.value().substr(kDigestLength);
    if (sha256(bytes) != text.value().substr(0, kDigestLength)) return std::nullopt;
    return bytes;
  };
  const auto keep = [folder](const std::string& digest, const std::string& bytes) {
    if (const auto made = make_folders(folder); made) (void)write_whole(folder + "/" + digest, sha256(bytes) + bytes).ok();
  };
  return {find, keep};
}

}  // namespace images
