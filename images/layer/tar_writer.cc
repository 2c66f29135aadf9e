#include "images/layer/tar_writer.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include "images/store/refuse.h"
#include "profiles/base/utf8.h"

namespace images {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::uint64_t kMostInOctal = (1ull << 33) - 1;  // eleven digits
constexpr std::uint32_t kMostId = 07777777;

struct Header {  // POSIX.1-1988 ustar
  std::array<char, 100> name{};
  std::array<char, 8> mode{}, uid{}, gid{};
  std::array<char, 12> size{}, mtime{};
  std::array<char, 8> checksum{};
  char type = '0';
  std::array<char, 100> link{};
  std::array<char, 8> magic{'u', 's', 't', 'a', 'r', '\0', '0', '0'};
  std::array<char, 64> names{};
  std::array<char, 16> device{'0', '0', '0', '0', '0', '0', '0', '\0', '0', '0', '0', '0', '0', '0', '0', '\0'};
  std::array<char, 155> prefix{};
  std::array<char, 12> rest{};
};
static_assert(sizeof(Header) == kBlock);

template <std::size_t N>
void put_octal(std::array<char, N>& field, std::uint64_t value) {
  field[N - 1] = '\0';
  for (std::size_t i = N - 1; i-- > 0; value >>= 3) field[i] = static_cast<char>('0' + (value & 7));
}

template <std::size_t N>
void put_text(std::array<char, N>& field, std::string_view text) {
  std::copy_n(text.begin(), std::min(N, text.size()), field.begin());
}

void seal(Header& header) {
  header.checksum.fill(' ');
  std::uint32_t sum = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(&header);
  for (std::size_t i = 0; i < kBlock; ++i) sum += bytes[i];
  put_octal(header.checksum, sum);
  // six digits, NUL, blank
  for (std::size_t i = 0; i < 6; ++i) header.checksum[i] = header.checksum[i + 1];
  header.checksum[6] = '\0';
  header.checksum[7] = ' ';
}

void append(std::string& out, const Header& header, std::string_view body) {
  out.append(reinterpret_cast<const char*>(&header), kBlock);
  out.append(body);
  out.append((kBlock - body.size() % kBlock) % kBlock, '\0');
}

// A name of up to 255 characters, cut at a slash; nullopt when it does not fit.
std::optional<std::pair<std::string_view, std::string_view>> split_name(std::string_view name) {
  if (name.size() <= 100) return std::pair(std::string_view(), name);
  for (std::size_t at = name.find('/'); at != name.npos && at <= 155; at = name.find('/', at + 1))
    if (name.size() - at - 1 <= 100 && name.size() - at > 1) return std::pair(name.substr(0, at), name.substr(at + 1));
  return std::nullopt;
}

// "27 path=usr/share/...\n": the length counts itself.
std::string pax_record(std::string_view key, std::string_view value) {
  const std::string rest = " " + std::string(key) + "=" + std::string(value) + "\n";
  std::size_t length = rest.size() + 1;
  while (std::to_string(length).size() + rest.size() != length) ++length;
  return std::to_string(length) + rest;
}

// POSIX wants UTF-8 in pax headers; ustar takes bytes of any kind.
bool wants_pax(std::string_view text) {
  const bool is_ascii = std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return !is_ascii && base::is_utf8(text);
}

void append_pax(std::string& out, const std::string& records, std::uint64_t mtime) {
  Header header;
  put_text(header.name, "PaxHeaders/entry");
  put_octal(header.mode, 0644);
  put_octal(header.uid, 0);
  put_octal(header.gid, 0);
  put_octal(header.size, records.size());
  put_octal(header.mtime, mtime);
  header.type = 'x';
  seal(header);
  append(out, header, records);
}

char type_of(Entry::Kind kind) {
  switch (kind) {
    case Entry::Kind::file: return '0';
    case Entry::Kind::directory: return '5';
    case Entry::Kind::symlink: return '2';
  }
  return '0';
}

}  // namespace

base::Status TarWriter::add(const std::string& path, const Entry& entry) {
  const std::string name = entry.kind == Entry::Kind::directory ? path + "/" : path;
  const std::string_view body = entry.kind == Entry::Kind::file ? std::string_view(*entry.content) : std::string_view();
  if (body.size() > kMostInOctal || entry.uid > kMostId || entry.gid > kMostId)
    return refuse(path + ": too large, or an owner that ustar cannot say");
  const std::int64_t mtime = entry.mtime <= 0 || entry.mtime > epoch_ ? epoch_ : entry.mtime;
  const auto parts = split_name(name);
  std::string records;
  if (!parts || wants_pax(name)) records += pax_record("path", name);
  if (entry.target.size() > 100 || wants_pax(entry.target)) records += pax_record("linkpath", entry.target);
  if (!records.empty()) append_pax(out_, records, static_cast<std::uint64_t>(mtime));
  Header header;
  put_text(header.name, parts ? parts->second : std::string_view(name).substr(0, 100));
  put_text(header.prefix, parts ? parts->first : std::string_view());
  put_octal(header.mode, entry.mode & 07777);
  put_octal(header.uid, entry.uid);
  put_octal(header.gid, entry.gid);
  put_octal(header.size, body.size());
  put_octal(header.mtime, static_cast<std::uint64_t>(mtime));
  put_text(header.link, entry.target);
  header.type = type_of(entry.kind);
  seal(header);
  append(out_, header, body);
  return base::success();
}

}  // namespace images
