#include "launcher/enforce/filter_cache.h"

#include <seccomp.h>

#include <cstring>

namespace launcher {
namespace {

std::string number(std::uint64_t value) { return std::to_string(value) + " "; }

std::string argument_text(const FilterRule::Argument& argument) {
  std::string text = "[" + number(argument.index) + number(argument.none_of) + number(argument.not_together) + number(argument.pointer);
  for (const std::uint64_t value : argument.one_of) text += number(value);
  return text + "]";
}

std::string library() {
  const struct scmp_version* const version = seccomp_version();
  return "libseccomp " + number(version->major) + number(version->minor) + number(version->micro);
}

std::vector<sock_filter> program_of(const std::string& bytes) {
  std::vector<sock_filter> program(bytes.size() / sizeof(sock_filter));
  std::memcpy(program.data(), bytes.data(), program.size() * sizeof(sock_filter));
  return program;
}

std::string bytes_of(const std::vector<sock_filter>& program) {
  return {reinterpret_cast<const char*>(program.data()), program.size() * sizeof(sock_filter)};
}

}  // namespace

std::string filter_text(const FilterPlan& plan) {
  std::string text = number(static_cast<std::uint64_t>(plan.program_fd)) + number(static_cast<std::uint64_t>(plan.exec_gate)) +
                     number(plan.report) + number(plan.records) + "\n";
  for (const FilterRule& rule : plan.rules) {  // their names are what libseccomp calls their numbers
    text += number(static_cast<std::uint64_t>(rule.number)) + number(static_cast<std::uint64_t>(rule.action));
    for (const FilterRule::Argument& argument : rule.arguments) text += argument_text(argument);
    text += "\n";
  }
  return text;
}

base::Result<std::vector<sock_filter>> cached_filter(const FilterPlan& plan, const sys::Cache& cache) {
  const std::string self = sys::own_identity();
  const std::string key = "filter\n" + self + "\n" + library() + "\n" + filter_text(plan);
  if (self.empty()) return compile_filter(plan);
  if (const auto known = cache.find(key); known && !known->empty() && known->size() % sizeof(sock_filter) == 0)
    return program_of(*known);
  std::vector<sock_filter> program = TRY(compile_filter(plan));
  cache.keep(key, bytes_of(program));
  return program;
}

}  // namespace launcher
