// What the box sees and what it may write.
#include "profiles/checks/facets.h"
#include "profiles/checks/report.h"

namespace profiles {

void check_code(const CheckInput& input) {
  const Filesystem& filesystem = input.composed.policy.filesystem;
  const std::string& code = filesystem.code.text;
  const std::string& data = filesystem.data.text;
  if (code.empty()) {
    if (input.is_pool)
      missing(input, "filesystem.code", "the pool has no application",
              "write filesystem: {code: /var/www/" + input.composed.policy.name + "/www}");
    return;
  }
  if (code == "/")
    error(input, "filesystem.code", "the whole host is not an application", "write the application's folder");
  if (data.empty()) return;
  if (data == "/")
    error(input, "filesystem.data", "the whole host is not a data folder",
          "write a folder such as /var/lib/" + input.composed.policy.name);
  // Either way a new version would take the data along, or the data would hold what is executed.
  if (is_within(data, code) || is_within(code, data))
    error(input, "filesystem.data", "`" + data + "` and the code `" + code + "` lie in each other",
          "keep what is written outside the code, such as in /var/lib/" + input.composed.policy.name);
}

void check_writable(const CheckInput& input) {
  const std::vector<Writable>& writable = input.composed.policy.filesystem.writable;
  for (const Writable& one : writable) {
    const std::string key = "filesystem.writable[" + one.path.text + "]";
    if (one.path.text == ".")
      error(input, key, "the whole code would be writable, and what an attacker writes there is executed",
            "name the files and folders that the application must write");
    for (const Writable& other : writable)
      if (other.path.text != one.path.text && is_within(one.path.text, other.path.text))
        warning(input, key, "lies in `" + other.path.text + "`, which is writable already", "remove one of them");
  }
}

void check_system_paths(const CheckInput& input) {
  for (const SystemPath& shown : input.composed.policy.filesystem.system) {
    const std::string key = "filesystem.system[" + shown.path.text + "]";
    if (shown.path.text == "/")
      error(input, key, "the box would see the whole host", "name the files and folders that are needed");
    if (shown.why.empty() && set_by_pool(input, key))
      error(input, key, "shows the box more of the host, without a reason",
            "write {path: " + shown.path.text + ", why: WHAT NEEDS IT}");
  }
}

void check_root(const CheckInput& input) {
  const std::string& root = input.composed.policy.filesystem.root;
  if (root == "system" || (root.starts_with('/') && root.size() > 1)) return;
  error(input, "filesystem.root", "`" + root + "` is neither `system` nor an absolute path",
        "write system, or the path of a built root such as /srv/roots/php.erofs");
}

void check_umask(const CheckInput& input) {
  const auto taken = input.composed.policy.filesystem.umask.bits;
  if ((taken & 0002) == 0)
    error(input, "filesystem.umask", "new files could be changed by every user of the host", "write \"0022\"");
  else if ((taken & 0020) == 0)
    warning(input, "filesystem.umask", "new files could be changed by the pool's whole group", "write \"0022\"");
}

void check_owned_by_pool(const CheckInput& input) {
  const Filesystem& filesystem = input.composed.policy.filesystem;
  if (filesystem.owned_by_pool.empty()) return;
  if (filesystem.owned_by_pool != "accepted")
    error(input, "filesystem.owned_by_pool", "`" + filesystem.owned_by_pool + "` is not one of its words",
          "write accepted, or remove the key");
  if (filesystem.why.empty())
    error(input, "filesystem.owned_by_pool", "accepted without a reason",
          "say in filesystem.why why the pool's user owns the code");
}

}  // namespace profiles
