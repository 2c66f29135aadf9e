#!/usr/bin/env python3
"""Denials with a name: scripts that do what a box refuses, what `fpmbox denials` says of each, and whether the line that it
advises makes the script work. Each script fails first, which is the control of the advice.

    tests/sandbox/denials.py --fpmbox BUILD/fpmbox      (as root)

To add a case, add a Case to CASES; to add a test, a function of `world` that returns its mistakes to TESTS.
"""

import argparse
import contextlib
import dataclasses
import glob
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import fixture
from fixture import Box, NoAnswer, until
from lifecycle import expect, with_log
from report import Report

NAME = fixture.POOLS["alice"]
SECRET = "of-a-visitor"
NOTHING_PERMITS = ""


@dataclasses.dataclass
class Case:
    name: str
    php: str          # the body of a script that echoes "ok" when it could do what it wanted
    kind: str
    act: str          # a pattern for all of it
    permit: str       # exactly
    also: str = ""    # what else may be denied on the way: kinds and acts
    works: str = "ok" # what the script says under the advised line
    method: dict = dataclasses.field(default_factory=dict)


WHY = 'why: "..."'
NATIVE = "require __DIR__ . '/prelude.php'; $said = sys({}); echo $said === -1 ? 'EPERM' : 'ok';"
NETWORK = 'network: {mode: host, ' + WHY + '}'

CASES = [
    Case("write-existing", "echo file_put_contents(__DIR__ . '/open/page.php', 'x') === 1 ? 'ok' : 'failed';", "write",
         r"write CODE/open/page\.php", "filesystem: {writable: [open/page.php]}"),
    Case("write-new", "echo file_put_contents(__DIR__ . '/open/new.txt', 'x') === 1 ? 'ok' : 'failed';", "write",
         r"write CODE/open/new\.txt", "filesystem: {writable: [open]}"),
    Case("append", "echo ($f = fopen(__DIR__ . '/config.php', 'a')) ? 'ok' : 'failed';", "write",
         r"write CODE/config\.php", "filesystem: {writable: [config.php]}"),
    Case("unlink", "echo unlink(__DIR__ . '/open/other.php') ? 'ok' : 'failed';", "write",
         r"remove CODE/open/other\.php", "filesystem: {writable: [open]}"),
    Case("touch", "echo touch(__DIR__ . '/open/touched') ? 'ok' : 'failed';", "write",
         r"write CODE/open/touched", "filesystem: {writable: [open]}"),
    Case("uncaught", "new SplFileObject(__DIR__ . '/open/spl', 'w'); echo 'ok';", "write",
         r"write CODE/open/spl", "filesystem: {writable: [open]}"),
    Case("upload", "echo move_uploaded_file($_FILES['f']['tmp_name'], __DIR__ . '/open/upload') ? 'ok' : 'failed';", "write",
         r"write CODE/open/upload", "filesystem: {writable: [open]}", method={"upload": True}),
    Case("absent-file", "echo trim(file_get_contents('SHARED/motd'));", "absent", r"open SHARED/motd",
         "filesystem: {system: [{path: SHARED/motd, " + WHY + "}]}", works="a file of the host"),
    Case("absent-include", "include 'SHARED/lib.php'; echo library();", "absent", r"open SHARED/lib\.php",
         "filesystem: {system: [{path: SHARED/lib.php, " + WHY + "}]}", works="a library of the host"),
    Case("function-of-an-extension", "echo mb_strlen('ab') === 2 ? 'ok' : 'failed';", "extension", r"mb_strlen\(\)",
         "php: {extensions: [mbstring]}"),
    Case("class-of-an-extension", "echo (new IntlDateFormatter('de'))->getTimeType() === 0 ? 'ok' : 'failed';", "extension",
         r"class IntlDateFormatter", "php: {extensions: [intl]}"),
    Case("extension-that-needs-others", "echo (new XSLTProcessor())->hasExsltSupport() ? 'ok' : 'failed';", "extension",
         r"class XSLTProcessor", "php: {extensions: [dom, xsl]}"),
    Case("unix-socket", "echo fsockopen('unix://DATABASE') ? 'ok' : 'failed';", "connect", r"connect to DATABASE",
         "connect: [{unix: DATABASE}]"),
    Case("tcp", "echo fsockopen('127.9.9.9', TCP) ? 'ok' : 'failed';", "connect", r"connect to 127\.9\.9\.9:TCP",
         NETWORK + '\nconnect: [{tcp: "127.9.9.9:TCP", ' + WHY + '}]', also=r"system call socket\(AF_INET6?, .*"),
    Case("url", "echo file_get_contents('http://127.9.9.9:HTTP/?token=" + SECRET + "');", "connect", r"connect to 127\.9\.9\.9:HTTP",
         NETWORK + '\nconnect: [{tcp: "127.9.9.9:HTTP", ' + WHY + '}]', also=r"system call socket\(AF_INET6?, .*", works="answered"),
    Case("memory", "str_repeat('x', 20 << 20); echo 'ok';", "limit", r"more memory than 16 MiB",
         "php: {admin_values: {memory_limit: 32M}}"),
    # PHP counts processor time
    Case("time", "$used = fn () => ($r = getrusage())['ru_utime.tv_sec'] + $r['ru_stime.tv_sec'] + ($r['ru_utime.tv_usec'] + $r['ru_stime.tv_usec']) / 1e6; $end = $used() + 1.4; while ($used() < $end); echo 'ok';", "limit", r"to run longer than 1 s",
         'php: {admin_values: {max_execution_time: "2"}}'),
    Case("post", "echo count($_POST) === 1 ? 'ok' : 'failed';", "limit", r"a request of 1500004 bytes",
         "php: {admin_values: {post_max_size: 2M}}", method={"post": 1500000}),
    Case("files-in-tmp", "for ($i = 0; $i < 600; $i++) if (!touch(\"/tmp/f$i\")) { echo 'failed'; return; } echo 'ok';", "limit",
         r"create /tmp/f\d+: no space left", "filesystem: {tmp: {size: 128MiB, inodes: 1024}}"),
    Case("disabled-function", "echo str_rot13('bx');", "function", r"str_rot13\(\)", "php: {disable_functions: {remove: [str_rot13]}}"),
    Case("program", "echo exec('/usr/bin/uname -s');", "function", r"exec\(\)",
         "programs: [{path: /bin/sh, " + WHY + "}, {path: /usr/bin/uname, " + WHY + "}]", also=r"system call execve\(\.\.\.\)", works="Linux"),
    Case("disabled-program", "echo trim(shell_exec('echo ok'));", "function", r"shell_exec\(\)",
         "programs: [{path: /bin/sh, " + WHY + "}]\nphp: {disable_functions: {remove: [shell_exec]}}"),
    Case("program-as-a-file", "echo substr(file_get_contents('/usr/bin/uname'), 1, 3);", "absent", r"open /usr/bin/uname",
         "programs: [{path: /usr/bin/uname, " + WHY + "}]", works="ELF"),
    Case("shared-memory", "echo sem_get(1) ? 'ok' : 'failed';", "function", r"sem_get\(\)",
         'syscalls: {allow: [{name: "@sysv-ipc", ' + WHY + "}]}"),
    Case("no-front-controller", "echo 'ok';", "start", r"start hidden\.php", "web: {front_controllers: [hidden.php]}"),
    # natively, of which PHP says nothing
    Case("ptrace", NATIVE.replace("{}", "'ptrace', 1, 1"), "system call", r"ptrace\(PTRACE_PEEKTEXT, 1\)",
         "syscalls: {allow: [{name: ptrace, " + WHY + "}]}"),
    Case("setgid-bit", NATIVE.replace("{}", "'fchmod', 9999, 02755"), "system call", r"fchmod\(9999, 02755\)",
         "syscalls: {arguments: [{name: fchmod, index: 1, none_of: [S_ISUID], " + WHY + "}]}"),
    Case("ioctl", NATIVE.replace("{}", "'ioctl', 9999, 0x5412"), "system call", r"ioctl\(9999, TIOCSTI\)",
         "syscalls: {arguments: [{name: ioctl, index: 1, one_of: [TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX, TIOCSTI], " + WHY + "}]}"),
    Case("prctl", NATIVE.replace("{}", "'prctl', 4, 0"), "system call", r"prctl\(PR_SET_DUMPABLE, 0x0\)",
         "syscalls: {arguments: [{name: prctl, index: 0, one_of: [PR_SET_VMA, PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, PR_CAPBSET_READ, "
         "PR_GET_NO_NEW_PRIVS, PR_SET_NO_NEW_PRIVS, PR_SET_DUMPABLE], " + WHY + "}]}"),
    Case("namespace", NATIVE.replace("{}", "'unshare', 0"), "system call", r"unshare\(0x0\)",
         "syscalls: {allow: [{name: unshare, " + WHY + "}]}"),
    Case("netlink", NATIVE.replace("{}", "'socket', 16, 3, 0"), "system call", r"socket\(AF_NETLINK, SOCK_RAW, 0\)", NOTHING_PERMITS),
    Case("packet-socket", NATIVE.replace("{}", "'socket', 17, 3, 0"), "system call", r"socket\(AF_PACKET, SOCK_RAW, 0\)", NOTHING_PERMITS),
]

# What the cases need of the pool beside the fixture's.
NEEDS = """\
extends: {base}
web: {{front_controllers: ["d-*.php", act.php, hello.php]}}
php:
  extensions: [sysvsem]
  disable_functions: [str_rot13, shell_exec]
  admin_values: {{memory_limit: 16M, max_execution_time: "1", post_max_size: 1M, upload_max_filesize: 1M}}
"""


class Surroundings:
    """The host's files and servers that the scripts want, and the scripts."""

    def __init__(self, world):
        self.world = world
        self.shared = fixture.folder(f"{world.scratch}/shared")
        fixture.write(f"{self.shared}/motd", "a file of the host\n")
        fixture.write(f"{self.shared}/lib.php", "<?php function library() { return 'a library of the host'; }")
        self.database = f"{fixture.folder(f'{world.scratch}/database')}/db.sock"
        self.listeners = [self._listen(socket.AF_UNIX, self.database), self._listen(socket.AF_INET, ("127.9.9.9", 0)),
                          self._listen(socket.AF_INET, ("127.9.9.9", 0))]
        os.chmod(self.database, 0o666)
        self.tcp, self.http = (listener.getsockname()[1] for listener in self.listeners[1:])
        threading.Thread(target=self._answer, args=(self.listeners[2],), daemon=True).start()
        os.chown(f"{world.code('alice')}/config.php", *self._ids())
        for case in CASES:
            fixture.write(f"{world.code('alice')}/{self.script(case)}", f"<?php\n{self.fill(case.php)}\n")

    def _ids(self):
        import pwd
        user = pwd.getpwnam(self.world.users["alice"])
        return user.pw_uid, user.pw_gid

    @staticmethod
    def _listen(family, address):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.bind(address)
        listener.listen(16)
        return listener

    @staticmethod
    def _answer(listener):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(4096)
                    connection.sendall(b"HTTP/1.0 200 OK\r\n\r\nanswered")

    def fill(self, text):
        for word, value in {"SHARED": self.shared, "DATABASE": self.database, "CODE": self.world.code("alice") + "(?:-1.0)?", "TCP": str(self.tcp),
                            "HTTP": str(self.http)}.items():
            text = re.sub(rf"\b{word}\b", lambda _, value=value: value, text)
        return text

    def script(self, case):
        return "hidden.php" if case.name == "no-front-controller" else f"d-{case.name}.php"

    def close(self):
        for listener in self.listeners:
            listener.close()


class Advised(Box):
    """A box of the pool file that extends the cases' with one advised line more."""

    def __init__(self, world, permit="", needs=NEEDS, **changes):
        super().__init__(world, "alice", **changes)
        below = fixture.write(f"{fixture.folder(f'{world.scratch}/below')}/{NAME}.yaml", needs.format(base=self.file))
        self.file = fixture.write(f"{fixture.folder(f'{world.scratch}/advised')}/{NAME}.yaml", f"extends: {below}\n{permit}\n")


@contextlib.contextmanager
def running(world, permit="", **changes):
    box = Advised(world, permit, **changes).start()
    try:
        yield box
    finally:
        box.stop()


def denials(world, *words):
    done = subprocess.run([world.fpmbox, "denials", NAME, "--json", *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180)
    if done.returncode != 0:
        raise fixture.Broken(f"denials exits with {done.returncode}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def forget():
    for path in glob.glob(f"/run/fpmbox/{NAME}/denials.*"):
        os.truncate(path, 0)


def ask(box, surroundings, case):
    """What the script says; a visitor's secrets go with the request."""
    script, params = surroundings.script(case), {"QUERY_STRING": f"token={SECRET}", "HTTP_COOKIE": f"session={SECRET}", "REMOTE_ADDR": "192.0.2.77"}
    if case.method.get("upload"):
        body = b'--B\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\nxx\r\n--B--\r\n'
        return box.request(script, method="POST", body=body, params={**params, "CONTENT_TYPE": "multipart/form-data; boundary=B"}).text
    if case.method.get("post"):
        body = b"a=" + b"x" * (case.method["post"] + 2)
        return box.request(script, method="POST", body=body, params={**params, "CONTENT_TYPE": "application/x-www-form-urlencoded"}).text
    return box.request(script, params=params).text


def of_script(world, surroundings, case, found):
    """Denials of the case's script, under either of the code's two paths. PHP names none for a request that it did not take."""
    if case.name == "post":  # nor has a call by a child of a worker, which another case may have made
        return [one for one in found if not one["script"] and one["kind"] != "system call"]
    script = surroundings.script(case)
    return [one for one in found if one["script"] in (script, f"{world.code('alice')}/{script}", os.path.realpath(world.code("alice")) + "/" + script)]


def check_case(world, surroundings, case, said, found):
    mistakes = [f"the control: it says {said!r} although nothing permits it"] if said == case.works else []
    act = re.compile(surroundings.fill(case.act))
    mine = of_script(world, surroundings, case, found)
    hits = [one for one in mine if one["kind"] == case.kind and act.fullmatch(one["act"])]
    others = [one for one in mine if one not in hits and not (case.also and re.fullmatch(case.also, f"{one['kind']} {one['act']}"))]
    mistakes += [f"{len(hits)} denials that fit, of {mine}; it says {said!r}"] if len(hits) != 1 else []
    mistakes += [f"denied as well: {one}" for one in others]
    for one in hits:
        mistakes += expect(one["permit"], surroundings.fill(case.permit))
        mistakes += [] if one["decided_by"] else ["nobody decided"]
        mistakes += [] if one["permit"] or one["note"] else ["neither a line nor a reason why there is none"]
        mistakes += [] if one["pool"] == NAME and one["generation"] > 0 and one["count"] == 1 else [f"pool, generation or count: {one}"]
    return mistakes


def is_told(world, surroundings, case, said, seen):
    """And what else it was denied, which comes by another way: `seen` were there before."""
    found = denials(world)
    beside = [one for one in found[seen:] if case.also and re.fullmatch(case.also, f"{one['kind']} {one['act']}")]
    return (beside or not case.also) and not check_case(world, surroundings, case, said, found)


def check_advice(world, surroundings, case):
    """The script works under the advised line, and the box denies it nothing more."""
    world.refresh("alice")
    with running(world, surroundings.fill(case.permit)) as box:
        forget_from = len(denials(world))
        said = ask(box, surroundings, case)
        time.sleep(0.3)  # what is told comes at once; that there is nothing has no end to wait for
        mistakes = expect(said, case.works)
        after = [one for one in of_script(world, surroundings, case, denials(world)[forget_from:]) if one["kind"] == case.kind]
        return with_log(mistakes + [f"still denied: {one}" for one in after], box)


def run_cases(world, report, surroundings):
    wanted = [case for case in CASES if report.wanted("denials/" + case.name)]
    if not wanted:
        return
    forget()
    said = {}
    with running(world, pm="request_timeout: 120s") as box:
        for case in wanted:
            seen = len(denials(world))
            try:
                said[case.name] = ask(box, surroundings, case)
            except NoAnswer as error:
                said[case.name] = str(error)
            # FPM tells the last script of a worker alone: the next one waits until all of this one is told
            until(lambda case=case, seen=seen: is_told(world, surroundings, case, said[case.name], seen), fixture.PATIENCE, 0.1)
        time.sleep(0.5)  # for what should not come
        found = denials(world)
        log = "\n".join(box.log)
    if any(SECRET in case.php for case in wanted):
        check_secrets(report, found, log)
    for case in wanted:
        mistakes = check_case(world, surroundings, case, said[case.name], found)
        report.check(f"denials/{case.name}", mistakes, f"{case.kind}: {case.act}")
        if case.permit == NOTHING_PERMITS or mistakes:
            continue
        try:
            mistakes = check_advice(world, surroundings, case)
        except (fixture.Broken, NoAnswer) as error:
            mistakes = [f"{type(error).__name__}: {error}"]
        report.check(f"denials/{case.name}-advised", mistakes, f"works with {surroundings.fill(case.permit)}")


def check_secrets(report, found, log):
    """The log of PHP itself names the URL that a script asked for; what fpmbox adds does not."""
    own = "\n".join(line for line in log.splitlines() if ": denied: " in line)
    told = json.dumps(found) + own
    mistakes = [f"{secret} is in a denial" for secret in (SECRET, "192.0.2.77") if secret in told]
    mistakes += [] if SECRET in log else ["the control: no line of PHP's has the secret"]
    mistakes += [] if own else ["nothing was told"]
    report.check("denials/no-secrets", mistakes, "no query string, cookie or address of a visitor is in a denial")


# ---- beside the cases

def right_scripts(world, surroundings):
    """two workers at once, each with calls of its own: each call is told with its own script"""
    code = world.code("alice")
    for letter, call in (("a", "'ptrace', 1, 2"), ("b", "'unshare', 0x10000000")):
        fixture.write(f"{code}/d-loop-{letter}.php", "<?php require __DIR__ . '/prelude.php'; $end = microtime(true) + 1.5;\n"
                      f"while (microtime(true) < $end) {{ sys({call}); usleep(300000); }} echo 'ok';")
    forget()
    with running(world) as box:
        threads = [threading.Thread(target=box.request, args=(f"d-loop-{letter}.php",)) for letter in "ab"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        until(lambda: len({os.path.basename(one["script"]) for one in denials(world)}) >= 2, fixture.PATIENCE)
        time.sleep(0.3)
        found = [(one["act"].split("(")[0], os.path.basename(one["script"])) for one in denials(world) if one["count"] == 1]
        mistakes = [f"{call} is told of {script!r}" for call, script in found if (call, script) not in (("ptrace", "d-loop-a.php"), ("unshare", "d-loop-b.php"))]
        return with_log(mistakes + ([f"only {found}"] if len(set(found)) != 2 else []), box)


def stopped_launcher(world, surroundings):
    """a launcher that is stopped lets nothing through: the call waits, and fails when it goes on"""
    from works import php
    with running(world) as box:
        answer = []
        asked = threading.Thread(target=lambda: answer.append(php(box, "return (string) sys('unshare', 0x10000000);").text))
        os.kill(box.pid, signal.SIGSTOP)
        try:
            asked.start()
            asked.join(2)
            mistakes = ["it was answered while nobody could answer: " + str(answer)] if answer else []
        finally:
            os.kill(box.pid, signal.SIGCONT)
        asked.join()
        return with_log(mistakes + expect(answer, ["-1"]), box)


def killed_launcher(world, surroundings):
    """a launcher that is killed takes the box with it, so that no call is ever answered by nobody"""
    box = Advised(world).start()
    try:
        pids = fixture.descendants(box.pid)
        box.process.kill()
        box.process.wait(fixture.PATIENCE)
        left = until(lambda: not [pid for pid in pids if fixture.alive(pid)], fixture.PATIENCE)
        return [] if left else ["processes of the box outlived the launcher"]
    finally:
        box.stop()


FLOOD = """$at = $T['code'] . '/data/'; return native(function () use ($at) {
    for ($i = 0; $i < 10000 || !is_file($at . 'enough'); $i++) { sys('ptrace', 1, $i); if ($i === 100) touch($at . 'flows'); } return 'ok'; });"""


def flood(world, surroundings):
    """ten thousand refused calls: a few lines, the rest counted, and another pool does not feel it"""
    from works import php
    forget()
    at = f"{os.path.realpath(world.code('alice'))}/data/"
    with running(world) as box:
        neighbour = Box(world, "bob").start()
        try:
            flooding = threading.Thread(target=lambda: php(box, FLOOD, timeout=300))
            flooding.start()
            until(lambda: os.path.exists(at + "flows"), fixture.PATIENCE)
            waits = []
            for _ in range(50):  # all of them while it goes on
                begun = time.monotonic()
                neighbour.request()
                waits.append(time.monotonic() - begun)
            fixture.write(at + "enough", "")
            flooding.join()
        finally:
            neighbour.stop()
        for name in ("flows", "enough"):
            os.unlink(at + name)

        def told():
            return [one for one in denials(world) if one["act"].startswith("ptrace")]
        until(lambda: sum(one["count"] for one in told()) >= 5000 and any("more times" in line for line in box.log), fixture.PATIENCE, 0.5)
        found, usual, seldom = told(), sorted(waits)[25], sorted(waits)[45]
        mistakes = [f"{len(found)} denials"] if len(found) > 40 else []
        mistakes += ["nothing was counted"] if sum(one["count"] for one in found) < 5000 else []
        mistakes += [f"the neighbour waited {usual:.1f} s, and more the other times"] if usual > 1 else []
        mistakes += [f"one of ten times the neighbour waited {seldom:.1f} s"] if seldom > 10 else []
        mistakes += [] if any(re.search(r"denied: ptrace \d+ more times", line) for line in box.log) else ["no line says how many more"]
        return with_log(mistakes + expect(box.request().text, "hello from alice"), box)


def kept_for_root(world, surroundings):
    """they are kept beside the log, for root alone, and outlive the box"""
    forget()
    with running(world) as box:
        box.request(surroundings.script(CASES[0]))
        until(lambda: denials(world), fixture.PATIENCE)
        modes = {os.path.basename(path): oct(os.stat(path).st_mode & 0o7777) for path in glob.glob(f"/run/fpmbox/{NAME}/denials.*")}
        mistakes = expect(modes, {"denials.0": "0o600", "denials.1": "0o600"})
    kept = denials(world)
    mistakes += [] if len(kept) == 1 else [f"after its end: {kept}"]
    text = subprocess.run([world.fpmbox, "denials", NAME, "-n", "1"], capture_output=True, text=True, timeout=180).stdout
    mistakes += [] if re.search(rf"^{NAME}  \d{{4}}-\S+Z  \S+/d-write-existing\.php +write .*\n +decided by  filesystem\.code .*\n +to permit   filesystem:", text) else [f"in words: {text!r}"]
    bob = subprocess.run([*world.as_user("bob"), world.fpmbox, "denials", NAME], capture_output=True, text=True, timeout=180, cwd="/",
                         env={"XDG_RUNTIME_DIR": f"{world.scratch}/tmp/bob", "HOME": f"{world.scratch}/tmp/bob"})
    return mistakes + ([f"another user sees {bob.stdout!r}"] if "write" in bob.stdout else [])


def what_the_launcher_holds(world, surroundings):
    """for the names of scripts the launcher holds two lists of numbers open and nothing else of /proc"""
    with running(world) as box:
        master, held = box.master(), []
        for path in glob.glob(f"/proc/{box.pid}/fd/*"):
            with contextlib.suppress(OSError):
                held.append(os.readlink(path))
        ours = [one for one in held if one.startswith("/proc") or one.endswith("/children")]
        wanted = sorted([f"/proc/{master}/task/{master}/children", "/1/task/1/children"])
        return with_log([] if sorted(ours) in (wanted, sorted([wanted[1], "/proc/1/task/1/children"])) else [f"it holds {ours}"], box)


def commands(world, surroundings):
    """a command beside the pool: its refused calls and PHP's messages are told on its stderr, and kept like the pool's"""
    forget()
    box = Advised(world)
    code = world.code("alice")
    fixture.write(f"{code}/d-command.php", "<?php require __DIR__ . '/prelude.php'; sys('unshare', 0x10000000); file_put_contents(__DIR__ . '/open/c', 'x'); echo 'done';")
    done = subprocess.run([world.fpmbox, "exec", box.file, "--", "php", "d-command.php"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180)
    mistakes = expect(done.stdout, "done") + expect(done.returncode, 0)
    for wanted in (r"denied: unshare\(CLONE_NEWUSER\) in php d-command\.php", r"denied: write \S+/open/c in \S+/d-command\.php .*to permit it add filesystem: \{writable: \[open/c\]\}"):
        mistakes += [] if re.search(wanted, done.stderr) else [f"no {wanted} in {done.stderr!r}"]
    kept = denials(world)
    for act in ("unshare(CLONE_NEWUSER)", f"write {os.path.realpath(code)}/open/c"):
        mistakes += [] if any(one["act"] == act for one in kept) else [f"not kept: {act}; {kept}"]
    return mistakes


def commands_at_once(world, surroundings):
    """commands that run at the same time keep what each is denied, as many as there is room for; the rest is told, and said not to be kept"""
    code, room = os.path.realpath(world.code("alice")), 4
    fixture.write(f"{code}/d-at-once.php", "<?php @file_put_contents('php://stderr', \"there\\n\"); fgets(STDIN); file_put_contents(__DIR__ . '/open/' . $argv[1], 'x');")
    forget()
    box = Advised(world)
    running = [subprocess.Popen([world.fpmbox, "exec", box.file, "--", "php", "d-at-once.php", f"c{number}"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, text=True) for number in range(room + 1)]
    said = [one.stderr.readline() for one in running]  # all of them are there before any of them is denied something
    said = [first + one.communicate("go\n", timeout=180)[1] for first, one in zip(said, running)]
    kept = {one["act"] for one in denials(world)}
    wanted = {f"write {code}/open/c{number}" for number in range(room + 1)}
    refused = [text for text in said if "told here, and not kept" in text]
    mistakes = [] if len(kept) == room and kept < wanted and len(refused) == 1 else [f"kept {sorted(kept)}; {said}"]
    return mistakes + [f"not told: {text}" for text in said if "denied: write" not in text]


def shell_without_program(world, surroundings):
    """a shell that is granted says what it does not find; with the advised line, it does"""
    fixture.write(f"{world.code('alice')}/d-by-shell.php", "<?php echo exec('/usr/bin/uname -s');")
    shell = "{path: /bin/sh, " + WHY + "}"
    forget()
    with running(world, f"programs: [{shell}]") as box:
        mistakes = expect(box.request("d-by-shell.php").text, "")
        found = until(lambda: [one for one in denials(world) if one["act"] == "start /usr/bin/uname"], fixture.PATIENCE)
        if not found or found[0]["permit"] != "programs: [{path: /usr/bin/uname, " + WHY + "}]":
            return with_log(mistakes + [f"told: {denials(world)}"], box)
    with running(world, f"programs: [{shell}, " + found[0]["permit"].removeprefix("programs: [")) as box:
        return with_log(mistakes + expect(box.request("d-by-shell.php").text, "Linux"), box)


def no_worker_left(world, surroundings):
    """a pool that is at its most workers says so, with the key that is for it"""
    forget()
    with running(world, "php: {pm: {mode: dynamic, max_children: 1}}") as box:
        fixture.write(f"{box.code}/d-slow.php", "<?php usleep(2500000); echo 'ok';")
        threads = [threading.Thread(target=lambda: box.request("d-slow.php")) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = until(lambda: [one for one in denials(world) if one["act"] == "more than 1 request at once"], fixture.PATIENCE)
        return with_log([] if found and found[0]["permit"] == "php: {pm: {max_children: 2}}" else [f"told: {denials(world)}"], box)


def other_ending(world, surroundings):
    """a script of an ending that FPM does not start, and the line that lets it"""
    fixture.write(f"{world.code('alice')}/page.phtml", "<?php echo 'ok';")
    forget()
    box = Box(world, "alice").start()
    try:
        mistakes = [] if box.request("page.phtml").status == 403 else ["the control: it was started"]
        found = until(lambda: [one for one in denials(world) if one["act"] == "start page.phtml"], fixture.PATIENCE)
    finally:
        box.stop()
    if not found or found[0]["permit"] != "php: {limit_extensions: [.phtml]}":
        return with_log(mistakes + [f"told: {denials(world)}"], box)
    with contextlib.closing(contextlib.ExitStack()) as at_end:
        box = Advised(world, found[0]["permit"], needs="extends: {base}\n").start()
        at_end.callback(box.stop)
        return with_log(mistakes + expect(box.request("page.phtml").text, "ok"), box)


def quiet(world, surroundings):
    """a pool that does nothing wrong is denied nothing: not at its start, not when it serves, not at its end"""
    forget()
    with running(world) as box:
        for _ in range(20):
            box.request()
        box.stop()
        return with_log([f"denied: {one}" for one in denials(world)], box)


TESTS = [quiet, right_scripts, stopped_launcher, killed_launcher, flood, kept_for_root, what_the_launcher_holds, commands, commands_at_once, shell_without_program, no_worker_left, other_ending]


def run_test(world, report, surroundings, test):
    name = "denials/" + test.__name__.replace("_", "-")
    if not report.wanted(name):
        return
    try:
        mistakes = test(world, surroundings)
    except (fixture.Broken, NoAnswer, OSError) as error:
        mistakes = [f"{type(error).__name__}: {error}"]
    report.check(name, mistakes, test.__doc__)
    world.clear("alice")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fpmbox", required=True, help="the launcher to test")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="part of a name, or a pattern; may be repeated")
    options = parser.parse_args()
    report = Report(options.only)
    try:
        with fixture.World(options.fpmbox) as world:
            surroundings = Surroundings(world)
            try:
                run_cases(world, report, surroundings)
                for test in TESTS:
                    run_test(world, report, surroundings, test)
            finally:
                surroundings.close()
    except fixture.Broken as error:
        report.fail("surroundings", str(error))
    except KeyboardInterrupt:
        report.fail("surroundings", "interrupted")
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
