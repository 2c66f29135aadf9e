#include "images/tree/packages.h"

#include "images/tree/unpack.h"
#include "profiles/base/text.h"

namespace images {
namespace {

constexpr const char* kFolder = "var/lib/dpkg/status.d/";

// "d41d8...  usr/lib/x": the lines whose files are here.
std::string sums_of_kept(const std::string& md5sums, const PathMap& runtime) {
  std::string out;
  for (const std::string& line : base::split(md5sums, '\n')) {
    const auto at = line.find("  ");
    if (at != std::string::npos && runtime.find(merged_usr(line.substr(at + 2))) != nullptr) out += line + "\n";
  }
  return out;
}

}  // namespace

std::set<std::string> packages_with_files(const PathMap& runtime) {
  std::set<std::string> out;
  for (const auto& [path, entry] : runtime.entries())
    if (!entry.package.empty() && entry.kind == Entry::Kind::file && !path.starts_with("usr/share/doc/")) out.insert(entry.package);
  return out;
}

base::Status add_status(const std::map<std::string, PackageTexts>& packages, PathMap& runtime) {
  const auto add = [&](const std::string& name, std::string text) {
    return runtime.add(kFolder + name, {.mode = 0644, .content = content(std::move(text)), .why = "for scanners"});
  };
  for (const std::string& package : packages_with_files(runtime)) {
    const auto texts = packages.find(package);
    if (texts == packages.end()) continue;
    std::string sums = sums_of_kept(texts->second.md5sums, runtime);
    TRY(add(package, texts->second.control));
    TRY(add(package + ".md5sums", std::move(sums)));
  }
  return base::success();
}

}  // namespace images
