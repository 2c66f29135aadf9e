#include "images/build/nginx_conf.h"

namespace images {
namespace {

// All that nginx writes is below /tmp, modules that are not used included: it makes their folders at its start.
// absolute_redirect: the port outside is another than the one in here.
constexpr const char* kConf = R"(# Written by `fpmbox build`. Mount a file over /etc/nginx/pool.conf where the pool is somewhere else.
worker_processes 2;
daemon off;
pid /tmp/nginx.pid;
error_log stderr;
events { worker_connections 1024; }

http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  access_log /dev/stdout;
  server_tokens off;
  sendfile on;
  tcp_nopush on;
  keepalive_timeout 65s;
  gzip on;
  gzip_vary on;
  gzip_types text/css text/javascript application/javascript application/json application/xml image/svg+xml;
  client_body_temp_path /tmp/body;
  fastcgi_temp_path /tmp/fastcgi;
  proxy_temp_path /tmp/proxy;
  scgi_temp_path /tmp/scgi;
  uwsgi_temp_path /tmp/uwsgi;
  include /etc/nginx/pool.conf;
  server {
    listen PORT default_server;
    server_name localhost;
    absolute_redirect off;
    include /etc/nginx/site.conf;
  }
}
)";

}  // namespace

std::string nginx_conf(std::uint32_t port) {
  std::string out = kConf;
  const std::string word = "PORT";
  return out.replace(out.find(word), word.size(), std::to_string(port));
}

std::string upstream_conf(const std::string& name, const std::string& address) {
  return "# where the pool of this site answers: HOST:PORT or unix:PATH\nupstream " + name + " { server " + address + "; }\n";
}

}  // namespace images
