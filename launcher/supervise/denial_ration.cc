#include "launcher/supervise/denial_ration.h"

namespace launcher {
namespace {

constexpr std::chrono::seconds kReportInterval{10};
constexpr std::chrono::seconds kForgetAfter{120};
const std::string kOthers = "others";

// What an application does wrong it does at every request: once more is enough. Calls are an attack's, and each may differ.
TokenBucket bucket_for(Denial::Kind kind) {
  return kind == Denial::Kind::system_call ? TokenBucket{5, 0.1} : TokenBucket{2, 0.02};
}

}  // namespace

DenialRation::Told& DenialRation::told_of(const std::string& key, const Denial& denial, Instant now) {
  const auto known = told_.find(key);
  if (known != told_.end()) return known->second;
  if (told_.size() >= kMostKinds)
    std::erase_if(told_, [&](const auto& one) { return one.second.untold == 0 && now - one.second.seen > kForgetAfter; });
  const std::string& name = told_.size() >= kMostKinds ? kOthers : key;
  return told_.try_emplace(name, Told{bucket_for(denial.kind), {}, 0, now}).first->second;
}

bool DenialRation::admit(const std::string& key, const Denial& denial, Instant now) {
  Told& told = told_of(key, denial, now);
  told.seen = now;
  told.last = denial;
  if (denial.kind == Denial::Kind::system_call) told.last.act = key;  // the arguments were of one of them
  if (told.bucket.take(now)) return true;
  ++told.untold;
  if (!untold_since_) untold_since_ = now;
  return false;
}

std::optional<Instant> DenialRation::report_due() const {
  if (!untold_since_) return std::nullopt;
  return *untold_since_ + kReportInterval;
}

std::vector<Denial> DenialRation::report(Instant now) {
  const auto due = report_due();
  if (!due || now < *due) return {};
  return last_report();
}

std::vector<Denial> DenialRation::last_report() {
  std::vector<Denial> out;
  for (auto& [key, told] : told_) {
    if (told.untold == 0) continue;
    out.push_back(told.last);
    out.back().count = told.untold;
    if (key == kOthers) out.back().act = "others";
    told.untold = 0;
  }
  untold_since_.reset();
  return out;
}

}  // namespace launcher
