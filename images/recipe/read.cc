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

int sources_of(const Code& code) { return !code.directory.text.empty() + !code.tarball.text.empty() + !code.package.empty(); }

// It becomes a word of nginx's configuration.
bool is_address(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) != 0 || std::string_view("/._-:[]").find(static_cast<char>(c)) != std::string_view::npos; });
}

constexpr Check kChecks[] = {
    {"profile", [](const Recipe& r) { return r.profile.empty(); }, "is missing", "write `profile: php-fpm`, or the path of a pool file"},
    {"php", [](const Recipe& r) { return r.php.text.empty(); }, "is missing", "write php: \"8.2\""},
    {"suites", [](const Recipe& r) { return r.suites.empty(); }, "is missing", "extends: php-fpm brings those of Debian 12"},
    {"code", [](const Recipe& r) { return sources_of(r.code) > 1; }, "has both directory and tarball", "keep one"},
    {"code.package", [](const Recipe& r) { return !r.code.package.empty() && !is_plain_name(r.code.package); }, "is no name of a package",
     "write one such as wordpress"},
    {"web.server", [](const Recipe& r) { return !r.web.server.empty() && r.web.server != "nginx"; }, "is no web server that is known",
     "write nginx, or leave web: out"},
    {"web", [](const Recipe& r) { return r.web.server.empty() && !(r.web == WebServer{}); }, "names no server", "write web: {server: nginx}"},
    {"web.server", [](const Recipe& r) { return !r.web.server.empty() && sources_of(r.code) == 0; }, "has no files to serve", "name the site's code: code: {directory: FOLDER}"},
    {"web.pool", [](const Recipe& r) { return !is_address(r.web.pool); }, "is no address", "write HOST:PORT or unix:PATH"},
    {"web.port", [](const Recipe& r) { return r.web.port < 1024 || r.web.port > 65535; }, "is no port that an ordinary user can listen on",
     "write one from 1024 to 65535, such as 8080"},
    {"code.sha256", [](const Recipe& r) { return !r.code.tarball.text.empty() && !is_sha256(r.code.sha256); },
     "is no SHA-256, and a tarball needs one", "sha256sum FILE prints it"},
    {"code.plugins", [](const Recipe& r) { return !r.code.plugins.empty() && r.code.plugins != kEnabledPlugins && r.code.plugins != kShippedPlugins && r.code.plugins != kAllPlugins; },
     "is not one of its words", "write enabled, shipped or all"},
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

// "localhost/fpmbox/wiki-web:latest"
std::string web_name(const std::string& name) {
  const auto slash = name.rfind('/'), colon = name.rfind(':');
  const std::size_t end = colon == std::string::npos || (slash != std::string::npos && colon < slash) ? name.size() : colon;
  return name.substr(0, end) + "-web" + name.substr(end);
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
  // A shipped recipe's package gives way to the code that a site's recipe names.
  if (!out.recipe.code.directory.text.empty() || !out.recipe.code.tarball.text.empty()) out.recipe.code.package.clear();
  for (const Check& check : kChecks) {
    if (!check.broken(out.recipe)) continue;
    auto where = origins.find(check.key).where;
    if (where.file.empty()) where.file = file;
    diagnostics.error(where, check.key, check.what, check.fix);
  }
  if (out.recipe.name.empty()) out.recipe.name = default_name(file);
  if (!out.recipe.web.server.empty() && out.recipe.web.name.empty()) out.recipe.web.name = web_name(out.recipe.name);
  for (Suite& suite : out.recipe.suites)
    if (suite.components.empty()) suite.components = {"main"};
  return out;
}

}  // namespace images
