// YAML put together from single assignments, in the order in which their keys are first named.
//
//   tree.set("securityContext.capabilities.drop", "[ALL]");
//   tree.set("volumes[]", "{name: tmp, emptyDir: {}}");       // one more item of a list
//   tree.set("metadata.labels.app", "shop");
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace profiles {

class YamlTree {
 public:
  // `value` is YAML already: a scalar, or a collection in flow style.
  void set(std::string_view path, std::string value);
  // A tree in place of a value, or as one more item.
  void set(std::string_view path, YamlTree tree);
  std::string text(std::size_t indent = 0) const;
  bool is_empty() const { return children_.empty() && value_.empty(); }

 private:
  struct Child {
    std::string key;  // empty: an item of a list
    std::shared_ptr<YamlTree> tree;
  };
  YamlTree& at(std::string_view path);
  void print_item(std::size_t indent, std::string& out) const;

  std::vector<Child> children_;
  std::string value_;
};

// "path = value" a line, as cells of the table say it.
void set_lines(const std::string& lines, YamlTree& tree);

// A plain scalar where YAML reads it as that text, quoted otherwise.
std::string yaml_text(const std::string& text);

}  // namespace profiles
