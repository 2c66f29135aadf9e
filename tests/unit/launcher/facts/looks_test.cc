#include "launcher/facts/looks.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include "launcher/facts/follow.h"
#include "tests/support/scratch.h"

using namespace launcher;

TEST_CASE("a path is looked at once, and a link is not followed") {
  const Scratch scratch;
  scratch.file("v1/index.php", "", 0640);
  scratch.link("www", "v1");
  Looks looks;
  CHECK_FALSE(looks.at(scratch.path("absent")).is_there);
  CHECK(looks.at(scratch.path("www")).link == "v1");
  CHECK(S_ISLNK(looks.at(scratch.path("www")).status.st_mode));
  const Look& file = looks.at(scratch.path("v1/index.php"));
  CHECK((file.status.st_mode & 07777) == 0640);
  CHECK(file.link == "");
  scratch.file("absent");
  REQUIRE(::unlink(scratch.path("v1/index.php").c_str()) == 0);
  CHECK_FALSE(looks.at(scratch.path("absent")).is_there);
  CHECK(looks.at(scratch.path("v1/index.php")).is_there);
  CHECK(follow(scratch.path("www/index.php"), looks).real == scratch.path("v1/index.php"));
  CHECK(follow(scratch.path("www/index.php")).real.empty());  // looks again
}
