#!/usr/bin/env python3
"""Boxes that an ordinary user starts for itself, in a user namespace.

    tests/sandbox/rootless.py --fpmbox BUILD/fpmbox      (as root, which only makes the users and starts things as them)

First the table of acts.py against such a box, then what is peculiar to it: the user's own files and processes, its own copy
of php-fpm, what is left after an end, and what is said where something cannot be had.
"""

import argparse
import contextlib
import dataclasses
import grp
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys

import acts
import fixture
import run
from acts import Act
from fixture import Box, PlainPool, alive, descendants, folder, status, until, write
from report import Report
from works import php

UNDELEGATED = ("limits.memory.max", "limits.pids.max", "limits.cpu.max")
INHERENT = ("identity.separate", "launcher.identity", "identity.groups")

# Where a box of an ordinary user answers otherwise than root's, and why.
OTHERWISE = {
    "exec/path-at-the-address": "EPERM",  # the launcher refuses the call before the kernel looks at the address
    "identity/more-groups": ("ok; fpmbox-t-alice,fpmbox-t-extra", "ok; fpmbox-t-extra,fpmbox-t-alice"),  # gap identity.groups
    "identity/cgroup": "ok; the launcher's",  # none is delegated here
    "start/own-file": "ok; page",  # the code may belong to the user who starts the box
}
NOT_HERE = {"limits/memory": "no control group is delegated to the user: the gap limits.memory.max"}


def make_homes(world):
    """A home and a folder for sockets, as pam_systemd would make it, of each user."""
    world.homes = {}
    for site, user in world.users.items():
        home = folder(f"{world.scratch}/homes/{site}", 0o700, user)
        write(f"{home}/key", "a private key", 0o600, user)
        folder(f"{home}/runtime", 0o700, user)
        world.homes[site] = home


class Skip(Exception):
    """This machine lacks what the test needs."""


class OwnBox(Box):
    """`fpmbox run FILE` by an ordinary user."""

    wrapper = ()  # in front of everything, as root
    lets_go = UNDELEGATED

    def __init__(self, world, site, name=None, **changes):
        super().__init__(world, site, **changes)
        self.home = world.homes[site]
        self.user = world.users[site]
        self.name = name or self.name
        self.address = f"{self.home}/runtime/fpmbox/{self.name}/live.sock"
        with open(self.file) as file:
            lines = file.read().splitlines()
        lines = [line for line in lines if not line.startswith(("listen:", "identity:"))]
        lines += [f"name: {self.name}", "enforcement:", "  best_effort: ["
                  + ", ".join(f"{{layer: {layer}, why: test}}" for layer in self.lets_go) + "]"]
        self.file = write(f"{self.home}/{self.name}.yaml", "\n".join(lines) + "\n", 0o644, self.user)
        self.environment = {"XDG_RUNTIME_DIR": f"{self.home}/runtime", "HOME": self.home, "XDG_STATE_HOME": "",
                            "XDG_CONFIG_HOME": ""}

    def as_user(self):
        return ["setpriv", "--reuid", self.user, "--regid", self.user, "--init-groups"]

    def command(self):
        return [*self.wrapper, *self.as_user(), *super().command()]

    def say(self, *words):
        """Another command of fpmbox, as the user; its exit code and what it says."""
        done = subprocess.run([*self.wrapper, *self.as_user(), self.world.fpmbox, *words, self.file], capture_output=True,
                              text=True, check=False, env={**os.environ, **self.environment}, timeout=180)
        return done.returncode, done.stdout + done.stderr

    def session_directory(self):
        return f"{self.home}/.local/state/fpmbox/{self.name}/sessions"

    def left(self):
        """What is there of the box, but for what stays."""
        found = [os.path.join(top, file) for top, _, files in os.walk(os.path.dirname(self.address)) for file in files if file not in fixture.KEPT]
        return found + fixture.cgroups(self.name)


class Sides(run.Sides):
    def box(self, site):
        if site not in self.pools:
            self.pools[site] = OwnBox(self.world, site).start()
        return self.pools[site]

    def neighbour_of(self, pool):
        return self.box("bob") if isinstance(pool, Box) else self.control_neighbour()

    def control(self, kind):
        if kind == "copy" and kind not in self.pools:
            self.pools[kind] = OwnCopy(self.world, "alice", "copy").start()
        return super().control(kind)


class OwnCopy(PlainPool):
    """php-fpm outside, from an unreadable copy that belongs to the user itself, as the box has one."""

    def start(self):
        of_host = self.world.php_fpm
        copy = shutil.copy(of_host, f"{self.world.scratch}/tmp/alice/php-fpm")
        shutil.chown(copy, self.world.users["alice"], self.world.users["alice"])
        os.chmod(copy, 0o111)
        self.world.php_fpm = copy
        try:
            return super().start()
        finally:
            self.world.php_fpm = of_host


def home_of(world, pool):
    return {"home": world.homes["alice"]}


def maps_of(pid):
    uid = pwd.getpwnam(fixture.ALICE).pw_uid
    with open(f"/proc/{pid}/uid_map") as file:
        return "its own id alone" if file.read().split() == [str(uid), str(uid), "1"] else "others"


OWN_ACTS = [
    Act("own/home", "keys and mail of the user who started it", "return said(fn () => file_get_contents($T['home'] . '/key'));",
        "ENOENT", arrange=home_of),
    Act("own/home-list", "", "return said(fn () => scandir($T['home']));", "ENOENT", arrange=home_of),
    Act("own/home-write", "an authorized_keys", "$at = $T['home'] . '/.ssh';"
        "$said = said(fn () => mkdir($at)); @rmdir($at); return $said;", "ENOENT", arrange=home_of),
    Act("own/chmod-of-program", "the box's own copy of php-fpm made readable, so that the next process is dumpable",
        acts.call("chmod", "text('/proc/self/exe')", "0755"), "EROFS", control="copy"),
    Act("own/program-read", "a program that it may read is dumpable", acts.call("open", "text('/proc/self/exe')", 0), "EACCES"),
    Act("own/ids", "root of a namespace, or somebody else's id", "return 'ok';", "ok; its own id alone", "ok; others",
        look=acts.of_worker(maps_of)),
    Act("own/groups", "a group that was dropped taken back, or one set", acts.call("setgroups", 0, 0), "EPERM", control="root"),
    Act("own/devices", "another device of the host's /dev",
        "return implode(' ', array_diff(scandir('/dev'), ['.', '..', 'full', 'null', 'random', 'urandom', 'zero'])) === '' ? 'only five' : 'ok';",
        "only five"),
    Act("own/device-made-writable", "the host's own device node belongs to root, and its mount is read-only",
        "return said(fn () => chmod('/dev/null', 0666));", ("EROFS", "EPERM"), control="root"),
    Act("own/null", "what it has of devices works (a property, not an attack)",
        "return file_put_contents('/dev/null', 'x') === 1 && strlen(file_get_contents('/dev/urandom', false, null, 0, 8)) === 8 ? 'works' : 'broken';",
        "works", "works"),
]


def check_acts(report, world, host, sides):
    for act in acts.ACTS + OWN_ACTS:
        if not report.wanted(act.id):
            continue
        if act.id in NOT_HERE:
            report.skip(act.id, NOT_HERE[act.id])
            continue
        act = dataclasses.replace(act, inside=OTHERWISE.get(act.id, act.inside))
        run.run_act(world, host, sides, act, report, True)


# ---- what is peculiar: each a function of (world, sides) that returns its mistakes

def expect(what, said, wanted):
    return [] if said == wanted else [f"{what}: wanted {wanted!r}, got {said!r}"]


def all_unprivileged(world, sides):
    """launcher and janitor keep the user, and no capability of the namespace"""
    box = sides.box("alice")
    outside = [box.process.pid, *[pid for pid in fixture.children(box.process.pid) if "janitor" in status(pid)["Name"]]]
    mistakes = expect("launcher and janitor", len(outside), 2)
    uid = str(pwd.getpwnam(box.user).pw_uid)
    for pid in outside:
        fields = status(pid)
        held = {key: fields[key] for key in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb") if int(fields[key], 16)}
        mistakes += expect(f"capabilities of {fields['Name']}", held, {})
        mistakes += expect(f"uids of {fields['Name']}", set(fields["Uid"].split()), {uid})
        mistakes += expect(f"{fields['Name']}", (fields["NoNewPrivs"], fields["Seccomp"]), ("1", "2"))
    return mistakes


def gaps_are_said(world, sides):
    """what only root could give is said, layer by layer, and does not stop it"""
    box = sides.box("alice")
    return [f"no gap {layer}" for layer in INHERENT + UNDELEGATED if not any(f"gap: {layer}:" in line for line in box.log)]


def plan_and_check(world, sides):
    """plan and check say the same to the user, and that the files hold"""
    box = sides.box("alice")
    code, plan = box.say("plan")
    mistakes = expect("exit of plan", code, 0)
    mistakes += [f"plan does not say {words!r}" for words in ("ipc, uts, cgroup, user", "/live.sock, 0600", "stays you",
                                                              "gap: identity.separate (best effort)") if words not in plan]
    code, said = box.say("check")
    return mistakes + ([] if code == 0 else [f"check ends with {code}: {said}"])


def connects(as_somebody, box):
    reach = [sys.executable, "-c", "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])", box.address]
    return subprocess.run([*as_somebody, *reach], capture_output=True, check=False).returncode == 0


def by_name(world, sides):
    """a pool file in ~/.config/fpmbox/pools is found by the pool's name"""
    box = OwnBox(world, "alice", name="t-alice-named")
    pools = f"{box.home}/.config/fpmbox/pools"
    os.makedirs(pools)
    shutil.move(box.file, f"{pools}/{box.name}.yaml")
    box.file = box.name
    code, said = box.say("plan")
    return expect("exit", code, 0) + ([] if said.startswith("pool t-alice-named") else [said[:300]])


def socket_is_own(world, sides):
    """nobody but the user (and root) gets to the socket"""
    box = sides.box("alice")
    info = os.stat(box.address)
    mistakes = expect("mode", oct(info.st_mode & 0o777), "0o600")
    mistakes += expect("owner", pwd.getpwuid(info.st_uid).pw_name, box.user)
    for site, wanted in (("alice", True), ("bob", False)):
        mistakes += expect(f"{site} connects", connects(world.as_user(site), box), wanted)
    return mistakes


def denials_name_the_script(world, sides):
    """a refused call is told with its script and the line that would permit it, to the user"""
    box = sides.box("alice")
    php(box, "return (string) sys('ptrace', 1, 1);")
    until(lambda: "ptrace(" in box.say("denials", "--json")[1], fixture.PATIENCE)
    code, said = box.say("denials", "--json")
    found = [one for one in map(json.loads, said.splitlines()) if one["act"] == "ptrace(PTRACE_PEEKTEXT, 1)"] if code == 0 else []
    mistakes = [] if found else [f"exit {code}: {said}"]
    for one in found[-1:]:
        mistakes += expect("script", os.path.basename(one["script"]), "act.php")
        mistakes += expect("permit", one["permit"], 'syscalls: {allow: [{name: ptrace, why: "..."}]}')
    return mistakes


def tests_itself(world, sides):
    """`fpmbox test` passes for an ordinary user, and what only root can show is counted as not shown"""
    acts_folder = os.path.join(os.path.dirname(world.fpmbox), "acts")
    if not os.path.isdir(acts_folder):
        shutil.copytree(os.path.join(fixture.HERE, "..", "..", "profiles", "acts"), acts_folder)
    box = OwnBox(world, "alice", name="t-alice-test")
    done = subprocess.run([*box.as_user(), world.fpmbox, "test", "--report", "json", box.file], capture_output=True, text=True,
                          env={**os.environ, **box.environment}, timeout=600)
    findings = json.loads(done.stdout) if done.stdout else {"acts": [], "posture": [], "count": {"stopped": 0}}
    wrong = [f"{act['id']} {act['verdict']}: {act['inside']}; {act['outside']}" for act in findings["acts"] if act["verdict"] in ("LEAKED", "otherwise", "broken control")]
    wrong += [f"{row['name']}: {row['reason']}" for row in findings["posture"] if row["state"] == "failed"]
    only_root = [act["id"] for act in findings["acts"] if act["verdict"] == "not shown" and act.get("reason") == "only root can show it"]
    mistakes = wrong + ([] if only_root else ["nothing needs root"]) + ([] if findings["count"]["stopped"] > 100 else [f"stopped: {findings['count']}"])
    return mistakes + expect("exit code", done.returncode, 0) + ([done.stderr[-500:]] if mistakes or done.returncode else [])


def second_box(world, sides):
    """two boxes of one user do not see each other"""
    one, other = sides.box("alice"), OwnBox(world, "alice", name="t-alice-two").start()
    try:
        mistakes = [] if other.answers() else ["the second does not answer"]
        pids = "return implode(' ', array_filter(scandir('/proc'), 'is_numeric'));"
        for box in (one, other):
            box.all_workers()
            theirs = {fixture.said_of(pid, "NSpid").split()[-1] for pid in [box.master(), *box.workers()]}
            mistakes += expect(f"processes in {box.name}", set(php(box, pids).text.split()) <= theirs, True)
        php(other, "file_put_contents('/tmp/mark', 'x'); return 'ok';")
        mistakes += expect("its /tmp", php(one, "return is_file('/tmp/mark') ? 'there' : 'none';").text, "none")
        for kind in ("mnt", "pid", "net", "ipc", "user"):
            if os.readlink(f"/proc/{one.master()}/ns/{kind}") == os.readlink(f"/proc/{other.master()}/ns/{kind}"):
                mistakes.append(f"both are in one {kind} namespace")
    finally:
        other.stop()
    return mistakes


def end_of(world, number):
    """Starts a box, ends its launcher with a signal; what is left."""
    box = OwnBox(world, "alice", name="t-alice-end").start()
    pids = [box.process.pid, *descendants(box.process.pid)]
    mistakes = [] if box.answers() and os.path.exists(box.address) else ["it does not answer"]
    if number == signal.SIGKILL:
        box.process.kill()
        box.process.wait(fixture.PATIENCE)
    else:
        mistakes += expect("exit", box.stop(number), 0)
    until(lambda: not any(alive(pid) for pid in pids) and not box.left(), fixture.PATIENCE)
    mistakes += [f"process {pid} ({fixture.said_of(pid, 'Name')}) is left" for pid in pids if alive(pid)]
    mistakes += [f"{path} is left" for path in box.left()]
    box.stop()
    return mistakes


def stop_leaves_nothing(world, sides):
    """SIGTERM ends with 0 and leaves neither process nor socket"""
    return end_of(world, signal.SIGTERM)


def killed_launcher(world, sides):
    """SIGKILL of the launcher leaves nothing either: the janitor is the same user"""
    return end_of(world, signal.SIGKILL)


def sessions_stay(world, sides):
    """sessions outlive a box, in the user's own state folder"""
    mistakes = []
    code = "session_start(); $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1; return session_id() . ' ' . $_SESSION['n'];"
    cookie = {}
    for wanted in ("1", "2"):
        box = OwnBox(world, "alice", name="t-alice-end").start()
        try:
            said = php(box, code, params=cookie).text.split()
            mistakes += expect("count", said[1:], [wanted])
            cookie = {"HTTP_COOKIE": f"PHPSESSID={said[0]}"}
            mistakes += [] if os.listdir(box.session_directory()) else ["no session file"]
        finally:
            box.stop()
    return mistakes


def running_already(world, sides):
    """a second launcher of the same pool is refused"""
    box = sides.box("alice")
    code, said = box.say("run")
    return expect("exit", code, 71) + ([] if "is running already" in said else [said[-300:]])


# ---- what cannot be had is said, with what to do

def refused(box, exit_code, *words):
    code, said = box.say("run")
    return expect("exit", code, exit_code) + [f"does not say {word!r}: {said[-600:]}" for word in words if word not in said]


def no_runtime_directory(world, sides):
    """without a folder for sockets: an error with advice, never /tmp"""
    mistakes = []
    for value, words in (("", ("loginctl enable-linger", "XDG_RUNTIME_DIR")), ("/tmp", ("can be entered by others",)),
                         (world.homes["bob"], ("can be entered by others",))):
        box = OwnBox(world, "alice", name="t-alice-none")
        box.environment["XDG_RUNTIME_DIR"] = value
        mistakes += refused(box, 65, *words)
    below_tmp = f"/tmp/fpmbox-t-{os.getpid()}"
    try:
        folder(below_tmp, 0o700, world.users["alice"])
        box.environment["XDG_RUNTIME_DIR"] = below_tmp
        mistakes += refused(box, 65, "everybody's")
    finally:
        os.rmdir(below_tmp)
    return mistakes


def changed(box, *lines):
    with open(box.file, "a") as file:
        file.write("\n".join(lines) + "\n")
    return box


def others_users_and_groups(world, sides):
    """another user's id, another group, a web server's group that one is not in"""
    mistakes = []
    for line, word in ((f"identity: {{user: {fixture.BOB}}}", "only root can start a box as"),
                       (f"identity: {{group: {fixture.EXTRA}}}", "not your own primary one"),
                       (f"listen: {{group: {fixture.WEB}}}", "you are not in group")):
        mistakes += refused(changed(OwnBox(world, "alice", name="t-alice-none"), line), 65, word)
    return mistakes


def own_group_on_socket(world, sides):
    """listen.unix and listen.group where the user is in it: members of the group reach the pool, others do not"""
    place = folder(f"{world.scratch}/sockets", 0o750)
    shutil.chown(place, world.users["alice"], fixture.EXTRA)
    box = changed(OwnBox(world, "alice", name="t-alice-group"), f"listen: {{unix: {place}/live.sock, group: {fixture.EXTRA}}}")
    box.address = f"{place}/live.sock"
    box.start()
    try:
        info = os.stat(box.address)
        mistakes = expect("socket", (oct(info.st_mode & 0o777), grp.getgrgid(info.st_gid).gr_name), ("0o660", fixture.EXTRA))
        for groups, wanted in ((["--groups", fixture.EXTRA], True), (["--clear-groups"], False)):
            as_bob = ["setpriv", "--reuid", fixture.BOB, "--regid", fixture.BOB, *groups]
            mistakes += expect(f"bob connects with {groups}", connects(as_bob, box), wanted)
    finally:
        box.stop()
    return mistakes + expect("left", os.listdir(place), []) + refused(
        changed(OwnBox(world, "alice", name="t-alice-none"), f"listen: {{group: {fixture.EXTRA}}}"), 65, "nobody but you can enter")


def limits_are_required(world, sides):
    """limits that nobody delegated stop it, with the command that delegates"""
    box = OwnBox(world, "alice", name="t-alice-none")
    with open(box.file) as file:
        text = file.read()
    write(box.file, text[:text.index("enforcement:")], 0o644, box.user)
    return refused(box, 69, "missing layer limits.memory.max", "systemd-run --user --scope --property=Delegate=yes")


DELEGATED = "fpmbox-t-delegated"
CONTROLLERS = ("memory", "pids", "cpu")


class Delegated(OwnBox):
    """In control groups that root made for the user, as systemd does with Delegate=yes."""
    lets_go = ()
    wrapper = (sys.executable, "-c", """
import os, sys
groups, command = sys.argv[1].split(":"), sys.argv[2:]
for group in groups:
    with open(group + "/cgroup.procs", "w") as file: file.write(str(os.getpid()))
os.execvp(command[0], command)
""")

    def __init__(self, *arguments, groups, **changes):
        super().__init__(*arguments, **changes)
        self.wrapper = (*self.wrapper, ":".join(groups))


def delegate(user):
    """Groups of the user's own in each hierarchy that has a controller; raises OSError where none can be made."""
    groups = [f"/sys/fs/cgroup/{name}/{DELEGATED}" for name in CONTROLLERS if os.path.isdir(f"/sys/fs/cgroup/{name}")]
    if not groups:
        with open("/sys/fs/cgroup/cgroup.subtree_control", "w") as file:
            file.write(" ".join("+" + name for name in CONTROLLERS))
        groups = [f"/sys/fs/cgroup/{DELEGATED}"]
    for group in groups:
        os.makedirs(group, exist_ok=True)
        for path in [group] + [f"{group}/{name}" for name in ("cgroup.procs", "cgroup.subtree_control", "tasks")]:
            if os.path.exists(path):
                shutil.chown(path, user, user)
    return groups


def removed(group):
    """Not while a process that has ended is still in it."""
    with contextlib.suppress(OSError):
        os.rmdir(group)
        return True
    return False


def remove_delegated():
    for top, _, _ in os.walk("/sys/fs/cgroup", topdown=False):
        if f"/{DELEGATED}" in top:
            until(lambda top=top: not os.path.exists(top) or removed(top), fixture.PATIENCE)


def delegated_limits(world, sides):
    """where control groups are delegated, limits hold, and the groups go with the box"""
    try:
        groups = delegate(world.users["alice"])
    except OSError as error:
        remove_delegated()
        raise Skip(f"no control groups can be made here: {error}") from error
    try:
        box = Delegated(world, "alice", name="t-alice-limits", groups=groups).start()
        try:
            mistakes = expect("gaps of limits", [line for line in box.log if "gap: limits." in line], [])
            mistakes += expect("own groups", len(fixture.cgroups(box.name)) > 0, True)
            act = next(act for act in acts.ACTS if act.id == "limits/memory")
            said = box.request("act.php", method="POST", body=act.code.encode(), params={"TARGETS": "{}"}).text.strip()
            mistakes += expect("640 MiB in a box of 384", said, "SIGKILL")
            mistakes += expect("answers afterwards", box.answers(), True)
        finally:
            code = box.stop()
        return mistakes + expect("exit", code, 0) + expect("left", box.left(), [])
    finally:
        remove_delegated()


class Faulty(OwnBox):
    def command(self):
        return [*self.as_user(), self.world.faulty, "run", self.file]


def failing_steps(world, sides):
    """whatever step of the set-up fails: exit 71, the step is named, nothing is left"""
    mistakes = []
    for step in range(60):
        box = Faulty(world, "alice", name="t-alice-none")
        box.environment["FPMBOX_FAIL_STEP"] = str(step)
        if box.launch().wait_ready():  # past the last step
            box.stop()
            return mistakes if step > 15 else mistakes + [f"only {step} steps failed"]
        mistakes += expect(f"exit at step {step}", box.wait(), 71)
        mistakes += [] if any("step `" in line for line in box.log) else [f"step {step} is not named: {box.log[-3:]}"]
        box.stop()
        mistakes += expect(f"left after step {step}", box.left(), [])
    return mistakes + ["no step was the last"]


class WithoutNamespaces(OwnBox):
    """Below a namespace that may hold no other, as user.max_user_namespaces=0 does it on a whole host."""
    wrapper = (sys.executable, "-c", """
import ctypes, os, sys
ready, go = os.pipe(), os.pipe()
libc = ctypes.CDLL(None, use_errno=True)
child = os.fork()
if child == 0:
    if libc.unshare(0x10000000) != 0: os._exit(99)
    os.write(ready[1], b"x"); os.read(go[0], 1)
    with open("/proc/sys/user/max_user_namespaces", "w") as file: file.write("0")
    os.execvp(sys.argv[1], sys.argv[1:])
os.read(ready[0], 1)
for kind in ("uid_map", "gid_map"):
    with open(f"/proc/{child}/{kind}", "w") as file: file.write("0 0 4294967295")
os.write(go[1], b"x")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
""")


def no_user_namespaces(world, sides):
    """where the host forbids user namespaces: which step, why, and the sysctl"""
    return refused(WithoutNamespaces(world, "alice", name="t-alice-none"), 69, "missing layer namespaces", "step `user namespace`",
                   "sysctl -w user.max_user_namespaces")


class MaskedProc(OwnBox):
    """As in a container, which covers parts of /proc."""
    wrapper = ("unshare", "--mount", "--propagation", "private", "sh", "-c", 'mount -t tmpfs none /proc/sys && exec "$@"', "sh")


class MaskedProcLetGo(MaskedProc):
    lets_go = (*UNDELEGATED, "proc")


def masked_proc(world, sides):
    """a /proc that is covered in places cannot be had anew: a gap, and a box without /proc where the profile lets it go"""
    mistakes = refused(MaskedProc(world, "alice", name="t-alice-none"), 69, "missing layer proc", "parts of this /proc are covered")
    box = MaskedProcLetGo(world, "alice", name="t-alice-none").start()
    try:
        mistakes += expect("answers", box.answers(), True)
        mistakes += expect("/proc", php(box, "return is_dir('/proc') ? 'there' : 'none';").text, "none")
    finally:
        box.stop()
    return mistakes


OWN = [all_unprivileged, gaps_are_said, plan_and_check, by_name, socket_is_own, denials_name_the_script, tests_itself, second_box, stop_leaves_nothing, killed_launcher,
       sessions_stay, running_already, no_runtime_directory, others_users_and_groups, own_group_on_socket, limits_are_required,
       delegated_limits, failing_steps, no_user_namespaces, masked_proc]


def namespaces_work(world):
    """For ordinary users of this machine."""
    return subprocess.run([*world.as_user("alice"), "unshare", "--user", "true"], capture_output=True, check=False).returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fpmbox", required=True)
    parser.add_argument("--faulty", required=True, help="a build that fails at the step named in FPMBOX_FAIL_STEP")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="part of a name, or a pattern; may be repeated")
    options = parser.parse_args()
    report = Report(options.only)
    try:
        with fixture.World(options.fpmbox, faulty=options.faulty) as world:
            make_homes(world)
            if not namespaces_work(world):
                report.skip("rootless", "ordinary users of this machine cannot make user namespaces")
                return report.close()
            host, sides = fixture.Host(world), Sides(world)
            check_acts(report, world, host, sides)
            for test in OWN:
                name = "rootless/" + test.__name__.replace("_", "-")
                if not report.wanted(name):
                    continue
                try:
                    report.check(name, test(world, sides), (test.__doc__ or "").strip())
                except Skip as reason:
                    report.skip(name, str(reason))
                except (fixture.Broken, fixture.NoAnswer, OSError) as error:
                    report.fail(name, f"{type(error).__name__}: {error}")
    except fixture.Broken as error:
        report.fail("surroundings", str(error))
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
