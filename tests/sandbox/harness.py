#!/usr/bin/env python3
"""`fpmbox test` on real boxes: it passes on a sound pool, it notices what is missing, it refuses what it cannot believe, and it
leaves nothing, however it ends.

    tests/sandbox/harness.py --fpmbox BUILD/fpmbox [--only NAME] [--all-mutants]
"""

import argparse
import contextlib
import glob
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import fixture
import rootless
from fixture import until
from report import Report

NAME = fixture.POOLS["alice"] + ".test"
# a layer, and an act that must leak or a row of the running box that must differ once it is away
NOTICED = {
    "view": "host/readable-by-all", "seccomp": "kernel/bpf", "guard": "code/start-upload", "noexec": "posture/mount/tmp",
    "read_only": "posture/mount", "network_namespace": "posture/namespace-net", "pid_namespace": "posture/namespace-pid",
    "cgroup": "posture/limit-", "rlimits": "posture/rlimit-nofile", "tmp_limits": "posture/mount/tmp", "unreadable_program": "posture/not-dumpable",
    "own_user": "posture/identity", "cgroup_namespace": "posture/namespace-cgroup", "ipc_namespace": "posture/namespace-ipc", "landlock_scopes": None, "landlock": None, "exec_gate": "exec/own-program",
}

PEERS = {"bwrap": "bwrap", "container": "podman", "in-podman": "podman"}  # sides, and the program that each needs

# an opened row of the plan each, and who has to notice: an act, a row of the running box, both, or (worked out) without a box
SAMPLE = {
    "syscall:@keyring": ("act ", "posture filter"), "syscall:@clock": ("posture filter", "worked out"), "argument:mkdir:1": ("act host/suid-mkdir", "posture filter"),
    "mount:/tmp:no_exec": ("act ", "posture mount/tmp"), "landlock:/tmp:execute": ("act exec/", "-> ran"), "umask": ("posture umask (posture alone)",),
}


class Tester:
    """The command, in a copy of the build that has acts beside it."""

    def __init__(self, world, acts, all_mutants):
        self.all_mutants = all_mutants
        self.world, self.acts = world, os.path.join(os.path.dirname(world.fpmbox), "acts")
        shutil.copytree(acts, self.acts, dirs_exist_ok=True)
        self.file = world.pool_file("alice")

    def command(self, *options):
        return [self.world.fpmbox, "test", *options, self.file]

    def run(self, *options, **more):
        return subprocess.run(self.command(*options), capture_output=True, text=True, timeout=900, **more)

    def findings(self, *options):
        done = self.run("--report", "json", *options)
        return done.returncode, json.loads(done.stdout) if done.stdout else {}, done.stderr

    def pool(self, more):
        self.file = self.world.pool_file("alice", more=more)


def failing(findings):
    acts = {act["id"]: act["verdict"] for act in findings["acts"] if act["verdict"] in ("LEAKED", "otherwise", "broken control")}
    return acts | {row["name"]: row["reason"] for part in ("posture", "expect") for row in findings[part] if row["state"] == "failed"}


def remains(world):
    """What a test may have left on this machine."""
    left = [path for path in (f"/run/fpmbox/{NAME}", f"/var/lib/fpmbox/{NAME}") if os.path.exists(path)] + fixture.cgroups(NAME)
    return left + [f"process {pid}" for pid in fixture.processes_of(fixture.pwd.getpwnam(fixture.ALICE).pw_uid)]


def nothing_left(world):
    until(lambda: not remains(world), fixture.PATIENCE, 0.1)
    return [f"left: {what}" for what in remains(world)]


def passes(world, tester):
    """a sound pool passes, every act that this machine can show was stopped, and the box is as planned"""
    code, findings, said = tester.findings()
    mistakes = [f"{name}: {why}" for name, why in failing(findings).items()] if findings else [said]
    if code != 0:
        mistakes.append(f"the exit code is {code}")
    if findings and findings["count"]["stopped"] < 120:
        mistakes.append(f"only {findings['count']['stopped']} acts were stopped")
    return mistakes + nothing_left(world)


def beside_its_pool(world, tester):
    """the pool runs meanwhile, answers, and its writable paths stay as they are"""
    box = fixture.Box(world, "alice").start()
    data = f"{world.code('alice')}/data"
    before = sorted(os.listdir(data))
    code, findings, said = tester.findings("--only", "code")
    mistakes = [] if code == 0 else [f"exit code {code}: {failing(findings) if findings else said}"]
    if not box.answers():
        mistakes.append("the pool does not answer any more")
    if sorted(os.listdir(data)) != before:
        mistakes.append(f"in the pool's data are now {sorted(os.listdir(data))}")
    box.stop()
    return mistakes + nothing_left(world)


def notices(world, tester):
    """a layer that is away is noticed: by an act that leaks, or by a row of the running box"""
    mistakes = []
    for layer, by in NOTICED.items():
        # the running box is read back whatever is tried
        group = "leaks" if by is None or by.startswith("posture/") else by.split("/")[0]
        code, findings, said = tester.findings("--without", layer, "--only", group)
        if not findings:
            mistakes.append(f"without {layer}: {said}")
            continue
        seen = failing(findings)
        if by is None:  # what stands behind it stops the acts as well; the kernel does not show it
            continue
        if code != 1 or not any(name.startswith(by) for name in seen):
            mistakes.append(f"without {layer}: exit code {code}, noticed {seen}")
    return mistakes


def mutants(world, tester):
    """a plan that is wrong in one row is noticed: by an act, by the running box, or it is explained why nobody can"""
    if tester.all_mutants:
        return every_mutant(world, tester)
    done = tester.run("--mutants", *(word for name in SAMPLE for word in ("--only", name)))
    rows = dict(line.split(None, 1) for line in done.stdout.splitlines() if line.split(None, 1)[1:])
    mistakes = [f"{name}: {rows.get(name)}" for name, by in SAMPLE.items() if any(word not in rows.get(name, "") for word in by)]
    if done.returncode != 0:
        mistakes.append(f"exit code {done.returncode}: {done.stderr}")
    if tester.run("--mutants", "--only", "no such").returncode != 1:
        mistakes.append("no mutant at all passes")
    return mistakes + nothing_left(world)


# Pools whose plans have other rows: as it is, one that may not write what it executes, one that starts programs.
PLANS = ("", "memory: {deny_write_execute: true}\n", "programs: [{path: /bin/sh, why: test}, {path: /usr/bin/uname, why: test}]\n")


def every_mutant(world, tester):
    """Of each of these, and of an ordinary user's pool."""
    mistakes = []
    for more in PLANS:
        tester.pool(more)
        mistakes += [f"{more.strip() or 'as it is'}: {mistake}" for mistake in survivors(subprocess.run(tester.command("--mutants"), capture_output=True, text=True, timeout=1800))]
    tester.pool("")
    rootless.make_homes(world)
    own = rootless.OwnBox(world, "alice", name="t-alice-mutants")
    command = [*own.as_user(), world.fpmbox, "test", "--mutants", own.file]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1800, env={**os.environ, **own.environment})
    return mistakes + [f"an ordinary user's: {mistake}" for mistake in survivors(done)]


def survivors(done):
    print(done.stdout, flush=True)
    mistakes = [line for line in done.stdout.splitlines() if "SURVIVED, and nobody" in line or "NOT TRIED" in line]
    return mistakes + ([f"exit code {done.returncode} {done.stderr}"] if done.returncode != 0 else [])


def expectations(world, tester):
    """what the profile expects is tried, and what does not hold is named"""
    code_path = world.code("alice")
    tester.pool(f"""expect:
  requests:
    - {{path: /hello.php, body: hello}}
    - {{path: /hello.php, method: POST, send: x, status: 500}}
    - {{path: /nothing.txt, status: 404}}
  denied: [code/change, exec/memfd]
  allowed: [{{id: code/chmod, why: a test}}]
  connects: [{{to: /run/nothing.sock, answers: false}}, {{to: "127.0.0.1:1", answers: true}}]
  files: [{{path: /etc/shadow, readable: false}}, {{path: {code_path}/data, writable: true}}, {{path: {code_path}, writable: true}}]
""")
    code, findings, said = tester.findings("--only", "code")
    states = {row["name"]: row["state"] for row in findings.get("expect", [])}
    expected = {
        "expect/request/GET /hello.php": "held", "expect/request/POST /hello.php": "failed", "expect/request/GET /nothing.txt": "held",
        "expect/denied/code/change": "held", "expect/denied/exec/memfd": "skipped", "expect/allowed/code/chmod": "failed",
        "expect/connect//run/nothing.sock": "held", "expect/connect/127.0.0.1:1": "failed", "expect/file/etc/shadow": "held",
        f"expect/file{code_path}/data": "held", f"expect/file{code_path}": "failed",
    }
    tester.pool("expect: {denied: [exec/memfdd]}\n")
    misspelt, _, words = tester.findings("--only", "code")
    tester.pool("")
    mistakes = [f"{name} is {states.get(name)}, not {state}" for name, state in expected.items() if states.get(name) != state]
    mistakes += [] if misspelt == 65 and "did you mean `exec/memfd`?" in words else [f"a misspelt act: exit code {misspelt} {words}"]
    return mistakes + ([] if code == 1 else [f"exit code {code} {said}"])


# What a profile may grant, the acts that this changes, and what becomes of them.
GRANTS = {
    "programs: [{path: /usr/bin/uname, why: test}, {path: /bin/sh, why: test}]\n": {"exec/popen": "does not apply", "exec/memfd": "stopped", "exec/uploaded": "stopped"},
    "network: {mode: host, why: test}\n": {"network/tcp": "does not apply", "network/raw": "stopped"},
    "memory: {deny_write_execute: true}\n": {"exec/anonymous-code": "stopped", "exec/anonymous-code-later": "stopped"},
    "syscalls: {allow: [{name: setpriority, why: test}]}\n": {"resources/priority": "granted", "resources/processor": "stopped"},
}


def grants(world, tester):
    """a pool that grants something passes: what it grants is neither a leak nor stopped, all else is stopped as before"""
    mistakes = []
    for more, expected in GRANTS.items():
        tester.pool(more)
        code, findings, said = tester.findings("--only", "exec", "--only", "network", "--only", "resources")
        acts = {act["id"]: act for act in findings.get("acts", [])}
        seen = {id: acts[id]["verdict"] if id in acts else None for id in expected}
        mistakes += [] if code == 0 and seen == expected else [f"{more}: exit code {code}, {seen}, {failing(findings) if findings else said}"]
        mistakes += [f"{id}: {acts[id]}" for id, verdict in seen.items() if verdict == "granted" and ".yaml:" not in acts[id]["reason"]]
    tester.pool("")
    return mistakes


def broken_acts(world, tester):
    """an act whose control fails is an error, and a file with mistakes is refused with their places"""
    path, mistakes = f"{tester.acts}/broken.yaml", []
    act = "acts:\n  - {id: broken/act, why: nothing, layers: [view], php: \"return 'EIO';\", inside: [EIO], outside: [ok]}\n"
    fixture.write(path, act)
    code, findings, said = tester.findings("--only", "broken")
    if code != 1 or not findings or failing(findings) != {"broken/act": "broken control"}:
        mistakes.append(f"a broken control: exit code {code}, {findings and failing(findings)} {said}")
    fixture.write(path, act.replace("layers: [view]", "layers: [veiw]"))
    done = tester.run("--only", "code")
    if done.returncode != 65 or "broken.yaml:2:" not in done.stderr or "did you mean `view`?" not in done.stderr:
        mistakes.append(f"a mistake: exit code {done.returncode}, {done.stderr}")
    os.unlink(path)
    return mistakes


def against(world, tester):
    """the same acts in bubblewrap, in a container, in a box in a container and in plain php-fpm: what is known to succeed there does, the box is counted as ever"""
    sides = ["bare"] + [side for side, program in PEERS.items() if shutil.which(program)]
    tester.pool(INSIDE)
    code, findings, said = tester.findings("--only", "code", "--only", "exec", *(word for side in sides for word in (("--inside", side[3:]) if side.startswith("in-") else ("--against", side))))
    there = {side["side"]: {act["id"]: act["verdict"] for act in side["acts"]} for side in findings.get("against", [])}
    known = {"bare": {"code/change": "LEAKED", "exec/shell-exec": "LEAKED"}, "bwrap": {"code/change": "stopped", "exec/shell-exec": "LEAKED"},
             "container": {"code/change": "LEAKED", "code/beside": "stopped", "exec/shell-exec": "LEAKED", "exec/uploaded": "LEAKED"},
             "in-podman": {"code/change": "stopped", "code/beside": "stopped", "exec/shell-exec": "stopped", "exec/uploaded": "stopped", "exec/map-tmp": "stopped"}}
    tried = {act["id"] for act in findings.get("acts", []) if act["verdict"] != "does not apply"}
    mistakes = [] if code == 0 else [f"exit code {code}: {failing(findings) if findings else said}"]
    for side in sides:
        if set(there.get(side, {})) != tried:
            mistakes.append(f"{side}: {len(there.get(side, {}))} acts and not {len(tried)}: {findings.get('not_compared')}")
        mistakes += [f"{side}: {name} is {there.get(side, {}).get(name)}, not {verdict}" for name, verdict in known[side].items()
                     if there.get(side, {}).get(name) != verdict]
    tester.pool("")
    return mistakes + (read_back_inside(findings) if "in-podman" in sides else []) + nothing_left(world)


INSIDE = """expect:
  requests: [{path: /hello.php, body: hello}]
  denied: [code/change]
  connects: [{to: /run/nothing.sock, answers: false}, {to: 127.0.0.1:7, answers: false}]
"""
READ_BACK = ("identity", "not-dumpable", "namespace-mnt", "namespace-pid", "mount/", "mount/tmp", "no-other-mount", "rlimit-nofile", "umask")


def read_back_inside(findings):
    """Of the box in a container: what the kernel says of it, and what its author expects. Nobody listens at a path, which shows nothing; on loopback somebody does."""
    rows = {row["name"].removeprefix("in-podman/"): row for row in findings.get("expect", []) if row["name"].startswith("in-podman/")}
    wanted = {f"posture/{name}": "held" for name in READ_BACK} | {"expect/request/GET /hello.php": "held", "expect/denied/code/change": "held", "expect/connect//run/nothing.sock": "skipped",
                                                                          "expect/connect/127.0.0.1:7": "held"}
    mistakes = [f"{name} is {rows.get(name)}, not {state}" for name, state in wanted.items() if rows.get(name, {}).get("state") != state]
    groups = rows.get("posture/cgroups", {})  # limits of the engine's, which this machine cannot hold against the plan
    mistakes += [] if groups.get("state") == "skipped" and "they are the engine's" in groups.get("reason", "") else [f"control groups: {groups}"]
    loaded = rows.get("posture/filter", {})  # not every kernel shows filters
    return mistakes + ([] if loaded.get("state") == "held" or "this kernel does not show filters" in loaded.get("reason", "") else [f"the filter: {loaded}"])


# At what a test that compares with podman may be killed, in the order in which that comes. Each is a state that is waited for: its
# first container, which is tried, has its mounts, its network, a process; so has the pool's.
MOMENTS = {
    "mounts": lambda before: any(f"/{NAME}/against/" in path for path in mounts()),
    "network": lambda before: networks() - before,
    "process": lambda before: engine_processes("conmon"),
    "client of the pool's": lambda before: engine_processes("podman", "1"),
    "network of the pool's": lambda before: engine_processes("podman", "1") and networks() - before,
    "process of the pool's": lambda before: engine_processes("conmon", "1"),
}


def container_killed(world, tester):
    """whatever it was doing when it was killed, no container stays, nor what its engine kept for it: mounts, networks, processes"""
    if not shutil.which("podman"):
        return []
    return [f"killed at its {moment}: {mistake}" for moment, is_there in MOMENTS.items() for mistake in killed_at(world, tester, is_there)]


def killed_at(world, tester, is_there):
    before = networks(), mounts()

    def left():
        return sorted((networks() - before[0]) | (mounts() - before[1])) + engine_processes("")
    process = subprocess.Popen(tester.command("--only", "leaks", "--against", "podman"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    seen = until(lambda: process.poll() is not None or is_there(before[0]), 2 * fixture.PATIENCE, 0.001) and process.poll() is None
    process.kill()
    process.wait(2 * fixture.PATIENCE)
    mistakes = nothing_left(world)
    until(lambda: not left(), fixture.PATIENCE, 0.1)  # an engine's own process ends a moment after its container
    return mistakes + [f"left {what}" for what in left()] + ([] if seen else [f"it did not come to that: {process.stderr.read()}"])


def engine_processes(program, container=""):
    """That work for a container of the trial: its name with random digits is among their words, or its store."""
    named = re.compile(re.escape(NAME) + f"-[0-9a-f]{{16}}-{container}")
    found = []
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        with contextlib.suppress(OSError), open(path) as file:
            words = file.read().split("\0")
            if program in words[0] and any(named.match(word) or not container and f"/{NAME}/against/" in word for word in words):
                found.append(" ".join(words[:3]))
    return found


NETWORKS = "/run/netns"  # an engine mounts it once, for all that it will make


def mounts():
    with open("/proc/self/mountinfo") as file:
        return {line.split()[4] for line in file} - {NETWORKS}


def networks():
    """Namespaces that have a name, which an engine gives them: each is a mount and a file."""
    return {f"{NETWORKS}/{name}" for name in os.listdir(NETWORKS)} if os.path.isdir(NETWORKS) else set()


def without_bwrap(world, tester):
    """a side whose program is not there is an error before anything is made; one that does not start is no column and no pass"""
    def run(instead):
        script = f'for f in /usr/bin/bwrap /usr/local/bin/bwrap; do [ ! -e $f ] || mount --bind {instead} $f || exit 9; done; exec "$@"'
        command = tester.command("--only", "leaks", "--report", "json", "--against", "bwrap")
        return subprocess.run(["unshare", "--mount", "sh", "-c", script, "sh", *command], capture_output=True, text=True, timeout=300)
    missing = run("/dev/null")
    good = missing.returncode == 69 and "--against bwrap needs bwrap" in missing.stderr and not missing.stdout
    mistakes = [] if good else [f"missing: exit code {missing.returncode}: {missing.stderr}"]
    if shutil.which("bwrap"):
        broken = run("/bin/false")
        found = json.loads(broken.stdout) if broken.stdout else {}
        if broken.returncode != 71 or [side["side"] for side in found.get("not_compared", [])] != ["bwrap"] or found.get("against") or "not compared with bwrap" not in broken.stderr:
            mistakes.append(f"broken: exit code {broken.returncode}, {found.get('not_compared')}: {broken.stderr}")
    return mistakes + nothing_left(world)


def services(world, tester):
    """without systemd as the first process that is said before anything is made; with it, services are attacked and none stays"""
    if not os.path.exists("/run/systemd/system"):
        done = tester.run("--only", "leaks", "--against", "systemd")
        good = done.returncode == 69 and "--against systemd needs a machine that systemd has booted" in done.stderr and not done.stdout
        return [] if good else [f"exit code {done.returncode}: {done.stderr}"]
    code, findings, said = tester.findings("--only", "exec", "--only", "leaks", "--against", "systemd", "--against", "nixos")
    mistakes = [] if code == 0 else [f"exit code {code}: {said}"]
    for side in findings.get("against", []):
        there = {act["id"]: act["verdict"] for act in side["acts"]}
        mistakes += [f"{side['side']}: {name} is {there.get(name)}" for name, verdict in {"exec/shell-exec": "LEAKED", "leaks/environment": "stopped"}.items() if there.get(name) != verdict]
    units = subprocess.run(["systemctl", "list-units", "--all", "--plain", "--no-legend", "fpmbox-against-*"], capture_output=True, text=True).stdout
    return mistakes + [f"left: {units}"] * bool(units.strip()) + nothing_left(world)


def leaves_nothing(world, tester):
    """killed or stopped at any moment it leaves no process, mount, control group, socket or folder"""
    mistakes = []
    for number, moment in ((signal.SIGKILL, 0.15), (signal.SIGKILL, 0.5), (signal.SIGKILL, 1.0), (signal.SIGINT, 0.4), (signal.SIGTERM, 0.7)):
        process = subprocess.Popen(tester.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moment)
        process.send_signal(number)
        process.wait(2 * fixture.PATIENCE)
        mistakes += [f"{signal.Signals(number).name} after {moment} s {left}" for left in nothing_left(world)]
    return mistakes


def reports(world, tester):
    """the other forms are what their readers read"""
    import xml.etree.ElementTree
    mistakes = []
    tap = tester.run("--report", "tap", "--only", "code").stdout.splitlines()
    if not tap or tap[0] != "TAP version 13" or sum(line.startswith(("ok", "not ok")) for line in tap) != int(tap[1].split("..")[1]):
        mistakes.append(f"TAP: {tap[:3]}")
    suites = xml.etree.ElementTree.fromstring(tester.run("--report", "junit", "--only", "code").stdout)
    if not suites.findall("testsuite/testcase"):
        mistakes.append("JUnit: no testcase")
    if "\033" in tester.run("--only", "code").stdout:
        mistakes.append("text: colours, and no terminal")
    return mistakes


STRANGER = 23456


def reached(folder):
    """Of all that a trial has on the host: what whoever asks can connect to or read."""
    for path in glob.glob(f"{folder}/control/*/run/s*") + glob.glob(f"/run/fpmbox/{NAME}/*.sock"):
        with socket.socket(socket.AF_UNIX) as one:
            if one.connect_ex(path) == 0:
                yield "socket of control " + path.split("-")[-2] if "/control/" in path else "socket of the trial"
    for path in glob.glob(f"{folder}/copies/*/*"):
        if os.access(path, os.R_OK):
            yield "copy"


def watch(uid, out):
    """A process of that user, which looks until it is killed, and writes what it reaches."""
    child = os.fork()
    if child:
        return child
    try:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        told = set()
        while True:
            for what in set(reached(f"/var/lib/fpmbox/{NAME}")) - told:
                os.write(out, what.encode() + b"\n")
                told.add(what)
            time.sleep(0.002)
    finally:
        os._exit(1)


def strangers(world, tester):
    """who has nothing to do with the pool reaches no control, one of which is root, and none of the copies; root does, and so sees them"""
    secret, told = f"{world.code('alice')}/data/secret.txt", {}
    fixture.write(secret, "of alice's")
    for uid in (0, STRANGER):
        with tempfile.TemporaryFile("w+") as out:
            child = watch(uid, out.fileno())
            tester.run("--only", "privileges")
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            out.seek(0)
            told[uid] = set(out.read().split("\n")) - {""}
    os.unlink(secret)
    mistakes = [f"a stranger reaches: {what}" for what in sorted(told[STRANGER])]
    there = ("copy", "socket of control 0", "socket of control 2", "socket of the trial")
    return mistakes + [f"root does not see: {what}" for what in there if what not in told[0]]


TESTS = (passes, beside_its_pool, notices, mutants, expectations, grants, broken_acts, against, container_killed, without_bwrap, services, leaves_nothing, reports, strangers)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fpmbox", required=True)
    parser.add_argument("--acts", default=os.path.join(fixture.HERE, "..", "..", "profiles", "acts"))
    parser.add_argument("--all-mutants", action="store_true", help="not a sample of them")
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    options = parser.parse_args()
    report = Report(options.only)
    try:
        with fixture.World(options.fpmbox) as world:
            for path in ("/run/fpmbox/", "/var/lib/fpmbox/"):
                world.at_end.callback(shutil.rmtree, path + NAME, ignore_errors=True)
            tester = Tester(world, options.acts, options.all_mutants)
            for test in TESTS:
                name = "harness/" + test.__name__.replace("_", "-")
                if report.wanted(name):
                    report.check(name, test(world, tester), test.__doc__)
            for side, program in PEERS.items():
                if not shutil.which(program) and report.wanted("harness/against"):
                    report.skip(f"harness/against-{side}", f"{program} is not installed")
    except fixture.Broken as error:
        report.fail("surroundings", str(error))
    except KeyboardInterrupt:
        report.fail("surroundings", "interrupted")
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
