// @groups of system calls. They are replaced by their names in the document, before it is read: layers above can then
// remove or grant a single name of a group.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "profiles/base/diagnostics.h"
#include "profiles/base/result.h"
#include "profiles/load/document_store.h"

namespace profiles {

class SyscallGroups {
 public:
  using ReadFile = std::function<base::Result<std::string>(const std::string& path)>;
  SyscallGroups(std::string file, const ReadFile& read, const DocumentStore& store)
      : file_(std::move(file)), read_(read), store_(store) {}

  // Expands syscalls.allow, report and absent of a profile, and refuses names that no architecture has.
  void expand(Node& profile, base::Diagnostics& diagnostics);

  using Names = std::map<std::string, std::vector<std::string>>;
  // All that the catalog has, with their calls on every architecture.
  const Names& all(base::Diagnostics& diagnostics) {
    if (!groups_) load(diagnostics);
    return *groups_;
  }

 private:
  void load(base::Diagnostics& diagnostics);
  void expand_list(Node& sequence, base::Diagnostics& diagnostics);
  // The names that an item stands for; empty, and reported, when there is none.
  std::vector<std::string> names_of_item(const std::string& name, const base::Position& where,
                                         base::Diagnostics& diagnostics);

  std::string file_;
  const ReadFile& read_;
  const DocumentStore& store_;
  std::optional<Names> groups_;  // read when the first group is met: a flat profile needs no catalog
  bool is_unreadable_ = false;   // that has been said then, and every name would be said to be missing
};

}  // namespace profiles
