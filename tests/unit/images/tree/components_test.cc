#include "images/tree/components.h"

#include <doctest/doctest.h>

using namespace images;

namespace {

std::vector<std::string> purls(const std::map<std::string, std::string>& files) {
  PathMap code;
  for (const auto& [path, text] : files) REQUIRE(code.add("srv/www/" + path, {.mode = 0444, .content = content(text)}).ok());
  std::vector<std::string> out;
  for (const Component& one : components_of(code)) out.push_back(one.purl);
  return out;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("what Composer, WordPress and Matomo say of themselves") {
  CHECK_EQ(purls({{"composer.lock", R"({"packages": [{"name": "monolog/monolog", "version": "2.9.1"}], "packages-dev": [{"name": "x/tests", "version": "1"}]})"}}),
           Lines{"pkg:composer/monolog/monolog@2.9.1"});
  CHECK_EQ(purls({{"vendor/composer/installed.json", R"([{"name": "a/b", "version": "v1.0+x"}])"}}), Lines{"pkg:composer/a/b@v1.0%2Bx"});
  CHECK_EQ(purls({{"wp-includes/version.php", "<?php\n$wp_version = '6.1.1';\n"},
                  {"wp-content/plugins/akismet/akismet.php", "<?php\n/*\nPlugin Name: Akismet\nVersion: 5.0.2 \n*/"},
                  {"wp-content/plugins/akismet/class.php", "<?php // no header"},
                  {"wp-content/plugins/hello.php", "<?php /* Plugin Name: Hello\n Version: 1.7.2 */"},
                  {"wp-content/themes/twenty/style.css", "/*\nTheme Name: Twenty\nVersion: 1.1\n*/"}}),
           Lines{"pkg:generic/wordpress-plugin/akismet@5.0.2", "pkg:generic/wordpress-plugin/hello@1.7.2",
                 "pkg:generic/wordpress-theme/twenty@1.1", "pkg:generic/wordpress@6.1.1"});
  CHECK_EQ(purls({{"core/Version.php", "<?php namespace Piwik; final class Version { const VERSION = '5.1.0'; }"},
                  {"plugins/Live/plugin.json", R"({"name": "Live", "version": "1.2"})"},
                  {"plugins/Goals/plugin.json", R"({"name": "Goals"})"}}),
           Lines{"pkg:generic/matomo-plugin/Goals", "pkg:generic/matomo-plugin/Live@1.2", "pkg:generic/matomo@5.1.0"});
}

TEST_CASE("one library that two files name is one; what is no list names nothing") {
  const std::string list = R"({"packages": [{"name": "a/b", "version": "1"}]})";
  CHECK_EQ(purls({{"composer.lock", list}, {"vendor/composer/installed.json", list}}), Lines{"pkg:composer/a/b@1"});
  for (const char* text : {"", "{", "[1, {}, {\"name\": 5}]", "{\"packages\": {}}", "\"x\"", "{\"packages\": [null]}"})
    CHECK_EQ(purls({{"composer.lock", text}, {"plugins/X/plugin.json", text}}), Lines{});
  CHECK_EQ(purls({{"wp-includes/version.php", "$wp_version ="}, {"core/Version.php", "const VERSION = '1"}, {"wp-content/plugins/x/x.php", "Plugin Name:"}}), Lines{});
}
