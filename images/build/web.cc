#include "images/build/web.h"

#include <regex>

#include "images/build/nginx_conf.h"
#include "images/store/refuse.h"
#include "images/tree/audit.h"
#include "profiles/base/text.h"

namespace images {
namespace {

constexpr const char* kNginx = "usr/sbin/nginx";
constexpr const char* kKept[] = {"etc/nginx/mime.types", "etc/debian_version", "usr/lib/os-release", "etc/os-release"};
// In the snippet the pool is the name of an upstream, so that its address is one line of a file of its own.
constexpr const char* kUpstream = "pool";

// The patterns of WebSite, asked here instead of by nginx.
class Visitor {
 public:
  explicit Visitor(const profiles::WebSite& site)
      : scripts_("^/" + (site.no_scripts.empty() ? "" : "(?!(?:" + site.no_scripts + ")(?:/|$))") + "(?:" + site.scripts + ")$"),
        endings_(site.php_endings + "(?:/|$)", std::regex::ECMAScript | std::regex::icase),
        hidden_(site.hidden, std::regex::ECMAScript | std::regex::icase),
        copies_("^/" + site.copies, std::regex::ECMAScript | std::regex::icase),
        denied_(site.deny.empty() ? "$^" : "^/(?:" + site.deny + ")(?:/|$)") {}

  bool may_start(const std::string& address) const { return !is_denied(address) && std::regex_search(address, scripts_); }
  bool may_have(const std::string& address) const {
    return !is_denied(address) && !std::regex_search(address, endings_) && !std::regex_search(address, hidden_) &&
           !std::regex_search(address, copies_);
  }

 private:
  bool is_denied(const std::string& address) const { return std::regex_search(address, denied_); }
  std::regex scripts_, endings_, hidden_, copies_, denied_;
};

base::Status add_file(const std::string& path, std::string text, const char* why, PathMap& tree) {
  return tree.add(path, {.mode = 0444, .content = content(std::move(text)), .why = why});
}

// A place for the volume in which the pool keeps what visitors may have.
base::Status add_places(const PathMap& code, const std::string& root, const Visitor& visitor, const std::vector<std::string>& writable, PathMap& out) {
  for (const std::string& path : writable) {
    const Entry* entry = code.find(path);
    if (entry == nullptr || entry->kind != Entry::Kind::directory || !path.starts_with(root + "/")) continue;
    if (visitor.may_have(path.substr(root.size())))
      TRY(out.add(path, {.kind = Entry::Kind::directory, .mode = 0555, .why = "what the pool writes is mounted here"}));
  }
  return base::success();
}

bool is_below_any(const std::string& path, const std::vector<std::string>& folders) {
  for (const std::string& folder : folders)
    if (path == folder || path.starts_with(folder + "/")) return true;
  return false;
}

base::Status add_configuration(const Recipe& recipe, const profiles::Policy& policy, PathMap& tree) {
  profiles::Policy for_nginx = policy;
  for_nginx.listen.unix_path.text.clear();
  for_nginx.listen.tcp = kUpstream;
  std::string site = TRY(profiles::export_nginx(for_nginx));
  TRY(add_file("etc/nginx/nginx.conf", nginx_conf(recipe.web.port), "how nginx runs here", tree));
  TRY(add_file("etc/nginx/pool.conf", upstream_conf(kUpstream, pool_address(recipe, policy)), "where the pool is", tree));
  return add_file("etc/nginx/site.conf", std::move(site), "how the site is served", tree);
}

base::Status check(const WebTrees& web, std::vector<std::string> programs) {
  const std::vector<std::string> broken = audit({&web.server, &web.files}, {kWebUser, kWebUser, {}, std::move(programs)});
  if (broken.empty()) return base::success();
  return refuse("the web server's image would break its promises: " + base::join(broken, "; "));
}

Roots roots_of(const PathMap& files) {
  Roots out{{kNginx}, {}, {"usr/share/doc/*/copyright"}};
  for (const char* path : kKept)
    if (files.find(path) != nullptr) out.keep.push_back(path);
  return out;
}

}  // namespace

std::string pool_address(const Recipe& recipe, const profiles::Policy& policy) {
  if (!recipe.web.pool.empty()) return recipe.web.pool;
  const std::string& tcp = policy.listen.tcp;
  if (!tcp.empty()) return "127.0.0.1" + tcp.substr(tcp.rfind(':'));
  const std::string& path = policy.listen.unix_path.text;
  return "unix:" + (path.empty() ? "/run/fpmbox/" + policy.name + "/live.sock" : path);
}

base::Result<PathMap> served_files(const PathMap& code, const profiles::WebSite& site, const profiles::Policy& policy) {
  const Visitor visitor(site);
  const std::string root = site.document_root.substr(1);
  std::vector<std::string> writable;
  for (const auto& one : policy.filesystem.writable) writable.push_back(policy.filesystem.code.text.substr(1) + "/" + one.path.text);
  PathMap out;
  TRY(out.add(root, {.kind = Entry::Kind::directory, .mode = 0555, .why = "the document root"}));
  TRY(add_places(code, root, visitor, writable, out));
  for (const auto& [path, entry] : code.entries()) {
    if (!path.starts_with(root + "/") || is_below_any(path, writable)) continue;
    const auto real = code.resolve(path);
    const Entry* file = real ? code.find(*real) : nullptr;
    if (file == nullptr || file->kind != Entry::Kind::file) continue;
    const std::string address = path.substr(root.size());
    if (visitor.may_start(address)) {
      TRY(out.add(path, {.mode = 0444, .content = content(""), .why = "a script of the pool, as a name"}));
    } else if (visitor.may_have(address)) {
      TRY(out.add(path, {.mode = 0444, .content = file->content, .why = "a file for visitors"}));
    }
  }
  return out;
}

base::Result<Runtime> make_server(const Unpacked& packages) {
  return make_system(packages, roots_of(packages.files), {"www-data", kWebUser, kWebUser}, PathMap());
}

base::Result<WebTrees> make_web(Runtime server, const Recipe& recipe, const profiles::Policy& policy, const PathMap& code) {
  const profiles::WebSite site = TRY(profiles::web_site(policy));
  WebTrees out;
  out.server = std::move(server.tree);
  out.packed = std::move(server.packed);
  out.files = TRY(served_files(code, site, policy));
  TRY(add_configuration(recipe, policy, out.files));
  TRY(check(out, std::move(server.programs)));
  return out;
}

}  // namespace images
