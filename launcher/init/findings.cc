#include "launcher/init/findings.h"

#include <algorithm>
#include <iterator>

#include "profiles/base/text.h"

namespace launcher {
namespace {

// Names of document roots, which say nothing of the site.
constexpr std::string_view kNamesOfRoots[] = {"www", "var", "srv", "html",     "htdocs",  "public_html", "public",
                                              "web", "httpdocs", "current", "code",        "app"};

constexpr std::size_t kLongestName = 28;  // "www-" before it is a user's name of at most 32

bool says_nothing(const std::string& name) {
  return name.empty() || std::find(std::begin(kNamesOfRoots), std::end(kNamesOfRoots), name) != std::end(kNamesOfRoots);
}

std::string as_name(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool plain = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
    if (plain)
      out += lower;
    else if (!out.empty() && out.back() != '-')
      out += '-';
  }
  if (out.size() > kLongestName) out.resize(kLongestName);
  while (out.ends_with('-')) out.pop_back();
  return out;
}

std::string line(const std::string& text, const std::string& comment) {
  constexpr std::size_t kColumn = 41;
  return text + std::string(text.size() < kColumn ? kColumn - text.size() : 1, ' ') + "# " + comment + "\n";
}

std::string quoted(const std::string& path) {
  return path.find_first_of(" ,=~@+") == path.npos ? path : "\"" + path + "\"";
}

std::string php_lines(const Findings& findings) {
  const std::string zone = "timezone: " + (findings.timezone.empty() ? "UTC" : findings.timezone);
  if (findings.php_versions.size() < 2) return "php: {" + zone + "}\n";
  const std::vector<std::string> others(findings.php_versions.begin() + 1, findings.php_versions.end());
  return line("php: {version: \"" + findings.php_versions.front() + "\", " + zone + "}",
              "installed too: " + base::join(others, ", "));
}

std::string connect_lines(const Findings& findings) {
  if (findings.databases.empty() && findings.database_is_sure)
    return line("# connect: [{unix: /run/mysqld/mysqld.sock}]", "its database: no socket of a server was found here");
  if (findings.databases.empty()) return {};
  if (!findings.database_is_sure) return line("# connect: [{unix: " + findings.databases.front() + "}]", "if it uses the database that runs here");
  std::string out = line("connect:", "all that it can reach");
  for (const std::string& socket : findings.databases) out += "  - unix: " + socket + "\n";
  return out;
}

// Copied where nobody but root can enter, compared, given to the pool, and only then put in its place by a rename: what
// is in its place is whole. A later run finds it there, or begins again.
void copy(const Findings& findings, const Place& place, std::vector<Step>& out) {
  const std::string from = findings.version + "/" + place.path, staging = findings.data + "/.init";
  std::string flat = place.path;
  std::replace(flat.begin(), flat.end(), '/', '_');
  const std::string copied = staging + "/" + flat;
  out.push_back(
      {"a place that only root enters", {"/usr/bin/install", "-d", "-m", "0700", "-o", "root", "-g", "root", staging}});
  out.push_back(
      {"what the version brought; it stays there, too", {"/usr/bin/cp", "-a", "--no-target-directory", from, copied}});
  out.push_back({"is it the same?", {"/usr/bin/diff", "-r", "--no-dereference", from, copied}});
  out.push_back({"the pool writes it", {"/usr/bin/chown", "-R", "-h", findings.user + ":" + findings.user, copied}});
  out.push_back({"in its place",
                 {"/usr/bin/mv", "--no-clobber", "--no-target-directory", copied, findings.data + "/" + place.path}});
}

void make_empty(const Findings& findings, const Place& place, std::vector<Step>& out) {
  const std::string in_data = findings.data + "/" + place.path, point = findings.version + "/" + place.path;
  if (!place.in_data) {
    if (place.is_directory)
      out.push_back({"the pool writes it",
                     {"/usr/bin/install", "-d", "-m", "0755", "-o", findings.user, "-g", findings.user, in_data}});
    else
      out.push_back(
          {"the pool writes it",
           {"/usr/bin/install", "-m", "0644", "-o", findings.user, "-g", findings.user, "/dev/null", in_data}});
  }
  if (place.is_directory)
    out.push_back(
        {"where the box shows it", {"/usr/bin/install", "-d", "-m", "0755", "-o", "root", "-g", "root", point}});
  else
    out.push_back(
        {"where the box shows it", {"/usr/bin/install", "-m", "0644", "-o", "root", "-g", "root", "/dev/null", point}});
}

Step add_user(const std::string& name, const std::string& why) {
  return {why,
          {"/usr/sbin/useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell",
           "/usr/sbin/nologin", name}};
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? "" : path.substr(0, slash);
}

// What lies there already may be the pool's, with links in it: root must not copy through them.
std::string folder_for_installer(const Findings& findings, const std::string& in_data) {
  const std::string from = findings.version + "/" + findings.installer_writes;
  if (findings.installer_began)
    return "  " + in_data + " is there from an earlier try, and may hold links that a pool made: move it away first,\n  then make it a copy of " + from +
           " that belongs to " + findings.user + "\n";
  return "  " + as_typed({"cp", "-a", "--no-target-directory", from, in_data}) + "\n  " + as_typed({"chown", "-R", findings.user + ":", in_data}) + "\n";
}

bool lies_in_another(const Place& place, const std::vector<Place>& places) {
  return std::any_of(places.begin(), places.end(),
                     [&](const Place& other) { return place.path.starts_with(other.path + "/"); });
}

}  // namespace

std::string name_for(const std::string& code) {
  const auto parts = base::split(code, '/');
  for (auto part = parts.rbegin(); part != parts.rend(); ++part)
    if (const std::string name = as_name(*part); !says_nothing(name)) return name;
  return "site";
}

bool is_plain_path(std::string_view path) {
  return path.size() > 1 && base::is_normal_absolute(path) && std::all_of(path.begin(), path.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view("/._-+@,=~ ").find(c) != std::string_view::npos;
         });
}

std::string pool_text(const Findings& findings) {
  const bool is_link = findings.version != findings.code;
  std::string out = "# " + findings.title + " at " + findings.code + "; a first version of `fpmbox init`.\n";
  out += "# fpmbox show " + findings.name + " --origin says what else is set, man fpmbox-pool what can be.\n";
  out += "extends: " + findings.profile + "\n";
  out += line("identity: {user: " + findings.user + "}", "every process of the box, and nothing else on this machine");
  out += line("listen: {group: " + findings.web_group + "}", "who may connect: " + findings.web_server);
  out += "filesystem:\n";
  out += line("  code: " + quoted(findings.code),
              is_link ? "a symlink to a version: an upgrade changes it" : "belongs to root");
  out += line("  data: " + quoted(findings.data), "what it writes, outside the versions");
  if (findings.profile == "php-fpm") out += line("  # writable: [uploads]", "the paths of the code that it must write");
  out += connect_lines(findings);
  out += "limits: {memory.max: 512MiB, pids.max: 64, cpu.max: 200%}\n";
  return out + php_lines(findings);
}

std::vector<Step> steps_for(const Findings& findings, const std::vector<Place>& places) {
  std::vector<Step> out;
  if (!findings.launcher_user_exists) out.push_back(add_user("fpmbox", "the launcher's own user, once a box runs"));
  if (!findings.user_exists) out.push_back(add_user(findings.user, "the pool's user"));
  const auto root_folder = [&out](const std::string& path) {
    out.push_back(
        {"for what the pool writes", {"/usr/bin/install", "-d", "-m", "0755", "-o", "root", "-g", "root", path}});
  };
  root_folder(findings.data);
  for (const Place& place : places) {
    if (lies_in_another(place, places) || (place.in_data && place.in_version)) continue;
    if (place.optional && !place.in_version) continue;
    if (const std::string above = folder_of(place.path); !above.empty() && !place.in_data)
      root_folder(findings.data + "/" + above);
    if (place.in_version)
      copy(findings, place, out);
    else
      make_empty(findings, place, out);
  }
  // the staging folder is asked for once, with the first copy
  std::vector<Step> once;
  for (Step& step : out)
    if (std::find(once.begin(), once.end(), step) == once.end()) once.push_back(std::move(step));
  return once;
}

std::string installing_text(const Findings& findings, const std::string& file) {
  if (findings.settings.empty()) return {};
  const std::string& folder = findings.installer_writes;
  const std::string in_data = findings.data + "/" + folder;
  return findings.title + " is not installed yet, and its installer writes in " + folder +
         ", which is code. For that one run, before the pool starts:\n\n" + folder_for_installer(findings, in_data) + "  in " + file +
         ", below filesystem:\n    writable: {remove: [" + findings.settings + "], add: [" + folder +
         "]}\n\nOnce it is installed, stop the pool, take that line away, and start it again: " + findings.settings + " alone stays writable.\n\n  " +
         as_typed({"chown", "-R", "-h", "root:", in_data}) + " && " +
         as_typed({"chown", "-h", findings.user + ":", findings.data + "/" + findings.settings}) + "\n\n";
}

std::string as_typed(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    const bool plain = !word.empty() && word.find_first_of(" '\"\\$&;|<>()*?~`#!\t\n") == word.npos;
    out += (out.empty() ? "" : " ") + (plain ? word : "'" + word + "'");
  }
  return out;
}

}  // namespace launcher
