#include "launcher/manual/pages.h"
#include "launcher/manual/roff.h"
#include "profiles/load/manual.h"

namespace manual {
namespace {

constexpr const char* kExample =
    "extends: dokuwiki\n"
    "identity: {user: www-wiki}\n"
    "listen: {group: www-data}\n"
    "filesystem:\n"
    "  code: /srv/wiki/www\n"
    "limits: {memory.max: 512MiB, pids.max: 64, cpu.max: 200%}\n"
    "php: {timezone: Europe/Rome}";

struct Topic {
  const char* term;
  const char* text;
};

constexpr Topic kRules[] = {
    {"layers", "A file extends another one. Layers are read base first; a key that is present overwrites what is below."},
    {"lists", "A sequence adds to the layer below. A mapping says it exactly: `{add: [...]}`, `{remove: [...]}` takes away by name, "
              "`{set: [...]}` replaces all."},
    {"names", "In a map of names a present name overwrites, and `~` removes it."},
    {"quantities", "Sizes are `64MiB` (B, KiB, MiB, GiB, TiB), times `30s` (ms, s, m, h, d), processor time `200%`."},
    {"reasons", "What widens a grant needs a `why` beside it, which is printed where it matters."},
    {"mistakes", "Unknown keys, duplicates and YAML's own surprises (`yes`, `0755`, unquoted `8.10`, anchors) are errors with their place."},
};

void describe_key(const profiles::KeyHelp& key, Roff& page) {
  page.item(bold(key.key), key.help);
  const std::string default_value = key.default_value.empty() ? "" : "; default `" + key.default_value + "`";
  page.more("(" + key.kind + default_value + ")");
}

bool is_top(const profiles::KeyHelp& key) { return key.key.find('.') == key.key.npos; }

}  // namespace

std::string pool_page() {
  Roff page("FPMBOX\\-POOL", "5", "File formats");
  page.section("NAME");
  page.lines("fpmbox\\-pool \\- what a PHP\\-FPM pool may do\n");
  page.section("SYNOPSIS");
  page.lines(italic("/etc/fpmbox/pools/NAME.yaml") + "\n");
  page.section("DESCRIPTION");
  page.paragraph(
      "A pool file says in YAML who a pool is, what it sees, what it may write and reach, and how much it may use. It "
      "extends a profile of the catalog, which holds what is true of the application everywhere; the pool file holds "
      "what is true of this site.");
  page.example(kExample);
  page.paragraph(
      "`fpmbox check` finds every mistake, `fpmbox show --origin` prints the effective values and which line set each, "
      "`fpmbox plan` what will be enforced here. The file must belong to root, and only root may write it and the "
      "folders above it.");
  page.section("RULES");
  for (const Topic& rule : kRules) page.item(bold(rule.term), rule.text);
  page.section("KEYS");
  page.paragraph("Defaults are those of the language; a profile of the catalog may set others.");
  for (const profiles::KeyHelp& key : profiles::key_help()) {
    if (is_top(key)) page.subsection(key.key);
    is_top(key) && key.is_section ? page.paragraph(key.help) : describe_key(key, page);
  }
  page.section("SEE ALSO");
  page.lines(bold("fpmbox") + "(8), " + bold("systemd.exec") + "(5), " + bold("cgroups") + "(7)\n");
  return page.take();
}

}  // namespace manual
