// fpmbox image why RECIPE PATH: which rule brought a file into the image. The image is made again in memory and not written.

#include "images/cli/commands.h"
#include "images/cli/exit_codes.h"
#include "images/cli/workshop.h"
#include "images/store/progress.h"

namespace images {
namespace {

constexpr std::string_view kLoadedBy = "loaded by ";

const Entry* find(const Assembled& parts, const std::string& path) {
  for (const PathMap* tree : {&parts.runtime, &parts.launcher, &parts.code})
    if (const Entry* entry = tree->find(path)) return entry;
  if (!parts.web) return nullptr;
  const Entry* entry = parts.web->server.find(path);
  return entry != nullptr ? entry : parts.web->files.find(path);
}

// As people write it: with slashes around, or by a link such as /lib.
std::string path_in(const Assembled& parts, std::string path) {
  while (path.starts_with('/')) path.erase(0, 1);
  while (path.ends_with('/')) path.pop_back();
  if (find(parts, path) != nullptr) return path;
  return parts.runtime.resolve(path).value_or(path);
}

// A package has no reason of its own: each of its files has.
std::string not_there(const Assembled& parts, const std::string& given) {
  for (const auto& [path, entry] : parts.runtime.entries())
    if (entry.package == given && entry.kind == Entry::Kind::file)
      return "`" + given + "` is a package, and files are there for a reason: name one of its own, such as /" + path + "; image cost says what it adds";
  return (given.starts_with('/') ? "" : "/") + given + " is not in the image";
}

// From the file up to what asked for it.
void print_chain(const Assembled& parts, std::string path) {
  for (const Entry* entry = find(parts, path); entry != nullptr; entry = find(parts, path)) {
    const std::string package = entry->package.empty() ? "" : " (" + entry->package + ")";
    std::printf("/%s%s: %s\n", path.c_str(), package.c_str(), entry->why.c_str());
    if (!entry->why.starts_with(kLoadedBy)) return;
    path = entry->why.substr(kLoadedBy.size());
  }
}

int run(const cli::WhyWords& words) {
  Workshop shop;
  if (const int code = open_workshop(words.of, shop); code != kDone) return code;
  const auto filled = fill_vault(shop, words.of.offline);
  if (!filled) return print_error(filled.error().text()), kFailed;
  const auto parts = assemble(shop.inputs, vault_of(shop));
  progress({});
  if (!parts) return print_error(parts.error().text()), kFailed;
  const std::string path = path_in(parts.value(), words.path);
  if (find(parts.value(), path) == nullptr) {
    print_error(not_there(parts.value(), words.path));
    return kDiffers;
  }
  print_chain(parts.value(), path);
  return kDone;
}

}  // namespace

void add_why(cli::App image, Command& command) {
  auto words = std::make_shared<cli::WhyWords>();
  cli::declare(image, *words).callback([words, &command] { command = [words] { return run(*words); }; });
}

}  // namespace images
