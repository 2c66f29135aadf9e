// A pool's site in Apache's language (httpd.apache.org/docs/2.4). <LocationMatch> is merged last, behind <Directory>
// and <Files> of the whole server, so that a distribution's own handler for .php does not come into it.
#include "profiles/export/web_site.h"

namespace profiles {
namespace {

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

std::string head(const WebSite& site) {
  const std::string file = "/etc/fpmbox/web/" + site.name + ".apache.conf";
  return "# How Apache serves the pool " + site.name + ": written by `fpmbox export apache " + site.name +
         "`.\n"
         "# It wants proxy_fcgi and headers (a2enmod proxy_fcgi headers), and belongs into the site's virtual host:\n"
         "#\n"
         "#   <VirtualHost *:80>\n"
         "#     ServerName www.example.org\n"
         "#     Include " +
         file +
         "\n"
         "#   </VirtualHost>\n\n";
}

// Options without + or -: these and no other. AllowOverride None: a .htaccess that was uploaded could send requests to
// a neighbour's socket.
std::string open_folder(const std::string& path) {
  return "<Directory " + quoted(path) +
         ">\n"
         "  AllowOverride None\n"
         "  Options SymLinksIfOwnerMatch\n"
         "  Require all granted\n"
         "</Directory>\n";
}

// By AddHandler an ending counts wherever it stands in a name: an upload x.cgi.png would be a program, or a neighbour's
// script. Not for what is not there, which is FallbackResource's as long as it has no handler.
std::string serve_as_files(const std::string& path) {
  return "<Directory " + quoted(path) + ">\n  <If \"-f %{REQUEST_FILENAME}\">\n    SetHandler default-handler\n  </If>\n</Directory>\n";
}

std::string refuse(const std::string& regex, const std::string& why) {
  return "# " + why + "\n<LocationMatch " + quoted(regex) + ">\n  Require all denied\n</LocationMatch>\n";
}

std::string serve_php(const WebSite& site) {
  const std::string never = site.no_scripts.empty() ? "" : "(?!(?:" + site.no_scripts + ")(?:/|$))";
  const std::string scripts = never + "(?:" + site.scripts + ")(?:/|$)";
  const std::string no_script = "^(?!/" + scripts + ")";
  const std::string server =
      site.tcp.empty() ? "unix:" + site.unix_socket + "|fcgi://fpmbox-" + site.name : "fcgi://" + site.tcp;
  std::string out = "# PHP starts from here and nowhere else\n";
  out += "<LocationMatch " + quoted("^/" + scripts) + ">\n  SetHandler " + quoted("proxy:" + server) +
         "\n</LocationMatch>\n";
  out += refuse(no_script + ".*(?i:" + site.php_endings + ")(?:/|$)", "and is never served as text");
  out += refuse(no_script + ".*(?i:" + site.hidden + ")", "dot files, and what editors and dumps leave behind");
  out += refuse(no_script + "/(?i:" + site.copies + ")", "copies of scripts, which would be text");
  // a connection that is kept can be left with half a request in it (CVE-2026-129289)
  out += "<Proxy " + quoted(server) + ">\n  ProxySet enablereuse=off timeout=" +
         std::to_string(site.timeout_seconds == 0 ? 3600 : site.timeout_seconds) + "\n</Proxy>\n";
  return out;
}

}  // namespace

base::Result<std::string> export_apache(const Policy& policy) {
  const WebSite site = TRY(web_site(policy));
  std::string out = head(site);
  out += "DocumentRoot " + quoted(site.document_root) + "\nDirectoryIndex index.php index.html\n";
  if (!site.fallback.empty()) out += "FallbackResource " + site.fallback + "\n";
  if (site.body_bytes != 0)  // LimitRequestBody is not asked about requests that are passed on
    out += "<If \"%{HTTP:Content-Length} -gt " + std::to_string(site.body_bytes) + "\">\n  Redirect 413 /\n</If>\n";
  out += "# what a visitor's \"Proxy:\" header would become in PHP (CVE-2016-5385)\nRequestHeader unset Proxy early\n";
  out += "# an upload is what its ending says\nHeader always set X-Content-Type-Options nosniff\n\n";
  out += open_folder(site.document_root);
  for (const ServedData& data : site.data)
    out += "Alias " + quoted(data.url) + " " + quoted(data.path) + "\n" + open_folder(data.path);
  if (!site.written.empty()) out += "# what the pool writes is files, whatever handlers this server has\n";
  for (const std::string& path : site.written) out += serve_as_files(path);
  out += "\n";
  if (!site.deny.empty()) out += refuse("^/+(?:" + site.deny + ")(?:/|$)", "web.deny");
  return out + serve_php(site);
}

}  // namespace profiles
