#include "launcher/manual/completion.h"

#include <algorithm>

#include "profiles/base/text.h"

namespace manual {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string option_names(const CommandHelp& command) {
  std::vector<std::string> names;
  for (const OptionHelp& option : command.options)
    if (!option.is_positional) names.insert(names.end(), option.names.begin(), option.names.end());
  return base::join(names, " ");
}

// The arms of a `case`: what is typed so far -> what may follow.
std::string arm(const std::string& pattern, const std::string& body) { return "    " + pattern + ") " + body + " ;;\n"; }

std::string bash_act(const OptionHelp& option) {
  switch (completes(option)) {
    case Completes::words:
      return "_fpmbox_words " + quoted(base::join(option.choices, " "));
    case Completes::pools:
      return "_fpmbox_pools";
    case Completes::pools_and_files:
      return "_fpmbox_pools; _fpmbox_files -f";
    case Completes::files:
      return "_fpmbox_files -f";
    case Completes::folders:
      return "_fpmbox_files -d";
    case Completes::nothing:
      return ":";
  }
  return ":";
}

std::string bash_values(const CommandHelp& command, const std::string& name) {
  std::string arms;
  for (const OptionHelp& option : command.options) {
    if (option.is_positional || option.value.empty()) continue;
    std::vector<std::string> patterns;
    for (const std::string& word : option.names) patterns.push_back(quoted(name + " " + word));
    arms += arm(base::join(patterns, " | "), bash_act(option));
  }
  return arms;
}

constexpr const char* kBashHead = R"(# bash completion for fpmbox. Written by fpmbox itself: `fpmbox generate bash`.
_fpmbox_pools() {
  local folder name folders=(/etc/fpmbox/pools)
  [ "$EUID" = 0 ] || folders+=("${XDG_CONFIG_HOME:-$HOME/.config}/fpmbox/pools")
  [ -z "${FPMBOX_POOLS:-}" ] || folders=("$FPMBOX_POOLS")
  for folder in "${folders[@]}"; do
    for name in "$folder"/*.yaml; do
      name=${name##*/}
      name=${name%.yaml}
      # not by compgen -W, which would expand it
      if [[ $name == "$cur"* && $name =~ ^[A-Za-z0-9._-]+$ ]]; then COMPREPLY+=("$name"); fi
    done
  done
}
_fpmbox_words() { mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W "$1" -- "$cur"); }
_fpmbox_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen "$1" -- "$cur")
}
)";

constexpr const char* kBashMain = R"(_fpmbox() {
  local cur=${COMP_WORDS[COMP_CWORD]} command='' last='' word
  COMPREPLY=()
  [ "$cur" != = ] || cur=''
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [ "$word" = = ]; then
      continue
    elif [ -n "$last" ]; then
      last=''
    elif [ "$word" = -- ]; then
      return
    elif _fpmbox_takes_value "$command $word" || _fpmbox_takes_value " $word"; then
      last=$word
    elif _fpmbox_is_command "${command:+$command }$word"; then
      command="${command:+$command }$word"
    fi
  done
  if [ -n "$last" ]; then
    _fpmbox_value "$command $last" || _fpmbox_value " $last"
  elif [[ $cur == -* ]]; then
    _fpmbox_options
  else
    _fpmbox_next
  fi
}
complete -F _fpmbox fpmbox
)";

// Every first part of a command's name is a command too, and what may follow it.
std::vector<std::pair<std::string, std::vector<std::string>>> next_words(const CommandLine& line) {
  std::vector<std::pair<std::string, std::vector<std::string>>> out = {{"", {}}};
  const auto of = [&out](const std::string& before) -> std::vector<std::string>& {
    const auto found = std::find_if(out.begin(), out.end(), [&](const auto& row) { return row.first == before; });
    if (found != out.end()) return found->second;
    return out.emplace_back(before, std::vector<std::string>{}).second;
  };
  for (const CommandHelp& command : line.commands) {
    std::string before;
    for (const std::string& word : base::split(command.name, ' ')) {
      std::vector<std::string>& words = of(before);
      if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
      before += (before.empty() ? "" : " ") + word;
    }
    of(before);
  }
  return out;
}

// Commands that hold others: "image" and its words. Both other shells complete their files alone.
std::vector<std::pair<std::string, std::vector<std::string>>> groups_of(const CommandLine& line) {
  auto out = next_words(line);
  std::erase_if(out, [](const auto& row) { return row.first.empty() || row.second.empty(); });
  return out;
}

std::string bash_next(const CommandLine& line) {
  std::string arms;
  for (const auto& [before, words] : next_words(line)) {
    std::string body = words.empty() ? "" : "_fpmbox_words " + quoted(base::join(words, " ")) + "; ";
    for (const CommandHelp& command : line.commands)
      if (command.name == before)
        for (const OptionHelp& option : command.options)
          if (const std::string act = bash_act(option) + "; "; option.is_positional && body.find(act) == body.npos) body += act;
    if (body.empty()) body = ":; ";
    arms += arm(quoted(before), body.substr(0, body.size() - 2));
  }
  return arms;
}

std::string function(const std::string& name, const std::string& subject, const std::string& arms, const std::string& otherwise) {
  return name + "() {\n  case " + subject + " in\n" + arms + (otherwise.empty() ? "" : arm("*", otherwise)) + "  esac\n}\n";
}

// For zsh's and fish's descriptions.
std::string plain(const std::string& text, const std::string& forbidden) {
  std::string out;
  for (const char c : text) {
    if (forbidden.find(c) != forbidden.npos) out += '\\';
    if (c != '`') out += c;
  }
  return out;
}

std::string zsh_act(const OptionHelp& option) {
  switch (completes(option)) {
    case Completes::words:
      return "(" + base::join(option.choices, " ") + ")";
    case Completes::pools:
      return "_fpmbox_pools";
    case Completes::pools_and_files:
      return "_fpmbox_pools_and_files";
    case Completes::files:
      return "_files";
    case Completes::folders:
      return "_files -/";
    case Completes::nothing:
      return " ";
  }
  return " ";
}

std::string zsh_arguments(const CommandHelp& command) {
  std::string out;
  for (const OptionHelp& option : command.options) {
    if (option.is_positional) {
      out += " \\\n        " + quoted((option.is_repeated ? "*:" : ":") + option.names.front() + ":" + zsh_act(option));
      continue;
    }
    for (const std::string& name : option.names)
      out += " \\\n        " + quoted(name + "[" + plain(option.help, "[]\\") + "]" +
                                      (option.value.empty() ? "" : ":" + option.value + ":" + zsh_act(option)));
  }
  return out;
}

std::string fish_act(const OptionHelp& option) {
  switch (completes(option)) {
    case Completes::words:
      return " -f -a " + quoted(base::join(option.choices, " "));
    case Completes::pools:
      return " -f -a '(__fpmbox_pools)'";
    case Completes::pools_and_files:
      return " -F -a '(__fpmbox_pools)'";
    case Completes::files:
      return " -F";
    case Completes::folders:
      return " -f -a '(__fish_complete_directories)'";
    case Completes::nothing:
      return " -f";
  }
  return {};
}

std::string fish_options(const CommandHelp& command, const std::string& condition) {
  std::string out;
  for (const OptionHelp& option : command.options) {
    out += "complete -c fpmbox" + condition;
    if (option.is_positional) {
      out += fish_act(option) + "\n";
      continue;
    }
    for (const std::string& name : option.names)
      out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    if (!option.value.empty()) out += " -r" + fish_act(option);
    out += " -d " + quoted(plain(option.help, "")) + "\n";
  }
  return out;
}

}  // namespace

Completes completes(const OptionHelp& option) {
  constexpr struct {
    const char* word;
    Completes positional;
    Completes of_option;
  } kWords[] = {
      {"NAME", Completes::pools, Completes::nothing},
      {"FILE", Completes::pools_and_files, Completes::files},
      {"A", Completes::pools_and_files, Completes::nothing},
      {"B", Completes::pools_and_files, Completes::nothing},
      {"FOLDER", Completes::folders, Completes::folders},
      {"PATH", Completes::files, Completes::files},
      {"FRAGMENT", Completes::nothing, Completes::files},
      {"RECIPE", Completes::files, Completes::nothing},
      {"IMAGE", Completes::files, Completes::nothing},
      {"FROM", Completes::files, Completes::nothing},
      {"TO", Completes::files, Completes::nothing},
  };
  if (!option.choices.empty()) return Completes::words;
  const std::string& word = option.is_positional ? option.names.front() : option.value;
  for (const auto& row : kWords)
    if (word == row.word) return option.is_positional ? row.positional : row.of_option;
  return Completes::nothing;
}

std::string bash_completion(const CommandLine& line) {
  std::string values = bash_values(line.program, "");
  std::string options;
  std::vector<std::string> names;
  for (const CommandHelp& command : line.commands) {
    values += bash_values(command, command.name);
    options += arm(quoted(command.name), "_fpmbox_words " + quoted(option_names(command) + " " + option_names(line.program)));
  }
  for (const auto& [name, words] : next_words(line))
    if (!name.empty()) names.push_back(quoted(name));
  // Which options take a value is asked by the arms of their values.
  std::string asked = values;
  for (std::size_t at = 0; (at = asked.find(") ", at)) != asked.npos; ++at)
    asked.replace(at, asked.find(" ;;\n", at) - at, ") return 0");
  return kBashHead + function("_fpmbox_takes_value", "\"$1\"", asked, "return 1") +
         function("_fpmbox_value", "\"$1\"", values, "return 1") +
         function("_fpmbox_is_command", "\"$1\"", arm(base::join(names, " | "), "return 0"), "return 1") +
         function("_fpmbox_options", "\"$command\"", options, "_fpmbox_words " + quoted(option_names(line.program))) +
         function("_fpmbox_next", "\"$command\"", bash_next(line), "") + kBashMain;
}

std::string zsh_completion(const CommandLine& line) {
  std::string out =
      "#compdef fpmbox\n"
      "# Written by fpmbox itself: `fpmbox generate zsh`.\n"
      "_fpmbox_pools() {\n  local -a pools=(/etc/fpmbox/pools/*.yaml(N:t:r))\n"
      "  (( EUID )) && pools+=(${XDG_CONFIG_HOME:-$HOME/.config}/fpmbox/pools/*.yaml(N:t:r))\n  _describe pool pools\n}\n"
      "_fpmbox_pools_and_files() { _fpmbox_pools; _files }\n"
      "_fpmbox() {\n"
      "  local curcontext=\"$curcontext\" state line\n"
      "  _arguments -C" +
      zsh_arguments(line.program) +
      " \\\n        '1: :->command' '*:: :->rest' && return\n"
      "  case $state in\n"
      "    command)\n      local -a commands=(";
  for (const CommandHelp& command : line.commands)
    if (command.name.find(' ') == command.name.npos) out += "\n        " + quoted(command.name + ":" + plain(command.help, ":\\"));
  for (const auto& [group, words] : groups_of(line)) out += "\n        " + quoted(group);
  out += ")\n      _describe command commands ;;\n    rest)\n      case $words[1] in\n";
  for (const CommandHelp& command : line.commands)
    if (command.name.find(' ') == command.name.npos)
      out += "        " + command.name + ") _arguments" + zsh_arguments(command) + " ;;\n";
  for (const auto& [group, words] : groups_of(line))
    out += "        " + group + ") _arguments '1:COMMAND:(" + base::join(words, " ") + ")' '*:FILE:_files' ;;\n";
  return out + "      esac ;;\n  esac\n}\n_fpmbox \"$@\"\n";
}

std::string fish_completion(const CommandLine& line) {
  std::string out =
      "# fish completion for fpmbox. Written by fpmbox itself: `fpmbox generate fish`.\n"
      "function __fpmbox_pools\n  set -l own (set -q XDG_CONFIG_HOME; and echo $XDG_CONFIG_HOME; or echo ~/.config)\n"
      "  for file in /etc/fpmbox/pools/*.yaml $own/fpmbox/pools/*.yaml\n    string replace -r '.*/(.*)\\.yaml$' '$1' $file\n  end\nend\n"
      "complete -c fpmbox -f\n";
  out += fish_options(line.program, "");
  for (const CommandHelp& command : line.commands) {
    if (command.name.find(' ') != command.name.npos) continue;
    out += "complete -c fpmbox -n __fish_use_subcommand -a " + quoted(command.name) + " -d " + quoted(plain(command.help, "")) + "\n";
    out += fish_options(command, " -n " + quoted("__fish_seen_subcommand_from " + command.name));
  }
  for (const auto& [group, words] : groups_of(line))
    out += "complete -c fpmbox -n __fish_use_subcommand -a " + quoted(group) + "\ncomplete -c fpmbox -n " +
           quoted("__fish_seen_subcommand_from " + group) + " -F -a " + quoted(base::join(words, " ")) + "\n";
  return out;
}

}  // namespace manual
