#!/usr/bin/env python3
"""The manual pages and completions that fpmbox writes of itself, held against `fpmbox --help` and real programs.

  tests/manual/run.py --fpmbox build/fpmbox --texts build/texts
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "sandbox"))
import report  # noqa: E402

NOBODY = 65534
OPTION = re.compile(r"(?<![\w-])(-\w|--[a-z][a-z-]*)(?=[\s,=]|$)", re.M)


def output(*command, **options):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180, **options)


def help_of(fpmbox, command=()):
    return output(fpmbox, *command, "--help").stdout


def commands_in(text):
    """Of a help text: the lines below its headings that are not options."""
    body = text.split("Options:", 1)[-1]
    return re.findall(r"^  ([a-z][a-z-]*)(?:\s{2,}|$)", body, re.M)


def all_commands(fpmbox, above=()):
    found = []
    for name in commands_in(help_of(fpmbox, above)):
        found.append((*above, name))
        found += all_commands(fpmbox, found[-1])
    return found


def options_in(text):
    body = text[text.find("Options:"):] if "Options:" in text else ""
    return sorted({name for line in body.splitlines() if line.startswith("  -") for name in OPTION.findall(line[:32])})


def rendered(page):
    done = output("groff", "-man", "-Tascii", "-P-cbou", "-rLL=200n", page)
    return done.stdout.replace("\b", "")


def section_of(page, command):
    """What the page says below `fpmbox COMMAND`."""
    match = re.search(rf"^   fpmbox {' '.join(command)}\n(.*?)(?=^   \S|^\S)", page, re.M | re.S)
    return match[1] if match else ""


def page_is_complete(fpmbox, texts):
    """fpmbox(8) has every command and option that --help shows"""
    page = rendered(f"{texts}/fpmbox.8")
    commands = all_commands(fpmbox)
    mistakes = [] if len(commands) >= 4 else [f"--help shows only {commands}"]
    for command in commands:
        if commands_in(help_of(fpmbox, command)):
            continue  # holds others
        said = section_of(page, command)
        mistakes += [] if said else [f"no section on `{' '.join(command)}`"]
        mistakes += [f"{' '.join(command)}: {name} is missing" for name in options_in(help_of(fpmbox, command))
                     if name not in ("-h", "--help") and name not in said]
    mistakes += [f"{name} is missing" for name in options_in(help_of(fpmbox)) if name not in page]
    return mistakes


def pages_are_clean(fpmbox, texts):
    """groff has no warning for either page, and has for a broken one"""
    def warnings(page):
        return output("groff", "-man", "-ww", "-Tutf8", "-z", page).stderr.splitlines()
    with tempfile.NamedTemporaryFile("w", suffix=".8") as broken:
        broken.write(".TH X 8\n.NOSUCH macro\n")
        broken.flush()
        control = [] if warnings(broken.name) else ["groff does not warn of a macro that is none"]
    return control + [line for page in ("fpmbox.8", "fpmbox-pool.5") for line in warnings(f"{texts}/{page}")]


def whatis_line(fpmbox, texts):
    """apropos and whatis can read the pages' first line"""
    mistakes = []
    for page, wanted in (("fpmbox.8", "fpmbox - "), ("fpmbox-pool.5", "fpmbox-pool - ")):
        said = output("lexgrog", f"{texts}/{page}").stdout
        mistakes += [] if f'"{wanted}' in said else [f"{page}: {said.strip()}"]
    return mistakes


BASH = r'''
. "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
_fpmbox
printf '%s\n' "${COMPREPLY[@]}"
'''


def bash_completes(fpmbox, texts):
    """bash completes commands, options, names of pools and folders"""
    with tempfile.TemporaryDirectory() as scratch:
        for name in ("pools/wiki.yaml", "pools/shop.yaml", "pools/notes.txt", "pools/$(touch started).yaml", "pools/two words.yaml", "folder/file",
                     "home/fpmbox/pools/mine.yaml"):
            os.makedirs(os.path.dirname(f"{scratch}/{name}"), exist_ok=True)
            open(f"{scratch}/{name}", "w").close()

        shutil.copy(f"{texts}/fpmbox.bash", scratch)
        os.chmod(scratch, 0o755)  # of an ordinary user, who has pools of its own

        def complete(*words, pools=f"{scratch}/pools"):
            done = output("bash", "--norc", "-c", BASH, "bash", f"{scratch}/fpmbox.bash", "fpmbox", *words, cwd=scratch,
                          env={**os.environ, "FPMBOX_POOLS": pools, "XDG_CONFIG_HOME": f"{scratch}/home"},
                          **({"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}))
            return sorted(done.stdout.split()) + done.stderr.splitlines()
        rows = [
            (("pl",), ["plan"]), (("run", "wi"), ["wiki"]), (("run", "--encl"), ["--enclosed"]),
            (("check", "--no"), ["--no-host"]), (("--cat",), ["--catalog"]), (("--catalog", "fol"), ["folder"]),
            (("--catalog", "folder", "sh"), ["show"]), (("plan", "--json", "s"), ["shop"]), (("check", "wiki", "sh"), ["shop"]),
            (("run", "fold"), ["folder"]), (("gen",), []), (("run", "zz"), []), (("logs", ""), ["shop", "wiki"]),
            (("--catalog", "=", "fol"), ["folder"]), (("--catalog", "="), ["folder", "home", "pools"]), (("--catalog", "=", "folder", "sh"), ["show"]),
            (("build", "--lock", "wi"), []), (("build", "fol"), ["folder"]), (("diff", "wiki", "sh"), ["shop"]), (("init", "--name", "wi"), []),
            (("image", "in"), ["inspect"]), (("image", "inspect", "fol"), ["folder"]),
        ]
        mistakes = [] if complete("logs", "mi", pools="") == ["mine"] else ["the caller's own pools are not completed"]
        os.chmod(scratch, 0o777)
        complete("logs", "$")
        mistakes += ["a file's name was started"] if os.path.exists(f"{scratch}/started") else []
        return mistakes + [f"{' '.join(words)!r} gives {complete(*words)}, wanted {wanted}" for words, wanted in rows if complete(*words) != wanted]


def shells_can_read(report_, texts):
    for shell, file in (("bash", "fpmbox.bash"), ("zsh", "_fpmbox"), ("fish", "fpmbox.fish")):
        name = f"{shell} can read its completion"
        if not shutil.which(shell):
            report_.skip(name, f"{shell} is not installed")
            continue
        done = output(shell, "-n", f"{texts}/{file}")
        report_.check(name, done.stderr.splitlines() + ([] if done.returncode == 0 else [f"exit code {done.returncode}"]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fpmbox", required=True)
    parser.add_argument("--texts", required=True)
    given = parser.parse_args()
    given.texts = os.path.abspath(given.texts)
    result = report.Report()
    for test in (page_is_complete, pages_are_clean, whatis_line, bash_completes):
        result.check(test.__doc__, test(given.fpmbox, given.texts))
    shells_can_read(result, given.texts)
    return result.close()


sys.exit(main())
