#include "launcher/facts/host_checks.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "launcher/facts/host_check_facets.h"

using namespace launcher;
using Kind = PathFact::Kind;

namespace {

struct Host {
  profiles::Policy policy;
  profiles::Origins origins;
  HostFacts facts;

  PathFact& put(const std::string& path, Kind kind, mode_t mode, uid_t uid = 0, gid_t gid = 0) {
    return facts.paths[path] = PathFact{kind, "", path, kind, uid, gid, mode, {}};
  }
  PathFact& put_link(const std::string& path, const std::string& text, const std::string& real) {
    const Kind kind = real.empty() ? Kind::missing : facts.paths[real].kind;
    const PathFact target = facts.paths[real];
    return facts.paths[path] = PathFact{Kind::symlink, text, real, kind, target.uid, target.gid, target.mode, {}};
  }
};

// A host on which everything is as it should be: code in a version, written paths in a data folder.
Host good() {
  Host h;
  h.policy.name = "wiki";
  h.policy.identity.user = "site";
  h.policy.listen.group = "www-data";
  h.policy.listen.unix_path.text = "/run/php/wiki.sock";
  h.policy.filesystem.code.text = "/srv/www";
  h.policy.filesystem.data.text = "/data/wiki";
  h.policy.filesystem.writable = {{{"tmp"}, false}, {{"conf/a.php"}, false}, {{"maybe"}, true}};
  h.policy.filesystem.system = {{{"/usr/lib"}, false, ""}, {{"/usr/lib32"}, true, ""}};
  h.policy.connect = {{{"/run/db/db.sock"}, "", ""}};
  h.policy.php.extensions = {"gd", "json"};
  h.origins.set("identity.user", {{"wiki.yaml", 2, 18}, ""});
  h.origins.set("filesystem", {{"wiki.yaml", 4, 1}, ""});
  h.facts.users = {{"site", {990, 990, {"site"}}}, {"root", {0, 0, {"root"}}}, {"fpmbox", {999, 995, {"fpmbox"}}}};
  h.facts.groups = {{"site", 990}, {"www-data", 33}, {"root", 0}, {"fpmbox", 995}};
  h.facts.php = {"/usr/sbin/php-fpm8.2", "", "8.2.36", "/usr/lib/php", "/lib64/ld.so", {"gd", "mysqli"},
                 {"core", "json"}};
  for (const char* folder : {"/", "/srv", "/srv/v1", "/srv/v1/tmp", "/data/wiki", "/usr/lib", "/run/php", "/run/db",
                             "/run", "/usr/sbin", "/usr"})
    h.put(folder, Kind::directory, 0755);
  h.put("/srv/v1/conf/a.php", Kind::file, 0644);
  h.put("/data/wiki/tmp", Kind::directory, 0750, 990, 990);
  h.put("/data/wiki/conf/a.php", Kind::file, 0640, 990, 990);
  h.put("/run/db/db.sock", Kind::socket, 0777, 101, 101);
  h.put("/usr/sbin/php-fpm8.2", Kind::file, 0755);
  h.put_link("/srv/www", "v1", "/srv/v1");
  return h;
}

std::string report(Host& h) {
  base::Diagnostics diagnostics;
  check_host({h.policy, h.origins, h.facts, diagnostics});
  std::string text;
  for (const auto& one : diagnostics.all()) text += one.text() + "\n";
  return text;
}

// Grants a program that is as it should be.
ProgramFact& grant(Host& h, const std::string& path, ProgramFact::Kind kind = ProgramFact::Kind::elf) {
  h.policy.programs.push_back({{path}, "test"});
  for (const char* folder : {"/usr/bin", "/usr/lib/x"}) h.put(folder, Kind::directory, 0755);
  h.put(path, Kind::file, 0755);
  ProgramFact fact{kind, "", path, "", {}, {}, ""};
  if (kind == ProgramFact::Kind::elf) fact.loader = "/usr/lib/ld.so";
  return h.facts.programs[path] = fact;
}

// The same, with all but the data in an image.
Host& put_image(Host& h) {
  const std::string image = "/srv/root.erofs";
  h.policy.filesystem.root = h.facts.image = image;
  h.facts.root = "/run/fpmbox/.roots/1-2";
  h.policy.filesystem.code.text = image + "/srv/www";
  h.put(image, Kind::file, 0644);
  for (const char* folder : {"/srv", "/srv/www", "/srv/www/tmp"}) h.put(image + folder, Kind::directory, 0555);
  h.put(image + "/srv/www/conf/a.php", Kind::file, 0444);
  h.put(h.facts.root + "/usr/lib", Kind::directory, 0755);
  return h;
}

struct Row {
  std::string name;
  std::function<void(Host&)> spoil;
  const char* expected;  // part of the only line
};

const Row kRows[] = {
    {"no user", [](Host& h) { h.facts.users.erase("site"); },
     "wiki.yaml:2:18: identity.user: there is no user `site` on this host; run: adduser --system --group"},
    {"no user named", [](Host& h) { h.policy.identity.user.clear(); }, "identity.user: the pool has no user"},
    {"shares a uid",
     [](Host& h) {
       h.facts.users["www-data"] = {990, 990, {}};
     },
     "`site` and `www-data` are the same user, uid 990"},
    {"in the socket's group", [](Host& h) { h.facts.users["site"].groups.push_back("www-data"); },
     "is in the web server's group `www-data`, so it could call pools through their sockets; run: gpasswd --delete "
     "site www-data"},
    {"in another web server's group", [](Host& h) { h.facts.users["site"].groups.push_back("nginx"); },
     "group `nginx`"},
    {"no group", [](Host& h) { h.policy.identity.group = "team"; }, "identity.group: there is no group `team`"},
    {"root's group", [](Host& h) { h.policy.identity.group = "root"; },
     "identity.group: the pool's group would be root's"},
    {"no listen group", [](Host& h) { h.policy.listen.group = "www"; }, "listen.group: there is no group `www`"},
    {"no listen owner", [](Host& h) { h.policy.listen.owner = "web"; }, "listen.owner: there is no user `web`"},
    {"no user for the launcher", [](Host& h) { h.facts.users.erase("fpmbox"); }, "warning: there is no user `fpmbox`"},

    {"no code", [](Host& h) { h.facts.paths.erase("/srv/www"); },
     "wiki.yaml:4:1: filesystem.code: there is no `/srv/www`"},
    {"lost version", [](Host& h) { h.put_link("/srv/www", "v2", ""); }, "leads to `v2`, which is not there"},
    {"code is a file", [](Host& h) { h.put("/srv/www", Kind::file, 0644); }, "is not a folder"},
    {"code is the host",
     [](Host& h) {
       h.put_link("/srv/www", "/", "/");
       h.policy.filesystem.writable.clear();
     },
     "is the whole host"},
    {"code is a folder of the system",
     [](Host& h) {
       h.put("/var", Kind::directory, 0755);
       h.put_link("/srv/www", "/var", "/var");
       h.policy.filesystem.writable.clear();
     },
     "`/srv/www` leads to `/var`, which is a folder of the system; write the folder that holds the application"},
    {"code is part of the system",
     [](Host& h) {
       h.put("/run/db/x", Kind::directory, 0755);
       h.put_link("/srv/www", "/run/db/x", "/run/db/x");
       h.policy.filesystem.writable.clear();
     },
     "`/srv/www` leads to `/run/db/x`, which is part of `/run`"},
    {"somebody's link to root's folder", [](Host& h) { h.facts.paths["/srv/www"].links = {{"/srv/www", 1005}}; },
     "`/srv/www` is a symlink of uid 1005 and leads to `/srv/v1`, which belongs to uid 0: its owner could show any "
     "folder of the host; if it leads where it should, run: chown -h root:root /srv/www"},
    {"the second link is somebody's",
     [](Host& h) {
       h.facts.paths["/srv/www"].links = {{"/srv/www", 0}, {"/srv/current", 1005}};
     },
     "`/srv/current` is a symlink of uid 1005"},
    {"code of the pool", [](Host& h) { h.facts.paths["/srv/www"].uid = 990; },
     "`/srv/v1` belongs to the pool's user, who could change the code that it executes; run: chown -R root:root "
     "/srv/v1 && chmod -R go-w /srv/v1; or"},
    {"code of the pool's group",
     [](Host& h) {
       h.facts.paths["/srv/www"].gid = 990;
       h.facts.paths["/srv/www"].mode = 0775;
     },
     "can be written by a group of the pool's user"},
    {"code of everybody", [](Host& h) { h.facts.paths["/srv/www"].mode = 0777; }, "can be written by everybody"},
    {"code that cannot be read", [](Host& h) { h.facts.paths["/srv/www"].mode = 0750; },
     "cannot be read by the pool's user"},
    {"folder above of the pool", [](Host& h) { h.facts.paths["/srv"].uid = 990; },
     "`/srv` above the code belongs to the pool's user, who could exchange the code"},

    {"no data", [](Host& h) { h.facts.paths.erase("/data/wiki"); }, "filesystem.data: there is no `/data/wiki`"},
    {"data is a file",
     [](Host& h) {
       h.put("/data/wiki", Kind::file, 0644);
       h.policy.filesystem.writable.clear();
     },
     "is not a folder"},
    {"no writable folder", [](Host& h) { h.facts.paths.erase("/data/wiki/tmp"); },
     "there is no `/data/wiki/tmp`; run: mkdir -p /data/wiki && cp -a /srv/v1/tmp /data/wiki/tmp && chown -R site: "
     "/data/wiki/tmp"},
    {"no writable folder anywhere",
     [](Host& h) {
       h.facts.paths.erase("/data/wiki/tmp");
       h.facts.paths.erase("/srv/v1/tmp");
     },
     "there is no `/data/wiki/tmp`, and no `/srv/v1/tmp` in the code, over which it is mounted; run: mkdir -p /data/wiki/tmp && chown -R site: "
     "/data/wiki/tmp && mkdir -p /srv/v1/tmp; or say"},
    {"no writable file anywhere",
     [](Host& h) {
       h.facts.paths.erase("/data/wiki/conf/a.php");
       h.facts.paths.erase("/srv/v1/conf/a.php");
     },
     "run: mkdir -p /data/wiki/conf && touch /data/wiki/conf/a.php && chown -R site: /data/wiki/conf/a.php"},
    {"optional, in the version alone",
     [](Host& h) {
       h.put("/srv/v1/maybe", Kind::directory, 0755);
     },
     "warning: filesystem.writable[maybe]: `/srv/v1/maybe` cannot be written, because there is no `/data/wiki/maybe` in "
     "the data folder; run: mkdir -p /data/wiki && cp -a /srv/v1/maybe /data/wiki/maybe && chown -R site: "
     "/data/wiki/maybe"},
    {"not writable", [](Host& h) { h.facts.paths["/data/wiki/tmp"].uid = 0; },
     "cannot be written by `site`; run: chown -R site: /data"},
    {"file is not writable", [](Host& h) { h.facts.paths["/data/wiki/conf/a.php"].mode = 0440; },
     "cannot be written by `site`"},
    {"leaves the tree",
     [](Host& h) {
       h.put("/home/x", Kind::directory, 0755, 990);
       h.put_link("/data/wiki/tmp", "/home/x", "/home/x");
     },
     "leads out of `/data/wiki` through a symlink, to `/home/x`"},
    {"leads to the tree itself",
     [](Host& h) {
       h.facts.paths["/data/wiki"].uid = 990;
       h.put_link("/data/wiki/tmp", ".", "/data/wiki");
     },
     "leads out of `/data/wiki`"},
    {"a tree that only begins alike",
     [](Host& h) {
       h.put("/data/wiki2", Kind::directory, 0755, 990);
       h.put_link("/data/wiki/tmp", "../wiki2", "/data/wiki2");
     },
     "leads out of `/data/wiki`"},
    {"symlink within",
     [](Host& h) {
       h.put("/data/wiki/t", Kind::directory, 0755, 990);
       h.put_link("/data/wiki/tmp", "t", "/data/wiki/t");
     },
     "is reached through a symlink; write `t`"},
    {"device",
     [](Host& h) {
       h.put("/data/wiki/tmp", Kind::other, 0666, 990);
       h.put("/srv/v1/tmp", Kind::file, 0644);
     },
     "is neither a file nor a folder"},
    {"nothing to mount over", [](Host& h) { h.facts.paths.erase("/srv/v1/tmp"); },
     "is mounted; run: mkdir -p /srv/v1/tmp"},
    {"no file to mount over", [](Host& h) { h.facts.paths.erase("/srv/v1/conf/a.php"); },
     "run: mkdir -p /srv/v1/conf && touch /srv/v1/conf/a.php"},
    {"symlink to mount over", [](Host& h) { h.put_link("/srv/v1/tmp", "/data/wiki/tmp", "/data/wiki/tmp"); },
     "behind a symlink"},
    {"file to mount a folder over", [](Host& h) { h.put("/srv/v1/tmp", Kind::file, 0644); },
     "not both files or both folders; where the data is right, run: mv "},
    {"a path for a shell",
     [](Host& h) {
       h.policy.filesystem.writable = {{{"a b'$(x)"}, false}};
     },
     "run: mkdir -p '/data/wiki/a b'\\''$(x)'"},
    {"no system path", [](Host& h) { h.facts.paths.erase("/usr/lib"); },
     "filesystem.system[/usr/lib]: there is no `/usr/lib`"},
    {"no root", [](Host& h) { h.policy.filesystem.root = "/srv/root.erofs"; }, "filesystem.root: there is no"},
    {"a root that cannot be used, and code in it",
     [](Host& h) {
       put_image(h);
       h.facts.image.clear();
       h.facts.root.clear();
       h.facts.root_reason = "it is no EROFS image";
       h.facts.paths.erase("/srv/root.erofs/srv/www");
     },
     "filesystem.root: `/srv/root.erofs` cannot be used: it is no EROFS image; name a folder"},
    {"a root that cannot be used, and no PHP therefore",
     [](Host& h) {
       h.put("/srv/root.erofs", Kind::file, 0644);
       h.policy.filesystem.root = "/srv/root.erofs";
       h.facts.root_reason = "it is no EROFS image";
       h.facts.php = {};
     },
     "filesystem.root: `/srv/root.erofs` cannot be used"},
    {"no PHP in the root",
     [](Host& h) {
       put_image(h).facts.php = {};
       h.facts.php.reason = "no php-fpm in /run/x";
     },
     "php.version: no php-fpm in /run/x; name a root of that PHP, made by fpmbox build RECIPE --rootfs"},
    {"no such extension in the root", [](Host& h) { put_image(h).policy.php.extensions = {"redis"}; },
     "there is no extension `redis` for PHP 8.2 in filesystem.root; build that root anew"},
    {"no such path in the image",
     [](Host& h) {
       put_image(h);
       h.policy.filesystem.code.text = "/srv/root.erofs/srv/web";
     },
     "filesystem.code: there is no `/srv/web` in the image `/srv/root.erofs`; correct the path: fpmbox build puts the code at /srv/www"},
    {"a symlink in the image",
     [](Host& h) {
       put_image(h);
       h.put("/srv/root.erofs/srv/www", Kind::symlink, 0777).real_kind = Kind::missing;
     },
     "`/srv/www` of the image `/srv/root.erofs` is reached through a symlink; write the folder"},
    {"a file of the image", [](Host& h) { put_image(h).put("/srv/root.erofs/srv/www", Kind::file, 0444); }, "of the image `/srv/root.erofs` is not a folder"},
    {"libraries of the image",
     [](Host& h) {
       put_image(h).put("/srv/root.erofs/usr/lib", Kind::directory, 0755);
       h.policy.filesystem.code.text = "/srv/root.erofs/usr/lib";
       h.policy.filesystem.writable.clear();
     },
     "`/usr/lib` of the image `/srv/root.erofs` is a folder of the system"},
    {"the path of inside",
     [](Host& h) {
       put_image(h).facts.paths.erase("/srv/www");
       h.policy.filesystem.code.text = "/srv/www";
     },
     "there is no `/srv/www` on this host, but in filesystem.root there is one; write /srv/root.erofs/srv/www"},
    {"code of the image that is the pool's", [](Host& h) { put_image(h).facts.paths["/srv/root.erofs/srv/www"].uid = 990; },
     "who could change the code that it executes; make the image anew by fpmbox build --rootfs erofs"},
    {"code of the image that is everybody's", [](Host& h) { put_image(h).facts.paths["/srv/root.erofs/srv/www"].mode = 0777; },
     "who could change the code that it executes; make the image anew"},
    {"an image in a folder of everybody's", [](Host& h) { put_image(h).facts.paths["/srv"].mode = 0777; }, "`/srv` above the code"},
    {"written in the image",
     [](Host& h) {
       put_image(h).policy.filesystem.data.text.clear();
       h.policy.filesystem.writable = {{{"tmp"}, false}, {{"maybe"}, true}};
     },
     "filesystem.writable[tmp]: `/srv/root.erofs/srv/www/tmp` lies in an image, which nobody writes; name a folder of this host"},
    {"nothing in the image to mount over", [](Host& h) { put_image(h).facts.paths.erase("/srv/root.erofs/srv/www/tmp"); },
     "there is no `/srv/root.erofs/srv/www/tmp` in the image, over which"},
    {"neither data nor anything in the image to mount it over",
     [](Host& h) {
       put_image(h).facts.paths.erase("/srv/root.erofs/srv/www/tmp");
       h.facts.paths.erase("/data/wiki/tmp");
     },
     "filesystem.writable[tmp]: there is no `/data/wiki/tmp`, and no `/srv/root.erofs/srv/www/tmp` in the image, over which it is mounted; run: mkdir -p /data/wiki/tmp && "
     "chown -R site: /data/wiki/tmp, and make the image anew from a profile with this line; or say optional: true"},
    {"neither, where the pool can do without",
     [](Host& h) {
       put_image(h).policy.filesystem.writable = {{{"tmp"}, true}};
       h.facts.paths.erase("/data/wiki/tmp");
     },
     "warning: filesystem.writable[tmp]: `/srv/root.erofs/srv/www/tmp` cannot be written, because there is no `/data/wiki/tmp` in the data folder"},
    {"data that came with the image", [](Host& h) { put_image(h).facts.paths.erase("/data/wiki/tmp"); },
     "run: mkdir -p /data/wiki && mount -o ro /srv/root.erofs /mnt && cp -a /mnt/srv/www/tmp /data/wiki/tmp && umount /mnt && chown"},

    {"no server's folder",
     [](Host& h) {
       h.facts.paths.erase("/run/db");
       h.facts.paths.erase("/run/db/db.sock");
     },
     "there is no folder `/run/db`"},
    {"no server", [](Host& h) { h.put("/run/db/db.sock", Kind::missing, 0); },
     "warning: connect[/run/db/db.sock]: nothing listens there now"},
    {"a misspelt socket",
     [](Host& h) {
       h.put("/run/db/db.sock", Kind::missing, 0);
       h.facts.paths["/run/db/db.sock"].neighbours = {"dbd.sock"};
       h.put("/run/db/dbd.sock", Kind::socket, 0777);
     },
     "connect[/run/db/db.sock]: nothing listens there; did you mean `/run/db/dbd.sock`?"},
    {"a server by TCP", [](Host& h) { h.policy.connect.push_back({.tcp = "127.0.0.1:3306"}); },
     "warning: connect[127.0.0.1:3306]: the box does not start: out of a network of its own it cannot connect by TCP; name the server's"},
    {"not a socket", [](Host& h) { h.put("/run/db/db.sock", Kind::file, 0644); }, "is not a socket"},
    {"another service's socket",
     [](Host& h) {
       h.facts.paths["/run/db/db.sock"].neighbours = {"x/root.sock"};
       h.put("/run/db/x/root.sock", Kind::socket, 0777);
     },
     "also holds sockets of other services: x/root.sock"},
    {"too many files to look at", [](Host& h) { h.facts.paths["/run/db/db.sock"].neighbours = {"..."}; },
     "sockets of other services: ..."},
    {"a second socket of the server",
     [](Host& h) {
       h.facts.paths["/run/db/db.sock"].neighbours = {"x.sock"};
       h.put("/run/db/x.sock", Kind::socket, 0777, 101);
     },
     "warning: connect[/run/db/db.sock]: the box also reaches the same server's x.sock"},
    {"another socket of root",
     [](Host& h) {
       h.facts.paths["/run/db/db.sock"].neighbours = {"x.sock"};
       h.facts.paths["/run/db/db.sock"].uid = 0;
       h.put("/run/db/x.sock", Kind::socket, 0777);
     },
     "sockets of other services: x.sock"},
    {"everybody's folder",
     [](Host& h) {
       h.policy.connect = {{{"/run/docker.sock"}, "", ""}};
     },
     "holds more than this server"},
    {"a pool's socket",
     [](Host& h) {
       h.policy.connect = {{{"/run/fpmbox/a/live.sock"}, "", ""}};
     },
     "connect to servers only"},

    {"no folder for the socket", [](Host& h) { h.facts.paths.erase("/run/php"); },
     "install -d -o root -g www-data -m 0750 /run/php"},
    {"folder of the socket is the pool's", [](Host& h) { h.facts.paths["/run/php"].uid = 990; },
     "listen.unix: `/run/php` belongs to the pool's user, who could put a socket of its own in this place"},
    {"a file in the socket's place", [](Host& h) { h.put("/run/php/wiki.sock", Kind::file, 0644); },
     "is there and is not a socket"},

    {"no php",
     [](Host& h) {
       h.facts.php = {};
       h.facts.php.reason = "no php-fpm 8.9";
       h.policy.php.version.text = "8.9";
     },
     "php.version: no php-fpm 8.9; install it (on Debian: apt install php8.9-fpm)"},
    {"php of the pool", [](Host& h) { h.facts.paths["/usr/sbin/php-fpm8.2"].uid = 990; },
     "can be changed by the pool's user"},
    {"php's folder of everybody", [](Host& h) { h.facts.paths["/usr/sbin"].mode = 0777; },
     "can be changed by the pool's user"},
    {"mistyped extension", [](Host& h) { h.policy.php.extensions = {"mysqly"}; },
     "php.extensions[mysqly]: there is no extension `mysqly` for PHP 8.2 on this host; did you mean `mysqli`?"},
    {"extension without what it needs",
     [](Host& h) {
       h.policy.php.extensions = {"gd", "pdo_mysql"};
       h.facts.php.shared = {"gd", "mysqlnd", "pdo", "pdo_mysql"};
     },
     "warning: php.extensions[pdo_mysql]: cannot be loaded without mysqlnd and pdo; add mysqlnd and pdo to php.extensions"},
    {"extension that is not installed", [](Host& h) { h.policy.php.extensions = {"pdo_pgsql"}; },
     "apt install php8.2-pgsql); installed for PHP 8.2: gd, mysqli"},
};

}  // namespace

TEST_CASE("a host as it should be") {
  Host host = good();
  CHECK(report(host) == "");
  CHECK_EQ(report(put_image(host)), "");
}

TEST_CASE("each mistake is reported once, with what to do") {
  for (const Row& row : kRows) {
    CAPTURE(row.name);
    Host host = good();
    row.spoil(host);
    const std::string text = report(host);
    CHECK_MESSAGE(text.find(row.expected) != std::string::npos, text);
    CHECK_MESSAGE(text.find('\n') == text.size() - 1, text);
  }
}

TEST_CASE("a misspelt socket does not hide what else its folder holds") {
  Host host = good();
  host.put("/run/db/db.sock", Kind::missing, 0);
  host.facts.paths["/run/db/db.sock"].neighbours = {"dbd.sock", "dbx.sock", "mail/queue"};
  host.put("/run/db/dbd.sock", Kind::socket, 0777, 101);
  host.put("/run/db/dbx.sock", Kind::socket, 0777, 101);
  host.put("/run/db/mail/queue", Kind::socket, 0777, 102);
  const std::string text = report(host);
  CHECK_MESSAGE(text.find("nothing listens there; did you mean `/run/db/dbd.sock`?") != std::string::npos, text);
  CHECK_MESSAGE(text.find("also holds sockets of other services: mail/queue;") != std::string::npos, text);
  CHECK_MESSAGE(text.find("the box also reaches the same server's dbx.sock") != std::string::npos, text);
}

TEST_CASE("a server that is down is not mistaken for another of its kind") {
  Host host = good();
  host.put("/run/db/db.sock", Kind::missing, 0);
  host.facts.paths["/run/db/db.sock"].neighbours = {"db1.sock"};
  host.put("/run/db/db1.sock", Kind::socket, 0777);
  const std::string text = report(host);
  CHECK_MESSAGE(text.find("also holds sockets of other services: db1.sock") != std::string::npos, text);
  CHECK_MESSAGE(text.find("nothing listens there now; start the server") != std::string::npos, text);
}

// The same host, seen by the user whose pool it is.
Host own() {
  Host h = good();
  h.policy.listen = {};
  h.facts.ordinary_user = OrdinaryUser{.name = "site", .uid = 990, .gid = 990, .groups = {50}};
  h.facts.groups["staff"] = 50;
  h.facts.run_directory = "/run/user/990/fpmbox";
  h.facts.users.erase("fpmbox");
  for (auto& [path, fact] : h.facts.paths)
    if (path.starts_with("/srv")) fact.uid = fact.gid = 990;
  return h;
}

TEST_CASE("an ordinary user may own what its box executes; nobody else may change it") {
  Host good_one = own();
  CHECK_EQ(report(good_one), "");
  struct Mistake {
    const char* says;
    void (*change)(Host&);
  };
  const Mistake mistakes[] = {
      {"only root can start a box as `other`", [](Host& h) { h.facts.users["other"] = {7, 7, {}}; h.policy.identity.user = "other"; }},
      {"not your own primary one", [](Host& h) { h.policy.identity.group = "www-data"; }},
      {"you are not in group `www-data`", [](Host& h) { h.policy.listen.group = "www-data"; }},
      {"there is no folder for your sockets: not set", [](Host& h) { h.facts.ordinary_user->run_obstacle = "not set"; }},
      {"there is no folder for your pools' sessions: no HOME", [](Host& h) { h.facts.ordinary_user->state_obstacle = "no HOME"; }},
      {"can be written by everybody", [](Host& h) { h.facts.paths["/srv/www"].mode = 0777; }},
      {"belongs to uid 7, neither root nor you", [](Host& h) { h.facts.paths["/srv/www"].uid = 7; }},
      {"`/srv` above the code belongs to uid 7", [](Host& h) { h.facts.paths["/srv"].uid = 7; }},
  };
  for (const Mistake& mistake : mistakes) {
    CAPTURE(mistake.says);
    Host h = own();
    mistake.change(h);
    CHECK_NE(report(h).find(mistake.says), std::string::npos);
  }
  Host in_group = own();
  in_group.policy.listen.group = "staff";
  CHECK_NE(report(in_group).find("nobody but you can enter"), std::string::npos);
  Host elsewhere = own();
  elsewhere.policy.listen.group = "staff";
  elsewhere.policy.listen.unix_path.text = "/srv/run/live.sock";
  elsewhere.put("/srv/run", Kind::directory, 0750, 990, 50);
  CHECK_EQ(report(elsewhere), "");
}

TEST_CASE("links of root, and of who owns what they lead to, may be followed") {
  Host host = good();
  auto& code = host.facts.paths["/srv/www"];
  code.links = {{"/srv/www", 0}};
  CHECK(report(host) == "");
  code.uid = 1005;
  code.links = {{"/srv/www", 1005}, {"/srv/current", 0}};
  CHECK(report(host) == "");
}

TEST_CASE("which folders can be an application") {
  struct Place {
    const char* path;
    bool possible;
  };
  const Place places[] = {
      {"/", false},         {"/home", false},         {"/home/ann", true},       {"/home/ann/www", true}, {"/srv", false},
      {"/srv/APP", true},   {"/usr", false},          {"/usr/share", false},     {"/usr/share/APP", true}, {"/var", false},
      {"/var/lib", false},  {"/var/lib/APP", true},   {"/var/www", false},       {"/var/www/APP", true},  {"/opt/APP", true},
      {"/etc", false},      {"/etc/ssl/private", false}, {"/root", false},       {"/root/www", false},    {"/proc/1/root", false},
      {"/run/php", false},  {"/tmp/x", false},        {"/var/tmp/x", false},     {"/usr/lib/php", false}, {"/var/log", false},
      {"/dev/shm", false},  {"/sys", false},          {"/boot", false},          {"/runner/www", true},   {"/app", true},
  };
  for (const Place& place : places) {
    CAPTURE(place.path);
    Host host = good();
    host.put(place.path, Kind::directory, 0755);
    host.policy.filesystem.code.text = place.path;
    host.policy.filesystem.writable.clear();
    const std::string text = report(host);
    CHECK_MESSAGE(text.empty() == place.possible, text);
  }
}

TEST_CASE("root by another name") {
  Host host = good();
  host.facts.users["site"] = {0, 0, {"root"}};
  CHECK(report(host).find("`site` is uid 0") != std::string::npos);
}

TEST_CASE("a code tree that belongs to the pool can be accepted") {
  Host host = good();
  host.policy.filesystem.owned_by_pool = "accepted";
  host.facts.paths["/srv/www"].uid = 990;
  host.facts.paths["/srv"].uid = 990;
  CHECK(report(host) == "");
}

TEST_CASE("without a data folder the writable paths are in the tree, and are given back") {
  Host host = good();
  host.policy.filesystem.data.text.clear();
  host.policy.filesystem.writable = {{{"tmp"}, false}};
  host.facts.paths["/srv/v1/tmp"].uid = 990;
  CHECK(report(host) == "");
  host.facts.paths["/srv/www"].uid = 990;
  CHECK(report(host).find("chmod -R go-w /srv/v1 && chown -R site: /srv/v1/tmp; or accept") != std::string::npos);
}

TEST_CASE("a sticky folder above the code is no danger") {
  Host host = good();
  host.facts.paths["/srv"].mode = 01777;
  CHECK(report(host) == "");
}

TEST_CASE("the kernel's rule of three classes") {
  const PoolIds pool{990, 991, {990, 991, 33}};
  CHECK(is_permitted({990, 0, 0700}, pool, 7));
  CHECK_FALSE(is_permitted({990, 991, 0077}, pool, 4));  // the owner's class only
  CHECK(is_permitted({0, 991, 0070}, pool, 7));
  CHECK_FALSE(is_permitted({0, 991, 0707}, pool, 4));
  CHECK_FALSE(is_permitted({0, 33, 0070}, pool, 4));  // no supplementary groups in a box
  CHECK(is_permitted({0, 0, 0005}, pool, 5));
  CHECK_FALSE(why_writable({0, 33, 0775}, pool).empty());  // but on the host there are
  CHECK(why_writable({0, 0, 0775}, pool).empty());
}

TEST_CASE("programs that scripts may start") {
  using P = ProgramFact::Kind;
  Host fine = good();
  grant(fine, "/usr/bin/tool").libraries = {"/usr/lib/x/libx.so.1", "/usr/lib/php/y.so"};
  grant(fine, "/usr/bin/env");
  grant(fine, "/usr/bin/perl");
  grant(fine, "/usr/bin/script", P::script).words = {"/usr/bin/perl", "-w"};
  grant(fine, "/usr/bin/other", P::script).words = {"/usr/bin/env", "perl"};
  CHECK_EQ(report(fine), "");

  const Row rows[] = {
      {"missing", [](Host& h) { grant(h, "/usr/bin/x", P::missing); }, "there is no `/usr/bin/x` on this host"},
      {"no program", [](Host& h) { grant(h, "/usr/bin/x", P::other).reason = "it needs libz.so, which this host does not have"; },
       "cannot be granted: it needs libz.so"},
      {"setuid", [](Host& h) { grant(h, "/usr/bin/x").raises = "setuid bit"; }, "has a setuid bit, and in a box nothing gains privileges"},
      {"a library elsewhere", [](Host& h) { grant(h, "/usr/bin/x").libraries = {"/opt/x/libx.so"}; },
       "is linked with `/opt/x/libx.so`, which the box does not see; show its folder: filesystem: {system: [{path: /opt/x,"},
      {"a library behind a link", [](Host& h) {
         h.policy.filesystem.system.push_back({{"/opt/x"}, false, "x"});
         h.put_link("/opt/x", "../usr", "/usr");
         grant(h, "/usr/bin/x").libraries = {"/opt/x/libx.so"};
       }, "which the box does not see"},
      {"a loader elsewhere", [](Host& h) { grant(h, "/usr/bin/x").loader = "/opt/ld.so"; }, "is linked with `/opt/ld.so`"},
      {"an interpreter that is not named", [](Host& h) { grant(h, "/usr/bin/x", P::script).words = {"/usr/bin/perl", "-w"}; },
       "is a script for `/usr/bin/perl`, which is not in programs"},
      {"one that env starts", [](Host& h) {
         grant(h, "/usr/bin/env");
         grant(h, "/usr/bin/x", P::script).words = {"/usr/bin/env", "python3"};
       }, "is a script for `/usr/bin/python3`"},
      {"not executable", [](Host& h) { grant(h, "/usr/bin/x"); h.facts.paths["/usr/bin/x"].mode = 0750; },
       "cannot be executed by the pool's user"},
      {"the pool's own", [](Host& h) { grant(h, "/usr/bin/x"); h.facts.paths["/usr/bin/x"].uid = 990; }, "can be exchanged: `/usr/bin/x`"},
      {"in a folder of the pool's", [](Host& h) { grant(h, "/usr/bin/x"); h.facts.paths["/usr/bin"].uid = 990; }, "can be exchanged: `/usr/bin`"},
      {"by a link of the pool's", [](Host& h) {
         grant(h, "/usr/bin/x");
         h.facts.paths["/usr/bin/x"].links = {{"/usr/bin/x", 990, "y"}};
       }, "can be exchanged: `/usr/bin/x`"},
      {"another PHP", [](Host& h) { grant(h, "/usr/bin/php8.4"); h.facts.php_command.binary = "/usr/bin/php8.2"; },
       "which is not the PHP of this pool (8.2.36); name /usr/bin/php8.2"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Host h = good();
    row.spoil(h);
    const std::string text = report(h);
    CHECK_MESSAGE(text.find(row.expected) != std::string::npos, text);
    CHECK_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  }
}
