#include "launcher/enforce/number_table.h"

#include <algorithm>
#include <limits>

namespace launcher {
namespace {

struct Range {
  std::uint32_t start;
  std::uint32_t verdict;
};

// A comparison with the start of a range, and where it leads: to another comparison, or to the verdict of one range.
struct Target {
  bool is_verdict;
  std::size_t index;  // of a comparison, or of a range
};
struct Comparison {
  std::uint32_t start;
  Target below;
  Target from;
};

std::vector<Range> ranges_of(const std::vector<std::uint32_t>& verdicts) {
  std::vector<Range> out;
  for (std::size_t number = 0; number < verdicts.size(); ++number)
    if (out.empty() || out.back().verdict != verdicts[number]) out.push_back({static_cast<std::uint32_t>(number), verdicts[number]});
  return out;
}

// A binary search among ranges first to last - 1; each comparison stands ahead of those that it leads to, for BPF jumps forward only.
Target add_search(const std::vector<Range>& ranges, std::size_t first, std::size_t last, std::vector<Comparison>& out) {
  if (last - first == 1) return {true, first};
  const std::size_t middle = first + (last - first) / 2, own = out.size();
  out.push_back({ranges[middle].start, {}, {}});
  const Target below = add_search(ranges, first, middle, out);
  const Target from = add_search(ranges, middle, last, out);
  out[own].below = below;
  out[own].from = from;
  return {false, own};
}

class Layout {
 public:
  Layout(const std::vector<Range>& ranges, const std::vector<Comparison>& comparisons) : ranges_(ranges), comparisons_(comparisons) {
    for (const Range& range : ranges)
      if (range.verdict != kByArguments && place_of(range.verdict) == verdicts_.size()) verdicts_.push_back(range.verdict);
  }

  std::vector<sock_filter> program() const {
    std::vector<sock_filter> out;
    for (std::size_t at = 0; at < comparisons_.size(); ++at) {
      const std::size_t below = distance(at, comparisons_[at].below), from = distance(at, comparisons_[at].from);
      if (std::max(below, from) > std::numeric_limits<std::uint8_t>::max()) return {};
      out.push_back({BPF_JMP | BPF_JGE | BPF_K, static_cast<std::uint8_t>(from), static_cast<std::uint8_t>(below), comparisons_[at].start});
    }
    if (comparisons_.empty() && !verdicts_.empty()) return {{BPF_RET | BPF_K, 0, 0, verdicts_.front()}};
    for (const std::uint32_t verdict : verdicts_) out.push_back({BPF_RET | BPF_K, 0, 0, verdict});
    return out;
  }

 private:
  std::size_t place_of(std::uint32_t verdict) const {
    return static_cast<std::size_t>(std::find(verdicts_.begin(), verdicts_.end(), verdict) - verdicts_.begin());
  }

  // Behind the comparisons stands each verdict once, and what takes arguments goes on behind those.
  std::size_t distance(std::size_t at, const Target& to) const {
    std::size_t place = to.index;
    if (to.is_verdict) {
      const std::uint32_t verdict = ranges_[to.index].verdict;
      place = comparisons_.size() + (verdict == kByArguments ? verdicts_.size() : place_of(verdict));
    }
    return place - at - 1;
  }

  const std::vector<Range>& ranges_;
  const std::vector<Comparison>& comparisons_;
  std::vector<std::uint32_t> verdicts_;
};

}  // namespace

std::vector<sock_filter> number_table(const std::vector<std::uint32_t>& verdicts) {
  const std::vector<Range> ranges = ranges_of(verdicts);
  std::vector<Comparison> comparisons;
  if (!ranges.empty()) add_search(ranges, 0, ranges.size(), comparisons);
  return Layout(ranges, comparisons).program();
}

}  // namespace launcher
