#include "launcher/harness/act.h"

#include <doctest/doctest.h>

using harness::Act;

TEST_CASE("reached stands for what the kernel says once its code has run") {
  for (const char* word : {"ok", "EFAULT", "EINVAL", "EBADF"}) CHECK(harness::is_among(word, {"reached"}));
  for (const char* word : {"EPERM", "ENOSYS", "reached", "ran", ""}) CHECK_FALSE(harness::is_among(word, {"ran at last"}));
  CHECK_FALSE(harness::is_among("EPERM", {"reached"}));
  CHECK(harness::is_among("ran", {"EPERM", "ran"}));
}

TEST_CASE("an act is stopped by the words that it names, and by what PHP refuses where PHP was asked") {
  Act php{.id = "host/x", .php = "return 'ok';", .inside = {"ENOENT"}};
  Act native = php;
  native.php.clear();
  struct Row {
    const char* outcome;
    bool of_php, of_native;
  };
  for (const Row& row : {Row{"ENOENT", true, true}, Row{"EACCES", false, false}, Row{"disabled", true, false}, Row{"open_basedir", true, false},
                         Row{"disabled; the pool answers", true, false}, Row{"", false, false}, Row{"ok", false, false}}) {
    CAPTURE(row.outcome);
    CHECK(harness::is_stopped(php, row.outcome) == row.of_php);
    CHECK(harness::is_stopped(native, row.outcome) == row.of_native);
  }
}
