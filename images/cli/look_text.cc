#include "images/cli/look_text.h"

#include <cstdio>
#include <functional>
#include <map>

#include "profiles/base/text.h"

namespace images {
namespace {

using Json = nlohmann::ordered_json;

std::string line(const char* title, const std::string& text) {
  const std::string start = title;
  return start + std::string(start.size() < 12 ? 12 - start.size() : 0, ' ') + " " + base::escape_control(text) + "\n";
}

std::string megabytes(double bytes, const char* format) {
  char out[64] = {};
  std::snprintf(out, sizeof out, format, bytes / 1e6);
  return out;
}

std::string list(const char* title, const Json& words) {
  std::string out;
  for (const Json& word : words) out += line(title, word.get<std::string>());
  return out.empty() ? line(title, "none") : out;
}

using Sized = std::multimap<std::uint64_t, std::pair<const char*, std::string>, std::greater<>>;

// What it is made of, largest first.
Sized by_size(const Json& looked) {
  Sized out;
  for (const Json& package : looked.at("packages"))
    out.emplace(package.at("bytes").get<std::uint64_t>(), std::pair("package", package.at("name").get<std::string>() + " " + package.at("version").get<std::string>()));
  for (const Json& extension : looked.at("extension_bytes")) {
    const std::string path = extension.at("path");
    out.emplace(extension.at("bytes").get<std::uint64_t>(), std::pair("extension", path.substr(path.rfind('/') + 1)));
  }
  return out;
}

}  // namespace

std::string text_of(const Json& looked) {
  const char* const kSize = "%8.1f MB  ";
  std::string out = line("name", looked.at("name")) + line("digest", looked.at("digest"));
  for (const Json& layer : looked.at("layers")) out += line("layer", megabytes(layer.at("size").get<double>(), kSize) + layer.at("name").get<std::string>());
  out += line("files", std::to_string(looked.at("files").get<std::uint64_t>()) + ", " + megabytes(looked.at("bytes").get<double>(), "%.1f MB"));
  out += list("executable", looked.at("executables")) + list("setuid", looked.at("setuid")) + list("not root's", looked.at("not_roots"));
  for (const auto& [size, what] : by_size(looked)) out += line(what.first, megabytes(static_cast<double>(size), kSize) + what.second);
  for (const Json& one : looked.at("attached")) out += line("attached", one.at("name").get<std::string>() + " (" + one.at("type").get<std::string>() + ")");
  return out;
}

std::string json_text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace images
