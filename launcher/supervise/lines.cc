#include "launcher/supervise/lines.h"

#include <algorithm>

#include "profiles/base/text.h"

namespace launcher {

void LineSplitter::append(std::string_view bytes) {
  const std::size_t room = kLineLimit - partial_.size();
  const std::size_t kept = std::min(room, bytes.size());
  partial_.append(bytes.substr(0, kept));
  dropped_ += bytes.size() - kept;
}

std::string LineSplitter::take() {
  std::string line = std::move(partial_);
  partial_.clear();
  if (dropped_ > 0) line += " [" + std::to_string(dropped_) + " bytes dropped]";
  dropped_ = 0;
  return line;
}

std::vector<std::string> LineSplitter::feed(std::string_view bytes) {
  std::vector<std::string> lines;
  for (;;) {
    const std::size_t end = bytes.find('\n');
    append(bytes.substr(0, end));
    if (end == std::string_view::npos) return lines;
    lines.push_back(take());
    bytes.remove_prefix(end + 1);
  }
}

std::optional<std::string> LineSplitter::finish() {
  if (partial_.empty() && dropped_ == 0) return std::nullopt;
  return take();
}

std::optional<std::string> LineRation::admit(std::string_view raw, Instant now) {
  if (bucket_.take(now)) return pool_ + ": " + base::escape_control(raw);
  if (dropped_++ == 0) dropped_since_ = now;
  return std::nullopt;
}

std::optional<std::string> LineRation::report(Instant now) {
  const auto due = report_due();
  if (!due || now < *due) return std::nullopt;
  return last_report();
}

std::optional<std::string> LineRation::last_report() {
  if (dropped_ == 0) return std::nullopt;
  const std::string count = std::to_string(dropped_);
  dropped_ = 0;
  dropped_since_.reset();
  return pool_ + ": " + count + (count == "1" ? " line dropped" : " lines dropped");
}

std::optional<Instant> LineRation::report_due() const {
  if (!dropped_since_) return std::nullopt;
  return *dropped_since_ + std::chrono::seconds(1);
}

void RecentLines::keep(std::string_view raw) {
  lines_.emplace_back(raw);
  if (lines_.size() > kCount) lines_.pop_front();
}

}  // namespace launcher
