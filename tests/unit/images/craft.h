// Archives to the byte, good and hostile: what libarchive's own writer would not write.
#pragma once

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "images/layer/gzip.h"

namespace test {

struct Piece {
  std::string path;
  char type = '0';
  std::string content;
  unsigned mode = 0644;
  std::string link;
  long claimed = -1;  // size in the header when it is not the content's
};

inline std::string tar_member(const Piece& piece) {
  char header[512] = {};
  std::memcpy(header, piece.path.data(), std::min<std::size_t>(100, piece.path.size()));
  std::snprintf(header + 100, 8, "%07o", piece.mode);
  std::snprintf(header + 108, 8, "%07o", 0);
  std::snprintf(header + 116, 8, "%07o", 0);
  const long size = piece.claimed >= 0 ? piece.claimed : static_cast<long>(piece.content.size());
  std::snprintf(header + 124, 12, "%011lo", size);
  std::snprintf(header + 136, 12, "%011o", 1000);
  header[156] = piece.type;
  std::memcpy(header + 157, piece.link.data(), std::min<std::size_t>(100, piece.link.size()));
  std::memcpy(header + 257, "ustar\0" "00", 8);
  std::memset(header + 148, ' ', 8);
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  std::snprintf(header + 148, 8, "%06o", sum);
  std::string out(header, 512);
  out += piece.content;
  out.append((512 - piece.content.size() % 512) % 512, '\0');
  return out;
}

inline std::string tar(const std::vector<Piece>& pieces) {
  std::string out;
  for (const Piece& piece : pieces) out += tar_member(piece);
  return out + std::string(1024, '\0');
}

// Pax records for the member that follows.
inline Piece pax(const std::vector<std::pair<std::string, std::string>>& records) {
  std::string all;
  for (const auto& [key, value] : records) {
    const std::string rest = " " + key + "=" + value + "\n";
    std::size_t length = rest.size() + 1;
    while (std::to_string(length).size() + rest.size() != length) ++length;
    all += std::to_string(length) + rest;
  }
  return {"PaxHeaders/x", 'x', all};
}

inline std::string ar(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string out = "!<arch>\n";
  for (const auto& [name, bytes] : members) {
    char header[61] = {};
    std::snprintf(header, sizeof header, "%-16s%-12d%-6d%-6d%-8s%-10zu`\n", name.c_str(), 0, 0, 0, "100644", bytes.size());
    out += std::string(header, 60) + bytes + (bytes.size() % 2 != 0 ? "\n" : "");
  }
  return out;
}

inline std::string deb(const std::vector<Piece>& files, const std::string& name = "demo", const std::string& version = "1.0") {
  const std::string control = tar({{"./control", '0', "Package: " + name + "\nVersion: " + version + "\n"}, {"./md5sums", '0', "0  usr/x\n"}});
  return ar({{"debian-binary", "2.0\n"}, {"control.tar", control}, {"data.tar.gz", images::gzip(tar(files)).value()}});
}

}  // namespace test
