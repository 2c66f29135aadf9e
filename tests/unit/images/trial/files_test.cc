#include "images/trial/files.h"

#include <doctest/doctest.h>

using namespace images;
using harness::CheckResult;
using harness::Right;
using State = CheckResult::State;

namespace {

constexpr const char* kScript = "/srv/www/test.php";

profiles::Expect hidden() {
  profiles::Expect out;
  profiles::ExpectedFile file;
  file.path.text = "/srv/www/secret";
  file.readable = false;
  file.writable = false;
  out.files.push_back(file);
  return out;
}

// What becomes of a row that expects no right, when PHP says this of the script and that of the file.
CheckResult row(const std::string& of_script, const std::string& of_file) {
  const auto ask = [&](const std::string& path, Right) { return path == kScript ? of_script : of_file; };
  return judge_by_php(hidden(), kScript, ask).at(0);
}

}  // namespace

TEST_CASE("no right is what PHP is refused, for a reason that it gives") {
  for (const char* reason : {"Permission denied", "Read-only file system", "No such file or directory", "Operation not permitted"}) CHECK_EQ(row("ok", reason).state, State::held);
  CHECK_EQ(row("ok", "ok").state, State::failed);
  for (const char* other : {"", "status 403", "status 500", "no answer in 10 s", "refused", "<html>Permission denied</html>", "neither a file nor a folder"}) {
    CAPTURE(other);
    const CheckResult answer = row("ok", other);
    CHECK_EQ(answer.state, State::failed);
    CHECK_NE(answer.reason.find("is not known"), std::string::npos);
  }
}

TEST_CASE("a script that cannot read itself does not run, and no row holds") {
  for (const char* word : {"", "status 404", "Permission denied", "File not found."}) {
    const CheckResult answer = row(word, "Permission denied");
    CHECK_EQ(answer.state, State::failed);
    CHECK_NE(answer.reason.find(std::string("does not run: ") + word), std::string::npos);
  }
}

TEST_CASE("nobody is asked where nothing is expected") {
  int times = 0;
  const auto ask = [&](const std::string&, Right) { return std::to_string(++times); };
  CHECK(judge_by_php(profiles::Expect(), kScript, ask).empty());
  CHECK_EQ(times, 0);
}
