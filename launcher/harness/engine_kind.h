// What differs between podman and docker.
//
//   const EngineKind& kind = kind_of("/usr/bin/podman");
//   add(words, kind.store(folder, "shop.test"));
#pragma once

#include <string>
#include <vector>

namespace harness {

struct EngineKind {
  using Words = std::vector<std::string>;

  const char* name;
  Words (*store)(const std::string& folder, const std::string& name);        // where its own things are
  Words (*root)(const std::string& folder, const std::string& image);        // of a container's tree
  Words (*make_image)(const std::string& folder, const std::string& label);  // nullptr: it takes a folder for one
  const char* variable;                                                      // by which its client finds the daemon; nullptr: it has none
  std::string (*apart)(const std::string& name);                             // a folder that cannot be in ours; nullptr: all can
  bool keeps_groups;  // of whoever is killed while it makes a container, where systemd does not look after them
};

inline constexpr const char* kEmptyArchive = "empty.tar";  // in the folder: what docker's image is made of

// By the program's name; of an unknown one podman's.
const EngineKind& kind_of(const std::string& program);

}  // namespace harness
