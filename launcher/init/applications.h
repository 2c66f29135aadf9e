// Which application lies in a folder: known by files that every version of it has. A new application is a row.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace launcher {

struct Application {
  std::string_view profile;  // its profile in the catalog
  std::string_view title;
  std::string_view files[2];  // both are there; the second may be empty
  bool has_database = false;
  // One whose own installer writes its settings among the code: where they then are, and the folder that it writes.
  std::string_view settings = "";
  std::string_view installer_writes = "";
};

std::span<const Application> applications();

// The row whose files are there, by a question about paths relative to the folder; nullptr when there is none.
const Application* recognize(const std::function<bool(std::string_view path)>& exists);
const Application* find_application(std::string_view profile);

}  // namespace launcher
