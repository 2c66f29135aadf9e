#include "profiles/load/composed_bytes.h"

#include <algorithm>
#include <type_traits>

#include "profiles/load/bytes.h"
#include "profiles/load/kinds.h"

namespace profiles {

namespace {

// A visitor of describe(): every field in its order, whether it was written or not. The few files that lower rules name are
// written once, and counted from 0.
class Encoder {
 public:
  template <class T>
  void field(std::string_view, T& value, std::string_view) {
    put(value);
  }
  template <class T>
  void title(std::string_view, T& value, std::string_view) {
    put(value);
  }
  void words(std::string_view, std::vector<std::string>& value, std::string_view) { put(value); }

  void put(const std::string& value) { out.text(value); }
  void put(const HostPath& value) { out.text(value.text); }
  void put(const TreePath& value) { out.text(value.text); }
  void put(const Version& value) { out.text(value.text); }
  void put(const Mode& value) { out.number(value.bits); }
  void put(const base::Bytes& value) { out.large(value.count); }
  void put(const base::Duration& value) { out.large(value.milliseconds); }
  void put(const base::Percent& value) { out.number(value.value); }
  void put(bool value) { out.number(value ? 1 : 0); }
  void put(std::uint32_t value) { out.number(value); }
  template <class E>
  requires std::is_enum_v<E> void put(E value) { out.number(static_cast<std::uint32_t>(value)); }
  template <DescribedStruct T>
  void put(const T& value) {
    describe(*this, const_cast<T&>(value));  // describe() serves readers too; this visitor changes nothing
  }
  template <class T>
  void put(const std::optional<T>& value) {
    out.number(value ? 1 : 0);
    if (value) put(*value);
  }
  template <class T>
  void put(const std::vector<T>& list) {
    out.number(static_cast<std::uint32_t>(list.size()));
    for (const T& item : list) put(item);
  }
  template <class T, class Less>
  void put(const std::map<std::string, T, Less>& map) {
    out.number(static_cast<std::uint32_t>(map.size()));
    for (const auto& [key, value] : map) {
      put(key);
      put(value);
    }
  }
  void put(const Origin& origin) {
    out.number(number_of(origin.where.file));
    out.number(static_cast<std::uint32_t>(origin.where.line));
    out.number(static_cast<std::uint32_t>(origin.where.column));
    put(origin.through);
  }
  void put(const AddedCall& call) {
    put(call.below);
    put(call.absent);
  }
  void put(const LowerRule& lower) {
    put(lower.rule);
    put(lower.origin);
  }

  ByteWriter out;
  std::vector<std::string> files;

 private:
  std::uint32_t number_of(const std::string& file) {
    const auto at = std::find(files.begin(), files.end(), file);
    const auto number = static_cast<std::uint32_t>(at - files.begin());
    if (at == files.end()) files.push_back(file);
    return number;
  }
};

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : in(bytes) {}

  template <class T>
  void field(std::string_view, T& value, std::string_view) {
    take(value);
  }
  template <class T>
  void title(std::string_view, T& value, std::string_view) {
    take(value);
  }
  void words(std::string_view, std::vector<std::string>& value, std::string_view) { take(value); }

  void take(std::string& value) { value = in.text(); }
  void take(HostPath& value) { value.text = in.text(); }
  void take(TreePath& value) { value.text = in.text(); }
  void take(Version& value) { value.text = in.text(); }
  void take(Mode& value) { value.bits = in.number(); }
  void take(base::Bytes& value) { value.count = in.large(); }
  void take(base::Duration& value) { value.milliseconds = in.large(); }
  void take(base::Percent& value) { value.value = in.number(); }
  void take(bool& value) { value = yes_or_no(); }
  void take(std::uint32_t& value) { value = in.number(); }
  template <class E>
  requires std::is_enum_v<E> void take(E& value) {
    value = static_cast<E>(in.number());
    const auto known = names(E{});
    if (std::none_of(known.begin(), known.end(), [&](const auto& one) { return one.first == value; })) in.fail();
  }
  template <DescribedStruct T>
  void take(T& value) {
    describe(*this, value);
  }
  template <class T>
  void take(std::optional<T>& value) {
    if (yes_or_no()) take(value.emplace());
  }
  template <class T>
  void take(std::vector<T>& list) {
    list.resize(in.count(kSmallest));
    for (T& item : list) take(item);
  }
  template <class T, class Less>
  void take(std::map<std::string, T, Less>& map) {
    for (std::size_t left = in.count(kSmallest); left > 0; --left) {
      std::string key = in.text();
      if (!map.empty() && !(map.rbegin()->first < key)) in.fail();
      if (in.failed()) return;
      take(map.emplace_hint(map.end(), std::move(key), T{})->second);
    }
  }
  void take(Origin& origin) {
    const std::uint32_t file = in.number();
    if (file >= files.size()) in.fail();
    if (!in.failed()) origin.where.file = files[file];
    origin.where.line = static_cast<int>(in.number());
    origin.where.column = static_cast<int>(in.number());
    take(origin.through);
  }
  void take(AddedCall& call) {
    take(call.below);
    take(call.absent);
  }
  void take(LowerRule& lower) {
    take(lower.rule);
    take(lower.origin);
  }

  ByteReader in;
  std::vector<std::string> files;

 private:
  static constexpr std::size_t kSmallest = sizeof(std::uint32_t);

  bool yes_or_no() {
    const std::uint32_t value = in.number();
    if (value > 1) in.fail();
    return value == 1;
  }
};

}  // namespace

std::string encode_composed(const Composed& composed) {
  Encoder body;
  body.put(composed.policy);
  body.put(pack_origins(composed.origins.all()));
  body.put(composed.layers);
  body.put(composed.overridden_reports);
  body.put(composed.added_calls);
  body.put(composed.changed_rules);
  body.put(composed.removed_rules);
  Encoder head;
  head.put(body.files);
  return std::move(head.out.bytes) + body.out.bytes;
}

std::optional<Composed> decode_composed(std::string_view bytes) {
  Decoder decoder(bytes);
  Composed composed;
  decoder.take(decoder.files);
  decoder.take(composed.policy);
  auto origins = PackedOrigins::of(decoder.in.text());
  decoder.take(composed.layers);
  decoder.take(composed.overridden_reports);
  decoder.take(composed.added_calls);
  decoder.take(composed.changed_rules);
  decoder.take(composed.removed_rules);
  if (!decoder.in.at_end() || !origins) return std::nullopt;
  composed.origins = Origins(std::move(*origins));
  return composed;
}

}  // namespace profiles
