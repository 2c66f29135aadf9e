// Diagnostics: every mistake of an author in one go, each with its place and what to write instead.
#pragma once

#include <string>
#include <vector>

namespace base {

// A place in an authored file. Lines and columns count from 1; line 0 means "the file as a whole".
struct Position {
  std::string file;
  int line = 0;
  int column = 0;
  friend bool operator==(const Position&, const Position&) = default;
  friend auto operator<=>(const Position&, const Position&) = default;
  std::string text() const;  // "pool.yaml:3:7", "pool.yaml", or "" when unknown
};

enum class Severity { error, warning };

struct Diagnostic {
  Severity severity = Severity::error;
  Position where;
  std::string key;   // "limits.memory.max"; empty when it concerns no key
  std::string what;  // what is wrong
  std::string fix;   // what to write or do instead; may be empty
  std::string text() const;  // "pool.yaml:3:7: limits.memory.max: 12 is not a size; write 12MiB"
  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

class Diagnostics {
 public:
  void error(Position where, std::string key, std::string what, std::string fix = {});
  void warning(Position where, std::string key, std::string what, std::string fix = {});
  bool has_errors() const;
  const std::vector<Diagnostic>& all() const { return all_; }
  void sort();  // by file, line, column, so that reports read like the files

 private:
  std::vector<Diagnostic> all_;
};

}  // namespace base
