#include "launcher/denials/php_extensions.h"

#include <doctest/doctest.h>

#include "profiles/model/extension_needs.h"

using namespace launcher;

// The whole table was held against PHP's own lists (get_extension_funcs) of 8.2; these are the rows that lie near others.
TEST_CASE("which extension brings what") {
  const struct {
    const char* name;
    const char* extension;
  } functions[] = {
      {"mb_strlen", "mbstring"}, {"MB_StrLen", "mbstring"}, {"imagecreate", "gd"}, {"image_type_to_mime_type", ""}, {"iconv", "iconv"},
      {"_", "gettext"}, {"socket_create", "sockets"}, {"socket_set_blocking", ""}, {"json_encode", ""}, {"my_function", ""},
      {"numfmt_create", "intl"}, {"bcadd", "bcmath"}, {"", ""},
  };
  for (const auto& row : functions) {
    CAPTURE(row.name);
    CHECK_EQ(extension_of_function(row.name), row.extension);
  }
  CHECK_EQ(extension_of_class("IntlDateFormatter"), "intl");
  CHECK_EQ(extension_of_class("DOMDocument"), "dom");
  CHECK_EQ(extension_of_class("DomainException"), "");
  CHECK_EQ(extension_of_class("MongoDB\\Client"), "mongodb");
  CHECK_EQ(extension_of_constant("CURLOPT_URL"), "curl");
  CHECK_EQ(extension_of_constant("E_ALL"), "");
  CHECK_EQ(extension_of_function(std::string(1000, 'm')), "");
}

TEST_CASE("what an extension needs is loaded before it") {
  CHECK(profiles::with_needed("pdo_mysql") == std::vector<std::string>{"mysqlnd", "pdo", "pdo_mysql"});
  CHECK(profiles::with_needed("mbstring") == std::vector<std::string>{"mbstring"});
}
