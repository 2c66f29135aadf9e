#include "launcher/harness/verdict.h"

#include <doctest/doctest.h>

using namespace harness;

TEST_CASE("a verdict comes from both outcomes") {
  Act act;
  act.id = "x/y";
  act.inside = {"ENOENT", "EACCES"};
  act.outside = {"reached"};
  act.lacking = {{"ENOSYS", "this kernel has none"}};
  const struct {
    const char* inside;
    const char* outside;
    Verdict verdict;
  } rows[] = {
      {"ENOENT", "ok", Verdict::stopped},
      {"EACCES", "EINVAL", Verdict::stopped},
      {"ok", "ok", Verdict::leaked},
      {"EFAULT", "ok", Verdict::leaked},          // the kernel's code ran
      {"ok", "EACCES", Verdict::leaked},          // whatever became of its control
      {"EIO", "ok", Verdict::otherwise},          // a refusal for another reason is no pass
      {"no answer", "ok", Verdict::otherwise},
      {"", "ok", Verdict::otherwise},
      {"ENOENT", "EACCES", Verdict::broken_control},
      {"ENOENT", "", Verdict::broken_control},
      {"ENOENT", "ENOSYS", Verdict::not_shown},
      {"ENOSYS", "ENOSYS", Verdict::not_shown},
      {"EIO", "ENOSYS", Verdict::otherwise},
  };
  for (const auto& row : rows) {
    CAPTURE(row.inside);
    CAPTURE(row.outside);
    CHECK_EQ(word_of(verdict_of(act, row.inside, row.outside)), word_of(row.verdict));
  }
}

TEST_CASE("what is no pass is an error") {
  for (const Verdict verdict : {Verdict::leaked, Verdict::otherwise, Verdict::broken_control}) CHECK(is_error(verdict));
  for (const Verdict verdict : {Verdict::stopped, Verdict::not_shown, Verdict::accepted, Verdict::does_not_apply}) CHECK_FALSE(is_error(verdict));
}
