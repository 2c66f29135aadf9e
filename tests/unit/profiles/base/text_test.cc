#include "profiles/base/text.h"

#include <doctest/doctest.h>

#include "profiles/base/utf8.h"

using namespace base;

TEST_CASE("split and join") {
  using Parts = std::vector<std::string>;
  CHECK(split("a/b", '/') == Parts{"a", "b"});
  CHECK(split("", '/') == Parts{""});
  CHECK(split("/a/", '/') == Parts{"", "a", ""});
  CHECK_EQ(join(Parts{"a", "b"}, ", "), "a, b");
  CHECK_EQ(join(Parts{}, ", "), "");
}

TEST_CASE("nearest finds what was meant and nothing else") {
  const std::vector<std::string> keys{"user", "group", "memory.max", "pids.max", "extensions", "gd"};
  struct Row {
    std::string word, expected;
  };
  for (const Row& row : {Row{"usr", "user"},
                         {"usre", "user"},
                         {"USER", "user"},
                         {"memroy.max", "memory.max"},
                         {"memory_max", "memory.max"},
                         {"extension", "extensions"},
                         {"gdd", "gd"},
                         {"listen", ""},
                         {"x", ""},
                         {"", ""},
                         {std::string(100000, 'u'), ""}}) {
    CAPTURE(row.word);
    CHECK_EQ(nearest(row.word, keys), row.expected);
  }
}

TEST_CASE("control characters and broken UTF-8 are shown, not sent") {
  struct Row {
    std::string text, expected;
  };
  for (const Row& row : {Row{"plain", "plain"},
                         {"a\x1b[2Jb", "a\\x1b[2Jb"},
                         {"a\nb\x7f", "a\\x0ab\\x7f"},
                         {"z\xc3\xbc", "z\xc3\xbc"},
                         {"\xff\xc3", "\\xff\\xc3"},
                         {"\xc2\x9b", "\\xc2\\x9b"},
                         {"\xc0\xaf", "\\xc0\\xaf"},
                         // what turns the direction of a line, so that its parts seem to stand elsewhere
                         {"a\xe2\x80\xae" "b", "a\\xe2\\x80\\xaeb"},
                         {"\xe2\x80\x8e\xe2\x80\x8f", "\\xe2\\x80\\x8e\\xe2\\x80\\x8f"},
                         {"\xe2\x80\xaa", "\\xe2\\x80\\xaa"},
                         {"\xe2\x81\xa6\xe2\x81\xa9", "\\xe2\\x81\\xa6\\xe2\\x81\\xa9"},
                         {"\xd8\x9c", "\\xd8\\x9c"},
                         {"\xe2\x80\xa8", "\\xe2\\x80\\xa8"},
                         {"\xe2\x80\x90\xe2\x81\xa0\xd7\x90", "\xe2\x80\x90\xe2\x81\xa0\xd7\x90"},  // a hyphen, a joiner, aleph: text
                         {std::string("\0", 1), "\\x00"}}) {
    CAPTURE(row.expected);
    CHECK_EQ(escape_control(row.text), row.expected);
  }
}

TEST_CASE("UTF-8 is read strictly") {
  struct Row {
    std::string text;
    bool valid;
  };
  for (const Row& row : {Row{"", true},
                         {"a", true},
                         {"\xc3\xbc", true},
                         {"\xe2\x82\xac", true},
                         {"\xf0\x9f\x98\x80", true},
                         {"\x80", false},
                         {"\xc3", false},
                         {"\xe0\x80\xaf", false},
                         {"\xed\xa0\x80", false},
                         {"\xf4\x90\x80\x80", false},
                         {"\xf8\x88\x80\x80\x80", false}}) {
    CAPTURE(escape_control(row.text));
    CHECK_EQ(is_utf8(row.text), row.valid);
  }
  CHECK_EQ(decode_utf8("\xe2\x82\xac").value, 0x20acu);
}

TEST_CASE("paths without dots") {
  const std::pair<const char*, const char*> rows[] = {
      {"/a/b/../c//d/", "/a/c/d"}, {"/", "/"}, {"/../x", "/x"}, {"/a/./b/.", "/a/b"}, {"/a/../..", "/"}};
  for (const auto& [path, wanted] : rows) CHECK_EQ(base::without_dots(path), wanted);
}

TEST_CASE("normal paths") {
  struct Row {
    std::string path;
    bool absolute, relative;
  };
  for (const Row& row : {Row{"/", true, false},
                         {"/a", true, false},
                         {"/a/b.c", true, false},
                         {"/a/", false, false},
                         {"//a", false, false},
                         {"/a/../b", false, false},
                         {"/./a", false, false},
                         {"", false, false},
                         {"a", false, true},
                         {"a/b", false, true},
                         {"a/", false, false},
                         {".", false, false},
                         {"..", false, false},
                         {"a/../b", false, false},
                         {"...", false, true},
                         {".htaccess", false, true}}) {
    CAPTURE(row.path);
    CHECK_EQ(is_normal_absolute(row.path), row.absolute);
    CHECK_EQ(is_normal_relative(row.path), row.relative);
  }
}
