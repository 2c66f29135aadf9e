// A library in place of ICU's data (libicudata, 30 MB), with the symbol that ICU asks for and no data behind it. PHP's xml links ICU
// by way of libxml2 and needs of it next to nothing: character sets are iconv's. ext/intl does need the data, and with it a stub
// is refused. Written byte by byte, so that it is the same whatever compiled this program.
//
//   TRY(stub_icu_data(extensions, runtime));      // strip: [icu-data]
#pragma once

#include <string>
#include <vector>

#include "images/tree/path_map.h"
#include "profiles/base/result.h"

namespace images {

// An ELF library of some 4 KB: `soname` "libicudata.so.72", `symbol` "icudt72_dat".
std::string icu_stub(const std::string& soname, const std::string& symbol);

// In a finished runtime. The sums of the package name the file no more: it is not the package's.
base::Status stub_icu_data(const std::vector<std::string>& extensions, PathMap& runtime);

}  // namespace images
