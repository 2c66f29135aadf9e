#include "launcher/denials/denial.h"

#include <algorithm>

#include "launcher/boxes/log_format.h"
#include "profiles/base/json.h"
#include "profiles/base/text.h"

namespace launcher {
namespace {

using base::Json;

constexpr struct {
  Denial::Kind kind;
  std::string_view name;
} kKinds[] = {
    {Denial::Kind::system_call, "system call"}, {Denial::Kind::write, "write"},         {Denial::Kind::absent, "absent"},
    {Denial::Kind::connect, "connect"},         {Denial::Kind::extension, "extension"}, {Denial::Kind::function, "function"},
    {Denial::Kind::limit, "limit"},             {Denial::Kind::start, "start"},
};

std::string cut(std::string text) {
  if (text.size() > kLongestDenialText) text = text.substr(0, kLongestDenialText) + "...";
  return text;
}

// A permit has a key a line.
std::string on_one_line(const std::string& permit) {
  std::string out;
  for (const char c : permit) out += c == '\n' ? std::string(" and ") : std::string(1, c);
  return out;
}

// One description of the fields for both ways.
template <class Visitor, class Value>
void describe(Visitor& v, Value& denial) {
  v("pool", denial.pool);
  v("generation", denial.generation);
  v("pid", denial.pid);
  v("kind", denial.kind);
  v("act", denial.act);
  v("script", denial.script);
  v("decided_by", denial.decided_by);
  v("path", denial.path);
  v("permit", denial.permit);
  v("note", denial.note);
  v("count", denial.count);
}

struct Writer {
  Json& out;
  template <class Value>
  void operator()(const char* name, const Value& value) {
    out[name] = value;
  }
  void operator()(const char* name, const Denial::Kind& kind) { out[name] = name_of(kind); }
};

// The first mistake is kept.
struct Reader {
  const Json& in;
  std::string mistake;

  // null, which is no value of any field, when it is absent
  Json member(const char* name) const {
    const Json* found = in.find(name);
    return found == nullptr ? Json() : *found;
  }
  template <class Value>
  void take(const char* name, const std::optional<Value>& found, Value& value) {
    if (found)
      value = *found;
    else if (mistake.empty())
      mistake = name;
  }
  void operator()(const char* name, std::string& value) {
    const Json found = member(name);
    const std::string* text = found.text();
    take(name, text != nullptr && text->size() <= 8 * kLongestDenialText ? std::optional(*text) : std::nullopt, value);
  }
  void operator()(const char* name, std::int64_t& value) { take(name, member(name).signed_number(), value); }
  void operator()(const char* name, std::uint64_t& value) { take(name, member(name).number(), value); }
  void operator()(const char* name, Denial::Kind& kind) {
    std::string text;
    (*this)(name, text);
    const auto* row = std::find_if(std::begin(kKinds), std::end(kKinds), [&](const auto& one) { return one.name == text; });
    if (row != std::end(kKinds))
      kind = row->kind;
    else if (mistake.empty())
      mistake = name;
  }
};

}  // namespace

std::string_view name_of(Denial::Kind kind) {
  for (const auto& row : kKinds)
    if (row.kind == kind) return row.name;
  return "";
}

// From the mark to the end of the word: what stands behind a URL stays readable.
std::string without_query(std::string_view text) {
  std::string out;
  for (;;) {
    const std::size_t mark = text.find('?');
    out += text.substr(0, mark);
    if (mark == text.npos) return out;
    text.remove_prefix(mark);
    const std::size_t end = std::min(text.find_first_of(" )\"'`,;"), text.size());
    out += "?...";
    text.remove_prefix(end);
  }
}

Denial bounded(Denial denial) {
  if (denial.permit.find('?') != std::string::npos || denial.path.find('?') != std::string::npos) {
    denial.permit.clear();
    denial.path.clear();
    denial.note = "what stands behind a question mark is not kept, so that no line can be made of it";
  }
  for (std::string* text : {&denial.act, &denial.script}) *text = base::escape_control(cut(without_query(*text)));
  for (std::string* text : {&denial.decided_by, &denial.path, &denial.note, &denial.pool}) *text = base::escape_control(cut(*text));
  std::string permit;
  for (const std::string& line : base::split(cut(denial.permit), '\n')) permit += (permit.empty() ? "" : "\n") + base::escape_control(line);
  denial.permit = permit;
  return denial;
}

std::string denial_line(const Denial& denial) {
  std::string text = denial.pool + ": denied: " + denial.act;
  if (!denial.script.empty()) text += " in " + denial.script + " (as the pool claims)";
  if (denial.pid > 0) text += " (pid " + std::to_string(denial.pid) + ")";
  if (!denial.decided_by.empty()) text += "; decided by " + denial.decided_by;
  if (!denial.permit.empty()) text += "; to permit it add " + on_one_line(denial.permit);
  if (!denial.note.empty()) text += "; " + denial.note;
  return text;
}

std::string more_times_line(const Denial& denial) {
  return denial.pool + ": denied: " + denial.act + " " + std::to_string(denial.count) + " more times";
}

std::string write_denial(const Denial& denial) {
  Json out = Json::object();
  out["time"] = time_text(denial.time);
  out["time_us"] = std::chrono::duration_cast<std::chrono::microseconds>(denial.time.time_since_epoch()).count();
  Writer writer{out};
  describe(writer, denial);
  return out.dump();
}

base::Result<Denial> read_denial(std::string_view json) {
  const auto parsed = Json::parse(json);
  if (!parsed || !parsed.value().is_object()) return base::Error{"not a denial", {}, 0, {}};
  Denial denial;
  std::int64_t microseconds = 0;
  Reader reader{parsed.value(), {}};
  reader("time_us", microseconds);
  denial.time = std::chrono::system_clock::time_point(std::chrono::microseconds(microseconds));
  describe(reader, denial);
  if (!reader.mistake.empty()) return base::Error{"not a denial: `" + reader.mistake + "` is missing or wrong", {}, 0, {}};
  return denial;
}

}  // namespace launcher
