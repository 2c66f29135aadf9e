#include "images/lock/resolve.h"

#include <apt-pkg/cachefile.h>
#include <apt-pkg/configuration.h>
#include <apt-pkg/error.h>
#include <apt-pkg/indexfile.h>
#include <apt-pkg/pkgcache.h>
#include <apt-pkg/pkgrecords.h>
#include <apt-pkg/policy.h>
#include <apt-pkg/sourcelist.h>
#include <apt-pkg/strutl.h>

#include <algorithm>
#include <deque>
#include <map>

#include "images/lock/signature.h"
#include "images/store/progress.h"
#include "images/store/refuse.h"
#include "launcher/sys/file.h"
#include "images/package/deb.h"
#include "profiles/base/pattern.h"

namespace images {
namespace {

constexpr std::size_t kLongestIndex = 8 << 20;

// libapt's own operator can be read from either side, which C++20 calls ambiguous.
bool is_same(const pkgCache::VerIterator& a, const pkgCache::VerIterator& b) { return a.operator->() == b.operator->(); }
bool is_same(const pkgCache::DepIterator& a, const pkgCache::DepIterator& b) { return a.Index() == b.Index(); }

class Walk {
 public:
  Walk(pkgCacheFile& file, const Wanted& wanted) : cache_(*file.GetPkgCache()), policy_(*file.GetPolicy()), wanted_(wanted) {}

  base::Status all() {
    for (const std::string& name : wanted_.packages) {
      const auto version = candidate(cache_.FindPkg(name));
      if (version.end()) return refuse("package " + name + " is in none of the recipe's suites");
      choose(version);
    }
    while (!waiting_.empty()) {
      const auto version = waiting_.front();
      waiting_.pop_front();
      TRY(satisfy(version));
    }
    return check_conflicts();
  }

  const std::map<std::string, pkgCache::VerIterator>& chosen() const { return chosen_; }

 private:
  pkgCache::VerIterator candidate(const pkgCache::PkgIterator& package) {
    return package.end() ? pkgCache::VerIterator(cache_) : policy_.GetCandidateVer(package);
  }

  void choose(const pkgCache::VerIterator& version) {
    if (chosen_.emplace(version.ParentPkg().Name(), version).second) waiting_.push_back(version);
  }

  bool is_dropped(const std::string& name) const {
    return std::any_of(wanted_.drop.begin(), wanted_.drop.end(), [&](const auto& pattern) { return base::matches_name(pattern, name); });
  }

  base::Status satisfy(const pkgCache::VerIterator& version) {
    for (auto at = version.DependsList(); !at.end();) {
      pkgCache::DepIterator first, last;
      at.GlobOr(first, last);  // moves on to the next group
      if (first->Type == pkgCache::Dep::Depends || first->Type == pkgCache::Dep::PreDepends) TRY(satisfy_one(version, first, last));
    }
    return base::success();
  }

  // Versions that would satisfy an alternative, the package of that name first, then those that provide it, by name.
  std::vector<pkgCache::VerIterator> answers(const pkgCache::DepIterator& dependency) {
    std::vector<pkgCache::VerIterator> out;
    const auto own = candidate(dependency.TargetPkg());
    if (!own.end() && dependency.IsSatisfied(own)) out.push_back(own);
    std::vector<pkgCache::VerIterator> providers;
    for (auto provider = dependency.TargetPkg().ProvidesList(); !provider.end(); ++provider)
      if (dependency.IsSatisfied(provider) && is_same(candidate(provider.OwnerPkg()), provider.OwnerVer())) providers.push_back(provider.OwnerVer());
    std::sort(providers.begin(), providers.end(), [](const auto& a, const auto& b) { return std::string(a.ParentPkg().Name()) < b.ParentPkg().Name(); });
    out.insert(out.end(), providers.begin(), providers.end());
    return out;
  }

  base::Status satisfy_one(const pkgCache::VerIterator& version, pkgCache::DepIterator first, const pkgCache::DepIterator& last) {
    std::vector<pkgCache::VerIterator> found;
    std::string names;
    for (auto at = first;; ++at) {
      const std::string name = at.TargetPkg().Name();
      names += (names.empty() ? "" : " | ") + name;
      if (is_dropped(name)) return base::success();
      for (const auto& answer : answers(at)) found.push_back(answer);
      if (is_same(at, last)) break;
    }
    for (const auto& answer : found)
      if (chosen_.contains(answer.ParentPkg().Name())) return base::success();
    for (const auto& answer : found) {
      if (is_dropped(answer.ParentPkg().Name())) return base::success();
      choose(answer);
      return base::success();
    }
    return refuse(std::string(version.ParentPkg().Name()) + " " + version.VerStr() + " needs " + names + ", which none of the recipe's suites has");
  }

  base::Status check_conflicts() {
    for (const auto& [name, version] : chosen_)
      for (auto at = version.DependsList(); !at.end(); ++at) {
        if (at->Type != pkgCache::Dep::Conflicts && at->Type != pkgCache::Dep::DpkgBreaks) continue;
        const auto other = chosen_.find(at.TargetPkg().Name());
        if (other != chosen_.end() && other->first != name && at.IsSatisfied(other->second))
          return refuse(name + " and " + other->first + " cannot be together; drop one of them");
      }
    return base::success();
  }

  pkgCache& cache_;
  pkgPolicy& policy_;
  const Wanted& wanted_;
  std::map<std::string, pkgCache::VerIterator> chosen_;
  std::deque<pkgCache::VerIterator> waiting_;
};

base::Result<LockedPackage> locked(const pkgCache::VerIterator& version, pkgRecords& records, pkgSourceList& sources) {
  const std::string name = version.ParentPkg().Name();
  for (auto file = version.FileList(); !file.end(); ++file) {
    pkgIndexFile* index = nullptr;
    if (!sources.FindIndex(file.File(), index)) continue;
    if (!index->IsTrusted()) return refuse(name + ": its index is not signed by a trusted key");
    pkgRecords::Parser& record = records.Lookup(file);
    const auto hashes = record.Hashes();
    const HashString* digest = hashes.find("SHA256");
    if (digest == nullptr) return refuse(name + ": its index has no SHA-256 of it");
    return LockedPackage{name, version.VerStr(), version.Arch(), version.SourcePkgName(), version.SourceVerStr(), digest->HashValue(),
                         version->Size, index->ArchiveURI(record.FileName())};
  }
  return refuse(name + ": it is in no index");
}

std::int64_t date_in(const std::string& index, const std::string& field) {
  time_t out = 0;
  const std::string text = control_field(index, field);
  return !text.empty() && RFC1123StrToTime(text, out) ? static_cast<std::int64_t>(out) : 0;
}

base::Result<LockedSuite> locked(const Source& source) {
  const std::string path = index_path(source);
  const std::string text = TRY(sys::read_file(path, kLongestIndex));
  std::vector<std::string> fingerprints = TRY(signers_of(path, source.keyring));
  LockedSuite out{source.suite, source.mirror, source.components, std::move(fingerprints), date_in(text, "Date"), date_in(text, "Valid-Until")};
  if (out.date == 0) return refuse(path + ": it has no date");
  return out;
}

}  // namespace

base::Result<Lock> resolve(const Wanted& wanted, const std::vector<Source>& sources, const std::string& folder, const HostApt& host) {
  TRY(enter_root(folder, sources, host));
  TRY(update());
  progress("choosing packages");
  pkgCacheFile file;
  if (!file.BuildCaches(nullptr, false) || file.GetPolicy() == nullptr) return apt_failure("apt's cache");
  Walk walk(file, wanted);
  TRY(walk.all());
  Lock out;
  for (const Source& source : sources) {
    LockedSuite suite = TRY(locked(source));
    out.suites.push_back(std::move(suite));
  }
  pkgRecords records(*file.GetPkgCache());
  for (const auto& [name, version] : walk.chosen()) {
    LockedPackage package = TRY(locked(version, records, *file.GetSourceList()));
    out.packages.push_back(std::move(package));
  }
  _error->Discard();
  return out;
}

}  // namespace images
