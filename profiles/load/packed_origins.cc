#include "profiles/load/packed_origins.h"

#include <algorithm>
#include <utility>

#include "profiles/load/bytes.h"

namespace profiles {
namespace {

constexpr std::size_t kSmallest = sizeof(std::uint32_t);

struct Entry {
  std::string_view key;
  std::uint32_t file = 0;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string_view through;
};

Entry next_entry(ByteReader& in) {
  Entry entry;
  entry.key = in.view();
  entry.file = in.number();
  entry.line = in.number();
  entry.column = in.number();
  entry.through = in.view();
  return entry;
}

std::uint32_t number_of(const std::string& file, std::vector<std::string>& files) {
  const auto at = std::find(files.begin(), files.end(), file);
  const auto number = static_cast<std::uint32_t>(at - files.begin());
  if (at == files.end()) files.push_back(file);
  return number;
}

}  // namespace

// The files that they name, which are few, once; then the entries.
std::string pack_origins(const OriginsByKey& origins) {
  std::vector<std::string> files;
  ByteWriter body;
  body.number(static_cast<std::uint32_t>(origins.size()));
  for (const auto& [key, origin] : origins) {
    body.text(key);
    body.number(number_of(origin.where.file, files));
    body.number(static_cast<std::uint32_t>(origin.where.line));
    body.number(static_cast<std::uint32_t>(origin.where.column));
    body.text(origin.through);
  }
  ByteWriter out;
  out.number(static_cast<std::uint32_t>(files.size()));
  for (const std::string& file : files) out.text(file);
  return std::move(out.bytes) + body.bytes;
}

std::optional<PackedOrigins> PackedOrigins::of(std::string bytes) {
  PackedOrigins out;
  out.bytes_ = std::move(bytes);
  ByteReader in(out.bytes_);
  for (std::size_t left = in.count(kSmallest); left > 0 && !in.failed(); --left) out.files_.push_back(in.text());
  const std::size_t count = in.count(kSmallest);
  out.entries_.reserve(count);
  std::string_view before;
  for (std::size_t left = count; left > 0; --left) {
    out.entries_.push_back(static_cast<std::uint32_t>(out.bytes_.size() - in.left()));
    const Entry entry = next_entry(in);
    const bool is_in_order = out.entries_.size() == 1 || before < entry.key;
    if (in.failed() || entry.file >= out.files_.size() || !is_in_order) return std::nullopt;
    before = entry.key;
  }
  if (!in.at_end()) return std::nullopt;
  return out;
}

std::string_view PackedOrigins::key_at(std::uint32_t start) const { return ByteReader(std::string_view(bytes_).substr(start)).view(); }

Origin PackedOrigins::origin_at(std::uint32_t start) const {
  ByteReader in(std::string_view(bytes_).substr(start));
  const Entry entry = next_entry(in);
  return {{files_[entry.file], static_cast<int>(entry.line), static_cast<int>(entry.column)}, std::string(entry.through)};
}

std::optional<Origin> PackedOrigins::find(std::string_view key) const {
  const auto is_before = [this](std::uint32_t start, std::string_view wanted) { return key_at(start) < wanted; };
  const auto found = std::lower_bound(entries_.begin(), entries_.end(), key, is_before);
  if (found == entries_.end() || key_at(*found) != key) return std::nullopt;
  return origin_at(*found);
}

std::string_view PackedOrigins::entry_at(std::size_t index) const {
  const std::size_t end = index + 1 < entries_.size() ? entries_[index + 1] : bytes_.size();
  return std::string_view(bytes_).substr(entries_[index], end - entries_[index]);
}

PackedOrigins PackedOrigins::filtered(bool (*is_wanted)(std::string_view key)) const {
  PackedOrigins out;
  out.files_ = files_;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (!is_wanted(key_at(entries_[i]))) continue;
    out.entries_.push_back(static_cast<std::uint32_t>(out.bytes_.size()));
    out.bytes_ += entry_at(i);
  }
  out.bytes_.shrink_to_fit();
  return out;
}

OriginsByKey PackedOrigins::unpack() const {
  OriginsByKey out;
  for (const std::uint32_t start : entries_) out.emplace_hint(out.end(), key_at(start), origin_at(start));
  return out;
}

}  // namespace profiles
