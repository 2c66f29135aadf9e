#include "images/recipe/read.h"

#include <algorithm>
#include <filesystem>

#include "images/store/digest.h"
#include "profiles/load/layers.h"
#include "profiles/load/reader.h"

namespace images {
namespace {

struct Check {
  const char* key;
  bool (*broken)(const Recipe&);
  const char* what;
  const char* fix;
};

bool is_plain_name(const std::string& name) {
  return !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string::npos;
}

constexpr Check kChecks[] = {
    {"profile", [](const Recipe& r) { return r.profile.empty(); }, "is missing", "write `profile: php-fpm`, or the path of a pool file"},
    {"php", [](const Recipe& r) { return r.php.text.empty(); }, "is missing", "write php: \"8.2\""},
    {"suites", [](const Recipe& r) { return r.suites.empty(); }, "is missing", "extends: php-fpm brings those of Debian 12"},
    {"code", [](const Recipe& r) { return !r.code.directory.text.empty() && !r.code.tarball.text.empty(); },
     "has both directory and tarball", "keep one"},
    {"code.sha256", [](const Recipe& r) { return !r.code.tarball.text.empty() && !is_sha256(r.code.sha256); },
     "is no SHA-256, and a tarball needs one", "sha256sum FILE prints it"},
    {"account.uid", [](const Recipe& r) { return r.account.uid == 0 || r.account.gid == 0; }, "is root's", "write another number, such as 10000"},
    {"account.user", [](const Recipe& r) { return !is_plain_name(r.account.user) || r.account.user == "root" || r.account.user == "fpmbox"; },
     "is no name of a user for a pool", "write one of a-z, 0-9, - and _, such as pool"},
    {"strip", [](const Recipe& r) { return std::any_of(r.strip.begin(), r.strip.end(), [](const std::string& one) { return one != kIcuData; }); },
     "is not one of its words", "write icu-data, or leave it out"},
    {"suites.why", [](const Recipe& r) {
       return std::any_of(r.suites.begin(), r.suites.end(), [](const Suite& s) { return s.expired == "accepted" && s.why.empty(); });
     }, "is missing where an expired index is accepted", "say why an old snapshot will do"},
    {"suites.expired", [](const Recipe& r) {
       return std::any_of(r.suites.begin(), r.suites.end(), [](const Suite& s) { return !s.expired.empty() && s.expired != "accepted"; });
     }, "is not one of its words", "write accepted, or leave it out"},
};

std::string default_name(const std::string& file) {
  return "localhost/fpmbox/" + std::filesystem::path(file).stem().string() + ":latest";
}

}  // namespace

ReadRecipe read_recipe(const std::string& folder, const profiles::ReadFile& read, const std::string& file, base::Diagnostics& diagnostics) {
  ReadRecipe out;
  out.file = file;
  profiles::Origins origins;
  profiles::Reading reading{diagnostics, origins};
  const profiles::ReadFile noted = [&](const std::string& path) {
    auto text = read(path);
    if (text) out.texts.insert(out.texts.begin(), text.value());
    return text;
  };
  for (const profiles::Layer& layer : profiles::read_layers(folder, noted, {}, file, diagnostics))
    profiles::read(out.recipe, layer.document, {}, reading);
  if (diagnostics.has_errors()) return out;
  for (const Check& check : kChecks) {
    if (!check.broken(out.recipe)) continue;
    auto where = origins.find(check.key).where;
    if (where.file.empty()) where.file = file;
    diagnostics.error(where, check.key, check.what, check.fix);
  }
  if (out.recipe.name.empty()) out.recipe.name = default_name(file);
  for (Suite& suite : out.recipe.suites)
    if (suite.components.empty()) suite.components = {"main"};
  return out;
}

}  // namespace images
