#include "launcher/denials/explain_servers.h"

#include <algorithm>
#include <string>

#include "profiles/base/text.h"

namespace launcher {
namespace {

using Kind = Denial::Kind;

bool has_network(const DenialContext& context) { return context.policy.network.mode == profiles::NetworkMode::host; }

// A box in the host's network that names ports needs another; any other box has no network to reach anything by.
bool explain_tcp(Denial& denial, std::string_view host, std::string_view port, const DenialContext& context) {
  denial.kind = Kind::connect;
  denial.decided_by = decided_at(context, has_network(context) ? "connect" : "network");
  const bool is_complete = !host.empty() && !port.empty() && port.find_first_not_of("0123456789") == port.npos;
  const std::string address = is_complete ? std::string(host) + ":" + std::string(port) : "HOST:PORT";
  const std::string named = "connect: [{tcp: " + yaml_text(address) + ", why: \"...\"}]";
  const std::string network = "network: {mode: host, why: \"...\"}";
  if (!has_network(context)) denial.permit = network;
  // without a port beside it the network is every port of every address
  if (is_complete)
    denial.permit += (denial.permit.empty() ? "" : "\n") + named;
  denial.note = !is_complete ? "or with the server's Unix socket: connect: [{unix: PATH}]" : "";
  return true;
}

bool explain_unix(Denial& denial, std::string_view path, const DenialContext& context) {
  denial.kind = Kind::connect;
  denial.act = "connect to " + std::string(path);
  denial.decided_by = decided_at(context, "connect");
  if (base::is_normal_absolute(path)) denial.permit = "connect: [{unix: " + yaml_text(path) + "}]";
  return true;
}

struct Endpoint {
  std::string_view host;
  std::string_view port;
};

// "tcp://192.0.2.1:80", "example.org:3306", "https://example.org/path".
Endpoint endpoint_of(std::string_view text) {
  const std::size_t scheme = text.find("://");
  std::string_view port;
  if (scheme != text.npos) {
    port = text.starts_with("https") ? "443" : text.starts_with("http") ? "80" : text.starts_with("ftp") ? "21" : "";
    text.remove_prefix(scheme + 3);
  }
  text = text.substr(0, text.find_first_of("/?#"));
  if (const std::size_t at = text.rfind('@'); at != text.npos) text.remove_prefix(at + 1);
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos || text.ends_with(']')) return {text, port};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

// The server's own answers are no denials.
bool is_out_of_reach(std::string_view reason, const DenialContext& context) {
  constexpr std::string_view kReasons[] = {"Unknown error", "operation failed", "Network is unreachable", "Operation not permitted",
                                           "Permission denied", "No such file or directory", "Unknown error while connecting"};
  if (std::find(std::begin(kReasons), std::end(kReasons), reason) != std::end(kReasons)) return true;
  if (reason.starts_with("php_network_getaddresses: ")) return !has_network(context);
  return reason == "Connection refused" && !has_network(context);
}

}  // namespace

namespace servers {

bool could_not_connect(Denial& denial, const Captures& parts, const DenialContext& context) {
  std::string_view to = parts[1];
  if (!is_out_of_reach(parts[2], context)) return false;
  for (const std::string_view scheme : {"unix://", "udg://"}) {
    if (!to.starts_with(scheme)) continue;
    to.remove_prefix(scheme.size());
    return explain_unix(denial, to.ends_with(":-1") ? to.substr(0, to.size() - 3) : to, context);
  }
  const Endpoint endpoint = endpoint_of(to);
  denial.act = "connect to " + std::string(endpoint.host) + ":" + std::string(endpoint.port);
  return explain_tcp(denial, endpoint.host, endpoint.port, context);
}

bool could_not_open_url(Denial& denial, const Captures& parts, const DenialContext& context) {
  constexpr std::string_view kSchemes[] = {"http", "https", "ftp", "ftps", "tcp", "ssl", "tls"};
  const bool is_of_network = std::find(std::begin(kSchemes), std::end(kSchemes), parts[1]) != std::end(kSchemes);
  if (!is_of_network || !is_out_of_reach(parts[3], context)) return false;
  const std::string url = std::string(parts[1]) + "://" + std::string(parts[2]);
  const Endpoint endpoint = endpoint_of(url);
  denial.act = "connect to " + std::string(endpoint.host) + ":" + std::string(endpoint.port);
  return explain_tcp(denial, endpoint.host, endpoint.port, context);
}

// MySQL's client does not say which socket it tried: the one of its setting, or as Debian builds it.
bool no_database_socket(Denial& denial, const Captures&, const DenialContext& context) {
  const auto& values = context.policy.php.admin_values;
  const auto set = values.find("mysqli.default_socket");
  explain_unix(denial, set == values.end() ? "/run/mysqld/mysqld.sock" : set->second, context);
  denial.act = "connect to the database's socket";
  denial.note = "where its socket has another path, name that";
  return true;
}

bool no_database_server(Denial& denial, const Captures&, const DenialContext& context) {
  denial.act = "connect to the database";
  return explain_tcp(denial, {}, {}, context);
}

bool no_database_host(Denial& denial, const Captures& parts, const DenialContext& context) {
  const std::string_view host = parts[0].empty() ? parts[1] : parts[0];
  denial.act = "connect to " + std::string(host) + ":3306";
  return explain_tcp(denial, host, "3306", context);
}

bool no_socket_there(Denial& denial, const Captures&, const DenialContext& context) {
  denial.kind = Kind::connect;
  denial.act = "connect to a Unix socket";
  denial.decided_by = decided_at(context, "connect");
  denial.note = "the message does not say which; connect: [{unix: PATH}] would permit it";
  return true;
}

bool no_names(Denial& denial, const Captures& parts, const DenialContext& context) {
  if (has_network(context)) return false;
  denial.act = std::string(parts[0]) + "()";
  explain_tcp(denial, {}, {}, context);
  denial.note.clear();
  return true;
}

bool no_mail(Denial& denial, const Captures&, const DenialContext& context) {
  denial.kind = Kind::connect;
  denial.act = "mail()";
  denial.decided_by = decided_at(context, "mail");
  denial.note = "mail: {unix: PATH} names the server that takes it";
  return true;
}

}  // namespace servers

}  // namespace launcher
