// What `fpmbox init` found out of a site and its machine, and what it makes of it: values, and pure steps between them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "profiles/base/result.h"
#include "profiles/model/policy.h"

namespace launcher {

struct Findings {
  std::string name;     // of the pool
  std::string profile;  // what the pool file extends
  std::string title;    // "DokuWiki", for people
  std::string code;     // as the web server will pass it
  std::string version;  // the folder that `code` leads to; the same unless it is a symlink
  std::string data;     // where what it writes will be
  std::string user;
  std::string web_server;  // "nginx" or "apache"
  std::string web_group;
  std::string timezone;
  std::vector<std::string> php_versions;  // newest first
  std::vector<std::string> databases;     // sockets of servers that run here
  bool database_is_sure = true;           // the application is known to use one
  bool user_exists = false;
  bool launcher_user_exists = false;
  // Not installed yet, by an installer that writes among the code: its settings' path, and the folder it writes. Else empty.
  std::string settings, installer_writes;
  bool installer_began = false;  // that folder lies in `data` already, and may be the pool's
  friend bool operator==(const Findings&, const Findings&) = default;
};

// A name for a pool, from its path: /srv/wiki/www is "wiki", /srv/My_Shop is "my-shop".
std::string name_for(const std::string& code);

// The first pool file. Only paths of plain characters come this far.
std::string pool_text(const Findings& findings);

// true when every byte of the path means itself in YAML and in a web server's configuration.
bool is_plain_path(std::string_view path);

// A program that is started, without a shell, and why.
struct Step {
  std::string why;
  std::vector<std::string> words;  // the first is an absolute path
  friend bool operator==(const Step&, const Step&) = default;
};

// What of the writable paths is there already; by relative path.
struct Place {
  std::string path;
  bool optional = false;
  bool in_version = false;   // something lies there in the version
  bool in_data = false;      // and in the data folder
  bool is_directory = true;  // as it is there, or as it seems
  std::string writer;        // who owns it in the version, other than root
  friend bool operator==(const Place&, const Place&) = default;
};

// User, data folder, and copies of what the version brought. Nothing is moved or deleted; what is in the data folder
// already stays as it is, so that they can be run again after one that failed.
std::vector<Step> steps_for(const Findings& findings, const std::vector<Place>& places);

// What to do for the one run of an application's own installer; "" where there is none, or it has run. `file`: of the pool.
std::string installing_text(const Findings& findings, const std::string& file);

// As one would type it.
std::string as_typed(const std::vector<std::string>& words);

}  // namespace launcher
