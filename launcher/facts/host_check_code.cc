// The application: is it there, and can the pool's user change what it executes? The light version of code_tree.h.
#include "launcher/facts/host_check_facets.h"

namespace launcher {
namespace {

constexpr const char* kKey = "filesystem.code";

const PathFact* code_directory(const HostCheckInput& input) {
  const PathFact& fact = path_fact(input.facts, input.policy.filesystem.code.text);
  return fact.real_kind == PathFact::Kind::directory ? &fact : nullptr;
}

void check_readable(const HostCheckInput& input, const PathFact& code, const PoolIds& pool) {
  if (!is_permitted(owner_of(code), pool, 5))
    host_error(input, kKey, "`" + code.real + "` cannot be read by the pool's user",
               "run: chmod go+rx " + shell_word(code.real));
}

}  // namespace

void check_host_code(const HostCheckInput& input) {
  const std::string& path = input.policy.filesystem.code.text;
  if (path.empty()) return;
  const PathFact& fact = path_fact(input.facts, path);
  if (fact.kind == PathFact::Kind::missing)
    host_error(input, kKey, "there is no `" + path + "` on this host",
               "correct the path, or unpack the application there");
  else if (fact.kind == PathFact::Kind::symlink && fact.real.empty())
    host_error(input, kKey, "`" + path + "` leads to `" + fact.link + "`, which is not there",
               "run: ln -sfnr VERSION " + shell_word(path));
  else if (fact.real_kind != PathFact::Kind::directory)
    host_error(input, kKey, "`" + path + "` is not a folder", "write the folder that holds the application");
  else if (fact.real == "/")
    host_error(input, kKey, "`" + path + "` is the whole host", "write the folder that holds the application");
}

void check_host_code_owner(const HostCheckInput& input) {
  const PathFact* code = code_directory(input);
  const auto pool = pool_ids(input.policy, input.facts);
  if (code == nullptr || !pool) return;
  check_readable(input, *code, *pool);
  if (input.policy.filesystem.owned_by_pool == "accepted") return;
  if (const std::string why = why_writable(owner_of(*code), *pool); !why.empty())
    host_error(input, kKey, "`" + code->real + "` " + why + ", who could change the code that it executes",
               "run: " + give_code_to_root(input, code->real) + "; or accept it with owned_by_pool");
  for (const std::string& start : {input.policy.filesystem.code.text, code->real}) {
    const std::string folder = writable_folder_above(start, input.facts, *pool);
    if (folder.empty()) continue;
    const std::string why = why_writable(owner_of(path_fact(input.facts, folder)), *pool);
    host_error(input, kKey, "`" + folder + "` above the code " + why + ", who could exchange the code",
               "run: chown root:root " + shell_word(folder) + " && chmod go-w " + shell_word(folder));
    break;
  }
}

}  // namespace launcher
