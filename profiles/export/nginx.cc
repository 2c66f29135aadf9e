// A pool's site in nginx's language (nginx.org/en/docs). What web.deny refuses is refused ahead of all
// locations, so that none of the server block, whichever way it is written, opens it again.
#include "profiles/export/web_site.h"

namespace profiles {
namespace {

struct Parameter {
  const char* name;
  const char* value;
};

// All of them, in place of a distribution's fastcgi_params: one that is given twice reaches PHP twice. HTTP_PROXY is
// what a visitor's "Proxy:" header would become (CVE-2016-5385).
constexpr Parameter kParameters[] = {
    {"GATEWAY_INTERFACE", "CGI/1.1"},
    {"SERVER_SOFTWARE", "nginx"},
    {"QUERY_STRING", "$query_string"},
    {"REQUEST_METHOD", "$request_method"},
    {"CONTENT_TYPE", "$content_type"},
    {"CONTENT_LENGTH", "$content_length"},
    {"REQUEST_URI", "$request_uri"},
    {"REQUEST_SCHEME", "$scheme"},
    {"HTTPS", "$https if_not_empty"},
    {"SERVER_PROTOCOL", "$server_protocol"},
    {"REMOTE_ADDR", "$remote_addr"},
    {"REMOTE_PORT", "$remote_port"},
    {"REMOTE_USER", "$remote_user"},
    {"SERVER_ADDR", "$server_addr"},
    {"SERVER_PORT", "$server_port"},
    {"SERVER_NAME", "$server_name"},
    {"REDIRECT_STATUS", "200"},
    {"HTTP_PROXY", "\"\""},
    {"DOCUMENT_ROOT", "$document_root"},
    {"DOCUMENT_URI", "$document_uri"},
    // $document_root, not $realpath_root: a new version is seen by nginx and by the box in the same moment
    {"SCRIPT_FILENAME", "$document_root/$fpmbox_script"},
    {"SCRIPT_NAME", "/$fpmbox_script"},
    {"PATH_INFO", "$fpmbox_path_info"},
};

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

std::string head(const WebSite& site) {
  const std::string file = "/etc/fpmbox/web/" + site.name + ".nginx.conf";
  return "# How nginx serves the pool " + site.name + ": written by `fpmbox export nginx " + site.name +
         "`.\n"
         "# It belongs into the site's server block, and says root, index and all locations:\n"
         "#\n"
         "#   server {\n"
         "#     listen 80;\n"
         "#     server_name www.example.org;\n"
         "#     include " +
         file +
         ";\n"
         "#   }\n\n";
}

std::string refuse_files(const WebSite& site, const std::string& indent) {
  return indent + "location ~* " + quoted(site.php_endings + "(?:/|$)") + " { return 404; }\n" + indent + "location ~* " +
         quoted(site.hidden) + " { return 404; }\n";
}

std::string serve_php(const WebSite& site) {
  const std::string never = site.no_scripts.empty() ? "" : "(?!(?:" + site.no_scripts + ")(?:/|$))";
  std::string out =
      "# PHP starts from here and nowhere else. The script is a capture of its own, so that PATH_INFO never decides "
      "which.\n";
  out += "location ~ " + quoted("^/" + never + "(?<fpmbox_script>" + site.scripts + ")(?<fpmbox_path_info>/.*)?$") +
         " {\n";
  for (const Parameter& parameter : kParameters)
    out += std::string("  fastcgi_param ") + parameter.name + " " + parameter.value + ";\n";
  out += "  fastcgi_read_timeout " + std::to_string(site.timeout_seconds == 0 ? 3600 : site.timeout_seconds) + "s;\n";
  // no fastcgi_keep_conn: a connection that is kept can be left with half a request in it (CVE-2026-129289)
  out += "  fastcgi_pass " + (site.tcp.empty() ? "unix:" + site.unix_socket : site.tcp) + ";\n}\n";
  return out;
}

// Counted from a folder whose parents are not the pool's: a link in place of a writable folder in another is one, too.
std::string refuse_links(const std::string& folder) { return "disable_symlinks if_not_owner " + quoted("from=" + folder) + ";\n"; }

// ^~: no regular expression of the server block is asked about these addresses, but for those in here. A folder or a file.
std::string serve_data(const WebSite& site, const ServedData& data) {
  const std::string links = refuse_links(site.data_folder);
  return "location ^~ " + quoted(data.url + "/") + " {\n  alias " + quoted(data.path + "/") + ";\n  " + links +
         refuse_files(site, "  ") + "}\nlocation = " + quoted(data.url) + " {\n  alias " + quoted(data.path) + ";\n  " + links + "}\n";
}

}  // namespace

base::Result<std::string> export_nginx(const Policy& policy) {
  const WebSite site = TRY(web_site(policy));
  std::string out = head(site);
  out += "root " + quoted(site.document_root) + ";\nindex index.php index.html;\n";
  out += "client_max_body_size " + std::to_string(site.body_bytes) + ";  # post_max_size\n";
  out += "# a link that the pool's user made leads nowhere but to files of the pool's user\n";
  out += refuse_links(site.code);
  out += "# an upload is what its ending says; a location with an add_header of its own needs this line again\n";
  out += "add_header X-Content-Type-Options nosniff always;\n\n";
  if (!site.deny.empty())
    out += "if ($uri ~ " + quoted("^/+(?:" + site.deny + ")(?:/|$)") + ") { return 404; }  # web.deny\n\n";
  out += serve_php(site);
  out += "# PHP is never served as text; nor are dot files, and what editors and dumps leave behind\n" + refuse_files(site, "");
  out += "location ~* " + quoted("^/" + site.copies) + " { return 404; }\n";
  if (!site.data.empty()) out += "\n# files that the pool writes, outside the code: never PHP\n";
  for (const ServedData& data : site.data) out += serve_data(site, data);
  out += "\nlocation / { try_files $uri $uri/ " + (site.fallback.empty() ? "=404" : site.fallback + "$is_args$args") +
         "; }\n";
  return out;
}

}  // namespace profiles
