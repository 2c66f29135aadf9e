#include "images/cli/summary.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace images {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kBiggest = 5;

struct Count {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::vector<std::string> programs;
  std::map<std::string, std::uint64_t> packages;
};

void add(const PathMap& tree, Count& count) {
  for (const auto& [path, entry] : tree.entries()) {
    if (entry.kind != Entry::Kind::file) continue;
    ++count.files;
    count.bytes += size_of(entry);
    if ((entry.mode & 0111) != 0) count.programs.push_back("/" + path);
    if (!entry.package.empty()) count.packages[entry.package] += size_of(entry);
  }
}

Json biggest(const std::map<std::string, std::uint64_t>& packages) {
  std::vector<std::pair<std::uint64_t, std::string>> sorted;
  for (const auto& [name, bytes] : packages) sorted.emplace_back(bytes, name);
  std::sort(sorted.rbegin(), sorted.rend());
  if (sorted.size() > kBiggest) sorted.resize(kBiggest);
  Json out = Json::array();
  for (const auto& [bytes, name] : sorted) out.push_back({{"package", name}, {"bytes", bytes}});
  return out;
}

Json share(const Share& s) { return {{"files", s.files}, {"bytes", s.bytes}, {"php_lines", s.php_lines}}; }

std::string mb(std::uint64_t bytes) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f MB", static_cast<double>(bytes) / 1e6);
  return text.data();
}

std::string joined(const Json& list) {
  std::string out;
  for (const Json& one : list) out += (out.empty() ? "" : ", ") + one.get<std::string>();
  return out;
}

using Trees = std::vector<std::pair<const char*, const PathMap*>>;

Json of_image(const std::string& name, const Image& image, const Trees& trees) {
  Count count;
  Json layers = Json::array();
  for (std::size_t i = 0; i < trees.size(); ++i) {
    add(*trees[i].second, count);
    layers.push_back({{"name", trees[i].first}, {"digest", "sha256:" + image.blobs[i].digest}, {"size", image.blobs[i].bytes.size()}});
  }
  return {{"name", name}, {"digest", "sha256:" + image.manifest_digest}, {"id", "sha256:" + image.config_digest},
          {"layers", layers}, {"files", count.files}, {"bytes", count.bytes}, {"packages", count.packages.size()},
          {"executables", count.programs}, {"biggest", biggest(count.packages)}};
}

std::string text_of_image(const Json& json, const std::string& output, bool unchanged) {
  std::string out = output + ": " + json["name"].get<std::string>() + (unchanged ? ", nothing changed\n" : "\n");
  out += "  digest       " + json["digest"].get<std::string>() + "\n";
  for (const Json& layer : json["layers"])
    out += "  layer        " + mb(layer["size"]) + "  " + layer["name"].get<std::string>() + "\n";
  out += "  holds        " + std::to_string(json["files"].get<std::uint64_t>()) + " files, " + mb(json["bytes"]) + ", of " +
         std::to_string(json["packages"].get<std::uint64_t>()) + " packages\n";
  out += "  executables  " + joined(json["executables"]) + "\n";
  for (const Json& one : json["biggest"]) out += "  biggest      " + mb(one["bytes"]) + "  " + one["package"].get<std::string>() + "\n";
  return out;
}

}  // namespace

std::string summary_json(const Workshop& shop, const Assembled& parts, const Image& image, const Image* web) {
  Json out = of_image(shop.inputs.recipe.name, image, {{"runtime", &parts.runtime}, {"launcher and policy", &parts.launcher}, {"code", &parts.code}});
  out["code"] = {{"kept", share(parts.kept)}, {"pruned", share(parts.pruned)}, {"plugins", parts.plugins}, {"empty", parts.empty}};
  if (web != nullptr)
    out["web"] = of_image(shop.inputs.recipe.web.name, *web, {{"web server", &parts.web->server}, {"files and configuration", &parts.web->files}});
  return out.dump();
}

std::string summary_text(const std::string& text, const std::string& output, bool unchanged) {
  const Json json = Json::parse(text);
  std::string out = text_of_image(json, output, unchanged);
  const Json& pruned = json["code"]["pruned"];
  if (pruned["files"] != 0)
    out += "  left out     " + std::to_string(pruned["files"].get<std::uint64_t>()) + " files of the code, " + mb(pruned["bytes"]) + ", " +
           std::to_string(pruned["php_lines"].get<std::uint64_t>()) + " lines of PHP\n";
  if (!json["code"]["plugins"].empty()) out += "  left out     plugins that its configuration does not load: " + joined(json["code"]["plugins"]) + "\n";
  if (!json["code"]["empty"].empty()) out += "  leads to nothing  " + joined(json["code"]["empty"]) + "\n";
  if (json.contains("web")) out += text_of_image(json["web"], web_output(output), unchanged);
  return out;
}

}  // namespace images
