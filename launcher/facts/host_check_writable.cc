// What the pool writes: there, where it seems to be, and writable; and what it sees of the system.
#include "launcher/facts/host_check_facets.h"
#include "launcher/facts/image_paths.h"

namespace launcher {
namespace {

struct Place {
  std::string key;
  std::string relative;
  std::string path;   // on the host: in the code, or in data
  std::string store;  // canonical: the code or data
};

bool looks_like_file(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  return name.find('.', 1) != name.npos;
}

std::string create_empty(const std::string& path, bool is_directory) {
  if (is_directory) return "mkdir -p " + shell_word(path);
  return "mkdir -p " + shell_word(folder_of(path)) + " && touch " + shell_word(path);
}

std::string copy(const HostCheckInput& input, const std::string& model, const std::string& path) {
  const std::string& image = input.facts.image;
  if (!is_in_image(input.facts, model)) return "cp -a " + shell_word(model) + " " + shell_word(path);
  return "mount -o ro " + shell_word(image) + " /mnt && cp -a " + shell_word("/mnt" + model.substr(image.size())) + " " + shell_word(path) + " && umount /mnt";
}

// `model` is what a data folder starts with: what came with the version.
std::string create(const HostCheckInput& input, const std::string& path, const std::string& model) {
  const bool has_model = !model.empty() && path_fact(input.facts, model).kind != PathFact::Kind::missing;
  const std::string commands = has_model ? "mkdir -p " + shell_word(folder_of(path)) + " && " + copy(input, model, path)
                                         : create_empty(path, !looks_like_file(path));
  return commands + " && " + give_to_pool(input.policy, path);
}

// A symlink on the way would be followed by root at launch, and whoever owns a folder on the way can plant one.
void check_place(const HostCheckInput& input, const Place& place, const PathFact& fact) {
  if (fact.real.empty())
    return host_error(input, place.key, "`" + place.path + "` is a symlink to `" + fact.link + "`, which is not there",
                      "run: rm " + shell_word(place.path) + " && " + create(input, place.path, ""));
  if (!is_within(fact.real, place.store) || fact.real == place.store)
    return host_error(input, place.key, "leads out of `" + place.store + "` through a symlink, to `" + fact.real + "`",
                      "keep what is written inside it, or name a data folder in filesystem.data");
  if (fact.real != place.store + "/" + place.relative)
    host_error(input, place.key, "is reached through a symlink",
               "write `" + fact.real.substr(place.store.size() + 1) + "`");
}

void check_permission(const HostCheckInput& input, const Place& place, const PathFact& fact) {
  const auto pool = pool_ids(input.policy, input.facts);
  const bool is_directory = fact.real_kind == PathFact::Kind::directory;
  if (!is_directory && fact.real_kind != PathFact::Kind::file)
    return host_error(input, place.key, "`" + place.path + "` is neither a file nor a folder",
                      "remove it: rm " + shell_word(place.path));
  if (pool && !is_permitted(owner_of(fact), *pool, is_directory ? 7 : 6))
    host_error(input, place.key, "`" + place.path + "` cannot be written by `" + input.policy.identity.user + "`",
               "run: " + give_to_pool(input.policy, place.path) + " && chmod -R u+rwX " + shell_word(place.path));
}

// With a data folder, the path in the version is where data is mounted: the code is read-only, so it must be there.
void check_mount_point(const HostCheckInput& input, const std::string& key, const std::string& path,
                       const PathFact& data) {
  const PathFact& point = path_fact(input.facts, path);
  const bool is_directory = data.real_kind == PathFact::Kind::directory;
  const std::string make = create_empty(path, is_directory);
  if (point.kind == PathFact::Kind::missing && is_in_image(input.facts, path))
    host_error(input, key, "there is no `" + path + "` in the image, over which the one in the data folder is mounted",
               "make the image anew from a profile with this line, or with it in the code; or leave the line out");
  else if (point.kind == PathFact::Kind::missing)
    host_error(input, key, "there is no `" + path + "` in the code, over which the one in the data folder is mounted",
               "run: " + make);
  else if (point.kind == PathFact::Kind::symlink || point.real != path)
    host_error(input, key,
               "`" + path + "` is or lies behind a symlink; the one in the data folder cannot be mounted over it",
               to_repair_code(input, "run: rm " + shell_word(path) + " && " + make));
  else if (is_directory != (point.kind == PathFact::Kind::directory))
    host_error(input, key,
               "`" + path + "` in the code and the one in the data folder are not both files or both folders",
               to_repair_code(input, "where the data is right, run: mv " + shell_word(path) + " " + shell_word(path + ".version") + " && " + make +
                                         "; where the version is, give the data its kind"));
}

// An optional path that came with the version alone is not mounted: the application reads it and writes in vain, or, in
// the next version, finds another.
void check_missing(const HostCheckInput& input, const profiles::Writable& writable, const Place& place,
                   const std::string& in_code) {
  const std::string make = "run: " + create(input, place.path, in_code);
  const bool is_in_code = !in_code.empty() && path_fact(input.facts, in_code).kind != PathFact::Kind::missing;
  if (!writable.optional && !is_in_code && is_in_image(input.facts, in_code))
    return host_error(input, place.key, "there is no `" + place.path + "`, and no `" + in_code + "` in the image, over which it is mounted",
                      make + ", and make the image anew from a profile with this line; or say optional: true");
  if (!writable.optional && !is_in_code && !in_code.empty())
    return host_error(input, place.key, "there is no `" + place.path + "`, and no `" + in_code + "` in the code, over which it is mounted",
                      make + " && " + create_empty(in_code, !looks_like_file(in_code)) + "; or say optional: true");
  if (!writable.optional)
    return host_error(input, place.key, "there is no `" + place.path + "`", make + "; or say optional: true");
  if (is_in_code)
    host_warning(input, place.key,
                 "`" + in_code + "` cannot be written, because there is no `" + place.path + "` in the data folder", make);
}

// An optional path that the image has not is none for the pool, either.
void check_in_image(const HostCheckInput& input, const profiles::Writable& writable, const std::string& key, const std::string& path) {
  if (writable.optional && path_fact(input.facts, path).kind == PathFact::Kind::missing) return;
  host_error(input, key, "`" + path + "` lies in an image, which nobody writes",
             "name a folder of this host for what the pool writes: filesystem: {data: /var/lib/" + input.policy.name + "}");
}

void check_one(const HostCheckInput& input, const profiles::Writable& writable, const std::string& code) {
  const auto& data = input.policy.filesystem.data.text;
  const std::string store = data.empty() ? code : data;
  const PathFact& store_fact = path_fact(input.facts, store);
  if (store.empty() || store_fact.real.empty()) return;  // reported already
  const Place place{"filesystem.writable[" + writable.path.text + "]", writable.path.text,
                    store + "/" + writable.path.text, store_fact.real};
  const std::string in_code = code.empty() ? "" : code + "/" + writable.path.text;
  if (is_in_image(input.facts, place.path)) return check_in_image(input, writable, place.key, place.path);
  const PathFact& fact = path_fact(input.facts, place.path);
  if (fact.kind == PathFact::Kind::missing) return check_missing(input, writable, place, data.empty() ? "" : in_code);
  check_place(input, place, fact);
  check_permission(input, place, fact);
  if (!data.empty() && !in_code.empty()) check_mount_point(input, place.key, in_code, fact);
}

}  // namespace

void check_host_data(const HostCheckInput& input) {
  const std::string& data = input.policy.filesystem.data.text;
  if (data.empty()) return;
  const PathFact& fact = path_fact(input.facts, data);
  if (fact.kind == PathFact::Kind::missing)
    host_error(input, "filesystem.data", "there is no `" + data + "` on this host",
               "run: mkdir -p " + shell_word(data));
  else if (fact.real_kind != PathFact::Kind::directory)
    host_error(input, "filesystem.data", "`" + data + "` is not a folder",
               "write the folder that holds what the pool writes");
}

void check_host_writable(const HostCheckInput& input) {
  const PathFact& fact = path_fact(input.facts, input.policy.filesystem.code.text);
  const std::string code = fact.real_kind == PathFact::Kind::directory ? fact.real : "";
  for (const auto& writable : input.policy.filesystem.writable) check_one(input, writable, code);
}

void check_host_system(const HostCheckInput& input) {
  for (const auto& system : input.policy.filesystem.system) {
    const std::string key = "filesystem.system[" + system.path.text + "]";
    if (path_fact(input.facts, input.facts.root + system.path.text).kind == PathFact::Kind::missing && !system.optional)
      host_error(input, key, "there is no `" + input.facts.root + system.path.text + "` on this host",
                 "remove it, or write {path: " + system.path.text + ", optional: true}");
  }
  const std::string& root = input.policy.filesystem.root;
  if (!root.starts_with("/")) return;
  if (path_fact(input.facts, root).real.empty())
    host_error(input, "filesystem.root", "there is no `" + root + "` on this host",
               "correct the path, or write system");
  else if (!input.facts.root_reason.empty())
    host_error(input, "filesystem.root", "`" + root + "` cannot be used: " + input.facts.root_reason,
               "name a folder or an EROFS image of root's own, made by fpmbox build --rootfs");
  if (!input.policy.programs.empty())
    host_error(input, "programs", "programs would be this host's own, and the root that filesystem.root names has none",
               "leave programs: out, or filesystem.root");
}

}  // namespace launcher
