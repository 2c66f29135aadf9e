#include "images/tree/matomo_plugins.h"

#include <doctest/doctest.h>

#include "images/tree/site_code.h"
#include "profiles/base/text.h"

using namespace images;

namespace {

constexpr const char* kManager = "<?php\nclass Manager {\n    protected $pluginToAlwaysActivate = array(\n        'CoreHome',\n        'Login'\n    );\n    protected $other = array('DBStats');\n}\n";
constexpr const char* kGlobal = "[General]\nx[] = DBStats\n\n[Plugins]\n; what is loaded\nPlugins[] = Actions\nPlugins[] = \"Morpheus\"\r\n[PluginsInstalled]\nPluginsInstalled[] = DBStats\n";

PathMap code(const std::string& own, const std::string& global = kGlobal, const std::string& manager = kManager) {
  PathMap out;
  const std::vector<std::pair<std::string, std::string>> files = {{"config/config.ini.php", own}, {"config/global.ini.php", global}, {"core/Plugin/Manager.php", manager}};
  for (const auto& [path, text] : files)
    if (!text.empty()) REQUIRE(out.add(path, {.mode = 0644, .content = content(text)}).ok());
  for (const char* name : {"Actions", "CoreHome", "DBStats", "Login", "Morpheus", "TagManager"})
    REQUIRE(out.add(std::string("plugins/") + name + "/" + name + ".php", {.mode = 0644, .content = content("<?php\n")}).ok());
  REQUIRE(out.add("plugins/index.html", {.mode = 0644, .content = content("x")}).ok());
  return out;
}

std::string idle(const PathMap& tree, PluginLists lists = PluginLists::own) { return base::join(idle_plugins(tree, lists), " "); }
std::string idle_shipped(const PathMap& tree) { return idle(tree, PluginLists::own_or_shipped); }

}  // namespace

TEST_CASE("idle are those that the site's own list does not have, and some are always loaded") {
  CHECK_EQ(idle(code("; <?php exit; ?>\n[Plugins]\nPlugins[] = TagManager\n")), "Actions DBStats Morpheus");
  CHECK_EQ(idle(code("[Plugins]\nPlugins[] = TagManager\n", "", "<?php $pluginToAlwaysActivate = ['Actions', 'CoreHome', 'Login'];")), "DBStats Morpheus");
}

TEST_CASE("a site whose own list is elsewhere may load any: the shipped list counts when it is asked for alone") {
  for (const char* own : {"", "[General]\nsalt = \"x\"\n"}) {
    CHECK_EQ(idle(code(own)), "");
    CHECK_EQ(idle_shipped(code(own)), "DBStats TagManager");
  }
  CHECK_EQ(idle_shipped(code("[Plugins]\nPlugins[] = TagManager\n")), "Actions DBStats Morpheus");
  CHECK_EQ(idle_shipped(code("", kGlobal, "<?php $pluginToAlwaysActivate = ['TagManager', 'CoreHome', 'Login'];")), "DBStats");
}

TEST_CASE("what comes after a value is no part of it") {
  CHECK_EQ(idle(code("[Plugins]\nPlugins[] = TagManager ; ours\nPlugins[]=\"Actions\";x\nPlugins[] = 'Morpheus' ; \"y\"\n[ Other ]\n")), "DBStats");
  CHECK_EQ(idle(code("[Plugins] ; the list\nPlugins[] = TagManager\n[Plugins_Tracker] ; not this\nPlugins_Tracker[] = Actions\n")), "Actions DBStats Morpheus");
}

TEST_CASE("where a list is not found nothing is idle") {
  for (const PathMap& tree : {code("", ""), code("", kGlobal, ""), code("", "[Plugins]\n"), code("", kGlobal, "<?php $plugins = ['CoreHome'];"), code("", kGlobal, "<?php $pluginToAlwaysActivate = ['CoreHome'"), PathMap()})
    CHECK_EQ(idle_shipped(tree), "");
}

TEST_CASE("an image is without them when its recipe says so, and with those that it keeps") {
  CodeRules rules;
  const Ids ids{"pool", 10000, 10000};
  const auto has = [&](const char* path) { return prepare_code(code(""), rules, ids).value().tree.find(path) != nullptr; };
  CHECK(has("plugins/DBStats/DBStats.php"));
  rules.plugins = PluginLists::own;
  CHECK(has("plugins/DBStats/DBStats.php"));  // no list of the site's
  rules.plugins = PluginLists::own_or_shipped;
  rules.keep = {"plugins/TagManager"};
  CHECK_FALSE(has("plugins/DBStats/DBStats.php"));
  CHECK_FALSE(has("plugins/DBStats"));
  CHECK(has("plugins/TagManager/TagManager.php"));
  CHECK(has("plugins/CoreHome/CoreHome.php"));
  const SiteCode made = prepare_code(code(""), rules, ids).value();
  CHECK_EQ(made.plugins, std::vector<std::string>{"DBStats"});
  CHECK_EQ(made.pruned.php_lines, 1);
}
