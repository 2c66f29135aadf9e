#include "launcher/harness/engine_clients.h"

#include <doctest/doctest.h>

using namespace harness;

namespace {

std::string words(const char* const* all, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += std::string(all[i]) + std::string(1, '\0');
  return out;
}
template <std::size_t kCount>
bool is_client_of_shop(const char* const (&all)[kCount]) {
  return is_client(words(all, kCount), {"shop.test-0123456789abcdef", {"/var/lib/fpmbox/shop.test/against/x/store"}});
}

}  // namespace

TEST_CASE("a client is known by the trial's digits or its store, and by nothing that another trial has") {
  CHECK(is_client_of_shop({"/usr/bin/docker", "run", "--label", "fpmbox=shop.test-0123456789abcdef", "x"}));
  CHECK(is_client_of_shop({"/usr/bin/conmon", "-n", "shop.test-0123456789abcdef-1"}));
  CHECK(is_client_of_shop({"/usr/bin/podman", "--root", "/var/lib/fpmbox/shop.test/against/x/store", "container", "cleanup", "0123456789ab"}));
  CHECK_FALSE(is_client_of_shop({"/usr/bin/podman", "run", "--label", "fpmbox=shop.test-fedcba9876543210", "x"}));
  CHECK_FALSE(is_client_of_shop({"/usr/bin/podman", "--root", "/var/lib/fpmbox/shop.test/against/x/site/store"}));
  CHECK_FALSE(is_client_of_shop({"php-fpm", "-y", "/var/lib/fpmbox/shop.test/against/x/1/php-fpm.conf"}));
  CHECK_FALSE(is_client({}, {"shop.test-0123456789abcdef", {"/store"}}));  // ended, and not waited for
}
