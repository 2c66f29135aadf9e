#include "launcher/denials/explain_limits.h"

#include <charconv>
#include <optional>
#include <string>

namespace launcher {
namespace {

using Kind = Denial::Kind;

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string in_mebibytes(std::uint64_t bytes) { return std::to_string((bytes + (1 << 20) - 1) >> 20); }

std::string admin_value(std::string_view key, const std::string& value) {
  return "php: {admin_values: {" + std::string(key) + ": " + value + "}}";
}

// Size or number of files: which of them is full only the box knows.
bool explain_full(Denial& denial, std::string act, const DenialContext& context) {
  const auto& tmp = context.policy.filesystem.tmp;
  denial.kind = Kind::limit;
  denial.act = std::move(act);
  denial.decided_by = decided_at(context, "filesystem.tmp");
  denial.permit = "filesystem: {tmp: {size: " + in_mebibytes(tmp.size.count * 2) + "MiB, inodes: " + std::to_string(tmp.inodes * 2) + "}}";
  return true;
}

}  // namespace

namespace limits {

bool memory_exhausted(Denial& denial, const Captures& parts, const DenialContext& context) {
  const auto bytes = number_of(parts[0]);
  if (!bytes || *bytes > (std::uint64_t{1} << 50)) return false;
  denial.kind = Kind::limit;
  denial.act = "more memory than " + in_mebibytes(*bytes) + " MiB";
  denial.decided_by = decided_at(context, "php.admin_values", "memory_limit");
  denial.permit = admin_value("memory_limit", in_mebibytes(*bytes * 2) + "M");
  denial.note = "limits.memory.max is for all workers together";
  return true;
}

bool time_exceeded(Denial& denial, const Captures& parts, const DenialContext& context) {
  const auto seconds = number_of(parts[0]);
  if (!seconds || *seconds > 1000000) return false;
  const bool is_set = context.policy.php.admin_values.contains("max_execution_time");
  denial.kind = Kind::limit;
  denial.act = "to run longer than " + std::to_string(*seconds) + " s";
  denial.decided_by = is_set ? decided_at(context, "php.admin_values", "max_execution_time") : "PHP's max_execution_time";
  denial.permit = admin_value("max_execution_time", "\"" + std::to_string(*seconds * 2) + "\"");
  return true;
}

bool post_too_large(Denial& denial, const Captures& parts, const DenialContext& context) {
  const auto sent = number_of(parts[0]);
  if (!sent || *sent > (std::uint64_t{1} << 50)) return false;
  denial.kind = Kind::limit;
  denial.act = "a request of " + std::to_string(*sent) + " bytes";
  denial.decided_by = decided_at(context, "php.admin_values", "post_max_size");
  denial.permit = admin_value("post_max_size", in_mebibytes(*sent) + "M");
  return true;
}

bool no_space(Denial& denial, const Captures& parts, const DenialContext& context) {
  explain_full(denial, std::string(parts[0]) + "(): no space left", context);
  denial.note = "if it is /tmp that is full; the message does not say";
  return true;
}

bool no_space_for_file(Denial& denial, const Captures& parts, const DenialContext& context) {
  const std::string_view path = parts[1].empty() ? parts[0] : parts[1];
  return path.starts_with("/tmp/") && explain_full(denial, "create " + std::string(path) + ": no space left", context);
}

bool no_upload(Denial& denial, const Captures&, const DenialContext& context) {
  return explain_full(denial, "a file for an upload in /tmp", context);
}

bool no_worker_left(Denial& denial, const Captures& parts, const DenialContext& context) {
  const auto workers = number_of(parts[0]);
  if (!workers || *workers == 0 || *workers > 100000) return false;
  const bool is_set = context.policy.php.pm.max_children.has_value();
  denial.kind = Kind::limit;
  denial.act = "more than " + std::to_string(*workers) + (*workers == 1 ? " request at once" : " requests at once");
  denial.decided_by = decided_at(context, is_set ? "php.pm.max_children" : "limits.memory.max");
  denial.permit = "php: {pm: {max_children: " + std::to_string(*workers * 2) + "}}";
  if (!is_set) denial.note = "it was computed from limits.memory.max and php.pm.worker_memory; look whether there is memory for so many";
  return true;
}

// FPM says the request's address too, which is not looked at.
bool request_too_long(Denial& denial, const Captures& parts, const DenialContext& context) {
  const auto pid = number_of(parts[0]);
  const std::uint64_t seconds = context.policy.php.pm.request_timeout.milliseconds / 1000;
  denial.kind = Kind::limit;
  denial.pid = pid && *pid < 1000000000 ? static_cast<std::int64_t>(*pid) : 0;
  denial.script = parts[1];
  denial.act = "a request longer than " + std::to_string(seconds) + " s";
  denial.decided_by = decided_at(context, "php.pm.request_timeout");
  denial.permit = "php: {pm: {request_timeout: " + std::to_string(seconds * 2) + "s}}";
  return true;
}

}  // namespace limits

}  // namespace launcher
