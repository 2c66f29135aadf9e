#include "images/lock/fetch.h"

#include <apt-pkg/acquire-item.h>
#include <apt-pkg/acquire.h>
#include <apt-pkg/configuration.h>
#include <apt-pkg/error.h>
#include <apt-pkg/hashes.h>
#include <unistd.h>

#include <vector>

#include "images/lock/fetch_line.h"
#include "images/store/refuse.h"
#include "launcher/sys/file.h"
#include "profiles/base/text.h"

namespace images {
namespace {

constexpr std::size_t kLargest = 1u << 30;

base::Status move_into(const Vault& vault, const LockedPackage& package, const std::string& path) {
  const std::string bytes = TRY(sys::read_file(path, kLargest));
  auto kept = vault.keep(package.sha256, bytes);
  ::unlink(path.c_str());
  if (!kept) return std::move(kept).take_error().during(package.name);
  return base::success();
}

base::Error missing(const LockedPackage& package, const std::string& why) {
  return refuse(package.name + " " + package.version + ": " + why + "; --update-lock takes what the mirror has now");
}

base::Status fetch_all(const std::vector<const LockedPackage*>& packages, const Vault& vault) {
  const std::string folder = _config->FindDir("Dir::Cache::Archives") + "partial/";
  FetchLine line("packages");
  pkgAcquire fetcher;
  fetcher.SetLog(&line);
  if (!fetcher.GetLock(_config->FindDir("Dir::Cache::Archives"))) return apt_failure("apt's archives");
  std::vector<pkgAcqFile*> items;  // the fetcher's
  for (const LockedPackage* package : packages) {
    HashStringList hashes;
    hashes.push_back(HashString("SHA256", package->sha256));
    hashes.FileSize(package->size);
    ::unlink((folder + package->sha256).c_str());
    items.push_back(new pkgAcqFile(&fetcher, package->uri, hashes, package->size, package->name, package->name, folder, folder + package->sha256));
  }
  if (fetcher.Run() == pkgAcquire::Failed) return apt_failure("fetching packages");
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i]->Status != pkgAcquire::Item::StatDone) return missing(*packages[i], base::escape_control(items[i]->ErrorText));
    TRY(move_into(vault, *packages[i], items[i]->DestFile));
  }
  _error->Discard();
  return base::success();
}

}  // namespace

base::Status fetch(const Lock& lock, const Vault& vault, const std::string& folder, const HostApt& host, bool offline) {
  std::vector<const LockedPackage*> absent;
  for (const LockedPackage& package : lock.packages)
    if (!vault.has(package.sha256)) absent.push_back(&package);
  if (absent.empty()) return base::success();
  if (offline) return missing(*absent.front(), "it is not in the vault, and --offline asks nobody (" + std::to_string(absent.size()) + " are missing)");
  TRY(enter_root(folder, {}, host));
  return fetch_all(absent, vault);
}

}  // namespace images
