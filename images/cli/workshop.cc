#include "images/cli/workshop.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "images/build/places.h"
#include "images/build/runtime.h"
#include "images/build/shelf.h"
#include "images/cli/commands.h"
#include "images/cli/exit_codes.h"
#include "images/layer/member_store.h"
#include "images/lock/fetch.h"
#include "images/lock/resolve.h"
#include "images/recipe/read.h"
#include "images/store/digest.h"
#include "images/store/files.h"
#include "images/store/progress.h"
#include "images/store/refuse.h"
#include "launcher/sys/file.h"
#include "profiles/base/text.h"

namespace images {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestText = 1 << 20;
constexpr std::size_t kLargestProgram = 64 << 20;

base::Result<std::string> read_text(const std::string& path) { return sys::read_file(path, kLongestText); }

struct Place {
  std::string file;
  std::string lock;
};

// A word without a slash is a recipe that is shipped; its lock then is the caller's, where he stands.
Place place_of(const cli::RecipeWords& words, const std::string& recipes) {
  const bool is_path = words.recipe.find('/') != std::string::npos || words.recipe.ends_with(".yaml");
  const std::string file = is_path ? words.recipe : recipes + "/" + words.recipe + ".yaml";
  const std::string beside = is_path ? fs::path(file).replace_extension(".lock").string() : words.recipe + ".lock";
  return {file, words.lock.empty() ? beside : words.lock};
}

std::string unknown(const std::string& word, const std::string& recipes) {
  std::vector<std::string> names;
  std::error_code failed;
  for (const auto& file : fs::directory_iterator(recipes, failed)) names.push_back(file.path().stem().string());
  std::sort(names.begin(), names.end());
  return "there is no recipe `" + word + "`; name a file (with a slash, or ending in .yaml), or one of " + base::join(names, ", ");
}

int print(base::Diagnostics& diagnostics) {
  diagnostics.sort();
  for (const base::Diagnostic& one : diagnostics.all()) std::fprintf(stderr, "%s\n", one.text().c_str());
  return diagnostics.has_errors() ? kBadRecipe : kDone;
}

base::Result<std::vector<Source>> sources_of(const Recipe& recipe, const HostApt& host) {
  std::vector<Source> out;
  for (const Suite& suite : recipe.suites) {
    const auto known = host.mirrors.find(suite.name);
    if (suite.mirror.empty() && known == host.mirrors.end())
      return refuse("suite " + suite.name + ": the recipe names no mirror, and this machine's apt has that suite from nowhere; write mirror:");
    out.push_back({suite.name, suite.mirror.empty() ? known->second : suite.mirror, suite.components, suite.signed_by.text,
                   suite.expired == "accepted"});
  }
  return out;
}

// Digest of what a lock is an answer to. Mirrors are not part of it: the same packages lie on all.
std::string wanted_digest(const Recipe& recipe, const Wanted& wanted) {
  std::string text;
  for (const Suite& suite : recipe.suites) text += "suite " + suite.name + " " + base::join(suite.components, ",") + " " + suite.signed_by.text + "\n";
  for (const std::string& package : wanted.packages) text += "package " + package + "\n";
  for (const std::string& pattern : wanted.drop) text += "drop " + pattern + "\n";
  return sha256(text);
}

std::string apt_folder(const std::string& cache) { return cache + "/apt"; }

base::Result<Lock> resolve_anew(const Workshop& shop, const Wanted& wanted) {
  const HostApt host = TRY(host_apt());
  const std::vector<Source> sources = TRY(sources_of(shop.inputs.recipe, host));
  Lock lock = TRY(resolve(wanted, sources, apt_folder(shop.cache), host));
  lock.wanted = wanted_digest(shop.inputs.recipe, wanted);
  return lock;
}

base::Result<std::optional<Lock>> lock_there(const std::string& path) {
  const auto text = read_text(path);
  if (!text && text.error().code == ENOENT) return std::optional<Lock>();
  if (!text) return text.error();
  auto lock = read_lock(text.value());
  if (!lock) return lock.take_error().during(path);
  return std::optional<Lock>(std::move(lock).value());
}

base::Status settle_lock(const cli::RecipeWords& words, Workshop& shop) {
  const Recipe& recipe = shop.inputs.recipe;
  const Wanted wanted{wanted_packages(recipe, shop.inputs.pool.policy), recipe.packages.drop};
  const std::optional<Lock> there = TRY(lock_there(shop.lock_file));
  const bool holds = there && there->wanted == wanted_digest(recipe, wanted);
  if (holds && !words.update_lock) {
    shop.inputs.lock = *there;
    return base::success();
  }
  if (words.locked || words.offline)
    return refuse(shop.lock_file + (there ? " is of other packages than the recipe wants" : " is not there") + "; make it without " +
                  (words.locked ? "--locked" : "--offline"));
  shop.inputs.lock = TRY(resolve_anew(shop, wanted));
  const auto changes = difference(there ? *there : Lock(), shop.inputs.lock);
  if (there) shop.notes.insert(shop.notes.end(), changes.begin(), changes.end());
  shop.notes.push_back(shop.lock_file + ": " + (!there ? "made" : changes.empty() ? "as it was" : "changed"));
  return write_whole(shop.lock_file, write(shop.inputs.lock));
}

void add(std::string& all, const std::string& part) { all += sha256(part); }

std::string key_of(const Inputs& inputs, const std::vector<std::string>& texts, const std::string& builder) {
  std::string all;
  for (const std::string& text : texts) add(all, text);
  add(all, write(inputs.lock));
  add(all, inputs.pool.text);
  add(all, inputs.launcher);
  add(all, compressor(inputs.recipe.compression));
  for (const auto& [path, entry] : inputs.code.entries()) {
    add(all, path + std::string(kind_name(entry.kind)) + entry.target);
    if (entry.content) add(all, *entry.content);
  }
  // the builder itself: another version may make another image of the same inputs
  add(all, builder);
  return sha256(all);
}

base::Status read_inputs(const cli::RecipeWords& words, const std::vector<std::string>& texts, Workshop& shop) {
  TRY(settle_lock(words, shop));
  const std::string launcher = TRY(find_launcher());
  shop.inputs.launcher = TRY(sys::read_file(launcher, kLargestProgram));
  shop.inputs.code = TRY(read_code(shop.inputs.recipe.code));
  const std::string program = TRY(sys::read_file("/proc/self/exe", kLargestProgram));
  shop.builder = sha256(program);
  shop.key = key_of(shop.inputs, texts, shop.builder);
  return base::success();
}

std::map<std::string, std::string> labels_of(const Workshop& shop, const std::string& title) {
  std::map<std::string, std::string> out = shop.inputs.recipe.labels;
  out.emplace("org.opencontainers.image.title", title);
  out["fpmbox.lock"] = "sha256:" + sha256(write(shop.inputs.lock));
  out["fpmbox.policy"] = "sha256:" + sha256(shop.inputs.pool.text);
  return out;
}

base::Result<Layer> pack(const Workshop& shop, const char* name, const PathMap& tree) {
  progress(std::string("packing ") + name);
  return make_layer(name, tree, epoch_of(shop.inputs.lock), member_store(shop.cache + "/members"), shop.inputs.recipe.compression);
}

struct LayerRow {
  const char* name;
  const PathMap* tree;
  const std::optional<Layer>* packed = nullptr;
};

base::Result<std::vector<Layer>> layers_of(const Workshop& shop, const std::vector<LayerRow>& rows) {
  std::vector<Layer> out;
  for (const LayerRow& row : rows) {
    const bool is_packed = row.packed != nullptr && row.packed->has_value();
    auto layer = is_packed ? base::Result<Layer>(**row.packed) : pack(shop, row.name, *row.tree);
    if (!layer) return layer.take_error();
    out.push_back(std::move(layer).value());
  }
  return out;
}

base::Status keep_packed(const Workshop& shop, const Shelf& shelf, const char* name, const std::string& key, Runtime& system) {
  if (system.packed) return base::success();
  system.packed = TRY(pack(shop, name, system.tree));
  shelf.keep(key, system);
  return base::success();
}

}  // namespace

int open_workshop(const cli::RecipeWords& words, Workshop& shop) {
  const auto catalog = find_catalog(), recipes = find_recipes(), cache = cache_folder(words.cache);
  for (const auto* place : {&catalog, &recipes, &cache})
    if (!place->ok()) return print_error(place->error().text()), kFailed;
  const Place place = place_of(words, recipes.value());
  if (std::error_code failed; !fs::exists(place.file, failed)) return print_error(unknown(words.recipe, recipes.value())), kUsage;
  shop.name = fs::path(place.file).stem().string();
  shop.lock_file = place.lock;
  shop.cache = cache.value();
  if (const auto trusted = sys::check_trusted_path(shop.cache); !trusted && fs::exists(shop.cache))
    shop.notes.push_back(trusted.error().text() + ": nothing that was packed before is taken from " + shop.cache);
  base::Diagnostics diagnostics;
  ReadRecipe read = read_recipe(recipes.value(), read_text, place.file, diagnostics);
  if (const int code = print(diagnostics); code != kDone) return code;
  shop.inputs.recipe = std::move(read.recipe);
  base::Diagnostics of_pool;
  shop.inputs.pool = compose_pool(shop.inputs.recipe, shop.name, catalog.value(), read_text, place.file, of_pool);
  if (const int code = print(of_pool); code != kDone) return code;
  const auto done = read_inputs(words, read.texts, shop);
  if (done) return kDone;
  print_error(done.error().text());
  return kFailed;
}

base::Result<Lock> newest_lock(const Workshop& shop) {
  const Recipe& recipe = shop.inputs.recipe;
  return resolve_anew(shop, {wanted_packages(recipe, shop.inputs.pool.policy), recipe.packages.drop});
}

Vault vault_of(const Workshop& shop) { return Vault(shop.cache + "/vault"); }

base::Status fill_vault(const Workshop& shop, bool offline) {
  const Vault vault = vault_of(shop);
  const auto is_there = [&](const LockedPackage& one) { return vault.has(one.sha256); };
  if (std::all_of(shop.inputs.lock.packages.begin(), shop.inputs.lock.packages.end(), is_there)) return base::success();
  const HostApt host = TRY(host_apt());
  return fetch(shop.inputs.lock, vault, apt_folder(shop.cache), host, offline);
}

base::Result<Assembled> parts_of(const Workshop& shop, bool offline) {
  const Shelf shelf(shop.cache + "/runtimes");
  const std::string runtime = runtime_key(shop.inputs, shop.builder), server = server_key(shop.inputs, shop.builder);
  Systems systems;
  if (shop.inputs.recipe.code.package.empty()) systems.runtime = shelf.find(runtime);
  if (!shop.inputs.recipe.web.server.empty()) systems.server = shelf.find(server);
  Unpacked packages;
  if (wants_packages(systems, shop.inputs.recipe)) {
    TRY(fill_vault(shop, offline));
    packages = TRY(unpack_all(shop.inputs.lock, vault_of(shop)));
  }
  TRY(complete(systems, packages, shop.inputs));
  TRY(keep_packed(shop, shelf, "runtime", runtime, *systems.runtime));
  if (systems.server) TRY(keep_packed(shop, shelf, "web server", server, *systems.server));
  return assemble_on(std::move(systems), packages, shop.inputs);
}

base::Result<Image> image_of(const Workshop& shop, const Assembled& parts) {
  std::vector<Layer> layers = TRY(layers_of(shop, {{"runtime", &parts.runtime, &parts.packed}, {"launcher and policy", &parts.launcher}, {"code", &parts.code}}));
  About about;
  about.name = shop.inputs.recipe.name;
  about.created = epoch_of(shop.inputs.lock);
  about.entrypoint = {"/fpmbox", "run", "--enclosed", "/etc/fpmbox/pool.yaml"};
  about.healthcheck = {"/fpmbox", "health"};
  about.working_directory = "/";
  about.stop_signal = "SIGTERM";
  about.labels = labels_of(shop, shop.name);
  return make_image(std::move(layers), about);
}

std::string web_output(const std::string& output) {
  const std::string ending = output.ends_with(".tar") ? ".tar" : "";
  std::string stem = output.substr(0, output.size() - ending.size());
  while (stem.ends_with('/')) stem.pop_back();
  return stem + "-web" + ending;
}

base::Result<Image> web_image_of(const Workshop& shop, const Assembled& parts) {
  std::vector<Layer> layers = TRY(layers_of(shop, {{"web server", &parts.web->server, &parts.web->packed}, {"files and configuration", &parts.web->files}}));
  const WebServer& web = shop.inputs.recipe.web;
  About about;
  about.name = web.name;
  about.created = epoch_of(shop.inputs.lock);
  // -e: what it says before it has read its configuration
  about.entrypoint = {"/usr/sbin/nginx", "-e", "stderr", "-c", "/etc/nginx/nginx.conf"};
  about.user = std::to_string(kWebUser) + ":" + std::to_string(kWebUser);
  about.working_directory = "/";
  about.stop_signal = "SIGQUIT";  // running requests are finished
  about.exposed_ports = {std::to_string(web.port) + "/tcp"};
  about.labels = labels_of(shop, shop.name + "-web");
  return make_image(std::move(layers), about);
}

}  // namespace images
