// A recipe: from which packages and which code an image is made. Read as profiles are, with `extends:`, unknown keys
// refused. It never runs a command.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "images/layer/compression.h"
#include "profiles/model/describe.h"

namespace images {

struct Suite {
  std::string name;               // "bookworm-security"
  std::string mirror;             // empty: where this machine's apt has that suite from
  std::vector<std::string> components;
  profiles::HostPath signed_by{"/usr/share/keyrings/debian-archive-keyring.gpg"};
  std::string expired;            // "" or "accepted": an index that is older than it says it holds
  std::string why;
  friend bool operator==(const Suite&, const Suite&) = default;
  const std::string& item_name() const { return name; }
};
template <class V>
void describe(V& v, Suite& f) {
  v.title("name", f.name, "Suite of the distribution, such as bookworm-security.");
  v.field("mirror", f.mirror, "Where it is, such as http://MIRROR/debian; the same as this machine's apt when absent.");
  v.field("components", f.components, "Parts of it; main when absent.");
  v.field("signed_by", f.signed_by, "Keyring of those who may sign it.");
  v.field("expired", f.expired, "\"accepted\" for an old snapshot whose index is past its date; needs why.");
  v.field("why", f.why, "Why an expired index will do.");
}

struct Packages {
  std::vector<std::string> add;
  std::vector<std::string> drop;
  friend bool operator==(const Packages&, const Packages&) = default;
};
template <class V>
void describe(V& v, Packages& f) {
  v.field("add", f.add, "Packages besides php-fpm and those of the profile's extensions.");
  v.field("drop", f.drop, "Packages that others depend on and whose files no image needs; `*` stands for a part of the name.");
}

// The words of code.plugins
constexpr const char* kEnabledPlugins = "enabled";
constexpr const char* kShippedPlugins = "shipped";
constexpr const char* kAllPlugins = "all";

struct Code {
  profiles::HostPath directory;  // a folder of this machine
  profiles::HostPath tarball;
  std::string sha256;            // of the tarball
  std::string package;           // of the suites: the application as the distribution packages it
  std::vector<std::string> prune_names;
  std::vector<std::string> prune_paths;
  std::vector<std::string> keep;
  std::vector<std::string> secrets;
  std::string plugins;           // one of these; empty is as kAllPlugins
  friend bool operator==(const Code&, const Code&) = default;
};
template <class V>
void describe(V& v, Code& f) {
  v.field("directory", f.directory, "Folder that holds the application.");
  v.field("tarball", f.tarball, "Or a tar archive of it, with one folder at its top; needs sha256.");
  v.field("sha256", f.sha256, "Digest of the tarball.");
  v.field("package", f.package, "Or a package of the suites that has it in /usr/share/PACKAGE, such as wordpress, with its links into other packages followed; directory and tarball come before it.");
  v.field("prune_names", f.prune_names, "Names of files and folders that are left out wherever they are.");
  v.field("prune_paths", f.prune_paths, "Paths of the code that are left out, with all below.");
  v.field("keep", f.keep, "Paths of the code that stay although a name above is theirs.");
  v.field("secrets", f.secrets, "Paths that look like secrets and shall be in the image all the same.");
  v.field("plugins", f.plugins, "Of Matomo: enabled, to leave out the plugins that config/config.ini.php of this code does not load, and none where there is no such list; shipped, to go by config/global.ini.php then; or all.");
}

struct Account {
  std::string user = "pool";
  std::uint32_t uid = 10000;
  std::uint32_t gid = 10000;
  friend bool operator==(const Account&, const Account&) = default;
};
template <class V>
void describe(V& v, Account& f) {
  v.field("user", f.user, "Name of the pool's user in the image.");
  v.field("uid", f.uid, "Its number, which volumes see.");
  v.field("gid", f.gid, "The number of its group.");
}

constexpr const char* kIcuData = "icu-data";  // the one word of strip:

struct WebServer {
  std::string server;  // "nginx"; empty: no second image
  std::string name;    // of the second image
  std::string pool;    // where nginx reaches the pool: "HOST:PORT" or "unix:PATH"
  std::uint32_t port = 8080;
  friend bool operator==(const WebServer&, const WebServer&) = default;
};
template <class V>
void describe(V& v, WebServer& f) {
  v.field("server", f.server, "\"nginx\" for a second image, which serves the site's files and asks the pool for the rest.");
  v.field("name", f.name, "Name and tag of that image; the first's with -web when absent.");
  v.field("pool", f.pool, "Where it reaches the pool, HOST:PORT or unix:PATH; when absent its Unix socket, or 127.0.0.1 and the port of listen.tcp.");
  v.field("port", f.port, "The port it listens on, above 1023: it has no privilege.");
}

struct Recipe {
  std::string name;     // of the image; "localhost/fpmbox/NAME:latest" with the file's name when absent
  std::string profile;  // of the catalog, or a pool file's path with a slash
  profiles::Version php;
  std::vector<Suite> suites;
  Packages packages;
  std::vector<std::string> keep;
  std::vector<std::string> strip;  // kStripped
  Account account;
  Code code;
  WebServer web;
  std::map<std::string, std::string> labels;
  Compression compression = Compression::gzip;
  friend bool operator==(const Recipe&, const Recipe&) = default;
};
template <class V>
void describe(V& v, Recipe& f) {
  v.field("name", f.name, "Name and tag of the image.");
  v.field("profile", f.profile, "Profile of the catalog, or with a slash the path of a pool file.");
  v.field("php", f.php, "PHP's version as the suites have it, in quotes.");
  v.field("suites", f.suites, "From where the packages come.");
  v.field("packages", f.packages, "Which packages.");
  v.field("keep", f.keep, "Paths of packages that stay besides what php-fpm and its extensions load.");
  v.field("strip", f.strip, "What goes although something loads it: icu-data, 30 MB of tables that ext/intl alone needs; libxml2 then knows the character sets of iconv.");
  v.field("account", f.account, "Who the pool is in the image.");
  v.field("code", f.code, "The application; none makes a bare runtime.");
  v.field("web", f.web, "An image of a web server for this site.");
  v.field("labels", f.labels, "Labels of the image.");
  v.field("compression", f.compression, "gzip, or zstd for smaller layers that docker load before 23 does not take.");
}

}  // namespace images
