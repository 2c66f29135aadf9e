#include "launcher/denials/explain_paths.h"

#include <algorithm>
#include <optional>

#include "launcher/denials/explain_programs.h"
#include "launcher/denials/php_messages.h"
#include "profiles/base/text.h"

namespace launcher {
namespace {

using Kind = Denial::Kind;

std::optional<std::string> below(std::string_view path, std::string_view folder) {
  if (folder.empty() || folder == "/" || !path.starts_with(folder) || path.size() < folder.size() + 2 || path[folder.size()] != '/')
    return std::nullopt;
  return std::string(path.substr(folder.size() + 1));
}

// Under either of the code's two paths. Applications write __DIR__ . '/../var/cache'.
std::optional<std::string> below_code(std::string_view path, const DenialContext& context) {
  if (!path.starts_with('/')) return std::nullopt;
  const std::string plain = base::without_dots(path);
  auto relative = below(plain, context.policy.filesystem.code.text);
  return relative ? relative : below(plain, context.resolved_code);
}

std::string folder_of(const std::string& relative) {
  const std::size_t slash = relative.rfind('/');
  return slash == relative.npos ? "" : relative.substr(0, slash);
}

bool is_writable(const std::string& relative, const DenialContext& context) {
  const auto& writable = context.policy.filesystem.writable;
  return std::any_of(writable.begin(), writable.end(), [&](const profiles::Writable& one) {
    return relative == one.path.text || relative.starts_with(one.path.text + "/");
  });
}

std::string permit_to_write(const std::string& relative) { return "filesystem: {writable: [" + yaml_text(relative) + "]}"; }

// An update by the web is refused so, and a web shell that is being planted.
constexpr const char* kPlanted = "it is a script, and whoever may write there plants code: an application is updated from outside, by root";
bool is_script(std::string_view path) { return path.ends_with(".php") || path.ends_with(".phtml") || path.ends_with(".phar"); }

void explain_write(Denial& denial, std::string_view path, const DenialContext& context) {
  denial.kind = Kind::write;
  denial.act = "write " + std::string(path);
  denial.decided_by = decided_at(context, "filesystem.code");
  const auto relative = below_code(path, context);
  if (!path.starts_with('/')) {
    denial.note = "the path is relative, as a rule to the folder of the script that was asked for; filesystem: {writable: [PATH]} with its path below the code "
                  "would permit it";
    return;
  }
  if (!relative) {
    denial.decided_by = decided_at(context, "filesystem.writable") + ", which names paths of the code";
    denial.note = "no profile can permit it: a box writes below its code, in /tmp, and nowhere else";
    return;
  }
  if (is_writable(*relative, context)) {
    denial.decided_by = "the host";
    denial.note = "it is writable in the box; look whether the pool's user may write it on the host";
    return;
  }
  denial.path = *relative;
  denial.permit = permit_to_write(*relative);
  const std::string folder = folder_of(*relative);
  denial.note = folder.empty() ? "make it first, if it is not there" : "if it is not there yet, its folder: [" + yaml_text(folder) + "]";
  if (is_script(*relative)) denial.note += std::string("; ") + kPlanted;
}

// The folder that holds the name; the code's own top is never writable.
void explain_name(Denial& denial, std::string_view path, const DenialContext& context) {
  explain_write(denial, path, context);
  const std::string folder = folder_of(denial.path);
  if (denial.path.empty()) return;
  denial.path.clear();
  denial.permit = folder.empty() ? "" : permit_to_write(folder);
  denial.note = folder.empty() ? "no profile can permit it: the code's own folder is read-only" : "";
}

std::string_view function_of(std::string_view function) {
  const std::size_t space = function.rfind(' ');  // behind the class of an exception
  return space == function.npos ? function : function.substr(space + 1);
}

// fopen() and its like may have been asked to read: a code file that the pool's user may not read is no matter of a profile.
constexpr std::string_view kWriters[] = {"file_put_contents", "copy", "move_uploaded_file", "touch", "error_log", "imagepng",
                                         "imagejpeg", "imagegif", "imagewebp"};
constexpr std::string_view kEither[] = {"fopen", "SplFileObject::__construct", "gzopen"};

template <std::size_t N>
bool is_in(const std::string_view (&table)[N], std::string_view word) {
  return std::find(std::begin(table), std::end(table), word) != std::end(table);
}

constexpr std::string_view kPrograms[] = {"/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/local/bin/"};
// What the box has of its own: what is missing there was never put there.
constexpr std::string_view kOwn[] = {"/tmp/", "/dev/", "/proc/", "/var/lib/fpmbox/", "/etc/fpmbox/"};

template <std::size_t N>
bool is_below(const std::string_view (&folders)[N], std::string_view path) {
  return std::any_of(std::begin(folders), std::end(folders), [&](std::string_view folder) { return path.starts_with(folder); });
}

}  // namespace

namespace paths {

bool read_only(Denial& denial, const Captures& parts, const DenialContext& context) {
  explain_write(denial, parts[1], context);
  return true;
}

bool read_only_file(Denial& denial, const Captures& parts, const DenialContext& context) {
  explain_write(denial, parts[0], context);
  return true;
}

bool read_only_names(Denial& denial, const Captures& parts, const DenialContext& context) {
  explain_name(denial, parts[0], context);
  if (parts[1].empty()) {
    denial.act = "remove " + std::string(parts[0]);
    return true;
  }
  Denial other;
  explain_name(other, parts[1], context);
  denial.act = "rename " + std::string(parts[0]) + " to " + std::string(parts[1]);
  if (denial.permit.empty() || other.permit.empty()) {
    denial.note = denial.permit.empty() ? denial.note : other.note;
    denial.permit.clear();
  } else if (other.permit != denial.permit) {
    denial.permit += "\n" + other.permit;
  }
  return true;
}

bool read_only_somewhere(Denial& denial, const Captures& parts, const DenialContext& context) {
  denial.kind = Kind::write;
  denial.act = std::string(parts[0]) + "() on a read-only path";
  denial.decided_by = decided_at(context, "filesystem.code");
  denial.note = "the message names no path; filesystem: {writable: [FOLDER]} would permit it, below the code";
  return true;
}

bool database(Denial& denial, const Captures&, const DenialContext& context) {
  denial.kind = Kind::write;
  denial.act = "write a file of SQLite";
  denial.decided_by = decided_at(context, "filesystem.code");
  denial.note = "the message names no path; filesystem: {writable: [FOLDER]} with the file's folder would permit it";
  return true;
}

bool not_permitted(Denial& denial, const Captures& parts, const DenialContext& context) {
  const std::string_view function = function_of(parts[0]);
  const bool may_read = is_in(kEither, function);
  const auto relative = below_code(parts[1], context);
  if (!relative || is_writable(*relative, context) || !(may_read || is_in(kWriters, function))) return false;
  explain_write(denial, parts[1], context);
  if (may_read) denial.note = "if it was to be written";
  return true;
}

bool absent(Denial& denial, const Captures& parts, const DenialContext& context) {
  if (!parts[1].starts_with('/')) return false;
  const std::string path = base::without_dots(parts[1]);
  if (path == "/" || is_below(kOwn, path)) return false;
  if (below_code(path, context) || path == context.policy.filesystem.code.text) return false;
  denial.kind = Kind::absent;
  denial.act = "open " + std::string(path);
  denial.decided_by = decided_at(context, "filesystem.system") + ", which does not name it";
  if (is_below(kPrograms, path))
    permit_program(denial, path, context), denial.note = "if the host has it; scripts can start it, too, then";
  else if (is_in(kWriters, function_of(parts[0])))
    denial.note = "no profile can permit it: a box writes below its code, in /tmp, and nowhere else";
  else
    denial.permit = "filesystem: {system: [{path: " + yaml_text(path) + ", why: \"...\"}]}", denial.note = "if the host has it";
  return true;
}

bool open_basedir(Denial& denial, const Captures& parts, const DenialContext& context) {
  denial.kind = Kind::absent;
  denial.act = "open " + std::string(parts[1]);
  denial.decided_by = decided_at(context, "php.open_basedir");
  if (context.policy.php.open_basedir) {
    denial.permit = "php: {open_basedir: false}";
    denial.note = "the box's own view stays: filesystem.system says what else is in it";
  }
  return true;
}

}  // namespace paths

void settle_write(Denial& denial, bool exists) {
  const std::string folder = folder_of(denial.path);
  if (denial.path.empty() || denial.permit.empty()) return;
  denial.permit = permit_to_write(exists || folder.empty() ? denial.path : folder);
  denial.note = exists || !folder.empty() ? "" : "make it first";
  if (is_script(denial.path)) denial.note += std::string(denial.note.empty() ? "" : "; ") + kPlanted;
}

}  // namespace launcher
