// fpmbox image inspect IMAGE: what is in it. All blobs are checked on the way.
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "images/cli/commands.h"
#include "images/cli/exit_codes.h"
#include "images/oci/read.h"
#include "images/package/deb.h"
#include "launcher/cli/image_words.h"

namespace images {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kStatus = "var/lib/dpkg/status.d/";

struct Found {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::vector<std::string> executables, setuid, writable;
  Json packages = Json::array();
};

void look_at(const Member& member, Found& found) {
  const std::string path = "/" + member.path;
  if (member.kind == Member::Kind::symlink) return;
  if ((member.mode & 06000) != 0) found.setuid.push_back(path);
  if (member.uid != 0 || (member.mode & 0002) != 0) found.writable.push_back(path);
  if (member.kind != Member::Kind::file) return;
  ++found.files;
  found.bytes += member.bytes.size();
  if ((member.mode & 0111) != 0) found.executables.push_back(path);
  if (member.path.starts_with(kStatus) && !member.path.ends_with(".md5sums"))
    found.packages.push_back({{"name", control_field(member.bytes, "Package")}, {"version", control_field(member.bytes, "Version")}});
}

Json json_of(const StoredImage& image) {
  Found found;
  Json layers = Json::array();
  for (const StoredLayer& layer : image.layers) {
    for (const Member& member : layer.members) look_at(member, found);
    layers.push_back({{"name", layer.name}, {"digest", layer.digest}, {"diff_id", layer.diff_id}, {"size", layer.size}});
  }
  return {{"name", image.name}, {"digest", image.manifest_digest}, {"config", Json::parse(image.config).at("config")}, {"layers", layers},
          {"files", found.files}, {"bytes", found.bytes}, {"executables", found.executables}, {"setuid", found.setuid},
          {"not_roots", found.writable}, {"packages", found.packages}};
}

void print_list(const char* title, const Json& list, const char* none) {
  if (list.empty()) std::printf("%-12s %s\n", title, none);
  for (const Json& one : list) std::printf("%-12s %s\n", title, one.get<std::string>().c_str());
}

void print(const Json& json) {
  std::printf("%-12s %s\n%-12s %s\n", "name", json["name"].get<std::string>().c_str(), "digest", json["digest"].get<std::string>().c_str());
  for (const Json& layer : json["layers"])
    std::printf("%-12s %8.1f MB  %s\n", "layer", layer["size"].get<double>() / 1e6, layer["name"].get<std::string>().c_str());
  std::printf("%-12s %llu, %.1f MB\n", "files", static_cast<unsigned long long>(json["files"].get<std::uint64_t>()), json["bytes"].get<double>() / 1e6);
  print_list("executable", json["executables"], "none");
  print_list("setuid", json["setuid"], "none");
  print_list("not root's", json["not_roots"], "none");
  for (const Json& package : json["packages"])
    std::printf("%-12s %s %s\n", "package", package["name"].get<std::string>().c_str(), package["version"].get<std::string>().c_str());
}

int run(const cli::InspectWords& words) {
  const auto image = read_image(words.image);
  if (!image) return print_error(image.error().text()), kFailed;
  const Json json = json_of(image.value());
  if (words.json)
    std::printf("%s\n", json.dump().c_str());
  else
    print(json);
  return kDone;
}

}  // namespace

void add_inspect(CLI::App& image, Command& command) {
  auto words = std::make_shared<cli::InspectWords>();
  cli::declare(image, *words)->callback([words, &command] { command = [words] { return run(*words); }; });
}

}  // namespace images
