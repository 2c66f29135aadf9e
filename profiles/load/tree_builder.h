// Turns yaml-cpp's events into our tree and refuses what a profile may not use. Private to document.cc.
#pragma once

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "profiles/load/document.h"

namespace profiles {

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::string file, std::string_view text, base::Diagnostics& diagnostics)
      : file_(std::move(file)), text_(text), diagnostics_(diagnostics) {}

  int documents() const { return documents_; }
  bool failed() const { return failed_; }
  Node take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override;
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override;

 private:
  // A collection that is being read. In a mapping, keys and values take turns.
  struct Open {
    Node node;
    bool key_read = false;
    std::string key;
    base::Position key_where;
    std::map<std::string, base::Position> keys;  // all so far
  };

  base::Position position(const YAML::Mark& mark) const;
  std::string_view source_at(const YAML::Mark& mark) const;
  void refuse(const YAML::Mark& mark, std::string what, std::string fix);
  void check_properties(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor);
  bool expects_key() const;
  void open(const YAML::Mark& mark, Node::Kind kind);
  void close();
  void read_key(const YAML::Mark& mark, const std::string& key);
  void place(Node node);

  std::string file_;
  std::string_view text_;
  base::Diagnostics& diagnostics_;
  std::vector<Open> open_;
  Node root_;
  int documents_ = 0;
  std::size_t too_deep_ = 0;  // collections entered below the deepest level that is kept
  bool failed_ = false;
};

}  // namespace profiles
