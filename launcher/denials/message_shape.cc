#include "launcher/denials/message_shape.h"

#include <charconv>

namespace launcher {
namespace {

bool consume(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool consume_until(std::string_view& text, std::string_view end, std::string_view& skipped) {
  const std::size_t at = text.find(end);
  if (at == text.npos) return false;
  skipped = text.substr(0, at);
  text.remove_prefix(at + end.size());
  return true;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() < 10 && text.find_first_not_of("0123456789") == text.npos;
}

// Past "[26-Nov-2026 13:09:10] WARNING: [pool wiki] ", where FPM's own words begin.
bool consume_fpm_head(std::string_view& line) {
  std::string_view skipped;
  if (!consume(line, "[") || !consume_until(line, "] ", skipped)) return false;
  if (!consume(line, "WARNING: ") && !consume(line, "NOTICE: ") && !consume(line, "ERROR: ")) return false;
  return consume(line, "[pool ") && consume_until(line, "] ", skipped);
}

// What a worker wrote: past "child 2 said into stderr: ", without the quotes.
bool consume_saying(std::string_view& line, std::int64_t& pid) {
  std::string_view rest = line, number;
  if (!consume(rest, "child ") || !consume_until(rest, " said into stderr: ", number) || !is_number(number)) return false;
  std::from_chars(number.data(), number.data() + number.size(), pid);
  if (consume(rest, "\"") && rest.ends_with('"')) rest.remove_suffix(1);
  line = rest;
  return true;
}

// " in /srv/x.php on line 2" or " in /srv/x.php:2" at the end.
void take_place(Message& message) {
  const std::size_t at = message.text.rfind(" in ");
  if (at == message.text.npos) return;
  std::string_view place = message.text.substr(at + 4);
  std::size_t mark = place.rfind(" on line "), length = 9;
  if (mark == place.npos) mark = place.rfind(':'), length = 1;
  if (mark == place.npos || !is_number(place.substr(mark + length))) return;
  message.script = place.substr(0, mark) == "Unknown" ? std::string_view() : place.substr(0, mark);
  message.text = message.text.substr(0, at);
}

// Past "PHP Warning:  ". What an exception that nobody caught says keeps its class: "mysqli_sql_exception: ...".
bool take_php(Message& message, std::string_view body) {
  constexpr std::size_t kLongestLabel = 40;
  std::string_view label;
  if (!consume(body, "PHP ") || !consume_until(body, ":  ", label) || label.size() > kLongestLabel) return false;
  consume(body, "PHP Request Startup: ");
  consume(body, "Uncaught ");
  message.text = body;
  take_place(message);
  return true;
}

}  // namespace

std::optional<Message> read_message(std::string_view line) {
  Message message;
  std::string_view body = line;
  const bool is_fpms = consume_fpm_head(body);
  const bool is_said = is_fpms && consume_saying(body, message.pid);
  if (is_said) consume(body, "NOTICE: PHP message: ");
  if (is_said || !is_fpms) {
    if (take_php(message, body)) return message;
    if (!is_said) return std::nullopt;
    message.source = consume(body, "fpmbox: refused to start ") ? Message::Source::guard : Message::Source::fpm;
    message.text = body;
    return message;
  }
  message.source = Message::Source::fpm;
  message.text = body;
  return message;
}

std::optional<Captures> match(std::string_view shape, std::string_view text) {
  Captures captures;
  std::size_t count = 0, star = shape.find('*');
  if (star == shape.npos) return shape == text ? std::optional(captures) : std::nullopt;
  if (!consume(text, shape.substr(0, star))) return std::nullopt;
  shape.remove_prefix(star + 1);
  while ((star = shape.find('*')) != shape.npos) {
    std::string_view found;
    if (!consume_until(text, shape.substr(0, star), found)) return std::nullopt;
    if (count < captures.size()) captures[count++] = found;
    shape.remove_prefix(star + 1);
  }
  if (!text.ends_with(shape)) return std::nullopt;
  if (count < captures.size()) captures[count] = text.substr(0, text.size() - shape.size());
  return captures;
}

}  // namespace launcher
