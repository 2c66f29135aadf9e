#include "images/lock/lock.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "images/store/digest.h"
#include "images/store/refuse.h"

namespace images {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;

// nlohmann throws where a key is missing or of another type; caught in read_lock().
LockedSuite suite_of(const Json& json) {
  return {json.at("name"), json.at("mirror"), json.at("components"), json.at("fingerprints"), json.at("date"), json.at("valid_until")};
}

LockedPackage package_of(const Json& json) {
  return {json.at("name"),           json.at("version"), json.at("arch"), json.at("source"),
          json.at("source_version"), json.at("sha256"),  json.at("size"), json.at("uri")};
}

Json json_of(const LockedSuite& s) {
  return {{"name", s.name}, {"mirror", s.mirror}, {"components", s.components}, {"fingerprints", s.fingerprints},
          {"date", s.date}, {"valid_until", s.valid_until}};
}

Json json_of(const LockedPackage& p) {
  return {{"name", p.name}, {"version", p.version}, {"arch", p.arch}, {"source", p.source},
          {"source_version", p.source_version}, {"sha256", p.sha256}, {"size", p.size}, {"uri", p.uri}};
}

base::Status check(const Lock& lock) {
  const auto is_before = [](const LockedPackage& a, const LockedPackage& b) { return a.name < b.name; };
  const auto is_not_before = [&](const LockedPackage& a, const LockedPackage& b) { return !is_before(a, b); };
  if (std::adjacent_find(lock.packages.begin(), lock.packages.end(), is_not_before) != lock.packages.end())
    return refuse("the lock's packages are not in order, or one is there twice");
  for (const LockedPackage& package : lock.packages)
    if (!is_sha256(package.sha256) || package.name.empty() || package.name.find('/') != std::string::npos)
      return refuse("the lock's package `" + package.name + "` has no sane name or SHA-256");
  if (lock.suites.empty() || lock.packages.empty()) return refuse("the lock names no suites or no packages");
  return base::success();
}

Lock lock_of(const Json& json) {
  Lock out;
  out.wanted = json.at("wanted");
  for (const Json& suite : json.at("suites")) out.suites.push_back(suite_of(suite));
  for (const Json& package : json.at("packages")) out.packages.push_back(package_of(package));
  return out;
}

}  // namespace

base::Result<Lock> read_lock(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    if (json.at("format") != kFormat) return refuse("the lock is of a format that this version does not know");
    Lock lock = lock_of(json);
    TRY(check(lock));
    return lock;
  } catch (const Json::exception& error) {
    return refuse(std::string("not a lock: ") + error.what());
  }
}

std::string write(const Lock& lock) {
  Json suites = Json::array(), packages = Json::array();
  for (const LockedSuite& suite : lock.suites) suites.push_back(json_of(suite));
  for (const LockedPackage& package : lock.packages) packages.push_back(json_of(package));
  return Json({{"format", kFormat}, {"wanted", lock.wanted}, {"suites", suites}, {"packages", packages}}).dump(1) + "\n";
}

std::int64_t epoch_of(const Lock& lock) {
  std::int64_t newest = 1;
  for (const LockedSuite& suite : lock.suites) newest = std::max(newest, suite.date);
  return newest;
}

std::vector<std::string> difference(const Lock& from, const Lock& to) {
  std::map<std::string, std::string> before;
  for (const LockedPackage& package : from.packages) before[package.name] = package.version;
  std::vector<std::string> out;
  for (const LockedPackage& package : to.packages) {
    const auto old = before.find(package.name);
    if (old == before.end())
      out.push_back("+ " + package.name + " " + package.version);
    else if (old->second != package.version)
      out.push_back("  " + package.name + " " + old->second + " -> " + package.version);
    if (old != before.end()) before.erase(old);
  }
  for (const auto& [name, version] : before) out.push_back("- " + name + " " + version);
  return out;
}

}  // namespace images
