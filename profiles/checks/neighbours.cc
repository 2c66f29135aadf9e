// Pools of one host. If one is taken over, the others are not: nothing is shared by two.
#include <map>

#include "profiles/checks/checks.h"
#include "profiles/checks/report.h"

namespace profiles {

namespace {

// What must belong to one pool only. An empty value is no claim.
struct Claim {
  std::string_view key;
  std::string_view what;
  std::string_view fix;
  std::string (*value)(const Policy&);
};
constexpr Claim kClaims[] = {
    {"name", "name", "give one of them another name", [](const Policy& p) { return p.name; }},
    {"identity.user", "user", "give each pool a user of its own", [](const Policy& p) { return p.identity.user; }},
    {"listen.unix", "socket", "give each pool a socket of its own",
     [](const Policy& p) { return p.listen.unix_path.text; }},
    {"listen.tcp", "address", "give each pool a port of its own", [](const Policy& p) { return p.listen.tcp; }},
    {"filesystem.data", "data folder", "give each pool a data folder of its own",
     [](const Policy& p) { return p.filesystem.data.text; }},
};

base::Position where(const NamedPolicy& pool, std::string_view key) {
  const base::Position set = pool.origins->find(key).where;
  return set.file.empty() ? base::Position{pool.file, 0, 0} : set;
}

void check_claim(const Claim& claim, std::span<const NamedPolicy> pools, base::Diagnostics& diagnostics) {
  std::map<std::string, const NamedPolicy*> first;
  for (const NamedPolicy& pool : pools) {
    const std::string value = claim.value(*pool.policy);
    if (value.empty()) continue;
    const auto [other, is_new] = first.emplace(value, &pool);
    if (is_new) continue;
    diagnostics.error(where(pool, claim.key), std::string(claim.key),
                      "the " + std::string(claim.what) + " `" + value + "` is also that of the pool at " +
                          where(*other->second, claim.key).text(),
                      std::string(claim.fix));
  }
}

// What a pool may write must not be what another executes.
void check_code(const NamedPolicy& pool, const NamedPolicy& other, base::Diagnostics& diagnostics) {
  const std::string& code = pool.policy->filesystem.code.text;
  const Filesystem& theirs = other.policy->filesystem;
  std::vector<std::string> written;
  if (!theirs.data.text.empty()) written.push_back(theirs.data.text);
  if (theirs.data.text.empty() && !theirs.code.text.empty())
    for (const Writable& path : theirs.writable) written.push_back(theirs.code.text + "/" + path.path.text);
  for (const std::string& folder : written)
    if (!code.empty() && is_within(code, folder))
      diagnostics.error(where(pool, "filesystem.code"), "filesystem.code",
                        "`" + code + "` lies in `" + folder + "`, which the pool of " + other.file + " writes",
                        "keep code where no pool writes");
}

// Nested data folders are the same mistake as equal ones.
void check_data(const NamedPolicy& pool, const NamedPolicy& other, base::Diagnostics& diagnostics) {
  const std::string& data = pool.policy->filesystem.data.text;
  const std::string& theirs = other.policy->filesystem.data.text;
  if (data.empty() || theirs.empty() || data == theirs || !is_within(data, theirs)) return;
  diagnostics.error(where(pool, "filesystem.data"), "filesystem.data",
                    "`" + data + "` lies in `" + theirs + "`, the data folder of the pool of " + other.file,
                    "keep the data of pools beside each other");
}

}  // namespace

void check_neighbours(std::span<const NamedPolicy> pools, base::Diagnostics& diagnostics, bool of_one_user) {
  for (const Claim& claim : kClaims)
    if (!of_one_user || claim.key != "identity.user") check_claim(claim, pools, diagnostics);
  for (const NamedPolicy& pool : pools) {
    for (const NamedPolicy& other : pools) {
      if (&pool == &other) continue;
      check_code(pool, other, diagnostics);
      check_data(pool, other, diagnostics);
    }
  }
}

}  // namespace profiles
