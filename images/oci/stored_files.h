// The files of an image on disk, by their paths in it, and which of them were asked for.
//
//   StoredFiles files = TRY(StoredFiles::of("wiki.tar"));
//   const nlohmann::json index = TRY(files.json("index.json"));
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>

#include "images/package/tar_reader.h"
#include "profiles/base/result.h"

namespace images {

class StoredFiles {
 public:
  static base::Result<StoredFiles> of(const std::string& path);  // a folder, or an archive of one

  bool has(const std::string& file) const;
  base::Result<std::string> read(const std::string& file);
  base::Result<nlohmann::json> json(const std::string& file);
  // Of an archive, that each of its files was asked for. In a folder nobody else looks for more than its index names.
  base::Status check_no_others() const;

 private:
  std::string folder_;
  std::map<std::string, Member> members_;
  std::set<std::string> asked_;
};

// JSON of an image that anybody may have made: none that is deep enough to end the program, and no two names in one object that
// Go's parsers, which are the engines', take for one: they would read the last of "Config" and "config".
base::Result<nlohmann::json> parse_json(const std::string& text, const std::string& name);

}  // namespace images
