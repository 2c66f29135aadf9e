#include "launcher/harness/route.h"

#include <doctest/doctest.h>

#include <set>

using namespace harness;

namespace {

std::string routed(const profiles::Policy& policy, const std::string& uri) {
  static const std::set<std::string> kFiles = {"index.php", "lib/exe/js.php", "style.css", "admin/index.php", "data/shell.php"};
  static const std::set<std::string> kFolders = {"lib", "lib/exe", "admin", "data"};
  const auto found = route(policy, uri, [](const std::string& path) {
    return kFiles.contains(path) ? OnDisk::file : kFolders.contains(path) ? OnDisk::folder : OnDisk::missing;
  });
  return found ? found.value().script + (found.value().path_info.empty() ? "" : " + " + found.value().path_info) : found.error().text();
}

}  // namespace

TEST_CASE("addresses lead to front controllers as behind a web server") {
  profiles::Policy policy;
  policy.web.front_controllers = {"index.php", "lib/exe/*.php", "admin/index.php"};
  policy.web.fallback = "index.php";
  const struct {
    const char* uri;
    const char* script;
  } rows[] = {
      {"/", "index.php"},
      {"/index.php", "index.php"},
      {"/index.php?a=/x.php", "index.php"},
      {"/index.php/a/b.php", "index.php + /a/b.php"},
      {"/lib/exe/js.php", "lib/exe/js.php"},
      {"/admin/", "admin/index.php"},
      {"/admin", "admin/index.php"},
      {"/a/pretty/address", "index.php"},
      {"/data/shell.php", "the web server answers it by itself: with the file"},
      {"/style.css", "the web server answers it by itself: with the file"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.uri);
    CHECK_EQ(routed(policy, row.uri), row.script);
  }
  policy.web.fallback.clear();
  CHECK_EQ(routed(policy, "/a/pretty/address"), "the web server answers it by itself: 404");
}

TEST_CASE("without front controllers any script answers that lies in no writable path") {
  profiles::Policy policy;
  policy.filesystem.writable = {{{"data"}, false}};
  CHECK_EQ(routed(policy, "/lib/exe/js.php"), "lib/exe/js.php");
  CHECK_EQ(routed(policy, "/data/shell.php"), "the web server answers it by itself: with the file");
}

TEST_CASE("patterns begin at the code, addresses at the document root") {
  profiles::Policy policy;
  policy.web.document_root = {"public"};
  policy.web.front_controllers = {"public/index.php"};
  policy.web.fallback = "public/index.php";
  CHECK_EQ(routed(policy, "/index.php"), "index.php");
  CHECK_EQ(routed(policy, "/nothing"), "index.php");
}
