// What a web server may ask of the pool, and what it serves itself.
#pragma once
#include "profiles/model/describe.h"

namespace profiles {

struct Web {
  TreePath document_root;                      // empty: the code itself
  std::vector<std::string> front_controllers;  // relative to the code; `*` stands for a part of one name. Empty: any script
                                               // outside the writable paths
  std::string fallback;                        // script that answers paths which are no files; empty: 404
  std::vector<std::string> deny;               // relative to the code, never served: sources, configuration, data
  friend bool operator==(const Web&, const Web&) = default;
};

template <class V>
void describe(V& v, Web& f) {
  v.field("document_root", f.document_root, "Folder of the code that the web server shows; the code itself when absent.");
  v.field("front_controllers", f.front_controllers,
          "The scripts that requests may name, relative to the code; `*` stands for a part of one file name.");
  v.field("fallback", f.fallback, "Script that answers paths which are no files; such paths are 404 when absent.");
  v.field("deny", f.deny, "Paths of the code that are never served.");
}

}  // namespace profiles
