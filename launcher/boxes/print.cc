// Boxes for people and for programs.
#include <algorithm>

#include "launcher/boxes/view.h"
#include "profiles/base/json.h"
#include "profiles/base/text.h"

namespace launcher {
namespace {

using base::Json;
using Line = std::vector<std::string>;

const Line kHead = {"NAME", "STATE", "PID", "WORKERS", "UP", "MEMORY", "USER", "CODE", "SOCKET"};

std::string in_mebibytes(const std::optional<std::uint64_t>& bytes) {
  if (!bytes) return "?";
  const std::uint64_t tenths = *bytes * 10 / (1 << 20);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "MiB";
}

// What tells versions apart is the last part of the path, and sites those before it: as many as no other box's path ends with.
std::string telling_tail(const std::string& path, std::span<const BoxView> boxes) {
  const auto is_others = [&](const std::string& tail) {
    return std::any_of(boxes.begin(), boxes.end(), [&](const BoxView& box) { return box.code_version != path && box.code_version.ends_with("/" + tail); });
  };
  for (auto slash = path.rfind('/'); slash != path.npos && slash != 0; slash = path.rfind('/', slash - 1))
    if (std::string tail = path.substr(slash + 1); !is_others(tail)) return tail;
  return path;
}

Line cells(const BoxView& box, std::span<const BoxView> boxes) {
  if (box.workers == 0 && box.uptime_s == 0 && !box.memory && box.state == "stale")
    return {box.pool, box.state, "-", "-", "-", "-", box.user.empty() ? "-" : box.user, "-", box.socket};
  return {box.pool, box.state, std::to_string(box.pid), std::to_string(box.workers), in_words(box.uptime_s),
          in_mebibytes(box.memory), box.user, telling_tail(box.code_version, boxes), box.socket};
}

std::string aligned(const Line& line, const std::vector<std::size_t>& widths) {
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const std::string cell = base::escape_control(line[i]);
    out += cell;
    if (i + 1 < line.size()) out += std::string(widths[i] + 2 - std::min(cell.size(), widths[i]), ' ');
  }
  return out + "\n";
}

std::string notes(const BoxView& box) {
  std::string out;
  if (!box.trouble.empty()) out += "  stale: " + base::escape_control(box.trouble) + "\n";
  for (const Outdated& one : box.outdated) out += "  outdated: " + base::escape_control(describe(one)) + "\n";
  return out;
}

Json json_of(const BoxView& box) {
  Json out = {{"name", box.pool},     {"state", box.state},   {"launcher", box.launcher},
                      {"pid", box.pid},       {"workers", box.workers}, {"uptime_s", box.uptime_s},
                      {"memory", nullptr},    {"memory_from", box.memory_from}, {"user", box.user},
                      {"socket", box.socket}, {"code", box.code},     {"code_version", box.code_version},
                      {"unit", box.unit},     {"gaps", box.gaps}};
  if (box.memory) out["memory"] = *box.memory;
  if (!box.trouble.empty()) out["trouble"] = box.trouble;
  out["outdated"] = Json::array();
  for (const Outdated& one : box.outdated)
    out["outdated"].push_back({{"what", name_of(one.what)}, {"subject", one.subject}, {"text", describe(one)}});
  return out;
}

}  // namespace

std::string in_words(std::uint64_t seconds) {
  const std::uint64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;
  if (minutes == 0) return std::to_string(seconds) + "s";
  if (hours == 0) return std::to_string(minutes) + "min";
  if (days == 0) return std::to_string(hours) + "h" + std::to_string(minutes % 60) + "min";
  return std::to_string(days) + "d" + std::to_string(hours % 24) + "h";
}

std::string print_boxes(std::span<const BoxView> boxes) {
  std::vector<Line> lines = {kHead};
  for (const BoxView& box : boxes) lines.push_back(cells(box, boxes));
  std::vector<std::size_t> widths(kHead.size(), 0);
  for (const Line& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  std::string out = aligned(lines.front(), widths);
  for (std::size_t i = 0; i < boxes.size(); ++i) out += aligned(lines[i + 1], widths) + notes(boxes[i]);
  return out;
}

std::string print_boxes_json(std::span<const BoxView> boxes) {
  Json out = Json::array();
  for (const BoxView& box : boxes) out.push_back(json_of(box));
  return out.dump(2) + "\n";
}

}  // namespace launcher
