#include "launcher/boxes/record.h"

#include <limits>

#include "profiles/base/json.h"
#include "profiles/base/text.h"

namespace launcher {
namespace {

using base::Json;

constexpr unsigned kVersion = 1;
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
  v.unless_empty("image", record.image);
  v.unless_empty("image_state", record.image_state);
  v.unless_false("recording", record.recording);
  v("unit", record.unit);
}

class Writer {
 public:
  Json out = Json::object();

  void operator()(const char* name, const std::string& value) { out[name] = value; }
  void operator()(const char* name, std::int64_t value) { out[name] = value; }
  void operator()(const char* name, std::uint64_t value) { out[name] = value; }
  void operator()(const char* name, const RecordedProcess& value) { out[name] = {{"pid", value.pid}, {"start", value.start}}; }
  void operator()(const char* name, const std::vector<std::string>& values) { out[name] = values; }
  void operator()(const char* name, const std::vector<RecordedLayer>& values) {
    out[name] = Json::array();
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
  explicit Reader(const Json& in) : in_(in) {}

  void operator()(const char* name, std::string& value) { text(member(in_, name), name, value); }
  void operator()(const char* name, std::int64_t& value) {
    std::uint64_t number = 0;
    count(member(in_, name), name, std::numeric_limits<std::int64_t>::max(), number);
    value = static_cast<std::int64_t>(number);
  }
  void operator()(const char* name, std::uint64_t& value) { count(member(in_, name), name, std::numeric_limits<std::uint64_t>::max(), value); }
  void operator()(const char* name, RecordedProcess& value) {
    const Json& object = of_size(member(in_, name), name, 2);
    std::uint64_t pid = 0;
    count(member(object, "pid"), name, std::numeric_limits<pid_t>::max(), pid);
    count(member(object, "start"), name, std::numeric_limits<std::uint64_t>::max(), value.start);
    value.pid = static_cast<pid_t>(pid);
    if (value.pid < 1) fail(name);  // 0 and below mean groups of processes
  }
  void operator()(const char* name, std::vector<std::string>& values) {
    for (const Json& item : items(name).items()) text(item, name, values.emplace_back());
  }
  void operator()(const char* name, std::vector<RecordedLayer>& values) {
    for (const Json& item : items(name).items()) {
      of_size(item, name, 2);
      RecordedLayer& layer = values.emplace_back();
      text(member(item, "path"), name, layer.path);
      text(member(item, "digest"), name, layer.digest);
    }
  }
  void unless_empty(const char* name, std::vector<RecordedProgram>& values) {
    if (in_.find(name) == nullptr) return;
    for (const Json& item : items(name).items()) {
      of_size(item, name, 2);
      RecordedProgram& program = values.emplace_back();
      text(member(item, "path"), name, program.path);
      text(member(item, "state"), name, program.state);
    }
  }

  void unless_empty(const char* name, std::string& value) {
    if (in_.find(name) == nullptr) return;
    text(member(in_, name), name, value);
    if (value.empty()) fail(name);
  }
  void unless_false(const char* name, bool& value) {
    if (in_.find(name) == nullptr) return;
    if (member(in_, name).boolean() != true) fail(name);
    value = true;
  }

  const std::string& mistake() const { return mistake_; }

 private:
  void fail(const char* name) {
    if (mistake_.empty()) mistake_ = name;
  }
  const Json& member(const Json& object, const char* name) {
    const Json* found = object.find(name);
    return found == nullptr ? nothing_ : *found;
  }
  const Json& of_size(const Json& object, const char* name, std::size_t size) {
    if (!object.is_object() || object.size() != size) fail(name);
    return object;
  }
  const Json& items(const char* name) {
    const Json& list = member(in_, name);
    if (list.is_array() && list.size() <= kMostItems) return list;
    fail(name);
    return no_items_;
  }
  void text(const Json& value, const char* name, std::string& out) {
    const auto* found = value.text();
    if (found == nullptr || found->size() > kLongestText || found->find('\0') != found->npos) return fail(name);
    out = *found;
  }
  void count(const Json& value, const char* name, std::uint64_t most, std::uint64_t& out) {
    const auto found = value.number();
    if (!found || *found > most) return fail(name);
    out = *found;
  }

  const Json& in_;
  const Json nothing_;
  const Json no_items_ = Json::array();
  std::string mistake_;
};

base::Result<Json> parse(std::string_view text) {
  if (text.size() > kLongestRecord) return base::Error{"the record is too long", {}, 0, {}};
  bool twice = false;
  auto json = Json::parse(text, &twice);
  if (!json || !json.value().is_object()) return base::Error{"the record is not JSON", {}, 0, {}};
  if (twice) return base::Error{"the record has a field twice", {}, 0, {}};
  return json;
}

}  // namespace

std::string write_record(const BoxRecord& record) {
  Writer writer;
  writer.out["version"] = kVersion;
  describe(writer, record);
  return writer.out.dump(1) + "\n";
}

base::Result<BoxRecord> read_record(std::string_view text) {
  const Json json = TRY(parse(text));
  const Json* version = json.find("version");
  if (version == nullptr || version->number() != kVersion) return base::Error{"the record is of another version of fpmbox", {}, 0, {}};
  BoxRecord record;
  Reader reader(json);
  describe(reader, record);
  Writer known;
  describe(known, record);
  if (reader.mistake().empty() && json.size() == known.out.size() + 1) return record;
  return base::Error{reader.mistake().empty() ? "the record has a field that nobody knows" : "the record's `" + reader.mistake() + "` is not as it should be", {}, 0, {}};
}

}  // namespace launcher
