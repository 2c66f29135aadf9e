// What a web server has to know of a pool, whichever server it is: paths as addresses below the document root, patterns
// as regular expressions. A value; nginx.cc and apache.cc write it in their languages.
#pragma once

#include <string>
#include <vector>

#include "profiles/base/result.h"
#include "profiles/model/policy.h"

namespace profiles {

// Files that the pool writes and visitors may have, where they lie outside the code (filesystem.data).
struct ServedData {
  std::string url;   // "/wp-content/uploads"
  std::string path;  // "/var/lib/shop/wp-content/uploads"
  friend bool operator==(const ServedData&, const ServedData&) = default;
};

struct WebSite {
  std::string name;
  std::string document_root;
  std::string code;  // no folder on the way to it is the pool's; nor to `data_folder`
  std::string data_folder;
  std::string unix_socket;  // or
  std::string tcp;
  std::string scripts;      // regex of what PHP may be asked for, below "/"
  std::string no_scripts;   // without front controllers: regex of folders in which PHP never starts; else empty
  std::string php_endings;  // regex: what is never served as a file,
  std::string hidden;       // and what else is none for visitors: dot files, what editors and dumps leave behind,
  std::string copies;       // below "/", of the code alone: copies of scripts under another ending
  std::string deny;         // regex of paths below "/"; may be empty
  std::string fallback;     // "/index.php", or empty
  std::vector<ServedData> data;
  std::vector<std::string> written;  // files of visitors that the pool writes, as paths: those of `data`, or of the code itself
  std::uint64_t body_bytes = 0;  // 0: no limit
  std::uint64_t timeout_seconds = 0;
  friend bool operator==(const WebSite&, const WebSite&) = default;
};

// The error is for paths that no web server's configuration can spell.
base::Result<WebSite> web_site(const Policy& policy);

// A fragment for inside `server {}` or <VirtualHost>, headed by a comment that says so.
base::Result<std::string> export_nginx(const Policy& policy);
base::Result<std::string> export_apache(const Policy& policy);

}  // namespace profiles
