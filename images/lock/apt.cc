#include "images/lock/apt.h"

#include <apt-pkg/acquire-item.h>
#include <apt-pkg/acquire.h>
#include <apt-pkg/configuration.h>
#include <apt-pkg/error.h>
#include <apt-pkg/init.h>
#include <apt-pkg/metaindex.h>
#include <apt-pkg/pkgsystem.h>
#include <apt-pkg/sourcelist.h>
#include <apt-pkg/strutl.h>
#include <apt-pkg/update.h>
#include <stdlib.h>

#include "images/lock/fetch_line.h"
#include "images/store/files.h"
#include "images/store/refuse.h"
#include "profiles/base/text.h"

namespace images {
namespace {

constexpr const char* kProxies[] = {"Acquire::http::Proxy", "Acquire::https::Proxy"};

base::Status start() {
  if (!pkgInitConfig(*_config) || !pkgInitSystem(*_config, _system)) return apt_failure("apt");
  return base::success();
}

std::string with_slash(const std::string& text) { return text.ends_with('/') ? text : text + "/"; }

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

// Everything lies below `folder`; what apt runs is the machine's.
std::string configuration(const std::string& folder, const HostApt& host) {
  std::string out = "Dir " + quoted(with_slash(folder)) + ";\n";
  out += "Dir::Bin::methods \"/usr/lib/apt/methods\";\nDir::State::status " + quoted(folder + "/status") + ";\n";
  out += "APT::Architecture \"amd64\";\nAPT::Architectures {\"amd64\";};\n";
  // no cache between runs: it knows an index again by its size and second alone
  out += "Dir::Cache::pkgcache \"\";\nDir::Cache::srcpkgcache \"\";\n";
  out += "APT::Install-Recommends \"false\";\nAcquire::Languages \"none\";\nAcquire::AllowInsecureRepositories \"false\";\n";
  out += "Acquire::AllowDowngradeToInsecureRepositories \"false\";\nAPT::Get::AllowUnauthenticated \"false\";\n";
  out += "Acquire::Check-Valid-Until \"true\";\n";
  for (const auto& [key, value] : host.proxies) out += key + " " + quoted(value) + ";\n";
  return out;
}

std::string source_lines(const std::vector<Source>& sources) {
  std::string out;
  for (const Source& source : sources)
    out += std::string("deb [arch=amd64 ") + (source.accepts_expired ? "check-valid-until=no " : "") + "signed-by=" + source.keyring + "] " + source.mirror + " " + source.suite + " " +
           base::join(source.components, " ") + "\n";
  return out;
}

base::Status check_source(const Source& source) {
  for (const std::string& text : {source.suite, source.mirror, source.keyring, base::join(source.components, "")})
    if (text.empty() || text.find_first_of(" \t\n[]\"") != std::string::npos)
      return refuse("suite " + source.suite + ": `" + base::escape_control(text) + "` cannot be a part of apt's sources");
  return base::success();
}

}  // namespace

base::Error apt_failure(const std::string& what) {
  std::string out;
  std::string message;
  while (!_error->empty()) {
    _error->PopMessage(message);
    out += (out.empty() ? "" : "; ") + base::escape_control(message);
  }
  return refuse(what + ": " + (out.empty() ? "failed without a word" : out));
}

base::Result<HostApt> host_apt() {
  TRY(start());
  HostApt out;
  for (const char* key : kProxies)
    if (const std::string value = _config->Find(key); !value.empty()) out.proxies[key] = value;
  pkgSourceList list;
  if (!list.ReadMainList()) return apt_failure("the sources of this machine's apt");
  for (const metaIndex* index : list)
    if (std::string(index->GetType()) == "deb") out.mirrors.emplace(index->GetDist(), index->GetURI());
  _error->Discard();
  return out;
}

base::Status enter_root(const std::string& folder, const std::vector<Source>& sources, const HostApt& host) {
  for (const Source& source : sources) TRY(check_source(source));
  for (const char* part : {"/etc/apt/apt.conf.d", "/etc/apt/preferences.d", "/etc/apt/trusted.gpg.d", "/etc/apt/sources.list.d",
                           "/var/lib/apt/lists/partial", "/var/cache/apt/archives/partial", "/var/log/apt"})
    TRY(make_folders(folder + part));
  TRY(write_whole(folder + "/status", ""));
  TRY(write_whole(folder + "/apt.conf", configuration(folder, host)));
  TRY(write_whole(folder + "/etc/apt/sources.list", source_lines(sources)));
  // read first of all, so that nothing of the machine's own configuration counts; also by the programs that apt starts
  if (::setenv("APT_CONFIG", (folder + "/apt.conf").c_str(), 1) != 0) return refuse("setenv: out of memory");
  _config->Clear();
  return start();
}

base::Status update() {
  pkgSourceList list;
  if (!list.ReadMainList()) return apt_failure("apt's sources");
  FetchLine line("indexes");
  pkgAcquire fetcher;
  fetcher.SetLog(&line);
  if (!fetcher.GetLock(_config->FindDir("Dir::State::Lists"))) return apt_failure("apt's lists");
  if (!list.GetIndexes(&fetcher)) return apt_failure("apt's sources");
  const bool done = AcquireUpdate(fetcher, 0, false, true);
  for (auto at = fetcher.ItemsBegin(); at != fetcher.ItemsEnd(); ++at) {
    const auto state = (*at)->Status;
    if (state != pkgAcquire::Item::StatDone && state != pkgAcquire::Item::StatIdle)
      return apt_failure("the index " + (*at)->DescURI() + " cannot be used: " + base::escape_control((*at)->ErrorText));
  }
  // a warning too: apt says with one that it goes on with an older index
  if (!done || !_error->empty(GlobalError::WARNING)) return apt_failure("fetching the indexes");
  _error->Discard();
  return base::success();
}

std::string index_path(const Source& source) {
  return _config->FindDir("Dir::State::Lists") + URItoFileName(with_slash(source.mirror) + "dists/" + source.suite + "/InRelease");
}

}  // namespace images
