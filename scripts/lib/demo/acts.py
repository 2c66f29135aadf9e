"""What somebody does who has taken over Alice's site: the same PHP, on stock Debian and in a box."""

import contextlib
import dataclasses
import json
import os
import pathlib
import re
import secrets
import socket
import threading

from demo import sites
from demo.terminal import DemoError, say, table
from demo.undo import wait_until

# How PHP was told no, and which layer of the box that is the work of. Only what follows from the message: a path that
# exists on the host and not for PHP is the mount view, EROFS is the read-only code, and so on.
LAYERS = (
    ("Read-only file system", "code: mounted read-only"),
    ("Call to undefined function", "php: disable_functions"),
    ("Connection refused", "namespaces: a loopback of its own, where nobody listens"),
    ("Network is unreachable", "namespaces: a network of its own"),
    # PHP names the errno of connect(); where there is none, socket() was refused before
    ("(Unknown error)", "syscalls: no socket() but for Unix sockets"),
    ("Failed to open stream: No such file or directory", "root: its view of the file system has no such path"),
    ("Failed to open stream: Permission denied", "identity: belongs to another user"),
    ("Operation not permitted", "syscalls: EPERM"),
)


@dataclasses.dataclass
class Target:
    """One side: where its sites answer, and what an attacker would be after."""
    port: int
    host: str
    alice: pathlib.Path
    bob: pathlib.Path
    password: str
    alice_user: str
    bob_user: str
    log: pathlib.Path | None = None  # the launcher's, where there is one


@dataclasses.dataclass
class Outcome:
    done: bool
    text: str


@dataclasses.dataclass
class Report:
    seen: str
    told: list
    shell_visible: bool


def ask(target, act, **more):
    query = "&".join(f"{name}={value}" for name, value in {"act": act, **more}.items())
    page = sites.fetch(target.port, target.host, f"/act.php?{query}")
    try:
        return Report(**json.loads(page.text))
    except (ValueError, TypeError):
        raise DemoError(f"the act '{act}' on {target.host} gave no report", f"status {page.status}: {page.text[:300]!r}") from None


def refused(report, path=None):
    """The layer that follows from what PHP was told, and PHP's own words."""
    for line in report.told:
        for message, layer in LAYERS:
            if message in line:
                if layer.startswith("root:") and path and not os.path.lexists(path):
                    layer = "layer not known, the path does not exist on the host either"
                return Outcome(False, f"{layer} ({reason(line)})")
    return Outcome(False, f"layer not known ({report.told[0] if report.told else 'PHP was told nothing'})")


def reason(message):
    """PHP's message without its function and path."""
    return re.sub(r"^.*?(Failed to open stream|Unable to connect to [^ ]*)[^A-Z]* |^\w+\(\): ", "", message).strip("() ")


def neighbour(target, _):
    report = ask(target, "neighbour")
    if report.seen == target.password:
        return Outcome(True, f"password: {report.seen}")
    return refused(report, target.bob / "config.php")


def shell(target, _):
    report = ask(target, "shell")
    page = sites.fetch(target.port, target.host, "/shell.php?c=id")
    if report.seen == "written" and page.text.startswith("shell:uid="):
        return Outcome(True, "written; asked for, it runs commands: " + page.text[6:].split()[0])
    if page.status == 200:
        return Outcome(True, f"the shell answers: {page.text[:60]!r}")
    if report.seen == "written":
        return Outcome(True, "written, but does not run")
    return refused(report)


def run(target, _):
    report = ask(target, "run")
    if report.seen:
        return Outcome(True, report.seen)
    if report.told and "Unable to execute" in report.told[0]:
        return Outcome(False, f"{why_not_executed(target, report)} ({reason(report.told[0])})")
    return refused(report)


def why_not_executed(target, report):
    """PHP does not say why a program did not start. The filter answers before the path is looked at, and is reported."""
    if target.log and wait_until(lambda: "denied: execve" in target.log.read_text(errors="replace"), 2):
        return "exec: execve() refused, as the launcher's log says"
    return "layer not known" if report.shell_visible else "root: there is no /bin/sh in its view"


def users(target, _):
    report = ask(target, "users")
    names = report.seen.split()
    others = [name for name in names if name not in (target.alice_user, "root", "nobody")]
    if others:
        return Outcome(True, f"{len(names)} users, among them {', '.join(n for n in names if n in (target.bob_user, 'www-data'))}")
    if names:
        return Outcome(False, f"/proc /dev /etc /sys: a generated passwd ({' '.join(names)})")
    return refused(report, "/etc/passwd")


def port(target, listener):
    report = ask(target, "port", port=listener.port)
    if report.seen == listener.banner:
        return Outcome(True, f"connected, it says: {report.seen}")
    return refused(report)


ACTS = (
    ("include Bob's config.php (0600, his own user)", neighbour),
    ("write a web shell, then ask for it", shell),
    ("run a program: id", run),
    ("read /etc/passwd for other users", users),
    ("connect to a port of this host", port),
)


class Listener:
    """A service of the host on loopback, such as a database or a cache would be."""

    def __init__(self):
        self.banner = "internal-service-" + secrets.token_hex(3)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                with connection:
                    connection.sendall(self.banner.encode() + b"\n")


def compare(stock, box):
    """Runs every act on both sides and prints them side by side; returns what did not go as it must."""
    listener = Listener()
    for side in (stock, box):  # Bob's site is visited as any site is, which puts his config.php into the opcache
        if sites.fetch(side.port, side.host.replace("alice", "bob"), "/index.php").text != "Bob's shop\n":
            raise DemoError(f"Bob's site on {side.host} does not answer as it should")
    rows, wrong = [("what Alice's site does", "stock Debian", "in a box"), ("", "", "")], []
    for name, act in ACTS:
        left, right = act(stock, listener), act(box, listener)
        rows.append((name, ("" if left.done else "FAILED: ") + left.text, ("SUCCEEDED: " if right.done else "denied by ") + right.text))
        if not left.done:
            wrong.append(f"'{name}' did not work on stock Debian, so its denial in the box proves nothing: {left.text}")
        if right.done:
            wrong.append(f"'{name}' works from inside the box: {right.text}")
    listener.socket.close()
    table(rows, (26, 40, 52))
    for line in wrong:
        say("WRONG: " + line)
    return wrong
