// fpmbox image inspect IMAGE: what is in it. All blobs are checked on the way.
#include <functional>
#include <map>

#include "images/cli/commands.h"
#include "images/cli/exit_codes.h"
#include "images/cli/look.h"
#include "launcher/cli/image_words.h"
#include "profiles/base/text.h"

namespace images {
namespace {

using Json = nlohmann::ordered_json;

void print_list(const char* title, const Json& list, const char* none) {
  if (list.empty()) std::printf("%-12s %s\n", title, none);
  for (const Json& one : list) std::printf("%-12s %s\n", title, one.get<std::string>().c_str());
}

using Sized = std::multimap<std::uint64_t, std::pair<const char*, std::string>, std::greater<>>;

// What it is made of, largest first.
Sized by_size(const Json& json) {
  Sized out;
  for (const Json& package : json["packages"])
    out.emplace(package["bytes"].get<std::uint64_t>(), std::pair("package", package["name"].get<std::string>() + " " + package["version"].get<std::string>()));
  for (const auto& [path, bytes] : json["extension_bytes"].items()) out.emplace(bytes.get<std::uint64_t>(), std::pair("extension", path.substr(path.rfind('/') + 1)));
  return out;
}

void print(const Json& json) {
  std::printf("%-12s %s\n%-12s %s\n", "name", json["name"].get<std::string>().c_str(), "digest", json["digest"].get<std::string>().c_str());
  for (const Json& layer : json["layers"])
    std::printf("%-12s %8.1f MB  %s\n", "layer", layer["size"].get<double>() / 1e6, layer["name"].get<std::string>().c_str());
  std::printf("%-12s %llu, %.1f MB\n", "files", static_cast<unsigned long long>(json["files"].get<std::uint64_t>()), json["bytes"].get<double>() / 1e6);
  print_list("executable", json["executables"], "none");
  print_list("setuid", json["setuid"], "none");
  print_list("not root's", json["not_roots"], "none");
  for (const auto& [size, what] : by_size(json))
    std::printf("%-12s %8.1f MB  %s\n", what.first, static_cast<double>(size) / 1e6, base::escape_control(what.second).c_str());
  for (const Json& one : json["attached"])
    std::printf("%-12s %s (%s)\n", "attached", base::escape_control(one["name"].get<std::string>()).c_str(), base::escape_control(one["type"].get<std::string>()).c_str());
}

int print_attachment(const StoredImage& image, const std::string& name) {
  for (const StoredAttachment& one : image.attachments)
    if (one.name == name) return std::fwrite(one.bytes.data(), 1, one.bytes.size(), stdout) == one.bytes.size() ? kDone : kFailed;
  print_error("nothing of the name " + name + " is attached to it");
  return kDiffers;
}

int run(const cli::InspectWords& words) {
  const auto image = read_image(words.image);
  if (!image) return print_error(image.error().text()), kFailed;
  if (!words.attached.empty()) return print_attachment(image.value(), words.attached);
  const Json json = look(image.value());
  if (words.json)
    std::printf("%s\n", json.dump().c_str());
  else
    print(json);
  return kDone;
}

}  // namespace

void add_inspect(cli::App image, Command& command) {
  auto words = std::make_shared<cli::InspectWords>();
  cli::declare(image, *words).callback([words, &command] { command = [words] { return run(*words); }; });
}

}  // namespace images
