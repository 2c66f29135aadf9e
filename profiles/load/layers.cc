#include "profiles/load/layers.h"

#include <errno.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "profiles/base/text.h"

namespace profiles {

namespace {

constexpr std::size_t kMostLayers = 16;

std::string normal_path(const std::string& path) { return std::filesystem::path(path).lexically_normal().string(); }

// Only asked for when a profile is missing, to name those that exist.
std::vector<std::string> names_in(const std::string& catalog) {
  std::vector<std::string> names;
  std::error_code failed;
  for (std::filesystem::directory_iterator at(catalog, failed), end; !failed && at != end; at.increment(failed)) {
    const std::filesystem::path& path = at->path();
    if (path.extension() == ".yaml" && path.stem() != "syscalls") names.push_back(path.stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string missing_fix(const std::string& word, const std::string& catalog) {
  const std::vector<std::string> names = names_in(catalog);
  if (const std::string near = base::nearest(word, names); !near.empty()) return "did you mean `" + near + "`?";
  if (names.empty()) return "write a profile of the catalog, or a path with a slash";
  return "the catalog has: " + base::join(names, ", ");
}

// Takes `extends` out of the document. nullopt when there is none, or none that can be followed.
std::optional<Node> take_extends(Node& document, base::Diagnostics& diagnostics) {
  const auto at = std::find_if(document.entries.begin(), document.entries.end(),
                               [](const Entry& entry) { return entry.key == "extends"; });
  if (at == document.entries.end()) return std::nullopt;
  Node value = std::move(at->value);
  document.entries.erase(at);
  if (value.kind == Node::Kind::scalar && !value.text.empty()) return value;
  diagnostics.error(value.where, "extends",
                    "is " + std::string(kind_name(value)) + ", the name of one profile belongs here",
                    "write `extends: php-fpm`");
  return std::nullopt;
}

std::string path_of(const std::string& word, const std::string& catalog, const std::string& from) {
  if (word.find('/') == std::string::npos) return normal_path(catalog + "/" + word + ".yaml");
  return normal_path((std::filesystem::path(from).parent_path() / word).string());
}

}  // namespace

std::vector<Layer> read_layers(const std::string& catalog, const ReadFile& read, const DocumentStore& store, const std::string& file,
                               base::Diagnostics& diagnostics) {
  std::vector<Layer> layers;  // top first, turned round at the end
  std::vector<std::string> visited;
  Node extends;  // what asks for `next`; of the top file: nothing
  for (std::string next = file; !next.empty();) {
    const bool is_top = visited.empty();
    const auto text = read(next);
    if (!text.ok() && is_top) diagnostics.error({next, 0, 0}, {}, "cannot be read: " + text.error().text());
    if (!text.ok() && !is_top)
      diagnostics.error(extends.where, "extends", "`" + extends.text + "` cannot be read: " + text.error().text(),
                        text.error().code == ENOENT ? missing_fix(extends.text, catalog) : std::string());
    if (!text.ok()) break;
    visited.push_back(normal_path(next));
    auto document = read_document(next, text.value(), store, diagnostics);
    if (!document) break;
    auto above = take_extends(*document, diagnostics);
    layers.push_back({next, std::move(*document)});
    if (!above) break;
    extends = std::move(*above);
    next = path_of(extends.text, catalog, next);
    if (std::find(visited.begin(), visited.end(), next) != visited.end()) {
      diagnostics.error(extends.where, "extends", "`" + extends.text + "` leads back to " + next,
                        "a profile cannot extend itself: " + base::join(visited, " -> ") + " -> " + next);
      break;
    }
    if (visited.size() == kMostLayers) {
      diagnostics.error(extends.where, "extends",
                        "more than " + std::to_string(kMostLayers) + " profiles upon each other", "merge some of them");
      break;
    }
  }
  std::reverse(layers.begin(), layers.end());
  return layers;
}

}  // namespace profiles
