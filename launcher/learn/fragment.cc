#include "launcher/learn/fragment.h"

#include <algorithm>

#include "launcher/learn/connections.h"
#include "profiles/base/text.h"
#include "profiles/kernel/syscall_names.h"
#include "profiles/load/encode.h"

namespace launcher {
namespace {

constexpr std::size_t kLongestComment = 200;
constexpr std::size_t kMostRemarks = 30;

std::string yaml(const std::string& text) { return profiles::scalar_text(profiles::text_scalar(text)); }

// Cut before it is escaped: half a character is then escaped, too. What some readers of YAML take for the end of a line does
// not end a comment.
std::string shortened(const std::string& text) {
  std::string safe = base::escape_control(text.substr(0, kLongestComment));
  for (const std::string_view line_end : {"\xe2\x80\xa8", "\xe2\x80\xa9"})
    for (auto at = safe.find(line_end); at != safe.npos; at = safe.find(line_end)) safe.replace(at, line_end.size(), "\\u2028");
  return text.size() <= kLongestComment ? safe : safe + "...";
}

// A profile holds no control characters and is UTF-8; names of files need not be.
bool fits_in_profile(const std::string& text) { return base::escape_control(text) == text; }

std::string by(const std::string& script) { return script.empty() ? "by php-fpm itself" : "first by " + script; }

// Sections of the language, each a heading that is written with its first line.
class Sections {
 public:
  void line(const std::string& heading, const std::string& line, const std::string& comment) {
    if (heading != heading_) text_ += "\n" + heading + "\n";
    heading_ = heading;
    text_ += line + (comment.empty() ? "" : "  # " + shortened(comment)) + "\n";
  }
  void comment(const std::string& indent, const std::string& text) { text_ += indent + "# " + shortened(text) + "\n"; }
  const std::string& text() const { return text_; }

 private:
  std::string heading_;
  std::string text_;
};

constexpr const char* kOutside =
    "Written outside the code, which no profile can grant: let the application's own settings lead into its code or to /tmp.";
constexpr const char* kUnwritable = "Paths that no profile can hold, for control characters, bytes that are no UTF-8, or dots.";
constexpr const char* kInRoot = "Entries of the code's own folder were changed, which is never granted: what is written there is executed.";
constexpr const char* kUngranted = "Connections that no profile can grant.";
constexpr const char* kGone = "Sockets that were tried and are not there.";
constexpr const char* kTcp =
    "TCP: whether this version can carry it out of a box, `fpmbox plan` says; network: {mode: host} always can, and is a gap.";
constexpr const char* kPrograms =
    "Programs that scripts wanted to start. Not granted: what was recorded is how they go on without. To grant one, take the `# ` away\n"
    "# before `programs:` and before its line, and let php.disable_functions remove the function that starts it; a shell or another\n"
    "# interpreter is the most that one can give.\n"
    "# programs:";
constexpr const char* kUnknownPrograms = "Programs that were started by their name alone: programs: wants the path.";
constexpr const char* kOptional = "Extensions that the scripts only ask for; add them for what they bring.";
constexpr const char* kDangerous = "DANGEROUS calls were made, and refused: the base names them as what only attacks make. Not granted.";
constexpr const char* kArguments = "Calls with arguments that the profile forbids, refused: see syscalls.arguments.";
constexpr const char* kByFpm = "Calls of php-fpm itself, which the profile does not allow either: it runs without them.";
constexpr const char* kNotInView = "Read, on this host, and not in the box's view: filesystem.system shows more, with a reason.";

constexpr const char* kFull = "THE RECORD WAS FULL, and this is not all that was used. Record again, a part of the application at a time.";

// What matters most is read first.
constexpr const char* kOrder[] = {kFull, kDangerous, kPrograms, kUnknownPrograms, kOutside, kUnwritable, kInRoot, kGone,
                                  kUngranted, kTcp, kOptional, kNotInView, kArguments, kByFpm};

// What is said at the end.
class Remarks {
 public:
  void add(const std::string& title, const std::string& text) { groups_[title].push_back(text); }
  std::string text() {
    std::string out;
    for (const char* title : kOrder)
      if (const auto group = groups_.extract(title)) out += text_of(group.key(), group.mapped());
    for (const auto& [title, lines] : groups_) out += text_of(title, lines);
    return out;
  }

 private:
  static std::string text_of(const std::string& title, const std::vector<std::string>& lines) {
    std::string out = "\n# " + title + "\n";
    for (std::size_t i = 0; i < std::min(lines.size(), kMostRemarks); ++i) out += "#   " + shortened(lines[i]) + "\n";
    if (lines.size() > kMostRemarks) out += "#   and " + std::to_string(lines.size() - kMostRemarks) + " more\n";
    return out;
  }

  std::map<std::string, std::vector<std::string>> groups_;
};

void write_writable(const FragmentInput& input, Sections& out, Remarks& remarks) {
  for (const WritableLine& line : input.writes.lines) {
    if (!fits_in_profile(line.path)) {
      remarks.add(kUnwritable, line.path + " (" + by(line.script) + ")");
      continue;
    }
    out.line("filesystem:\n  writable:", "    - " + yaml(line.path), by(line.script) + ": " + line.because);
    for (const std::string& warning : line.warnings) out.comment("      ", warning);
  }
  for (const WritableLine& line : input.writes.outside) remarks.add(kOutside, line.because + " (" + by(line.script) + ")");
  for (const WritableLine& line : input.writes.in_root) remarks.add(kInRoot, line.because + " (" + by(line.script) + ")");
}

// What a recording box shows of sockets by itself (recording_plan.cc).
const char* view_of(const std::string& path) {
  if (path.starts_with("/run/") || path.starts_with("/var/run/")) return "";
  return "; NOT in the recording box's view: record again with this line";
}

void write_connections(const FragmentInput& input, Sections& out, Remarks& remarks) {
  for (const WantedConnection& wanted : wanted_connections(input.record.connections, input.policy)) {
    const std::string who = by(wanted.script);
    switch (wanted.kind) {
      case WantedConnection::Kind::unix_socket:
        if (!fits_in_profile(wanted.text) || !base::is_normal_absolute(wanted.text))
          remarks.add(kUnwritable, wanted.text + " (" + who + ")");
        else if (input.is_socket(wanted.text))
          out.line("connect:", "  - unix: " + yaml(wanted.text), who + view_of(wanted.text));
        else
          remarks.add(kGone, wanted.text + " (" + who + ")");
        break;
      case WantedConnection::Kind::tcp:
        out.line("connect:", "  - {tcp: " + yaml(wanted.text) + ", why: " + yaml("recorded, " + shortened(who)) + "}", wanted.detail);
        if (input.policy.network.mode == profiles::NetworkMode::none) remarks.add(kTcp, wanted.text);
        break;
      case WantedConnection::Kind::other: remarks.add(kUngranted, wanted.detail + " " + wanted.text + " (" + who + ")"); break;
    }
  }
}

const char* other_way(const std::string& program) {
  return program.ends_with("/sendmail") ? "  # mail: names a server for PHP's mail()" : "";
}

// A line of YAML; "" where no profile can hold it, or none that is read at a glance.
std::string program_line(const std::string& path, const std::string& script) {
  if (!fits_in_profile(path) || !base::is_normal_absolute(path)) return {};
  const std::string line = "- {path: " + yaml(path) + ", why: " + yaml("recorded, " + shortened(by(script))) + "}";
  return line.size() <= kLongestComment ? line : "";
}

void write_programs(const FragmentInput& input, Remarks& remarks) {
  const auto& granted = input.policy.programs;
  for (const auto& seen : input.record.programs.all()) {
    if (std::any_of(granted.begin(), granted.end(), [&](const auto& program) { return program.path.text == seen.thing; })) continue;
    const std::string line = program_line(seen.thing, seen.script), way = other_way(seen.thing);
    if (line.empty())
      remarks.add(kUnknownPrograms, seen.thing + " (" + by(seen.script) + ")" + way);
    else
      remarks.add(kPrograms, line + way);
  }
}

std::string place_of(const ExtensionUse& use) { return use.example + " at " + use.script + ":" + std::to_string(use.line); }

const char* doubt(const ExtensionUse& use) {
  return use.how == ExtensionUse::How::perhaps ? "; the scripts ask whether it is there, and may do without" : "";
}

void write_extensions(const FragmentInput& input, Sections& out, Remarks& remarks) {
  for (const ExtensionUse& use : input.extensions) {
    if (use.how != ExtensionUse::How::asked_for)
      out.line("php:\n  extensions:", "    - " + yaml(use.name), "referred to, " + place_of(use) + doubt(use));
    else
      remarks.add(kOptional, use.name + ": " + place_of(use));
  }
  if (!input.extensions_obstacle.empty())
    remarks.add("Which extensions are used is not known: " + shortened(input.extensions_obstacle),
                "run it again, or see the log for what PHP misses");
}

std::string decided_by(const FragmentInput& input, const std::string& call) {
  const profiles::Origin origin = input.origins.find("syscalls.report[" + call + "]");
  const std::string where = origin.where.text();
  return where.empty() ? "" : "; " + where + (origin.through.empty() ? "" : " (" + origin.through + ")");
}

void write_calls(const FragmentInput& input, Sections& out, Remarks& remarks) {
  std::vector<std::string> granted;
  for (const auto& [name, called] : input.record.calls) {
    const std::string who = " (" + by(called.script) + ")";
    switch (called.refusal) {
      case Refusal::dangerous: remarks.add(kDangerous, name + who + decided_by(input, name)); break;
      case Refusal::argument: remarks.add(kArguments, called.detail + who); break;
      case Refusal::none:
        if (called.script.empty())
          remarks.add(kByFpm, name);
        else
          granted.push_back(name);
        break;
    }
  }
  for (const NamedCalls& item : name_calls(granted, input.groups, input.policy.syscalls)) {
    const std::string who = by(input.record.calls.at(item.calls.front()).script);
    out.line("syscalls:\n  allow:", "    - {name: " + yaml(item.name) + ", why: " + yaml("recorded, " + shortened(who)) + "}",
             item.calls.size() == 1 && item.name == item.calls.front() ? "" : base::join(item.calls, " "));
  }
}

// The C library looks for these settings of its own and has defaults for them.
constexpr std::string_view kOfTheLibrary[] = {"/etc/host.conf", "/etc/gai.conf", "/etc/services", "/etc/protocols"};

void remark_absent(const FragmentInput& input, Remarks& remarks) {
  const auto is_library = [](const std::string& path) {
    return std::find(std::begin(kOfTheLibrary), std::end(kOfTheLibrary), path) != std::end(kOfTheLibrary);
  };
  for (const auto& seen : input.record.absent.all())
    if (!is_library(seen.thing) && input.exists(seen.thing)) remarks.add(kNotInView, seen.thing + " (" + by(seen.script) + ")");
}

void remark_losses(const FragmentInput& input, Remarks& remarks) {
  if (const std::uint64_t lost = input.record.untold(); lost != 0) remarks.add(kFull, std::to_string(lost) + " more times something was seen and is not in it");
}

std::string head(const FragmentInput& input) {
  const Record& record = input.record;
  return "# Recorded by fpmbox learn for pool " + input.policy.name + " in " + input.took + ": " + std::to_string(record.requests) +
         " requests of " + std::to_string(record.requested.all().size()) + " scripts.\n"
         "# It shows what was used while it ran, and nothing of what nobody asked for. Scripts are named as the pool named them.\n"
         "# Read each line; then let the pool's file extend this one in place of " + input.extends + ".\n"
         "extends: " + yaml(input.extends) + "\n";
}

// How many of a group's calls this architecture has, and whether one is refused on purpose.
bool fits(const std::vector<std::string>& group, const std::vector<std::string>& called, const profiles::Syscalls& policy) {
  std::size_t native = 0, seen = 0;
  const auto is_in = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (const std::string& name : group) {
    if (is_in(policy.report, name) || is_in(policy.absent, name)) return false;
    native += profiles::syscall_number(name).has_value();
    seen += is_in(called, name);
  }
  return seen >= 2 && 2 * seen >= native;
}

}  // namespace

std::vector<NamedCalls> name_calls(const std::vector<std::string>& calls, const CallGroups& groups, const profiles::Syscalls& policy) {
  std::vector<NamedCalls> out;
  std::vector<std::string> left = calls;
  for (const auto& entry : groups) {
    const auto& group = entry.second;
    if (!fits(group, left, policy)) continue;
    NamedCalls item{entry.first, {}};
    std::erase_if(left, [&](const std::string& call) {
      if (std::find(group.begin(), group.end(), call) == group.end()) return false;
      item.calls.push_back(call);
      return true;
    });
    out.push_back(std::move(item));
  }
  for (const std::string& call : left) out.push_back({call, {call}});
  return out;
}

std::string write_fragment(const FragmentInput& input) {
  Sections sections;
  Remarks remarks;
  write_writable(input, sections, remarks);
  write_connections(input, sections, remarks);
  write_programs(input, remarks);
  write_extensions(input, sections, remarks);
  write_calls(input, sections, remarks);
  remark_absent(input, remarks);
  remark_losses(input, remarks);
  const std::string nothing = sections.text().empty() ? "\n# Nothing was seen that the pool's profile does not grant already.\n" : "";
  return head(input) + sections.text() + nothing + remarks.text();
}

}  // namespace launcher
