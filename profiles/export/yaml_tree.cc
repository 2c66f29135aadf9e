#include "profiles/export/yaml_tree.h"

#include <algorithm>
#include <cctype>

#include "profiles/base/text.h"

namespace profiles {
namespace {

constexpr std::string_view kItem = "[]";

std::string spaces(std::size_t count) { return std::string(count, ' '); }

}  // namespace

YamlTree& YamlTree::at(std::string_view path) {
  if (path.empty()) return *this;
  const auto dot = path.find('.');
  std::string key(path.substr(0, dot));
  const bool is_item = key.ends_with(kItem);
  if (is_item) key.resize(key.size() - kItem.size());
  auto found = std::find_if(children_.begin(), children_.end(), [&](const Child& child) { return child.key == key; });
  if (found == children_.end()) found = children_.insert(children_.end(), {key, std::make_shared<YamlTree>()});
  YamlTree* next = found->tree.get();
  if (is_item) {
    next->children_.push_back({"", std::make_shared<YamlTree>()});
    next = next->children_.back().tree.get();
  }
  return dot == path.npos ? *next : next->at(path.substr(dot + 1));
}

void YamlTree::set(std::string_view path, std::string value) { at(path).value_ = std::move(value); }
void YamlTree::set(std::string_view path, YamlTree tree) { at(path) = std::move(tree); }

// Its first line stands behind the dash.
void YamlTree::print_item(std::size_t indent, std::string& out) const {
  if (children_.empty()) {
    out += spaces(indent) + "- " + value_ + "\n";
    return;
  }
  std::string block = text(indent + 2);
  block[indent] = '-';
  out += block;
}

std::string YamlTree::text(std::size_t indent) const {
  std::string out;
  for (const Child& child : children_) {
    const YamlTree& tree = *child.tree;
    if (child.key.empty()) tree.print_item(indent, out);
    else if (tree.children_.empty()) out += spaces(indent) + child.key + ": " + tree.value_ + "\n";
    else out += spaces(indent) + child.key + ":\n" + tree.text(indent + 2);
  }
  return out;
}

void set_lines(const std::string& lines, YamlTree& tree) {
  constexpr std::string_view kBetween = " = ";
  for (const std::string& line : base::split(lines, '\n')) {
    const auto between = line.find(kBetween);
    tree.set(std::string_view(line).substr(0, between), line.substr(between + kBetween.size()));
  }
}

// Numbers, true, null and the like would be read as something else; so would what YAML's own characters are in.
std::string yaml_text(const std::string& text) {
  const bool is_plain = !text.empty() && std::isalpha(static_cast<unsigned char>(text.front())) != 0 &&
                        std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '/'; });
  constexpr std::string_view kWords[] = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
  const bool is_word = std::find(std::begin(kWords), std::end(kWords), text) != std::end(kWords);
  return is_plain && !is_word ? text : "\"" + text + "\"";
}

}  // namespace profiles
