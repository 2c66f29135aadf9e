#include "profiles/load/document.h"

#include <doctest/doctest.h>

#include "tests/unit/profiles/load/files.h"

using namespace profiles;

namespace {

std::string refusal(const std::string& text) {
  base::Diagnostics diagnostics;
  const auto root = read_document("f.yaml", text, diagnostics);
  CHECK_EQ(root.has_value(), !diagnostics.has_errors());
  return test::report(diagnostics);
}

struct Row {
  std::string text, expected;
};

void check_rows(std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK_EQ(refusal(row.text), row.expected);
  }
}

}  // namespace

TEST_CASE("what a profile may not use is refused at its place") {
  const std::string anchor = "anchors (&name) are not used in profiles; write the value where it is needed";
  const std::string alias = "aliases (*name) are not used in profiles; write the value where it is needed";
  const std::string tag = "tags (!name) are not used in profiles; remove the tag";
  check_rows({
      {"a: &x 1\n", "f.yaml:1:4: " + anchor},
      {"a: &x 1\nb: *x\n", "f.yaml:1:4: " + anchor + "\nf.yaml:2:4: " + alias},
      {"a: &x [1]\n", "f.yaml:1:4: " + anchor},
      {"a: &x {b: 1}\n", "f.yaml:1:4: " + anchor},
      {"a: &x\n", "f.yaml:1:4: " + anchor},
      {"a: !!str 1\n", "f.yaml:1:4: " + tag},
      {"a: !mine [1]\n", "f.yaml:1:4: " + tag},
      {"a: ! 8.10\n", "f.yaml:1:4: " + tag},
      {"!!map\na: 1\n", "f.yaml:1:1: " + tag},
      {"a: !!null ~\n", "f.yaml:1:4: " + tag},
      {"a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document begins here; write one profile per file"},
      {"a: 1\n...\nb: 2\n", "f.yaml:3:1: a second document begins here; write one profile per file"},
      {"- a\n", "f.yaml:1:1: a profile is a mapping, this is a list; write KEY: VALUE"},
      {"a\n", "f.yaml:1:1: a profile is a mapping, this is a single value; write KEY: VALUE"},
      {"", "f.yaml: empty; write at least `extends: php-fpm`"},
      {"# only a comment\n", "f.yaml: empty; write at least `extends: php-fpm`"},
      {"---\n", "f.yaml: empty; write at least `extends: php-fpm`"},
      {"~\n", "f.yaml: empty; write at least `extends: php-fpm`"},
      {"? [a, b]\n: 1\n", "f.yaml:1:3: a key must be a plain text; write KEY: VALUE"},
      {"{a: 1}: 2\n", "f.yaml:1:1: a key must be a plain text; write KEY: VALUE"},
      {"~: 1\n", "f.yaml:1:1: a key is missing; write KEY: VALUE"},
      {": 1\n", "f.yaml:1:1: a key is missing; write KEY: VALUE"},
      {"\"\": 1\n", "f.yaml:1:1: a key without a character; write KEY: VALUE"},
      {"a: \"x\\0y\"\n",
       "f.yaml:1:4: a text with a NUL character; remove \\0: the kernel and PHP would end the text there"},
      {"a: x\x04\nb: 1\n", "f.yaml:1:5: a control character; remove it, or write it as an escape in double quotes"},
      {std::string("a: x\0y\n", 7),
       "f.yaml:1:5: a control character; remove it, or write it as an escape in double quotes"},
      {"\xff\xfe"
       "a",
       "f.yaml:1:1: not UTF-8; save the file as UTF-8"},
      {"a: \xc0\xaf\n", "f.yaml:1:4: not UTF-8; save the file as UTF-8"},
      {std::string(1024 * 1024 + 1, '#'), "f.yaml: larger than 1 MiB; a profile is a few hundred lines"},
  });
}

TEST_CASE("broken YAML is one diagnostic, never an exception") {
  for (const std::string text :
       {"a: [1, 2\n", "a: \"x\n", "a: b: c\n", "a: {b\n", "a: 'x\n", "\ta: 1\n", "a: 1\n b: 2\n", "]\n", "a: 1\n]\n",
        "%FOO\n", "a: @x\n", "a: `x\n", "a: |x\n  y\n", "- a\nb: 1\n", "a: \"\\q\"\n", "a: *nowhere\n",
        "a: \"\\ud800\"\n", "a: \"\\xZZ\"\n"}) {
    CAPTURE(text);
    const std::string reported = refusal(text);
    CHECK_NE(reported, "");
    CHECK_EQ(reported.find('\n'), std::string::npos);
    CHECK(reported.starts_with("f.yaml:"));
  }
}

TEST_CASE("a tab that indents is named, whatever it broke") {
  CHECK_EQ(refusal("a: 1\nb:\n\tc: 1\n"), "f.yaml:3:1: not YAML: a tab indents this line; write spaces instead");
  CHECK_EQ(refusal("b:\n  \tc: 1\n  d: 1\n"), "f.yaml:2:3: not YAML: a tab indents this line; write spaces instead");
}

TEST_CASE("nesting is limited") {
  const auto nested = [](int levels) { return "a: " + std::string(levels, '[') + std::string(levels, ']') + "\n"; };
  CHECK_EQ(refusal(nested(31)), "");
  CHECK_EQ(refusal(nested(32)), "f.yaml:1:35: nested deeper than 32 levels; no key of a profile needs so many");
  CHECK_EQ(refusal(nested(400)), "f.yaml:1:35: nested deeper than 32 levels; no key of a profile needs so many");
  for (const char bracket : {'[', '{'}) CHECK(refusal("a: " + std::string(100000, bracket)).starts_with("f.yaml:1:"));
}

TEST_CASE("yaml-cpp trap: of two equal keys both were kept and the first won") {
  check_rows({
      {"a: 1\nb: 2\na: 3\n", "f.yaml:3:1: the key `a` is written twice; keep one; the first is at f.yaml:1:1"},
      {"a: {b: 1, b: 2}\n", "f.yaml:1:11: the key `b` is written twice; keep one; the first is at f.yaml:1:5"},
      {"a: 1\n\"a\": 2\n", "f.yaml:2:1: the key `a` is written twice; keep one; the first is at f.yaml:1:1"},
      {"a: {x: 1}\nb: {x: 1}\n", ""},
  });
}

TEST_CASE("yaml-cpp trap: << was an ordinary key") {
  check_rows({{"a: {<<: {b: 1}}\n",
               "f.yaml:1:5: merge keys (<<) are not used in profiles; write the keys out, or put them into a profile "
               "to extend"}});
}

TEST_CASE("yaml-cpp trap: the end of the file closed a quote") {
  check_rows({
      {"a: \"x\n", "f.yaml:1:4: this quote is never closed; close it"},
      {"a: 'it''s\n", "f.yaml:1:4: this quote is never closed; close it"},
      {"a: \"x\\\"\n", "f.yaml:1:4: this quote is never closed; close it"},
      {"Ã¼: 1\r\na: \"x\r\n", "f.yaml:2:4: this quote is never closed; close it"},
      {"Ã¼: 'it''s'\r\n'a': \"\\\"x\\\\\"\r\n", ""},
      {"a: |\n  \"x\nb: >-\n  'y\n", ""},
  });
}

TEST_CASE("the tree keeps text, quotes and places") {
  base::Diagnostics diagnostics;
  const auto root = read_document("f.yaml",
                                  "\xef\xbb\xbf# comment\n"
                                  "plain: 8.10\n"
                                  "quoted: \"8.10\"\n"
                                  "single: 'it''s'\n"
                                  "block: |\n  two\n  lines\n"
                                  "list: [a, [b], ~]\n"
                                  "map:\n  key.with.dots: x\n"
                                  "null: ~\n",
                                  diagnostics);
  CHECK_EQ(test::report(diagnostics),
           "f.yaml:11:1: a key is missing; write KEY: VALUE");  // a key named null has to be quoted
  CHECK_FALSE(root.has_value());

  base::Diagnostics none;
  const auto tree = read_document("f.yaml",
                                  "plain: 8.10\nquoted: \"8.10\"\nsingle: 'it''s'\nblock: |\n  two\n  lines\n"
                                  "list: [a, [b], ~]\nmap:\n  key.with.dots: x\nnothing:\nlast: ~\n",
                                  none);
  REQUIRE(tree.has_value());
  CHECK_EQ(tree->find("plain")->value.text, "8.10");
  CHECK_FALSE(tree->find("plain")->value.quoted);
  CHECK_EQ(tree->find("plain")->value.where.text(), "f.yaml:1:8");
  CHECK(tree->find("quoted")->value.quoted);
  CHECK_EQ(tree->find("single")->value.text, "it's");
  CHECK_EQ(tree->find("block")->value.text, "two\nlines\n");
  CHECK(tree->find("block")->value.quoted);
  CHECK_EQ(tree->find("list")->value.items[1].items[0].where.text(), "f.yaml:7:12");
  CHECK_EQ(tree->find("map")->value.entries[0].key, "key.with.dots");
  CHECK_EQ(tree->find("map")->value.entries[0].where.text(), "f.yaml:9:3");
  CHECK(tree->find("nothing")->value.omitted);
  CHECK_EQ(tree->find("nothing")->value.where.text(), "f.yaml:10:1");
  CHECK_FALSE(tree->find("last")->value.omitted);
  CHECK_EQ(tree->find("absent"), nullptr);
}
