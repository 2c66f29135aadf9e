// One request to a pool, without a web server in between.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "launcher/supervise/fastcgi.h"
#include "profiles/base/result.h"

namespace harness {

struct CgiRequest {
  std::string method = "GET";
  std::string script;        // SCRIPT_FILENAME, as the pool sees it
  std::string name;          // SCRIPT_NAME; empty: the script
  std::string uri;           // REQUEST_URI, with the query; empty: the name
  std::string document_root = {};
  std::map<std::string, std::string> more = {};  // overwrite and add
  std::string body = {};
};

launcher::FastcgiParameters parameters_of(const CgiRequest& request);

// At most `limit` bytes come back within `timeout_ms`. The error: "refused", "closed without an answer", "no answer in 5 s".
base::Result<launcher::FastcgiReply> ask(const std::string& socket_path, const CgiRequest& request, int timeout_ms,
                                         std::size_t limit = 4 * 1024 * 1024);

}  // namespace harness
