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

}  // namespace

std::string summary_json(const Workshop& shop, const Assembled& parts, const Image& image) {
  Count count;
  for (const PathMap* tree : {&parts.runtime, &parts.launcher, &parts.code}) add(*tree, count);
  const std::array<const char*, 3> names = {"runtime", "launcher and policy", "code"};
  Json layers = Json::array();
  for (std::size_t i = 0; i < names.size(); ++i)
    layers.push_back({{"name", names[i]}, {"digest", "sha256:" + image.blobs[i].digest}, {"size", image.blobs[i].bytes.size()}});
  return Json({{"name", shop.inputs.recipe.name}, {"digest", "sha256:" + image.manifest_digest}, {"id", "sha256:" + image.config_digest},
               {"layers", layers}, {"files", count.files}, {"bytes", count.bytes}, {"packages", count.packages.size()},
               {"executables", count.programs}, {"biggest", biggest(count.packages)}, {"code", {{"kept", share(parts.kept)}, {"pruned", share(parts.pruned)}}}})
      .dump();
}

std::string summary_text(const std::string& text, const std::string& output, bool unchanged) {
  const Json json = Json::parse(text);
  std::string out = output + ": " + json["name"].get<std::string>() + (unchanged ? ", nothing changed\n" : "\n");
  out += "  digest       " + json["digest"].get<std::string>() + "\n";
  for (const Json& layer : json["layers"])
    out += "  layer        " + mb(layer["size"]) + "  " + layer["name"].get<std::string>() + "\n";
  out += "  holds        " + std::to_string(json["files"].get<std::uint64_t>()) + " files, " + mb(json["bytes"]) + ", of " +
         std::to_string(json["packages"].get<std::uint64_t>()) + " packages\n";
  out += "  executables  " + joined(json["executables"]) + "\n";
  for (const Json& one : json["biggest"]) out += "  biggest      " + mb(one["bytes"]) + "  " + one["package"].get<std::string>() + "\n";
  const Json& pruned = json["code"]["pruned"];
  if (pruned["files"] != 0)
    out += "  left out     " + std::to_string(pruned["files"].get<std::uint64_t>()) + " files of the code, " + mb(pruned["bytes"]) + ", " +
           std::to_string(pruned["php_lines"].get<std::uint64_t>()) + " lines of PHP\n";
  return out;
}

}  // namespace images
