// The application: is it there, and can the pool's user change what it executes? The light version of code_tree.h.
#include "launcher/facts/host_check_facets.h"
#include "launcher/facts/image_paths.h"

namespace launcher {
namespace {

constexpr const char* kKey = "filesystem.code";

// What is never an application. Some hold applications in folders of their own: /usr/share/APP, /var/lib/APP.
struct SystemFolder {
  enum class Extent { itself, all_below };
  const char* path;
  Extent extent;
};
using Extent = SystemFolder::Extent;
constexpr SystemFolder kSystemFolders[] = {
    {"/", Extent::itself},           {"/bin", Extent::all_below},       {"/boot", Extent::all_below},
    {"/dev", Extent::all_below},     {"/etc", Extent::all_below},       {"/home", Extent::itself},
    {"/lib", Extent::all_below},     {"/lib32", Extent::all_below},     {"/lib64", Extent::all_below},
    {"/libx32", Extent::all_below},  {"/media", Extent::itself},        {"/mnt", Extent::itself},
    {"/opt", Extent::itself},        {"/proc", Extent::all_below},      {"/root", Extent::all_below},
    {"/run", Extent::all_below},     {"/sbin", Extent::all_below},      {"/srv", Extent::itself},
    {"/sys", Extent::all_below},     {"/tmp", Extent::all_below},       {"/usr", Extent::itself},
    {"/usr/bin", Extent::all_below}, {"/usr/lib", Extent::all_below},   {"/usr/lib32", Extent::all_below},
    {"/usr/lib64", Extent::all_below}, {"/usr/libexec", Extent::all_below}, {"/usr/local", Extent::itself},
    {"/usr/local/bin", Extent::all_below}, {"/usr/local/sbin", Extent::all_below}, {"/usr/sbin", Extent::all_below},
    {"/usr/share", Extent::itself},  {"/var", Extent::itself},          {"/var/backups", Extent::all_below},
    {"/var/cache", Extent::itself},  {"/var/lib", Extent::itself},      {"/var/log", Extent::all_below},
    {"/var/mail", Extent::all_below}, {"/var/spool", Extent::all_below}, {"/var/tmp", Extent::all_below},
    {"/var/www", Extent::itself},
};

const SystemFolder* system_folder(const std::string& real) {
  for (const SystemFolder& folder : kSystemFolders)
    if (real == folder.path || (folder.extent == Extent::all_below && is_within(real, folder.path))) return &folder;
  return nullptr;
}

std::string is_system(const std::string& path, const PathFact& fact, const SystemFolder& folder) {
  const std::string what = fact.real == path ? "`" + path + "`" : "`" + path + "` leads to `" + fact.real + "`, which";
  if (folder.path == std::string_view("/")) return "`" + path + "` is the whole host";
  return what + (fact.real == folder.path ? " is a folder of the system" : " is part of `" + std::string(folder.path) + "`");
}

const PathFact* code_directory(const HostCheckInput& input) {
  const PathFact& fact = path_fact(input.facts, input.policy.filesystem.code.text);
  return fact.real_kind == PathFact::Kind::directory ? &fact : nullptr;
}

void check_readable(const HostCheckInput& input, const PathFact& code, const PoolIds& pool) {
  if (!is_permitted(owner_of(code), pool, 5))
    host_error(input, kKey, "`" + code.real + "` cannot be read by the pool's user",
               to_repair_code(input, "run: chmod go+rx " + shell_word(code.real)));
}

// The application was built into the root, and the path is that of inside.
bool is_code_of_root(const HostCheckInput& input) {
  return path_fact(input.facts, input.policy.filesystem.root + input.policy.filesystem.code.text).kind == PathFact::Kind::directory;
}

void check_missing(const HostCheckInput& input, const std::string& path) {
  const std::string& root = input.policy.filesystem.root;
  if (is_code_of_root(input))
    return host_error(input, kKey, "there is no `" + path + "` on this host, but in filesystem.root there is one", "write " + root + path);
  host_error(input, kKey, "there is no `" + path + "` on this host", "correct the path, or unpack the application there");
}

void check_in_image(const HostCheckInput& input, const std::string& path, const PathFact& fact) {
  const std::string inside = path.substr(input.facts.image.size());
  const std::string image = "the image `" + input.facts.image + "`";
  if (fact.kind == PathFact::Kind::missing)
    host_error(input, kKey, "there is no `" + inside + "` in " + image, "correct the path: fpmbox build puts the code at /srv/www");
  else if (fact.kind == PathFact::Kind::symlink)
    host_error(input, kKey, "`" + inside + "` of " + image + " is reached through a symlink", "write the folder that it leads to");
  else if (fact.kind != PathFact::Kind::directory)
    host_error(input, kKey, "`" + inside + "` of " + image + " is not a folder", "write the folder that holds the application");
  else if (const SystemFolder* system = system_folder(inside))
    host_error(input, kKey, "`" + inside + "` of " + image + " is " + (inside == system->path ? "a folder" : "part") + " of the system",
               "write the folder that holds the application");
}

// Root follows a link whoever made it: the link's owner would choose which of the host's folders the pool sees. What an
// owner could show of its own is not more than the owner could copy.
void check_links(const HostCheckInput& input, const PathFact& code) {
  for (const LinkFact& link : code.links) {
    if (link.uid == 0 || link.uid == code.uid) continue;
    host_error(input, kKey,
               "`" + link.path + "` is a symlink of uid " + std::to_string(link.uid) + " and leads to `" + code.real +
                   "`, which belongs to uid " + std::to_string(code.uid) + ": its owner could show any folder of the host",
               "if it leads where it should, run: chown -h root:root " + shell_word(link.path));
  }
}

}  // namespace

void check_host_code(const HostCheckInput& input) {
  const std::string& path = input.policy.filesystem.code.text;
  if (path.empty()) return;
  const PathFact& fact = path_fact(input.facts, path);
  if (is_in_image(input.facts, path)) return check_in_image(input, path, fact);
  if (path.starts_with(input.policy.filesystem.root + "/") && !input.facts.root_reason.empty()) return;  // check_host_system() says so
  if (fact.kind == PathFact::Kind::missing)
    check_missing(input, path);
  else if (fact.kind == PathFact::Kind::symlink && fact.real.empty())
    host_error(input, kKey, "`" + path + "` leads to `" + fact.link + "`, which is not there",
               "run: ln -sfnr VERSION " + shell_word(path));
  else if (fact.real_kind != PathFact::Kind::directory)
    host_error(input, kKey, "`" + path + "` is not a folder", "write the folder that holds the application");
  else if (const SystemFolder* system = system_folder(fact.real))
    host_error(input, kKey, is_system(path, fact, *system), "write the folder that holds the application");
}

void check_host_code_owner(const HostCheckInput& input) {
  const PathFact* code = code_directory(input);
  const auto pool = pool_ids(input.policy, input.facts);
  if (code == nullptr) return;
  check_links(input, *code);
  if (!pool) return;
  check_readable(input, *code, *pool);
  if (input.policy.filesystem.owned_by_pool == "accepted") return;
  if (const std::string why = why_not_ours(input, owner_of(*code), *pool); !why.empty())
    host_error(input, kKey, "`" + code->real + "` " + why + ", who could change the code that it executes",
               to_repair_code(input, "run: " + give_code_to_root(input, code->real) + "; or accept it with owned_by_pool"));
  for (const std::string& start : {input.policy.filesystem.code.text, code->real}) {
    const std::string folder = writable_folder_above(start, input, *pool);
    if (folder.empty()) continue;
    const std::string why = why_not_ours(input, owner_of(path_fact(input.facts, folder)), *pool);
    host_error(input, kKey, "`" + folder + "` above the code " + why + ", who could exchange the code",
               "run: chown root:root " + shell_word(folder) + " && chmod go-w " + shell_word(folder));
    break;
  }
}

}  // namespace launcher
