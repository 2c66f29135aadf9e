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

TEST_CASE("to an ordinary user a control that takes root is not shown, and a leak is one") {
  Act act;
  act.inside = {"EPERM"};
  act.outside = {"ok"};
  act.lacking = {{"ENOSYS", "this kernel has none"}};
  const struct {
    Control control;
    const char* inside;
    const char* outside;
    Verdict verdict;
  } rows[] = {
      {Control::root, "EPERM", "EPERM", Verdict::not_shown},
      {Control::stock, "EPERM", "EACCES", Verdict::not_shown},
      {Control::user, "EPERM", "EPERM", Verdict::broken_control},  // that one needs nobody else
      {Control::root, "EPERM", "ok", Verdict::stopped},
      {Control::root, "EPERM", "ENOSYS", Verdict::not_shown},
      {Control::root, "ok", "EPERM", Verdict::leaked},
      {Control::root, "no answer", "EPERM", Verdict::otherwise},
  };
  for (const auto& row : rows) {
    act.control = row.control;
    CAPTURE(row.inside);
    CAPTURE(row.outside);
    CHECK_EQ(word_of(verdict_of_ordinary(act, row.inside, row.outside)), word_of(row.verdict));
  }
}

TEST_CASE("what is no pass is an error") {
  for (const Verdict verdict : {Verdict::leaked, Verdict::otherwise, Verdict::broken_control}) CHECK(is_error(verdict));
  for (const Verdict verdict : {Verdict::stopped, Verdict::not_shown, Verdict::accepted, Verdict::granted, Verdict::does_not_apply}) CHECK_FALSE(is_error(verdict));
}
