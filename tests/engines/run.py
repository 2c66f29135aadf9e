#!/usr/bin/env python3
"""The launcher as the entrypoint of an image that is not ours (PHP below /usr/local), in real engines and both tiers.

    tests/engines/run.py --fpmbox BUILD/fpmbox [--faulty BUILD/fpmbox_faulty] [--engine podman] [--only NAME] [--short] [--table]      (as root)

Each mode is one container. What somebody inside may try is tried in PHP, and first in plain php-fpm of the same image, where it
has to succeed. --short is one mode of each tier, for every run of the tests; --table prints which walls each has.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [HERE, os.path.join(HERE, "..", "sandbox"), os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "..", "scripts", "lib")]
import fastcgi  # noqa: E402
import trees  # noqa: E402
from engines import ENGINES, run  # noqa: E402
from report import Report  # noqa: E402

# PHP that gives true where the act works. {data} is what the application may write.
ACTS = {
    "start-program": "trim((string) @shell_exec('/usr/local/bin/probe')) === 'ran'",
    "change-code": "@file_put_contents(__DIR__ . '/new.php', 'x') !== false",
    "write-elsewhere": "@file_put_contents('/var/lib/new', 'x') !== false",
    "read-outside": "@file_get_contents('/etc/outside') === 'seen'",
    "see-launcher": "@file_get_contents('/proc/1/comm') !== false",
    "own-socket": "(bool) @stream_socket_client('unix:///run/fpmbox/site/live.sock', $e, $m, 1)",
    "health-socket": "(bool) @stream_socket_client('unix:///run/fpmbox/site/health.sock', $e, $m, 1)",
    "datagram": "@socket_sendto(socket_create(AF_UNIX, SOCK_DGRAM, 0), 'x', 1, 0, '/run/fpmbox/site/datagrams.sock') === 1",
    "network": "in_array((function () { @stream_socket_client('tcp://127.0.0.1:9', $e, $m, 1); return $e; })(), [111, 101])",
    "signal-pid-1": "posix_kill(1, 0)",
}
# Of a healthy box: what the application needs.
WORKS = {
    "data": "@file_put_contents(__DIR__ . '/data/x', 'x') === 1",
    "tmp": "@file_put_contents('/tmp/x', 'x') === 1",
    "session": "session_start() && session_id() !== ''",
    "secret": "@file_get_contents('/run/secrets/password') === 's3cret'",
}
PAGE = "<?php ini_set('session.use_cookies', '0'); header('Content-Type: application/json'); echo json_encode(['user' => posix_geteuid(), 'group' => posix_getegid(), " + \
    ", ".join(f"'{name}' => (function () {{ try {{ return {code}; }} catch (Throwable $e) {{ return false; }} }})()" for name, code in {**ACTS, **WORKS}.items()) + "]);\n"
SLOW = """<?php touch(__DIR__ . '/data/slow-begun');
for ($end = microtime(true) + 3; microtime(true) < $end; usleep(20000));  // not sleep(), which a signal to the worker cuts short
echo 'finished';
"""
PLAIN = """[global]
daemonize = no
error_log = /dev/stderr
[www]
user = root
group = root
listen = /run/fpmbox/plain.sock
listen.mode = 0666
pm = static
pm.max_children = 1
"""

READ_ONLY = ("--read-only", "--tmpfs", "/tmp:rw,noexec,nosuid,nodev,size=268435456,mode=1777")
STATE = ("--tmpfs", "/var/lib/fpmbox:rw,noexec,nosuid,nodev,mode=1777")
LIMITS = ("--memory", "512m", "--pids-limit", "68")
NO_CAPS = ("--cap-drop", "ALL", "--security-opt", "no-new-privileges")
CAPS = ("--cap-drop", "ALL", *(word for name in ("CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETGID", "SETPCAP", "SETUID") for word in ("--cap-add", name)),
        "--security-opt", "no-new-privileges")
PODMANS = ("--read-only-tmpfs=false",)


# In tier A PID 1 is the box's own master, which is no more than the pool: a signal may reach it. check_first_process() holds it to that.
OPEN_ACTS = {"A": {"signal-pid-1"}}


# A launcher that takes this kernel's Landlock to be older: Debian 12's has ABI 2.
OLDER = ("--entrypoint", "/fpmbox-faulty", "--env", "FAULTY_LANDLOCK_ABI=2")
RUN = ("run", "/etc/fpmbox/pool.yaml")


class Mode:
    def __init__(self, engine, name, tier, options=(), user=33, group=33, short=False, open_acts=(), arguments=()):
        self.arguments = arguments
        self.engine, self.name, self.tier, self.options = engine, name, tier, options
        self.user, self.group, self.short, self.open_acts = user, group, short, set(open_acts) | OPEN_ACTS.get(tier, set())


MODES = [
    Mode("podman", "plain", "A", short=True),
    Mode("podman", "read-only", "A", (*READ_ONLY, *PODMANS, *STATE, *CAPS, *LIMITS)),
    Mode("podman", "user", "A", (*READ_ONLY, *PODMANS, *STATE, *NO_CAPS, "--user", "33:33")),
    Mode("podman", "arbitrary-user", "A", (*NO_CAPS, "--user", "1000620000:0"), 1000620000, 0),
    Mode("podman", "other-ids", "A", ("--uidmap", "0:100000:65536", "--gidmap", "0:100000:65536")),
    Mode("rootless", "plain", "A"),
    Mode("docker", "plain", "B"),
    Mode("docker", "read-only", "B", (*READ_ONLY, *STATE, *CAPS, *LIMITS)),
    Mode("docker", "user", "B", (*READ_ONLY, *STATE, *NO_CAPS, "--user", "33:33", "--group-add", "101")),
    Mode("docker", "arbitrary-user", "B", (*NO_CAPS, "--user", "1000620000:0"), 1000620000, 0),
    Mode("docker", "older-kernel", "B", OLDER, arguments=RUN),
    Mode("runc", "user", "A", ("--user", "33:33")),  # umoci gives root too few capabilities to become another
]


class Stand:
    """One engine with the image in it."""

    def __init__(self, kind, scratch, archive):
        self.scratch = scratch
        self.engine = kind(scratch)
        self.image = self.engine.load(archive)
        self.count = 0

    def folders(self, user, group):
        self.count += 1
        folder = f"{self.scratch}/{self.engine.name}-{self.count}"
        for name, mode in (("run", 0o1777), ("data", 0o777), ("secrets", 0o755)):
            os.makedirs(f"{folder}/{name}")
            os.chmod(f"{folder}/{name}", mode)
        os.chown(f"{folder}/data", user, group)
        with open(f"{folder}/secrets/password", "w", encoding="utf-8") as file:
            file.write("s3cret")
        os.chmod(f"{folder}/secrets/password", 0o444)
        os.chmod(folder, 0o755)
        return folder

    def start(self, mode, *options, arguments=()):
        root = self.engine.id_outside(0, mode)
        folder = self.folders(self.engine.id_outside(mode.user, mode), self.engine.id_outside(mode.group, mode) if mode.group else 0)
        os.chown(f"{folder}/run", root, root)
        volumes = [word for name, target in (("run", "/run/fpmbox"), ("data", "/srv/www/data"), ("secrets", "/run/secrets"))
                   for word in ("--volume", f"{folder}/{name}:{target}")]
        container = self.engine.start(self.image, *self.engine.own, *volumes, "--env", "FPMBOX_SECRETS=/run/secrets", *mode.options, *options, arguments=arguments)
        return container, f"{folder}/run"

    def answer(self, container, address, script="probe.php", seconds=90):
        deadline = time.monotonic() + seconds
        while True:
            try:
                return fastcgi.get(address, f"/srv/www/{script}", timeout=60).text
            except (OSError, fastcgi.FastCgiError) as error:
                if time.monotonic() > deadline or self.engine.has_ended(container):
                    raise RuntimeError(f"{error}\n{self.engine.logs(container)}") from error
                time.sleep(0.2)


def children_of(pid):
    """None of one that has ended meanwhile."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]
    return []


def workers_of(pid):
    """All of php-fpm below a process of the host."""
    out, waiting = [], [pid]
    while waiting:
        parent = waiting.pop()
        for child in children_of(parent):
            waiting.append(child)
            with contextlib.suppress(OSError), open(f"/proc/{child}/status", encoding="utf-8") as status:
                fields = dict(line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line)
                if fields["NoNewPrivs"].strip() == "1" and fields["Seccomp"].strip() == "2" and fields["Name"] in ("php-fpm", "memfd:php-fpm", "3", "4", "exe") or "fpm" in fields["Name"]:
                    out.append((child, fields))
    return out


def check_processes(stand, container, mode):
    user = stand.engine.id_outside(mode.user, mode)
    found = [(pid, fields) for pid, fields in workers_of(stand.engine.pid(container)) if fields["Uid"].split()[0] == str(user)]
    mistakes = [] if found else ["no process of the pool"]
    for pid, fields in found:
        wanted = {"CapInh": "0" * 16, "CapPrm": "0" * 16, "CapEff": "0" * 16, "CapAmb": "0" * 16, "NoNewPrivs": "1", "Seccomp": "2"}
        mistakes += [f"{pid}: {key} is {fields[key]!r}" for key, value in wanted.items() if fields[key].strip() != value]
        if os.stat(f"/proc/{pid}/mem").st_uid == user and mode.tier == "B":
            mistakes.append(f"{pid} is dumpable")
    return mistakes


def namespace_of(pid):
    return os.readlink(f"/proc/{pid}/ns/pid")


def check_first_process(stand, container, mode):
    """Whom the number 1 means in the box."""
    user, outer = stand.engine.id_outside(mode.user, mode), stand.engine.pid(container)
    pool = [(pid, fields) for pid, fields in workers_of(outer) if fields["Uid"].split()[0] == str(user) and not fields["Name"].startswith("fpmbox")]
    inner = [pid for pid, fields in pool if fields["NSpid"].split()[-1] == "1"]
    if not pool:
        return ["no process of the pool"]
    if mode.tier == "B":
        return [f"{pid} of the pool is PID 1" for pid in inner] + [f"{pid} is in a pid namespace of its own" for pid, _ in pool if namespace_of(pid) != namespace_of(outer)]
    mistakes = [] if len(inner) == 1 else [f"PID 1 in the box are {inner}"]
    mistakes += [f"{pid} is in the container's pid namespace" for pid, _ in pool if namespace_of(pid) == namespace_of(outer)]
    return mistakes + [f"{pid} is not in that of {inner}" for pid, _ in pool if inner and namespace_of(pid) != namespace_of(inner[0])]


def tier_in(logs):
    return "A" if "namespaces" not in [line.split("gap: ")[1].split(":")[0] for line in logs.splitlines() if "gap: " in line] else "B"


def check_acts(got, control, mode):
    mistakes = [f"without fpmbox {name} does not work either" for name in ACTS if not control[name]]
    mistakes += [f"{name} works" for name in ACTS if got[name] and name not in mode.open_acts]
    mistakes += [f"{name} does not work" for name in WORKS if not got[name]]
    return mistakes + ([] if (got["user"], got["group"]) == (mode.user, mode.group) else [f"it runs as {got['user']}:{got['group']}"])


def read(text, stand, container):
    try:
        return json.loads(text)
    except ValueError as error:
        raise RuntimeError(text + stand.engine.logs(container)) from error


def try_mode(report, stand, mode, control):
    name = f"{mode.engine}/{mode.name}"
    try:
        container, folder = stand.start(mode, arguments=mode.arguments)
        live = f"{folder}/site/live.sock"
        stand.answer(container, live, "ready.php")
        datagrams = listener(f"{folder}/site/datagrams.sock", socket.SOCK_DGRAM)  # named, and for everybody: nothing but the filter is in the way where connect is
        text = stand.answer(container, live)
        datagrams.close()
        logs = stand.engine.logs(container)
        report.check(f"{name}/acts", check_acts(read(text, stand, container), control, mode), "what works in plain php-fpm of this image does not, and the application does")
        report.check(f"{name}/tier", [] if tier_in(logs) == mode.tier else [logs], f"tier {mode.tier}, as found")
        report.check(f"{name}/processes", check_processes(stand, container, mode), "no capability, no_new_privs, a filter, not dumpable; read on the host")
        report.check(f"{name}/first-process", check_first_process(stand, container, mode),
                     "PID 1 is the pool's own master, alone with its workers in a pid namespace" if mode.tier == "A" else "PID 1 is the container's, and not the pool's")
        if mode.engine != "runc":
            health = stand.engine.health(container)
            report.check(f"{name}/health", [] if (health.returncode, health.stdout.strip()) == (0, "healthy") else [health.stdout, health.stderr, health.returncode],
                         "fpmbox health, by exec in the container")
            report.check(f"{name}/command", check_command(stand, container, mode, live), "fpmbox exec, by exec in the container: as the pool's user, with its walls and settings")
        stops_gracefully(report, stand, name, container, live)
        return logs
    except (RuntimeError, ValueError, OSError) as error:
        report.fail(name, "it works", error)
        return ""


COMMAND = "echo json_encode(['user' => posix_geteuid(), " + ", ".join(f"'{name}' => (function () {{ try {{ return {code}; }} catch (Throwable $e) {{ return false; }} }})()"
                                                                      for name, code in {**ACTS, **WORKS}.items() if name not in ("own-socket", "signal-pid-1", "session")) + "]);"


def check_command(stand, container, mode, live):
    """`docker exec C /fpmbox exec FILE -- php ...`: by the pool's policy, and the pool goes on with what it has."""
    inside = ("/fpmbox-faulty" if mode.arguments else "/fpmbox", "exec", "/etc/fpmbox/pool.yaml", "--", "php", "-r")
    allowed, mistakes = (), []
    if mode.arguments:  # on an older kernel nothing keeps the pool from signalling it, which its own start did not ask for
        allowed, refused = ("--env", "FPMBOX_ALLOW_GAPS=landlock.scopes"), stand.engine("exec", container, *inside, "exit(7);")
        mistakes = [] if refused.returncode == 69 and "missing layer landlock.scopes" in refused.stderr else [f"unnamed gap: exit {refused.returncode}", refused.stderr]
    done, ended = (stand.engine("exec", *allowed, container, *inside, code) for code in (COMMAND.replace("__DIR__", "'/srv/www'"), "exit(7);"))
    got = json.loads(done.stdout) if done.returncode == 0 else {}
    mistakes += [] if got else [f"exit {done.returncode}", done.stdout, done.stderr]
    mistakes += [f"it runs as {got['user']}"] if got and got["user"] != mode.user else []
    mistakes += [f"{name} works" for name in ACTS if got.get(name)] + [f"{name} does not work" for name in WORKS if got and name in got and not got[name]]
    mistakes += [] if ended.returncode == 7 else [f"exit(7) ends it with {ended.returncode}"]
    refused = stand.engine("exec", container, inside[0], "test", "/etc/fpmbox/pool.yaml")
    mistakes += [] if refused.returncode == 69 and "--inside docker" in refused.stderr else [f"test: exit {refused.returncode}", refused.stderr]
    return mistakes + ([] if stand.answer(container, live, "ready.php") == "ready" else ["the pool does not answer any more"])


def stops_gracefully(report, stand, name, container, live):
    """A request that runs when SIGTERM comes is finished."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        text = b"lost"
        try:
            text = fastcgi.get(live, "/srv/www/slow.php", timeout=90).text.encode()
        finally:
            os.write(writer, text)
            os._exit(0)
    os.close(writer)
    begun = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(live))), "data", "slow-begun")
    deadline = time.monotonic() + 60
    while not os.path.exists(begun) and time.monotonic() < deadline:
        time.sleep(0.05)
    code = stand.engine.stop(container)
    with os.fdopen(reader, "rb") as file:
        text = file.read().decode()
    os.waitpid(child, 0)
    mistakes = [] if text == "finished" else [f"the request got {text!r}", stand.engine.logs(container)]
    report.check(f"{name}/stop", mistakes + ([] if code == 0 else [f"exit {code}"]), "SIGTERM: the running request is answered, exit 0")


def listener(path, kind):
    out = socket.socket(socket.AF_UNIX, kind)
    out.bind(path)
    os.chmod(path, 0o777)
    if kind == socket.SOCK_STREAM:
        out.listen()
    return out


def control_of(stand):
    """Plain php-fpm in the same image, without fpmbox; as root, so that no file's owner is what stops an act."""
    mode = Mode(stand.engine.name, "control", "-")
    container, folder = stand.start(mode, "--entrypoint", "/usr/local/sbin/php-fpm", arguments=("-y", "/etc/plain.conf", "--nodaemonize", "-R", "-d", "extension=posix", "-d", "extension=sockets", "-d", "session.save_path=/tmp"))
    os.makedirs(f"{folder}/site")
    sockets = [listener(f"{folder}/site/{name}.sock", kind) for name, kind in (("live", socket.SOCK_STREAM), ("health", socket.SOCK_STREAM), ("datagrams", socket.SOCK_DGRAM))]
    text = stand.answer(container, f"{folder}/plain.sock")
    for one in sockets:
        one.close()
    return read(text, stand, container)


def try_words(report, stand, faulty):
    """What an operator says, and what is answered: containers that do not start."""
    plain = Mode(stand.engine.name, "words", "?")
    name = stand.engine.name
    for case, options, code, says in (
            ("strict", ("--env", "FPMBOX_STRICT=1"), 69, "missing layer root" if name == "docker" else "missing layer limits."),
            ("unknown-gap", ("--env", "FPMBOX_ALLOW_GAPS=limits.cpu.mx"), 64, "did you mean `limits.cpu.max`?"),
            ("unknown-variable", ("--env", "FPMBOX_STRIKT=1"), 64, "did you mean FPMBOX_STRICT?"),
            ("root-without-capabilities", ("--cap-drop", "ALL"), 69, "missing layer identity: started as root without CHOWN"),
            ("older-kernel-one-user", (*OLDER, "--user", "33:33", "--env", "FPMBOX_ALLOW_GAPS=landlock.truncate,launcher.identity"), 69, "missing layer landlock.scopes")):
        if not report.wanted(f"{name}/words/{case}") or (case.startswith("older") and (name != "docker" or not faulty)):
            continue
        container, _ = stand.start(plain, *options, arguments=RUN if "--entrypoint" in options else ())
        ended, logs = stand.engine.exit_code(container), stand.engine.logs(container)
        mistakes = [] if ended == code else [f"exit {ended}, not {code}"]
        mistakes += [] if says in logs else [f"no {says!r}"]
        if code == 69 and not case.startswith("older") and not logs.strip().splitlines()[-1].startswith(f"{name} run "):
            mistakes.append("the last line is not the corrected command")
        report.check(f"{name}/words/{case}", mistakes + ([logs] if mistakes else []), f"exit {code}: {says}")


def try_healthcheck(report, stand):
    """As the image's HEALTHCHECK: a pool whose master hangs is unhealthy, and healthy again."""
    mode = Mode("docker", "healthcheck", "B", ("--health-cmd", "unused"))
    name = "docker/healthcheck"
    made = stand.engine("commit", "--change", 'HEALTHCHECK --interval=1s --timeout=6s --retries=1 CMD ["/fpmbox","health"]', stand.engine.containers[0], "fpmbox-engines:health")
    mode.options = ()
    image, stand.image = stand.image, "fpmbox-engines:health"
    try:
        container, folder = stand.start(mode, "--entrypoint", "/fpmbox", arguments=("run", "/etc/fpmbox/pool.yaml"))
    finally:
        stand.image = image
    stand.answer(container, f"{folder}/site/live.sock")

    def becomes(word, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if stand.engine("inspect", "--format", "{{.State.Health.Status}}", container).stdout.strip() == word:
                return []
            time.sleep(0.3)
        return [f"never {word}", stand.engine("inspect", "--format", "{{json .State.Health}}", container).stdout]

    mistakes = ([made.stderr] if made.returncode else []) + becomes("healthy", 60)
    pool = [pid for pid, fields in workers_of(stand.engine.pid(container)) if fields["Uid"].split()[0] == "33"]
    for pid in pool:
        os.kill(pid, signal.SIGSTOP)
    mistakes += becomes("unhealthy", 60)
    for pid in pool:
        os.kill(pid, signal.SIGCONT)
    mistakes += becomes("healthy", 60)
    report.check(name, mistakes, "healthy, unhealthy while every process of the pool is stopped, healthy again")
    stand.engine.stop(container)


def try_tcp(report, stand):
    """FPMBOX_LISTEN=ADDRESS:PORT: the pool answers there, and cannot call itself."""
    mode = Mode(stand.engine.name, "tcp", "B", ("--user", "33:33"))
    container, _ = stand.start(mode, "--env", "FPMBOX_LISTEN=0.0.0.0:9000")
    pid, name = 0, f"{stand.engine.name}/tcp"
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and "ready to handle connections" not in stand.engine.logs(container):
        time.sleep(0.2)
    pid = stand.engine.pid(container)
    asked = run("nsenter", "--target", str(pid), "--net", sys.executable, "-c",
                f"import sys; sys.path.append({os.path.dirname(fastcgi.__file__)!r}); import fastcgi; print(fastcgi.get(('127.0.0.1', 9000), '/srv/www/tcp.php').text)")
    mistakes = [] if asked.stdout.strip() == "no" else [asked.stdout, asked.stderr, stand.engine.logs(container)]
    report.check(name, mistakes, "it answers by TCP; its own port is refused to it")
    stand.engine.stop(container)


def try_musl(report, stand, fpmbox):
    """Another C library: its loader in a folder of its own, its calls at the start. Not PHP: this machine has none that is linked so."""
    name = f"{stand.engine.name}/musl"
    if not shutil.which("musl-gcc"):
        report.skip(name, "musl-gcc is not installed (scripts/setup engines)")
        return
    tree = trees.musl(f"{stand.scratch}/musl-{stand.engine.name}", fpmbox)
    image, stand.image = stand.image, stand.engine.load(trees.archive(tree, tree + ".tar"), "musl")
    try:
        mode = Mode(stand.engine.name, "musl", "?")
        control, _ = stand.start(mode, "--entrypoint", "/usr/local/sbin/php-fpm", arguments=("--describe",))
        stand.engine.exit_code(control)
        outside = stand.engine.logs(control).strip()
        container, folder = stand.start(mode)
        inside = stand.answer(container, f"{folder}/site/live.sock", "index.php")
        code = stand.engine.stop(container)
    finally:
        stand.image = image
    mistakes = [] if outside == "user 0, outside yes, code yes, data yes, program yes" else [f"without fpmbox: {outside}"]
    mistakes += [] if inside == "user 33, outside no, code no, data yes, program no" else [f"in the box: {inside}"]
    report.check(name, mistakes + ([] if code == 0 else [f"exit {code}"]), "a program that is linked with musl, in the place of php-fpm")


def table(gaps):
    layers = sorted({layer for _, found in gaps for layer in found})
    print("| layer that is a gap | " + " | ".join(name for name, _ in gaps) + " |\n|---" * 1 + "|---" * len(gaps) + "|")
    for layer in layers:
        print(f"| {layer} | " + " | ".join("gap" if layer in found else "" for _, found in gaps) + " |")


def gaps_in(logs):
    return {line.split("gap: ")[1].split(":")[0] for line in logs.splitlines() if "gap: " in line}


def build(scratch, fpmbox, faulty):
    scripts = {"probe.php": PAGE, "slow.php": SLOW,
               "ready.php": "<?php echo 'ready';\n",
               "tcp.php": "<?php echo @stream_socket_client('tcp://127.0.0.1:9000', $e, $m, 1) ? 'yes' : 'no';\n"}
    tree = trees.official(f"{scratch}/tree", fpmbox, scripts)
    trees.write(tree, "/etc/outside", "seen")
    trees.write(tree, "/etc/plain.conf", PLAIN)
    trees.probe_program(tree)
    if faulty:
        trees.copy(tree, faulty, "/fpmbox-faulty")
        os.chmod(f"{tree}/fpmbox-faulty", 0o755)
    return trees.archive(tree, f"{scratch}/tree.tar")


def try_engine(report, kind, scratch, archive, options):
    if kind.name == "runc" and options.control is None:
        report.skip("runc", "podman or Docker runs the control, and neither was asked")
        return []
    stand = Stand(kind, scratch, archive)
    gaps = []
    try:
        control = control_of(stand) if kind.name != "runc" else options.control
        options.control = control
        for mode in MODES:
            if mode.engine != kind.name or (options.short and not mode.short) or not report.wanted(f"{mode.engine}/{mode.name}"):
                continue
            if mode.arguments and not options.faulty:
                report.skip(f"{mode.engine}/{mode.name}", "no --faulty was given")
                continue
            gaps.append((f"{mode.engine} {mode.name}", gaps_in(try_mode(report, stand, mode, control))))
        if kind.name in ("podman", "docker") and not options.short:
            try_words(report, stand, options.faulty)
        if kind.name in ("podman", "docker") and not options.short and report.wanted(f"{kind.name}/musl"):
            try_musl(report, stand, options.fpmbox)
        if kind.name == "docker" and not options.short:
            for name, attempt in (("healthcheck", try_healthcheck), ("tcp", try_tcp)):
                if report.wanted(f"docker/{name}"):
                    attempt(report, stand)
    finally:
        stand.engine.close()
    return gaps


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fpmbox", required=True)
    parser.add_argument("--faulty", help="the same with the switches of tests/CMakeLists.txt: an older kernel")
    parser.add_argument("--engine", action="append", choices=list(ENGINES), default=[])
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--table", action="store_true")
    options = parser.parse_args()
    options.control = None
    report = Report(options.only)
    scratch = tempfile.mkdtemp(prefix="fpmbox-engines-")
    os.chmod(scratch, 0o755)
    gaps = []
    try:
        archive = build(scratch, options.fpmbox, options.faulty)
        for name in options.engine or (["podman"] if options.short else list(ENGINES)):
            missing = ENGINES[name].lacks()
            if missing:
                report.skip(name, ", ".join(missing) + " is not installed")
                continue
            gaps += try_engine(report, ENGINES[name], scratch, archive, options)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if options.table:
        table(gaps)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
