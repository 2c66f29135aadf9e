#include "profiles/load/tree_builder.h"

namespace profiles {

namespace {

constexpr std::size_t kDeepest = 32;  // a profile needs five

// yaml-cpp 0.7 takes the end of the file for a closing quote.
bool is_closed(std::string_view source) {
  const char quote = source.empty() ? ' ' : source.front();
  if (quote != '"' && quote != '\'') return true;
  for (std::size_t at = 1; at < source.size(); ++at) {
    if (quote == '"' && source[at] == '\\') {
      ++at;
    } else if (source[at] == quote) {
      if (quote == '"' || at + 1 == source.size() || source[at + 1] != quote) return true;
      ++at;  // '' stands for one '
    }
  }
  return false;
}

}  // namespace

base::Position TreeBuilder::position(const YAML::Mark& mark) const { return {file_, mark.line + 1, mark.column + 1}; }

std::string_view TreeBuilder::source_at(const YAML::Mark& mark) const {
  const auto at = static_cast<std::size_t>(mark.pos < 0 ? 0 : mark.pos);
  return at < text_.size() ? text_.substr(at) : std::string_view();
}

void TreeBuilder::refuse(const YAML::Mark& mark, std::string what, std::string fix) {
  failed_ = true;
  diagnostics_.error(position(mark), {}, std::move(what), std::move(fix));
}

void TreeBuilder::check_properties(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
  if (anchor != YAML::NullAnchor)
    refuse(mark, "anchors (&name) are not used in profiles", "write the value where it is needed");
  // Without a tag yaml-cpp says "?" (plain) or "!" (quoted); a lone "!" in the source looks the same, hence the look.
  if ((tag != "?" && tag != "!" && !tag.empty()) || source_at(mark).starts_with('!'))
    refuse(mark, "tags (!name) are not used in profiles", "remove the tag");
}

bool TreeBuilder::expects_key() const {
  return too_deep_ == 0 && !open_.empty() && open_.back().node.kind == Node::Kind::mapping && !open_.back().key_read;
}

void TreeBuilder::OnDocumentStart(const YAML::Mark& mark) {
  if (++documents_ == 2) refuse(mark, "a second document begins here", "write one profile per file");
}

void TreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  check_properties(mark, {}, anchor);
  if (expects_key()) {
    refuse(mark, "a key is missing", "write KEY: VALUE");
    return read_key(mark, {});
  }
  Node node;
  node.where = position(mark);
  const std::string_view source = source_at(mark);
  node.omitted = true;
  for (const std::string_view word : {"~", "null", "Null", "NULL"})
    if (source.starts_with(word)) node.omitted = false;
  // Nothing written: the mark is wherever the next token stands, the key is where the author has to look.
  const bool of_mapping = too_deep_ == 0 && !open_.empty() && open_.back().node.kind == Node::Kind::mapping;
  if (node.omitted && of_mapping) node.where = open_.back().key_where;
  place(std::move(node));
}

void TreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t) {
  refuse(mark, "aliases (*name) are not used in profiles", "write the value where it is needed");
  if (expects_key()) return read_key(mark, {});
  place({});
}

void TreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
  check_properties(mark, tag, anchor);
  if (tag == "!" && !is_closed(source_at(mark))) refuse(mark, "this quote is never closed", "close it");
  if (value.find('\0') != std::string::npos)
    refuse(mark, "a text with a NUL character", "remove \\0: the kernel and PHP would end the text there");
  if (expects_key()) return read_key(mark, value);
  Node node;
  node.kind = Node::Kind::scalar;
  node.where = position(mark);
  node.text = value;
  node.quoted = tag == "!";
  place(std::move(node));
}

void TreeBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                                  YAML::EmitterStyle::value) {
  check_properties(mark, tag, anchor);
  open(mark, Node::Kind::sequence);
}

void TreeBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value) {
  check_properties(mark, tag, anchor);
  open(mark, Node::Kind::mapping);
}

void TreeBuilder::OnSequenceEnd() { close(); }
void TreeBuilder::OnMapEnd() { close(); }

void TreeBuilder::open(const YAML::Mark& mark, Node::Kind kind) {
  if (expects_key() && !failed_) refuse(mark, "a key must be a plain text", "write KEY: VALUE");
  if (too_deep_ > 0 || open_.size() == kDeepest) {
    if (too_deep_++ == 0)
      refuse(mark, "nested deeper than " + std::to_string(kDeepest) + " levels", "no key of a profile needs so many");
    return;
  }
  Open opened;
  opened.node.kind = kind;
  opened.node.where = position(mark);
  open_.push_back(std::move(opened));
}

void TreeBuilder::close() {
  if (too_deep_ > 0) {
    if (--too_deep_ == 0) place({});
    return;
  }
  Node node = std::move(open_.back().node);
  open_.pop_back();
  if (expects_key()) {  // refused when it was opened; its value still follows
    open_.back().key_read = true;
    open_.back().key.clear();
    open_.back().key_where = node.where;
    return;
  }
  place(std::move(node));
}

void TreeBuilder::read_key(const YAML::Mark& mark, const std::string& key) {
  Open& mapping = open_.back();
  if (key == "<<")
    refuse(mark, "merge keys (<<) are not used in profiles",
           "write the keys out, or put them into a profile to extend");
  else if (key.empty() && !failed_)
    refuse(mark, "a key without a character", "write KEY: VALUE");
  else if (const auto [first, is_new] = mapping.keys.emplace(key, position(mark)); !is_new && !key.empty())
    refuse(mark, "the key `" + key + "` is written twice", "keep one; the first is at " + first->second.text());
  mapping.key_read = true;
  mapping.key = key;
  mapping.key_where = position(mark);
}

void TreeBuilder::place(Node node) {
  if (too_deep_ > 0) return;
  if (open_.empty()) {
    if (documents_ == 1) root_ = std::move(node);
    return;
  }
  Open& parent = open_.back();
  if (parent.node.kind == Node::Kind::sequence) return parent.node.items.push_back(std::move(node));
  parent.node.entries.push_back({std::move(parent.key), parent.key_where, std::move(node)});
  parent.key_read = false;
}

}  // namespace profiles
