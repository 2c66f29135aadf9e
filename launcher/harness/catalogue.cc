#include "launcher/harness/catalogue.h"

#include <algorithm>
#include <array>

#include "profiles/base/text.h"
#include "profiles/base/units.h"
#include "profiles/kernel/syscall_names.h"
#include "profiles/load/reader.h"

namespace harness {
namespace {

using profiles::Node;
using profiles::Reading;

constexpr std::uint64_t kMostZeros = 1 << 20;

bool is_name(std::string_view text) {
  return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == text.npos;
}

std::optional<std::string> from_hexadecimal(std::string_view text) {
  if (text.empty() || text.size() % 2 != 0 || text.find_first_not_of("0123456789abcdef") != text.npos) return std::nullopt;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 2) out += static_cast<char>(digit(text[i]) * 16 + digit(text[i + 1]));
  return out;
}

// -1 is what the kernel's own pages write for "none"; any other negative number too.
std::optional<std::uint64_t> number(const std::string& text) {
  if (!text.starts_with('-')) return profiles::kernel_constant(text);
  const auto positive = base::parse_unsigned(std::string_view(text).substr(1));
  if (!positive) return std::nullopt;
  return 0 - *positive;
}

std::optional<NativeArgument> scalar_argument(const Node& node) {
  using Kind = NativeArgument::Kind;
  const std::string& text = node.text;
  if (text.starts_with('$') && is_name(std::string_view(text).substr(1))) return NativeArgument{Kind::target, 0, text.substr(1)};
  if (node.quoted) return NativeArgument{Kind::text, 0, text};
  if (const auto value = number(text)) return NativeArgument{Kind::number, *value, {}};
  return std::nullopt;
}

std::optional<NativeArgument> memory_argument(const Node& node) {
  using Kind = NativeArgument::Kind;
  if (node.entries.size() != 1 || node.entries[0].value.kind != Node::Kind::scalar) return std::nullopt;
  const auto& [key, where, value] = node.entries[0];
  if (key == "zeros")
    if (const auto count = base::parse_unsigned(value.text); count && *count <= kMostZeros) return NativeArgument{Kind::zeros, *count, {}};
  if (key == "bytes")
    if (const auto bytes = from_hexadecimal(value.text)) return NativeArgument{Kind::bytes, 0, *bytes};
  return std::nullopt;
}

}  // namespace

inline profiles::EnumNames<Control> names(Control) { return {{Control::user, "user"}, {Control::stock, "stock"}, {Control::root, "root"}}; }

// Arguments are no list of a profile: order and repetition matter, and an item may be many things.
void read(NativeArguments& arguments, const Node& node, const std::string& path, Reading& reading) {
  constexpr std::size_t kMost = 6;  // of a system call
  if (!profiles::expect_kind(Node::Kind::sequence, node, path, reading)) return;
  if (node.items.size() > kMost) return reading.refuse(node, path, {"has more than 6 arguments", "remove the last ones"});
  for (const Node& item : node.items) {
    auto argument = item.kind == Node::Kind::mapping ? memory_argument(item) : scalar_argument(item);
    if (argument && item.kind != Node::Kind::sequence) {
      arguments.all.push_back(std::move(*argument));
      continue;
    }
    reading.refuse(item, path, {"`" + item.text + "` is no argument",
                                "write a number, a constant of the kernel, \"text\" in quotes, $TARGET, {zeros: 64} or {bytes: 7f45}"});
  }
}

template <class V>
void describe(V&, NativeArguments&) {
  static_assert(sizeof(V) != 0, "written and read by hand");
}

template <class V>
void describe(V& v, Native& f) {
  v.field("call", f.call, "One system call by its name.");
  v.field("args", f.args, "Its arguments, at most six; those that are left out are 0.");
  v.field("probe", f.probe, "Or a probe of the harness by its name.");
}

template <class V>
void describe(V& v, Ask& f) {
  v.field("script", f.script, "Path of the script in the box.");
  v.field("params", f.params, "More parameters of FastCGI.");
}

template <class V>
void describe(V& v, Act& f) {
  v.field("id", f.id, "GROUP/NAME; the group is the file's name.");
  v.field("why", f.why, "What an attacker gains, in one line.");
  v.field("source", f.source, "Where that is public: an address, or CVE-YYYY-N.");
  v.field("layers", f.layers, "Layers of which each alone should stop it.");
  v.field("php", f.php, "Body of a PHP function that tries it and returns one word; $T has the targets.");
  v.field("native", f.native, "Or machine code: {call: NAME, args: [...]} or {probe: NAME}.");
  v.field("calls", f.calls, "System calls that a probe makes: where a line of the profile grants one, it may succeed.");
  v.field("when", f.when, "It applies to a plan of which all of these hold.");
  v.field("ask", f.ask, "One more request afterwards, of which the answer is appended to the outcome.");
  v.field("inside", f.inside, "What it has to end with in the box.");
  v.field("outside", f.outside, "What it ends with where nothing confines it; `reached` is ok, EFAULT, EINVAL or EBADF.");
  v.field("control", f.control, "Where that is tried: user, stock (a root master that serves more pools), or root.");
  v.field("alone", f.alone, "true when it may destroy its pool.");
  v.field("resource", f.resource, "true when it uses much memory, processor or disk.");
  v.field("look", f.look, "What is looked at from the host afterwards.");
  v.field("lacking", f.lacking, "Outcomes of the control that mean that this machine cannot show the act, each with the reason.");
}

namespace {

struct File {
  std::vector<Act> acts;
};
template <class V>
void describe(V& v, File& f) {
  v.field("acts", f.acts, "What is tried.");
}

class Checker {
 public:
  Checker(const Vocabulary& words, const profiles::Origins& origins, base::Diagnostics& diagnostics)
      : words_(words), origins_(origins), diagnostics_(diagnostics) {}

  // false when something is wrong; it was said.
  bool accepts(const Act& act, const std::string& group) {
    const std::size_t before = diagnostics_.all().size();
    check_name(act, group);
    if (act.why.empty() || act.why.find('\n') != act.why.npos) refuse(act, "why", "is not one line that says what an attacker gains", "write why: ...");
    check_depth(act);
    check_layers(act);
    check_calls(act);
    if (act.inside.empty()) refuse(act, "inside", "says nothing: what must it end with in the box?", "write inside: [EPERM]");
    if (act.outside.empty()) refuse(act, "outside", "says nothing: an act without a control proves nothing", "write outside: [ok]");
    for (const std::string& word : act.inside)
      if (is_among(word, act.outside)) refuse(act, "inside[" + word + "]", "is what its control ends with, too: nothing would be shown", "remove it from one");
    return diagnostics_.all().size() == before;
  }

 private:
  static bool contains(const std::vector<std::string>& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  }

  void refuse(const Act& act, const std::string& key, std::string what, std::string fix) {
    const std::string path = "acts[" + act.id + "]." + key;
    diagnostics_.error(origins_.find(path).where, path, std::move(what), std::move(fix));
  }

  void check_name(const Act& act, const std::string& group) {
    const auto slash = act.id.find('/');
    const bool is_well_formed = slash != act.id.npos && is_name(act.id.substr(0, slash)) && is_name(act.id.substr(slash + 1));
    if (!is_well_formed) return refuse(act, "id", "`" + act.id + "` is no id", "write GROUP/NAME in a-z, 0-9, - and _");
    if (act.group() != group) refuse(act, "id", "is of another group than its file", "write " + group + act.id.substr(slash) + ", or move it to " + act.group() + ".yaml");
  }

  void check_depth(const Act& act) {
    if (act.php.empty() == !act.native) return refuse(act, "php", "an act has one depth", "write either php: or native:");
    if (!act.native) return;
    const bool has_call = !act.native->call.empty();
    if (has_call == !act.native->probe.empty()) return refuse(act, "native", "is neither one call nor one probe", "write {call: NAME, args: [...]} or {probe: NAME}");
    if (has_call && !profiles::is_syscall_anywhere(act.native->call) && !number(act.native->call))
      refuse(act, "native.call", "`" + act.native->call + "` is no system call", near(act.native->call, profiles::native_syscall_names()));
  }

  void check_calls(const Act& act) {
    for (const std::string& call : act.calls)
      if (!profiles::is_syscall_anywhere(call))
        refuse(act, "calls[" + call + "]", "`" + call + "` is no system call", near(call, profiles::native_syscall_names()));
  }

  void check_layers(const Act& act) {
    if (act.layers.empty()) refuse(act, "layers", "names no layer that should stop it", "write layers: [seccomp]");
    for (const std::string& layer : act.layers)
      if (!contains(words_.layers, layer)) refuse(act, "layers[" + layer + "]", "`" + layer + "` is no layer", near(layer, words_.layers));
    for (const std::string& condition : act.when)
      if (!contains(words_.conditions, condition))
        refuse(act, "when[" + condition + "]", "`" + condition + "` is no condition", near(condition, words_.conditions));
  }

  static std::string near(const std::string& word, const std::vector<std::string>& candidates) {
    const std::string found = base::nearest(word, candidates);
    return found.empty() ? "known: " + base::join(candidates, ", ") : "did you mean `" + found + "`?";
  }

  const Vocabulary& words_;
  const profiles::Origins& origins_;
  base::Diagnostics& diagnostics_;
};

// "files" of ".../acts/files.yaml".
std::string group_of_file(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  return name.substr(0, name.rfind('.'));
}

void read_file(const CatalogueFile& file, const Vocabulary& words, base::Diagnostics& diagnostics, Catalogue& out) {
  const auto document = profiles::read_document(file.path, file.text, diagnostics);
  if (!document) return;
  profiles::Origins origins;
  Reading reading{diagnostics, origins};
  File content;
  profiles::read(content, *document, {}, reading);
  Checker checker(words, origins, diagnostics);
  for (Act& act : content.acts) {
    act.where = origins.find("acts[" + act.id + "]").where;
    if (!checker.accepts(act, group_of_file(file.path))) continue;
    const auto same = std::find_if(out.acts.begin(), out.acts.end(), [&](const Act& one) { return one.id == act.id; });
    if (same != out.acts.end())
      diagnostics.error(act.where, "acts[" + act.id + "]", "there is an act of this id already", "rename one; the other is at " + same->where.text());
    else
      out.acts.push_back(std::move(act));
  }
}

struct KeyCollector {
  std::vector<ActKey>& keys;
  template <class T>
  void field(std::string_view key, T&, std::string_view help) {
    keys.push_back({std::string(key), std::string(help)});
  }
};

}  // namespace

Catalogue read_catalogue(const std::vector<CatalogueFile>& files, const Vocabulary& words, base::Diagnostics& diagnostics) {
  Catalogue out;
  for (const CatalogueFile& file : files) read_file(file, words, diagnostics, out);
  return out;
}

std::vector<std::string> groups_of(const Catalogue& catalogue) {
  std::vector<std::string> out;
  for (const Act& act : catalogue.acts)
    if (std::find(out.begin(), out.end(), act.group()) == out.end()) out.push_back(act.group());
  return out;
}

std::vector<ActKey> act_keys() {
  std::vector<ActKey> keys;
  KeyCollector collector{keys};
  Act act;
  describe(collector, act);
  return keys;
}

}  // namespace harness
