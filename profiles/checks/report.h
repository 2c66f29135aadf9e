// What checks share: where to point, and rules of spelling. Private to this folder.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "profiles/checks/checks.h"

namespace profiles {

// Where `key` was set; when it was not, the section it belongs to; when there is none either, the file as a whole.
base::Position place_of(const CheckInput& input, const std::string& key);
void error(const CheckInput& input, const std::string& key, std::string what, std::string fix);
// For a key that is not there: a line of a lower layer would not help, the pool's file is where it belongs.
void missing(const CheckInput& input, const std::string& key, std::string what, std::string fix);
void warning(const CheckInput& input, const std::string& key, std::string what, std::string fix);

// true when the pool's own file set `key`, on top of a profile that it extends.
bool set_by_pool(const CheckInput& input, const std::string& key);

// "did you mean `x`?", or `otherwise` when nothing is near.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates, std::string otherwise);

// true when `path` is `folder` or lies in it.
bool is_within(std::string_view path, std::string_view folder);

// Spellings.
constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kDigits = "0123456789";
// true when `text` is not empty and each of its characters is in one of `sets`.
bool consists_of(std::string_view text, std::initializer_list<std::string_view> sets);
// A letter or _, then letters, digits and _.
bool is_identifier(std::string_view text);

// Reports a value that would not stay in its line, or in its quotes, of a generated ini file.
void check_ini_value(const CheckInput& input, const std::string& key, const std::string& value);

}  // namespace profiles
