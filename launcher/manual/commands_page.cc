#include <algorithm>

#include "launcher/manual/pages.h"
#include "launcher/manual/roff.h"
#include "profiles/base/text.h"

namespace manual {
namespace {

struct Place {
  const char* path;
  const char* text;
};

constexpr Place kFiles[] = {
    {"/etc/fpmbox/pools/NAME.yaml", "A pool; see fpmbox-pool(5)."},
    {"/run/fpmbox/NAME/live.sock", "Where the web server connects, unless the pool file names another place."},
    {"/run/fpmbox/.programs", "Copies of php-fpm that no process of a box can read."},
    {"/var/lib/fpmbox/NAME", "What a pool keeps: its sessions."},
};

constexpr Place kSignals[] = {
    {"SIGTERM, SIGQUIT, SIGINT, SIGHUP",
     "Let running requests finish, then end. A second one, or the pool's stop_timeout, kills the box."},
    {"SIGUSR1", "Reopens PHP-FPM's logs."},
    {"SIGKILL", "Kills the launcher; its janitor then kills the box and removes what it left."},
};

constexpr const char* kDescription[] = {
    "gives every PHP-FPM pool a box of its own: its own Unix user, its own view of the file system with read-only code, "
    "its own processes, no network but what its pool file names, a filter on system calls, and no program to start.",
};

std::string in_brackets(const std::string& text, bool is_required) {
  return is_required ? text : "[" + text + "]";
}

std::string term(const OptionHelp& option) {
  if (option.is_positional) return italic(option.names.front()) + (option.is_repeated ? "..." : "");
  std::vector<std::string> names;
  for (const std::string& name : option.names) names.push_back(bold(name));
  return base::join(names, ", ") + (option.value.empty() ? "" : " " + italic(option.value));
}

std::string synopsis(const CommandHelp& command) {
  std::string line = bold("fpmbox " + command.name);
  for (const OptionHelp& option : command.options) {
    if (option.is_positional) continue;
    line += " " + in_brackets(bold(option.names.back()) + (option.value.empty() ? "" : " " + italic(option.value)), option.is_required);
  }
  for (const OptionHelp& option : command.options)
    if (option.is_positional) line += " " + in_brackets(term(option), option.is_required);
  if (command.takes_command) line += " " + bold("--") + " " + italic("COMMAND") + "...";
  return line;
}

std::string sentence(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text + (text.ends_with('.') ? "" : ".");
}

void options_of(const CommandHelp& command, Roff& page) {
  for (const OptionHelp& option : command.options) {
    std::string help = option.help;
    if (!option.choices.empty()) help += (help.empty() ? "One of " : "; one of ") + base::join(option.choices, ", ");
    page.item(term(option), sentence(help));
  }
}

void commands_of(const CommandLine& line, Roff& page) {
  std::vector<std::string> groups;
  for (const CommandHelp& command : line.commands)
    if (std::find(groups.begin(), groups.end(), command.group) == groups.end()) groups.push_back(command.group);
  for (const std::string& group : groups) {
    page.section("COMMANDS: " + group);
    for (const CommandHelp& command : line.commands) {
      if (command.group != group) continue;
      page.subsection("fpmbox " + command.name);
      page.lines(synopsis(command) + "\n");
      page.paragraph(sentence(command.help));
      options_of(command, page);
      if (!command.footer.empty()) page.paragraph(command.footer);
    }
  }
}

}  // namespace

std::string commands_page(const CommandLine& line, const std::vector<ExitStatus>& codes, const std::vector<Variable>& variables) {
  Roff page("FPMBOX", "8", "System administration");
  page.section("NAME");
  page.lines("fpmbox \\- every PHP\\-FPM pool in a box of its own\n");
  page.section("SYNOPSIS");
  page.lines(bold("fpmbox") + " [" + bold("--catalog") + " " + italic("FOLDER") + "] " + italic("COMMAND") + " [" +
             italic("OPTION") + "...] [" + italic("FILE") + "...]\n");
  page.section("DESCRIPTION");
  for (const char* text : kDescription) page.lines(bold("fpmbox") + " " + roff_text(text) + "\n");
  page.paragraph(
      "Where a command takes a FILE, the name of a pool will do: `wiki` stands for /etc/fpmbox/pools/wiki.yaml. On a "
      "machine that systemd runs, `systemctl enable --now fpmbox@wiki` starts the pool now and at every boot.");
  page.section("OPTIONS");
  page.paragraph("They may stand before the command or behind it.");
  options_of(line.program, page);
  commands_of(line, page);
  page.section("EXIT STATUS");
  for (const ExitStatus& code : codes) page.item(bold(code.code), code.meaning);
  page.section("ENVIRONMENT");
  page.paragraph("Of a container whose entrypoint `fpmbox run` is; elsewhere they are not looked at:");
  for (const Variable& variable : variables) page.item(bold(variable.name), variable.meaning);
  page.section("SIGNALS");
  page.paragraph("To `fpmbox run`:");
  for (const Place& signal : kSignals) page.item(bold(signal.path), signal.text);
  page.section("FILES");
  for (const Place& file : kFiles) page.item(italic(file.path), file.text);
  page.section("SEE ALSO");
  page.lines(bold("fpmbox-pool") + "(5), " + bold("systemd.unit") + "(5), " + bold("namespaces") + "(7), " +
             bold("landlock") + "(7), " + bold("seccomp") + "(2)\n");
  return page.take();
}

}  // namespace manual
