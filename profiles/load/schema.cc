// json_schema(): for editors, which then complete keys, show help and underline mistakes. It accepts what the reader
// accepts, but cannot say all that the reader refuses.

#include "profiles/base/json.h"
#include "profiles/load/compose.h"
#include "profiles/load/kinds.h"

namespace profiles {

namespace {

using base::Json;  // keys in the order of describe()

Json text_of(std::string_view pattern) { return {{"type", "string"}, {"pattern", pattern}}; }

template <class T>
Json schema_of();

struct Properties {
  Json properties = Json::object();

  template <class T>
  void field(std::string_view key, T&, std::string_view help) {
    add(key, schema_of<T>(), help);
  }
  template <class T>
  void title(std::string_view key, T& value, std::string_view help) {
    field(key, value, help);
  }
  void words(std::string_view key, std::vector<std::string>&, std::string_view help) {
    add(key, {{"type", "array"}, {"items", schema_of<std::string>()}}, help);
  }
  void add(std::string_view key, Json schema, std::string_view help) {
    schema["description"] = help;
    properties[std::string(key)] = std::move(schema);
  }
};

template <ScalarValue T>
Json scalar_schema() {
  if constexpr (std::is_same_v<T, std::string>)
    return {{"type", {"string", "number", "boolean"}}};  // 0 is the text "0"
  if constexpr (std::is_same_v<T, base::Bytes>) return text_of("^(0|[1-9][0-9]*)(B|KiB|MiB|GiB|TiB)$");
  if constexpr (std::is_same_v<T, base::Duration>) return text_of("^(0|[1-9][0-9]*)(ms|s|m|h|d)$");
  if constexpr (std::is_same_v<T, base::Percent>) return text_of("^(0|[1-9][0-9]*)%$");
  if constexpr (std::is_same_v<T, bool>) return {{"type", "boolean"}};
  if constexpr (std::is_same_v<T, std::uint32_t>)
    return {{"type", "integer"}, {"minimum", 0}, {"maximum", 4294967295u}};
  if constexpr (std::is_same_v<T, HostPath>) return text_of("^/");
  if constexpr (std::is_same_v<T, TreePath>) return text_of("^[^/]");
  if constexpr (std::is_same_v<T, Version>) return text_of("^[0-9]+\\.[0-9]+$");
  if constexpr (std::is_same_v<T, Mode>) return text_of("^0[0-7]{3}$");
  if constexpr (std::is_enum_v<T>) {
    Json words = Json::array();
    for (const auto& [enumerator, spelling] : names(T{})) words.push_back(spelling);
    return {{"enum", std::move(words)}};
  }
}

template <DescribedStruct T>
Json object_schema() {
  Properties visitor;
  T facet{};
  describe(visitor, facet);
  return {{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(visitor.properties)}};
}

template <class T>
Json item_schema() {
  if constexpr (DescribedStruct<T>) {
    Json object = object_schema<T>();
    const std::string title(title_of<T>());
    if (title.empty()) return object;
    object["required"] = {title};
    return {{"anyOf", {std::move(object), object_schema<T>()["properties"][title]}}};
  } else {
    return schema_of<T>();
  }
}

Json list_schema(Json item) {
  // An item may be a list of items; one level is what profiles use.
  Json nested{{"type", "array"}, {"items", item}};
  Json sequence{{"type", "array"}, {"items", {{"anyOf", {std::move(item), std::move(nested)}}}}};
  Json removed{{"type", "array"}, {"items", {{"type", "string"}}}};
  Json change{{"type", "object"},
              {"additionalProperties", false},
              {"properties", {{"add", sequence}, {"remove", std::move(removed)}, {"set", sequence}}}};
  return {{"anyOf", {std::move(sequence), std::move(change)}}};
}

// Of a value that may also be ~.
Json nullable(Json schema) { return {{"anyOf", {std::move(schema), {{"type", "null"}}}}}; }

template <class T>
struct SchemaOf {
  static Json get() {
    if constexpr (ScalarValue<T>)
      return scalar_schema<T>();
    else
      return object_schema<T>();
  }
};
template <class T>
struct SchemaOf<std::optional<T>> {
  static Json get() { return nullable(schema_of<T>()); }
};
template <class T>
struct SchemaOf<std::vector<T>> {
  static Json get() { return list_schema(item_schema<T>()); }
};
template <class T>
struct SchemaOf<std::map<std::string, T>> {
  static Json get() { return {{"type", "object"}, {"additionalProperties", nullable(schema_of<T>())}}; }
};

template <class T>
Json schema_of() {
  return SchemaOf<T>::get();
}

}  // namespace

std::string json_schema() {
  Json schema = object_schema<Policy>();
  Json properties{{"extends",
                   {{"type", "string"},
                    {"description", "A profile of the catalog, or, with a slash, a path relative to this file."}}}};
  properties.update(schema["properties"]);
  schema["properties"] = std::move(properties);
  Json head{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "fpmbox profile"}};
  head.update(schema);
  return head.dump(2) + "\n";
}

}  // namespace profiles
