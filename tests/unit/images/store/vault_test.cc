#include "images/store/vault.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>

#include "images/store/digest.h"
#include "images/store/files.h"

using namespace images;
namespace fs = std::filesystem;

TEST_CASE("a vault keeps what its digest says, and reads nothing else") {
  const fs::path folder = fs::temp_directory_path() / ("fpmbox-vault-test-" + std::to_string(::getpid()));
  const Vault vault(folder.string());
  const std::string digest = sha256("package");
  CHECK_FALSE(vault.has(digest));
  CHECK_FALSE(vault.read(digest).ok());
  CHECK_FALSE(vault.keep(digest, "other").ok());
  CHECK_FALSE(fs::exists(folder));
  REQUIRE(vault.keep(digest, "package").ok());
  CHECK_EQ(vault.read(digest).value(), "package");
  REQUIRE(write_whole((folder / "sha256" / digest).string(), "packagE").ok());
  const auto read = vault.read(digest);
  REQUIRE_FALSE(read.ok());
  CHECK_NE(read.error().text().find("damaged"), std::string::npos);
  fs::remove_all(folder);
}
