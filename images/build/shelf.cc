#include "images/build/shelf.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "images/build/kept_layer.h"
#include "images/store/digest.h"
#include "images/store/files.h"
#include "images/tree/outline.h"

namespace images {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

constexpr std::uint64_t kLargest = 2ull << 30;
constexpr std::size_t kMost = 8;  // a runtime has some 30 MB
constexpr std::size_t kDigest = 64;
constexpr const char* kSystem = "usr/lib/os-release";  // the one file that a build reads of a finished runtime

// DIGEST of the rest, HEAD in one line, the blob. The head has the blob's own digest, so the blob is digested once.
struct Parts {
  std::string_view digest, head, blob;
};

std::optional<Parts> split(std::string_view text) {
  const auto end = text.find('\n', kDigest);
  if (text.size() < kDigest || end == text.npos) return std::nullopt;
  return Parts{text.substr(0, kDigest), text.substr(kDigest, end - kDigest), text.substr(end + 1)};
}

std::optional<Runtime> read(const std::string& text) {
  const auto parts = split(text);
  if (!parts || sha256(parts->head) != parts->digest) return std::nullopt;
  const Json head = Json::parse(parts->head);
  auto outline = read_outline(head.at("outline").get<std::string>());
  Runtime out{{}, head.at("programs"), Layer{head.at("name"), std::string(parts->blob), sha256(parts->blob), head.at("diff_id"), head.at("tar_size"), head.at("zstd").get<bool>() ? Compression::zstd : Compression::gzip}};
  if (!outline || out.packed->digest != head.at("digest")) return std::nullopt;
  out.tree = std::move(outline).value();
  if (Entry* system = out.tree.find(kSystem)) system->content = content(head.at("system"));
  return out;
}

// But for the newest, which is known by its name: the clock may say of several that they are of one moment, or have been set back.
void remove_oldest(const std::string& folder, const std::string& newest) {
  std::error_code failed;
  std::vector<std::pair<fs::file_time_type, fs::path>> others;
  for (const auto& file : fs::directory_iterator(folder, failed))
    if (file.path().filename() != newest) others.emplace_back(file.last_write_time(failed), file.path());
  std::sort(others.rbegin(), others.rend());
  for (std::size_t i = kMost - 1; i < others.size(); ++i) fs::remove(others[i].second, failed);
}

}  // namespace

// Just what make_runtime() and make_layer() look at.
std::string runtime_key(const Inputs& inputs, const std::string& builder) {
  const Recipe& recipe = inputs.recipe;
  const Json all = {builder, compressor(recipe.compression), write(inputs.lock), recipe.php.text, recipe.keep, recipe.strip, recipe.account.user, recipe.account.uid, recipe.account.gid,
                    inputs.pool.policy.php.extensions};
  return sha256(all.dump());
}

// And make_server(), which looks at nothing of the site.
std::string server_key(const Inputs& inputs, const std::string& builder) {
  const Json all = {builder, compressor(inputs.recipe.compression), write(inputs.lock), inputs.recipe.web.server};
  return sha256(all.dump());
}

std::optional<Runtime> Shelf::find(const std::string& key) const {
  const auto text = read_own(folder_ + "/" + key, kLargest);
  if (!text) return std::nullopt;
  try {
    return read(text.value());
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

void Shelf::keep(const std::string& key, const Runtime& packed) const {
  const Layer& layer = *packed.packed;
  if (!agrees(layer, packed.tree)) return;
  const auto outline = write_outline(packed.tree);
  const auto made = make_folders(folder_);
  if (!outline || !made) return;
  const Entry* system = packed.tree.find(kSystem);
  const std::string head = Json({{"system", system == nullptr ? "" : *system->content},
                                 {"name", layer.name}, {"digest", layer.digest}, {"diff_id", layer.diff_id}, {"tar_size", layer.tar_size}, {"zstd", layer.compression == Compression::zstd},
                                 {"programs", packed.programs}, {"outline", outline.value()}}).dump();
  if (write_whole(folder_ + "/" + key, sha256(head) + head + "\n" + layer.blob)) remove_oldest(folder_, key);
}

}  // namespace images
