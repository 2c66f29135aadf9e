#include "launcher/boxes/record.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "profiles/base/text.h"

namespace launcher {
namespace {

using nlohmann::ordered_json;

constexpr int kVersion = 1;
constexpr std::size_t kLongestText = 4096;
constexpr std::size_t kMostItems = 256;

// One description of the fields for both ways, as profiles/model has it: `describe(v, record)` calls v(name, member).
template <class Visitor, class Record>
void describe(Visitor& v, Record& record) {
  v("pool", record.pool);
  v("file", record.file);
  v("layers", record.layers);
  v("boot", record.boot);
  v("launcher", record.launcher);
  v("box", record.box);
  v("started", record.started);
  v("stop_timeout_ms", record.stop_timeout_ms);
  v("code", record.code);
  v("code_version", record.code_version);
  v("socket", record.socket);
  v("user", record.user);
  v("cgroups", record.cgroups);
  v("program", record.program);
  v("program_digest", record.program_digest);
  v("gaps", record.gaps);
  v.unless_empty("programs", record.programs);
  v.unless_empty("root", record.root);
  v.unless_false("recording", record.recording);
  v("unit", record.unit);
}

class Writer {
 public:
  ordered_json out = ordered_json::object();

  void operator()(const char* name, const std::string& value) { out[name] = value; }
  void operator()(const char* name, std::int64_t value) { out[name] = value; }
  void operator()(const char* name, std::uint64_t value) { out[name] = value; }
  void operator()(const char* name, const RecordedProcess& value) { out[name] = {{"pid", value.pid}, {"start", value.start}}; }
  void operator()(const char* name, const std::vector<std::string>& values) { out[name] = values; }
  void operator()(const char* name, const std::vector<RecordedLayer>& values) {
    out[name] = ordered_json::array();
    for (const RecordedLayer& layer : values) out[name].push_back({{"path", layer.path}, {"digest", layer.digest}});
  }
  // Boxes of an fpmbox that did not know the field stay readable, and theirs to it.
  void unless_empty(const char* name, const std::vector<RecordedProgram>& values) {
    for (const RecordedProgram& program : values) out[name].push_back({{"path", program.path}, {"state", program.state}});
  }
  void unless_empty(const char* name, const std::string& value) {
    if (!value.empty()) out[name] = value;
  }
  void unless_false(const char* name, bool value) {
    if (value) out[name] = true;
  }
};

// The first mistake is kept; after it nothing is read any more.
class Reader {
 public:
  explicit Reader(const ordered_json& in) : in_(in) {}

  void operator()(const char* name, std::string& value) { text(member(in_, name), name, value); }
  void operator()(const char* name, std::int64_t& value) {
    std::uint64_t number = 0;
    count(member(in_, name), name, std::numeric_limits<std::int64_t>::max(), number);
    value = static_cast<std::int64_t>(number);
  }
  void operator()(const char* name, std::uint64_t& value) { count(member(in_, name), name, std::numeric_limits<std::uint64_t>::max(), value); }
  void operator()(const char* name, RecordedProcess& value) {
    const ordered_json& object = of_size(member(in_, name), name, 2);
    std::uint64_t pid = 0;
    count(member(object, "pid"), name, std::numeric_limits<pid_t>::max(), pid);
    count(member(object, "start"), name, std::numeric_limits<std::uint64_t>::max(), value.start);
    value.pid = static_cast<pid_t>(pid);
    if (value.pid < 1) fail(name);  // 0 and below mean groups of processes
  }
  void operator()(const char* name, std::vector<std::string>& values) {
    for (const ordered_json& item : items(name)) text(item, name, values.emplace_back());
  }
  void operator()(const char* name, std::vector<RecordedLayer>& values) {
    for (const ordered_json& item : items(name)) {
      of_size(item, name, 2);
      RecordedLayer& layer = values.emplace_back();
      text(member(item, "path"), name, layer.path);
      text(member(item, "digest"), name, layer.digest);
    }
  }
  void unless_empty(const char* name, std::vector<RecordedProgram>& values) {
    if (!in_.contains(name)) return;
    for (const ordered_json& item : items(name)) {
      of_size(item, name, 2);
      RecordedProgram& program = values.emplace_back();
      text(member(item, "path"), name, program.path);
      text(member(item, "state"), name, program.state);
    }
  }

  void unless_empty(const char* name, std::string& value) {
    if (!in_.contains(name)) return;
    text(member(in_, name), name, value);
    if (value.empty()) fail(name);
  }
  void unless_false(const char* name, bool& value) {
    if (!in_.contains(name)) return;
    if (member(in_, name) != true) fail(name);
    value = true;
  }

  const std::string& mistake() const { return mistake_; }

 private:
  void fail(const char* name) {
    if (mistake_.empty()) mistake_ = name;
  }
  const ordered_json& member(const ordered_json& object, const char* name) {
    const auto at = object.is_object() ? object.find(name) : object.end();
    return object.is_object() && at != object.end() ? *at : nothing_;
  }
  const ordered_json& of_size(const ordered_json& object, const char* name, std::size_t size) {
    if (!object.is_object() || object.size() != size) fail(name);
    return object;
  }
  const ordered_json& items(const char* name) {
    const ordered_json& list = member(in_, name);
    if (list.is_array() && list.size() <= kMostItems) return list;
    fail(name);
    return no_items_;
  }
  void text(const ordered_json& value, const char* name, std::string& out) {
    const auto* found = value.get_ptr<const std::string*>();
    if (found == nullptr || found->size() > kLongestText || found->find('\0') != found->npos) return fail(name);
    out = *found;
  }
  void count(const ordered_json& value, const char* name, std::uint64_t most, std::uint64_t& out) {
    const auto* found = value.get_ptr<const std::uint64_t*>();
    if (found == nullptr || *found > most) return fail(name);
    out = *found;
  }

  const ordered_json& in_;
  const ordered_json nothing_;
  const ordered_json no_items_ = ordered_json::array();
  std::string mistake_;
};

// nlohmann keeps the last of two members with one name; a record has each once.
base::Result<ordered_json> parse(std::string_view text) {
  std::vector<std::set<std::string>> open;
  bool twice = false;
  const ordered_json::parser_callback_t look = [&](int, ordered_json::parse_event_t event, ordered_json& parsed) {
    if (event == ordered_json::parse_event_t::object_start) open.emplace_back();
    if (event == ordered_json::parse_event_t::object_end && !open.empty()) open.pop_back();
    if (event == ordered_json::parse_event_t::key && !open.empty())
      twice = !open.back().insert(parsed.get<std::string>()).second || twice;
    return true;
  };
  if (text.size() > kLongestRecord) return base::Error{"the record is too long", {}, 0, {}};
  ordered_json json = ordered_json::parse(text, look, false);
  if (json.is_discarded() || !json.is_object()) return base::Error{"the record is not JSON", {}, 0, {}};
  if (twice) return base::Error{"the record has a field twice", {}, 0, {}};
  return json;
}

}  // namespace

std::string write_record(const BoxRecord& record) {
  Writer writer;
  writer.out["version"] = kVersion;
  describe(writer, record);
  return writer.out.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

base::Result<BoxRecord> read_record(std::string_view text) {
  const ordered_json json = TRY(parse(text));
  const auto version = json.find("version");
  if (version == json.end() || *version != kVersion) return base::Error{"the record is of another version of fpmbox", {}, 0, {}};
  BoxRecord record;
  Reader reader(json);
  describe(reader, record);
  Writer known;
  describe(known, record);
  if (reader.mistake().empty() && json.size() == known.out.size() + 1) return record;
  return base::Error{reader.mistake().empty() ? "the record has a field that nobody knows" : "the record's `" + reader.mistake() + "` is not as it should be", {}, 0, {}};
}

}  // namespace launcher
