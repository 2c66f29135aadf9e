// What a pool may put into its own record: names of files, sockets, scripts, hosts and extensions. Whatever they are, the fragment
// is one well-formed profile that grants what was recorded and nothing else: no name breaks out of its line.
#include <linux/limits.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "launcher/learn/box_paths.h"
#include "launcher/learn/fragment.h"
#include "launcher/learn/name_question.h"
#include "launcher/learn/programs.h"
#include "profiles/base/text.h"
#include "profiles/load/document.h"
#include "tests/fuzz/standalone.h"

using namespace launcher;

static std::size_t items(const profiles::Node& document, std::string_view section, std::string_view key = {}) {
  const profiles::Entry* at = document.find(section);
  if (at != nullptr && !key.empty()) at = at->value.find(key);
  return at == nullptr ? 0 : at->value.items.size();
}

static bool is_plain(const std::string& text) { return base::escape_control(text) == text; }

static void check_fragment(const std::vector<std::string>& words) {
  profiles::Policy policy;
  Record record;
  Folded writes;
  std::vector<ExtensionUse> extensions = parse_extensions(words.back());
  std::size_t paths = 0, sockets = 0;
  for (const std::string& word : words) {
    const std::string path = base::without_dots(word).substr(1);
    if (path.empty()) continue;
    writes.lines.push_back({path, word, word, {word}});
    writes.outside.push_back({word, word, word, {}});
    record.programs.see(program_meant(word, {word, "-c", word}), word);
    record.calls.try_emplace("shmget", CalledOften{word, Refusal::none, word});
    record.calls.try_emplace("ptrace", CalledOften{word, Refusal::dangerous, word});
    const bool is_new = record.connections.see({Connected::Kind::unix_socket, "/" + path, {}}, word);
    record.connections.see({Connected::Kind::abstract_socket, word, {}}, word);
    if (is_plain(path)) {
      ++paths;
      sockets += is_new;
    }
  }
  const CallGroups groups;
  const std::string text = write_fragment({"php-fpm", "1s", policy, {}, {}, record, writes, extensions, words.front(), groups,
                                           [](const std::string&) { return true; }, [](const std::string&) { return true; }});
  base::Diagnostics diagnostics;
  const auto document = profiles::read_document("fragment", text, diagnostics);
  FUZZ_REQUIRE(document && !diagnostics.has_errors());
  for (const profiles::Entry& entry : document->entries)
    FUZZ_REQUIRE(entry.key == "extends" || entry.key == "filesystem" || entry.key == "connect" || entry.key == "php" || entry.key == "syscalls");
  FUZZ_REQUIRE(items(*document, "filesystem", "writable") == paths);
  FUZZ_REQUIRE(items(*document, "connect") == sockets);
  FUZZ_REQUIRE(items(*document, "syscalls", "allow") <= 1);
  const auto is_needed = [](const ExtensionUse& use) { return use.how != ExtensionUse::How::asked_for; };
  FUZZ_REQUIRE(items(*document, "php", "extensions") == static_cast<std::size_t>(std::count_if(extensions.begin(), extensions.end(), is_needed)));
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string name = name_in_question(bytes);
  FUZZ_REQUIRE(is_plain(name) && name.size() <= 253 && name.find(' ') == name.npos);
  check_fragment(base::split(bytes, '\x1e'));
  return 0;
}

[[maybe_unused]] static std::vector<std::string> seeds() {
  return {
      "data/cache\x1e/srv/shop/www/index.php\x1e" "conf/a b.txt\x1embstring\tneeded\tmb_strlen()\t/srv/x.php\t12\t\n",
      "a\nsyscalls:\n  allow: [ptrace]\x1e# b\x1e- {x: \"y\"}\x1e\xff\xfe\x1e\xc2\x85\x1e\xe2\x80\xa8x\x1e~\x1enull\x1eyes",
      std::string("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\7example\3org\0\0\1\0\1", 29),
  };
}

// no name that the kernel takes is longer
FUZZ_MAIN(seeds(), PATH_MAX)
