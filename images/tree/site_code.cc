#include "images/tree/site_code.h"

#include <algorithm>
#include <set>

#include "images/store/refuse.h"
#include "profiles/base/pattern.h"
#include "profiles/base/text.h"

namespace images {
namespace {

struct SecretName {
  const char* name;
  const char* what;
};
constexpr SecretName kSecretNames[] = {
    {".git", "the whole history of the code"},  {".svn", "the history of the code"}, {".hg", "the history of the code"},
    {".env", "settings with passwords"},        {".env.*", "settings with passwords"}, {"auth.json", "composer's passwords"},
    {".npmrc", "tokens of a registry"},         {".netrc", "passwords"},              {".htpasswd", "passwords"},
    {"id_rsa", "a private key"},                {"id_ed25519", "a private key"},      {"id_ecdsa", "a private key"},
    {".my.cnf", "a database's password"},       {".pgpass", "a database's password"},
    {"wp-config.php", "a database's password"}, {"LocalSettings.php", "a database's password"}, {"config.ini.php", "a database's password"},
};
constexpr std::size_t kLongestKey = 64 << 10;

bool is_named(const std::vector<std::string>& patterns, const std::string& path) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    const auto depth = base::split(pattern, '/').size();
    const auto parts = base::split(path, '/');
    return parts.size() >= depth && base::matches_path(pattern, base::join(std::span(parts).first(depth), "/"));
  });
}

// "*.md" stands for "README.md" and not for ".md"; a name with a leading dot is written out.
bool has_named_part(const std::vector<std::string>& names, const std::string& path) {
  for (const std::string& part : base::split(path, '/'))
    for (const std::string& name : names)
      if (base::matches_name(name, part)) return true;
  return false;
}

bool is_pruned(const CodeRules& rules, const std::string& path) {
  if (is_named(rules.keep, path)) return false;
  return is_named(rules.prune_paths, path) || has_named_part(rules.prune_names, path);
}

const char* secret_in(const std::string& path, const Entry& entry) {
  const std::string name = path.substr(path.rfind('/') + 1);
  for (const SecretName& secret : kSecretNames) {
    const std::string pattern = secret.name;
    const bool matches = pattern.ends_with('*') ? name.starts_with(pattern.substr(0, pattern.size() - 1)) : name == pattern;
    if (matches) return secret.what;
  }
  if (entry.kind != Entry::Kind::file || entry.content->size() > kLongestKey) return nullptr;
  const std::string& text = *entry.content;
  const auto at = text.find("-----BEGIN ");
  if (at == std::string::npos) return nullptr;
  const std::string line = text.substr(at, text.find('\n', at) - at);
  // a script that handles keys names them inside of its own text; a key begins its line and stands alone in it
  const bool begins_line = at == 0 || text[at - 1] == '\n';
  return begins_line && line.ends_with("PRIVATE KEY-----") ? "a private key" : nullptr;
}

void count(const std::string& path, const Entry& entry, Share& share) {
  if (entry.kind != Entry::Kind::file) return;
  ++share.files;
  share.bytes += entry.content->size();
  if (path.ends_with(".php")) share.php_lines += static_cast<std::uint64_t>(std::count(entry.content->begin(), entry.content->end(), '\n'));
}

bool is_writable(const CodeRules& rules, const std::string& path) { return is_named(rules.writable, path); }

// Web servers of other containers read what the pool writes, so it is readable by all, as on a host with umask 0022.
void settle(Entry& entry, bool writable, const Ids& ids) {
  entry.mtime = 0;  // of a checkout: another on each machine
  entry.uid = writable ? ids.uid : 0;
  entry.gid = writable ? ids.gid : 0;
  if (entry.kind == Entry::Kind::directory) entry.mode = writable ? 0755 : 0555;
  if (entry.kind == Entry::Kind::file) entry.mode = writable ? 0644 : 0444;
  entry.why = writable ? "the code: declared writable" : "the code";
}

base::Status add_absent(const CodeRules& rules, const Ids& ids, PathMap& tree) {
  for (const std::string& path : rules.writable) {
    if (tree.find(path) != nullptr || std::find(rules.optional.begin(), rules.optional.end(), path) != rules.optional.end()) continue;
    Entry entry{.kind = Entry::Kind::directory};
    settle(entry, true, ids);
    TRY(tree.add(path, std::move(entry)));
  }
  return base::success();
}

// Composer loads each of these at every request: one that is missing ends the application.
base::Status check_autoload(const PathMap& tree) {
  const std::string list = "vendor/composer/autoload_files.php", base_folder = "$vendorDir . '";
  const Entry* entry = tree.find(list);
  if (entry == nullptr || entry->kind != Entry::Kind::file) return base::success();
  const std::string& text = *entry->content;
  for (std::size_t at = text.find(base_folder); at != text.npos; at = text.find(base_folder, at + 1)) {
    const std::size_t start = at + base_folder.size();
    const std::string path = "vendor" + text.substr(start, text.find('\'', start) - start);
    if (!tree.resolve(path)) return refuse(path + " is pruned or absent, but " + list + " loads it at every request; keep it: code.keep");
  }
  return base::success();
}

}  // namespace

base::Result<SiteCode> prepare_code(const PathMap& files, const CodeRules& given, const Ids& ids) {
  SiteCode out;
  CodeRules rules = given;
  out.plugins = idle_plugins(files, rules.plugins);
  std::erase_if(out.plugins, [&](const std::string& name) { return is_named(rules.keep, "plugins/" + name); });
  for (const std::string& name : out.plugins) rules.prune_paths.push_back("plugins/" + name);
  for (const auto& [path, original] : files.entries()) {
    // Before pruning: that a rule happens to leave it out is no protection of what lies beside it next time.
    if (const char* what = rules.published ? nullptr : secret_in(path, original); what != nullptr && !is_named(rules.secrets, path))
      return refuse("the code's " + path + " looks like " + what + ", and an image is read by many; mount it over /srv/www when the image is run, or name it in code.secrets");
    if (is_pruned(rules, path)) {
      count(path, original, out.pruned);
      continue;
    }
    Entry entry = original;
    settle(entry, is_writable(rules, path), ids);
    count(path, entry, out.kept);
    TRY(out.tree.add(path, std::move(entry)));
  }
  // parents that add() made on the way
  for (auto& [path, entry] : out.tree.entries()) settle(entry, is_writable(rules, path), ids);
  for (const auto& [path, entry] : out.tree.entries())
    if (entry.kind == Entry::Kind::symlink && entry.target.starts_with('/'))
      return refuse("the code's " + path + " is a link to " + entry.target + "; copy what it leads to (cp -aL)");
  TRY(add_absent(rules, ids, out.tree));
  TRY(check_autoload(out.tree));
  return out;
}

}  // namespace images
