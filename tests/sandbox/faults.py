#!/usr/bin/env python3
"""What fails, and how: every failure ends in a working box or in a clear error, and leaves nothing behind.

    tests/sandbox/faults.py --fpmbox BUILD/fpmbox --faulty BUILD/fpmbox_faulty            (as root) a thrifty choice
    tests/sandbox/faults.py --fpmbox BUILD/fpmbox --faulty BUILD/fpmbox_faulty --all      every combination; scripts/test-faults

To add a test, write a function of `world` that returns its mistakes and add it to TESTS; the docstring is what is printed.
"""

import argparse
import contextlib
import errno
import os
import random
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import fixture
from fixture import Box, Older, alive, descendants, until
from lifecycle import Skip, expect, leftovers, running, with_log
from report import Report
from works import php

ERRNOS = (errno.EPERM, errno.ENOENT, errno.ENOMEM, errno.ENOSYS)


class Choice:
    """How much of it: all, or what a few seconds hold. By a seed, and for each row by itself: a call more or less in a start changes
    no other's lot. Without --seed it is the same each time, for a test that now and then finds something stops whoever changed nothing;
    scripts/test-faults tries all, each time with another seed."""
    everything = False
    seed = 1

    @classmethod
    def dice(cls, *row):
        return random.Random(f"{cls.seed} {row}")

    @classmethod
    def of(cls, rows, few):
        lots = sorted((cls.dice(row).random(), at) for at, row in enumerate(rows))
        return rows if cls.everything else [rows[at] for at in sorted(at for _, at in lots[:few])]

    @classmethod
    def errno_for(cls, *row):
        return cls.dice("errno", *row).choice(["EPERM", "ENOMEM", "EIO", "EMFILE"])


def complaints(box):
    """The lines that say why it ended: none but them and gaps are printed."""
    return [line for line in box.log if "gap: " not in line]


def is_clear(box, *parts):
    """One error, of this pool, with these parts in it."""
    said = complaints(box)
    if len(said) != 1 or not said[0].startswith(box.name + ": "):
        return [f"not one error of the pool: {said}"]
    return [f"no {part!r} in {said[0]!r}" for part in parts if part not in said[0]]


def again(world):
    """The next start works."""
    with running(world) as box:
        return [f"the next start: {one}" for one in expect(box.request().text, "hello from alice") + expect(box.stop(), 0)]


# ---- the steps between clone and exec

SUBJECTS = {"memory": "memory.deny_write_execute, ", "hostname": "t-alice", "identity": "identity.user, ", "seccomp": "syscalls, ", "exec": "/php-fpm", "limits": "limits, "}
PLACE = re.compile(r"step `[^`]+` on .+\.yaml(:\d+:\d+| leaves open)")  # a key that no file sets has the file alone


class Faulty(Box):
    def command(self):
        return [self.world.faulty, "run", self.file]


def step_names(world):
    """Each step fails once, with EIO; as many as there are until a box comes up."""
    names = []
    for step in range(60):
        box = Faulty(world, "alice", environment={"FPMBOX_FAIL_STEP": str(step)}).launch()
        if box.wait_ready():
            box.stop()
            return names
        box.wait()
        box.stop()
        names += [match.group(1) for line in box.log for match in [re.search(r"step `([^`]+)`", line)] if match] or ["?"]
    return names


def fail_step(world, number, name, code):
    environment = {"FPMBOX_FAIL_STEP": str(number), "FPMBOX_FAIL_ERRNO": str(code)}
    box = Faulty(world, "alice", environment=environment).launch()
    ended = box.wait()
    box.stop()
    mistakes = expect(ended, 71) + is_clear(box, f"step `{name}`", os.strerror(code), SUBJECTS.get(name, ""))
    mistakes += [f"without a line of the profile: {line}" for line in complaints(box) if not PLACE.search(line)]
    return [f"{name} with {errno.errorcode[code]}: {one}" for one in with_log(mistakes + leftovers(world), box)]


def every_step(world):
    """whatever step of the set-up fails, with whatever errno: exit 71, one error that names pool, step, subject, reason and the line of the profile; nothing is left"""
    if not world.faulty:
        raise Skip("no --faulty build given")
    names = step_names(world)
    mistakes = [] if len(names) > 20 and len(set(names)) == len(names) and "?" not in names else [f"steps: {names}"]
    for code in ERRNOS:
        for number, name in enumerate(names):
            mistakes += fail_step(world, number, name, code)
    return mistakes + again(world)


# ---- kernels and filters without newer calls

NEEDED = {"pidfd_send_signal": "5.1", "open_tree": "5.2", "move_mount": "5.2", "fsopen": "5.2", "fsconfig": "5.2", "fsmount": "5.2",
          "openat2": "5.6", "close_range": "5.11", "mount_setattr": "5.12"}
UNNEEDED = ("clone3", "pidfd_open", "faccessat2")


def older_kernels(world):
    """without a newer system call: exit 69 and the kernel that has it, or a box that works all the same"""
    mistakes = []
    for name, word in [(name, word) for name in NEEDED for word in ("ENOSYS", "EPERM")]:
        box = Older(world, "alice", name, word).launch()
        code = box.wait()
        box.stop()
        found = expect(code, 69) + is_clear(box, f"call {name} ", f"Linux {NEEDED[name]} ", "filter") + leftovers(world)
        mistakes += [f"{name} {word}: {one}" for one in with_log(found, box)]
    for name, word in [("clone3", "ENOSYS"), ("clone3", "EPERM"), (",".join(UNNEEDED), "ENOSYS")]:
        box = Older(world, "alice", name, word)
        try:
            box.start()
            mistakes += [f"{name}: {one}" for one in expect(box.request().text, "hello from alice") + expect(box.stop(), 0)]
        finally:
            box.stop()
    return mistakes + leftovers(world)


def no_landlock(world):
    """without Landlock: a missing layer, exit 69; a profile that lets the layer go gets a box and a printed gap"""
    box = Older(world, "alice", "landlock_create_ruleset").launch()
    mistakes = expect(box.wait(), 69) + ([] if any("missing layer landlock:" in line for line in box.log) else ["not named"])
    box.stop()
    for word in ("ENOSYS", "EPERM"):
        box = Older(world, "alice", ",".join(fixture.LANDLOCK_CALLS), word, more=fixture.WITHOUT_LANDLOCK)
        try:
            box.start()
            mistakes += expect(box.request().text, "hello from alice") + expect(box.stop(), 0)
            mistakes += [f"{word}: no gap {one}" for one in fixture.LANDLOCK_LAYERS if not any(f"gap: {one}:" in line for line in box.log)]
        finally:
            box.stop()
    return mistakes + leftovers(world)


def landlock_that_fails_late(world):
    """a Landlock that is there and then refuses: exit 71, and never a box without it"""
    mistakes = []
    for name in ("landlock_add_rule", "landlock_restrict_self"):
        box = Older(world, "alice", name).launch()
        found = expect(box.wait(), 71) + is_clear(box, "landlock", os.strerror(errno.ENOSYS))
        box.stop()
        mistakes += [f"{name}: {one}" for one in with_log(found + leftovers(world), box)]
    return mistakes


# ---- any call of the launcher itself

class Traced(fixture.Traced):
    """The launcher alone is traced, not what it starts."""
    options = ("-e", "trace=none")

    def command(self):
        return ["strace", "-o", f"{self.world.scratch}/trace", *self.options, *super().command()]


# What cannot fail, and what nobody could go on without: the C library's own start.
NEVER = {"close", "getpid", "geteuid", "getegid", "umask", "execve", "exit_group", "arch_prctl", "set_tid_address", "set_robust_list",
         "rseq", "brk", "mprotect", "futex", "munmap", "restart_syscall", "rt_sigreturn"}


def calls_until_ready(world):
    """[(name, how many of that name so far)] of a start without a fault."""
    box = Traced(world, "alice")
    box.options = ()
    box.launch()
    if not box.wait_ready():
        raise fixture.Broken(f"strace: {box.log[-3:]}")
    with open(f"{world.scratch}/trace") as file:
        names = [match.group(1) for match in map(re.compile(r"(\w+)\(").match, file) if match]
    box.stop()
    seen, calls = {}, []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        if name not in NEVER:
            calls.append((name, seen[name]))
    return calls


def answers_at_last(box):
    """Twice in a row: where a count goes by process, a call of each of the two workers fails as well, once."""
    said = []

    def once():
        try:
            said.append(box.request().text)
        except fixture.NoAnswer as error:
            said.append(str(error))
        return said[-2:] == ["hello from alice"] * 2
    return [] if until(once, fixture.PATIENCE) else [f"it answers {said[-5:]}"]


def works_or_says_why(box, codes=(64, 65, 69, 71)):
    """Whatever went wrong: an answer, or an error that has a place."""
    if box.wait_ready():
        return answers_at_last(box) + expect(box.stop(), 0)
    code, said = box.wait(), complaints(box)
    mistakes = ([f"exit {code}"] if code not in codes else []) + ([] if said else ["says nothing"])
    return mistakes + [f"without a place: {line}" for line in said if not re.match(rf"{box.name}: |fpmbox: |/\S+\.yaml:", line)]


def fail_call(world, name, number, word):
    box = Traced(world, "alice")
    box.options = ("-e", f"trace={name}", "-e", f"inject={name}:error={word}:when={number}")
    try:
        found = works_or_says_why(box.launch())
        found += again(world) if name == "unlinkat" else []  # what it could not remove, the next start does
        found += leftovers(world)
    except fixture.NoAnswer as error:
        found = [f"no answer: {error}"]
    finally:
        box.stop()
    return [f"{name} {number} {word}: {one}" for one in with_log(found, box)]


def any_call(world):
    """whatever call of the launcher fails until it is ready, with whatever errno: a box that works or an error with a place; nothing is left"""
    calls = calls_until_ready(world)
    mistakes = [] if len(calls) > 300 else [f"only {len(calls)} calls were seen"]
    for name, number in Choice.of(calls, 40):
        mistakes += fail_call(world, name, number, Choice.errno_for(name, number))
    return mistakes + again(world)


def trial_on_a_short_machine(world):
    """where the trial of what boxes need fails for want of a process, of memory or of room, that is said, and not that root may do less here"""
    mistakes = []
    for kind, name, word in ((Traced, "clone", "EAGAIN"), (Traced, "socketpair", "EMFILE"), (TracedWhole, "mount", "ENOMEM"), (TracedWhole, "mknodat", "ENOSPC")):
        box = kind(world, "alice")
        box.options = ("-e", f"trace={name}", "-e", f"inject={name}:error={word}:when=1")
        found = expect(box.launch().wait(), 71)
        found += [] if any("the trial of what boxes need" in line and os.strerror(getattr(errno, word)) in line for line in complaints(box)) else ["not said"]
        box.stop()
        mistakes += [f"{name} {word}: {one}" for one in with_log(found + leftovers(world), box)]
    return mistakes


def alone_in_its_group(world):
    """no process of the launcher's own is in its control group when others are made below it: a group with others in it cannot be divided"""
    box = Traced(world, "alice")
    box.options = ("-e", "trace=clone,clone3,fork,vfork,wait4,openat,mkdirat")
    mistakes = expect(box.launch().wait_ready(), True)
    box.stop()
    with open(f"{world.scratch}/trace") as file:
        before, made, _ = file.read().partition(f'"fpmbox-{box.name}-')
    started = re.findall(r"(?m)^(?:clone3?|v?fork)\(.* = (\d+)$", before)
    ended = re.findall(r"(?m)^wait4\((\d+), .* = \1$", before)
    mistakes += [] if made and started else ["neither a trial nor a group is seen"]
    return with_log(mistakes + [f"process {pid} is not waited for" for pid in started if pid not in ended], box)


# ---- the child and the helpers of a launch

class TracedWhole(Traced):
    """What it starts, too. A count goes by process."""

    def command(self):
        return ["strace", "-f", *super().command()[1:]]


def calls_of_helpers(world):
    """(name, how many of that name so far in its process) of every process but the launcher, up to the exec of php-fpm."""
    box = TracedWhole(world, "alice")
    box.options = ()
    box.launch()
    if not box.wait_ready():
        raise fixture.Broken(f"strace: {box.log[-3:]}")
    with open(f"{world.scratch}/trace") as file:
        lines = [match.groups() for match in map(re.compile(r"(\d+) +(\w+)\(").match, file) if match]
    box.stop()
    launcher, seen, became_php, calls = lines[0][0], {}, set(), set()
    for pid, name in lines:
        seen[pid, name] = seen.get((pid, name), 0) + 1
        became_php |= {pid} if name in ("execve", "execveat") else set()
        if pid != launcher and pid not in became_php and name not in NEVER | {"sigreturn", "exit", "pause"}:
            calls.add((name, seen[pid, name]))
    return sorted(calls)


def any_call_of_helpers(world):
    """the same for whatever the launcher starts: the box's child, the janitor, the trials of the kernel"""
    calls = calls_of_helpers(world)
    mistakes = [] if len(calls) > 100 else [f"only {len(calls)} calls were seen"]
    for name, number in Choice.of(calls, 20):
        word = Choice.errno_for("helpers", name, number)
        box = TracedWhole(world, "alice")
        box.options = ("-e", f"trace={name}", "-e", f"inject={name}:error={word}:when={number}")
        try:
            # php-fpm and the launcher are hit as well; what FPM ends with is passed on
            found = works_or_says_why(box.launch(), (64, 65, 69, 71, 78, 70, 1, 127))
        except fixture.NoAnswer as error:
            found = [f"no answer: {error}"]
        finally:
            box.stop()
        found += again(world) + leftovers(world)
        mistakes += [f"{name} {number} {word}: {one}" for one in with_log(found, box)]
    return mistakes


class KilledAtExec(Box):
    def command(self):
        return ["strace", "-f", "-o", "/dev/null", "-e", "trace=execveat", "-e", "inject=execveat:signal=KILL:when=1", *super().command()]


def killed_at_exec(world):
    """a child that is killed before its exec, for want of memory perhaps, is no box that runs: exit 71, and it is said"""
    mistakes = []
    for _ in range(30 if Choice.everything else 3):  # it is looked at while it dies, or after
        box = KilledAtExec(world, "alice").launch()
        mistakes += expect(box.wait(), 71) + is_clear(box, "killed by signal 9", "before php-fpm was started")
        box.stop()
    return with_log(mistakes + leftovers(world), box)


def lost_ready(world):
    """a READY=1 that the service manager's full queue did not take is said again, and the log tells"""
    box = Traced(world, "alice")
    box.options = ("-e", "trace=sendto")
    if not box.launch().wait_ready():
        return with_log(["never ready"], box)
    with open(f"{world.scratch}/trace") as file:
        sent = [line for line in file if line.startswith("sendto(")]
    at = next(number for number, line in enumerate(sent, 1) if "READY=1" in line)
    box.stop()
    box = Traced(world, "alice")
    box.options = ("-e", "trace=sendto", "-e", f"inject=sendto:error=EAGAIN:when={at}")
    mistakes = expect(box.launch().wait_ready(), True)
    mistakes += [] if any("could not be told" in line for line in box.log) else ["the log does not tell"]
    mistakes += expect(box.stop(), 0)
    box.stop()
    return with_log(mistakes, box)


def fpmbox_stop(world, *words):
    return subprocess.run([world.fpmbox, "stop", *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=fixture.START)


def stop_during_a_start(world):
    """stop of a box that is starting waits until it can be asked, and then until it has ended"""
    box = Traced(world, "alice")
    box.options = ("-e", "trace=pipe2", "-e", "inject=pipe2:delay_enter=500000")  # behind the claim, and long before the record
    box.launch()
    try:
        mistakes = [] if until(lambda: os.path.exists(f"/run/fpmbox/{box.name}/.box.json"), fixture.PATIENCE) else ["it never held its pool"]
        done = fpmbox_stop(world, box.name)
        mistakes += expect(done.returncode, 0) + ([] if "stopped in" in done.stdout else [f"stop says {done.stdout + done.stderr!r}"])
        mistakes += expect(box.wait(), 0)
    finally:
        box.stop()
    return with_log(mistakes + leftovers(world), box)


def stop_of_a_suspended_launcher(world):
    """a launcher that SIGSTOP holds is let go on by stop, and ends as it should"""
    with running(world) as box:
        box.process.send_signal(signal.SIGSTOP)
        done = fpmbox_stop(world, box.name)
        mistakes = expect(done.returncode, 0) + ([] if "stopped in" in done.stdout else [f"stop says {done.stdout + done.stderr!r}"])
        box.process.send_signal(signal.SIGCONT)
        mistakes += expect(box.wait(), 0)
    return with_log(mistakes + leftovers(world), box)


# ---- kills

def janitor_of(box):
    return [pid for pid in fixture.children(box.process.pid) if fixture.said_of(pid, "Name") == "fpmbox-janitor"]


VICTIMS = {"launcher": lambda box: [box.process.pid], "janitor": janitor_of,
           "master": lambda box: [pid for pid in descendants(box.process.pid) if fixture.said_of(pid, "NSpid").split()[-1:] == ["1"]]}


def strike(box, victim):
    """Whether there was somebody to kill."""
    with contextlib.suppress(OSError, KeyError):
        for pid in VICTIMS[victim](box):
            os.kill(pid, signal.SIGKILL)
            return True
    return False


def killed(world, victim, phase, moment, clears):
    box = Box(world, "alice").launch()
    if phase != "start" and not box.wait_ready():
        return with_log(["never ready"], box)
    if phase == "stop":
        box.process.send_signal(signal.SIGTERM)
    time.sleep(moment)
    struck = strike(box, victim)
    if victim == "janitor" and phase == "run":
        said = until(lambda: any("the janitor has died" in line for line in box.log), fixture.PATIENCE)
        mistakes = ([] if said else ["nobody says that the janitor has died"]) + expect(box.request().text, "hello from alice")
        mistakes += expect(box.stop(), 0)
    elif victim == "launcher" or not struck:
        box.stop(signal.SIGKILL)
        mistakes = []
    else:
        said = []
        until(lambda: box.process.poll() is not None or "READY=1" in said or said.extend(box.notices()), fixture.START if phase == "start" else 5)
        if box.process.poll() is None:
            box.process.send_signal(signal.SIGTERM)  # a janitor that died early or late does not end the box
        code = box.wait()
        # at a start the first process of a trial of the kernel may have been struck, in the place of the box's
        ended = victim == "master" and (phase == "run" or (phase == "start" and "READY=1" not in said))
        mistakes = (["the launcher does not end"] if code is None else []) + (["exit 0"] if code == 0 and ended else [])
    box.stop()
    # Until there is a janitor, and when it was killed, groups and the live socket may be left: `stop --remains` removes them, and
    # so does the next start.
    may_stay = ("socket", "cgroup") if victim == "janitor" or phase == "start" else ()
    if may_stay and clears:
        cleared = subprocess.run([world.fpmbox, "stop", "--remains", box.name], capture_output=True, text=True)
        mistakes += [] if cleared.returncode == 0 else [f"stop --remains: {cleared.stdout}{cleared.stderr}"]
        may_stay = ()
    found = leftovers(world, passed_over=may_stay)
    return with_log([f"{victim} in {phase} after {moment:.3f} s: {one}" for one in mistakes + found], box)


def random_kills(world):
    """SIGKILL of launcher, master or janitor at random moments of start, run and stop: no process or mount is left, the next start works and clears up"""
    mistakes = []
    for round_ in range(100 if Choice.everything else 12):
        dice = Choice.dice("kill", round_)
        phase = dice.choice(["start", "start", "run", "stop"])
        moment = dice.uniform(0, {"start": 0.15, "run": 0.05, "stop": 0.05}[phase])
        mistakes += killed(world, list(VICTIMS)[round_ % 3], phase, moment, dice.random() < 0.5)
    return mistakes + again(world) + leftovers(world)


def janitor_and_launcher(world):
    """a launcher that is killed after its janitor takes the box along all the same; the next start clears up"""
    with running(world) as box:
        strike(box, "janitor")
        below = descendants(box.process.pid)
        box.process.kill()
        box.process.wait()
        until(lambda: not any(map(alive, below)), fixture.PATIENCE)
        mistakes = [f"process {pid} still runs" for pid in below if alive(pid)]
    return mistakes + again(world) + leftovers(world)


# ---- surroundings

class Arranged(Box):
    """In a mount namespace of its own, in which a shell arranged something first."""

    def __init__(self, world, site, arrangement, **changes):
        super().__init__(world, site, **changes)
        self.arrangement = arrangement

    def command(self):
        return ["unshare", "--mount", "--propagation", "private", "sh", "-ec", self.arrangement + '\nexec "$@"', "sh", *super().command()]


FILL = "$file = '%s/fill'; $n = @file_put_contents($file, str_repeat('x', %d)); return $n === false ? error_get_last()['message'] : 'written';"


def full_disks(world):
    """a full /tmp, a full writable folder, full sessions: the request hears of it, the pool goes on"""
    data, state = os.path.realpath(world.code("alice")) + "/data", "/var/lib/fpmbox/t-alice"
    user = world.users["alice"]
    small = f"mount -t tmpfs -o size=64k,mode=0755,uid=$(id -u {user}) none {data}; mkdir -p {state}; mount -t tmpfs -o size=64k,mode=0755 none {state}"
    box = Arranged(world, "alice", small)
    try:
        box.start()
        mistakes = []
        for place, count in ((data, 1 << 20), ("/tmp", 100 << 20), ("/var/lib/fpmbox/sessions", 1 << 20)):
            said = php(box, "ini_set('memory_limit', -1);" + FILL % (place, count)).text
            mistakes += [] if re.search("No space left|out of free disk space", said) else [f"{place}: {said}"]
            mistakes += [f"with {place} full: {one}" for one in expect(box.request().text, "hello from alice")]
            said = php(box, "session_start(); $_SESSION['a'] = str_repeat('y', 100000); @session_write_close(); return error_get_last()['message'] ?? 'kept';").text
            mistakes += [f"sessions: {said}"] if "sessions" in place and "kept" in said else []
        return with_log(mistakes + expect(box.stop(), 0), box)
    finally:
        box.stop()


def fill(path):
    """Until nothing goes into its file system any more."""
    with contextlib.suppress(OSError), open(path, "wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"x" * size)


SAYS_MUCH = "for ($i = 0; $i < 200; $i++) error_log(str_repeat('said ', 200)); return 'said';"


def full_disk_under_logs(world):
    """a full disk under the kept log, and under the file that stderr goes to: the pool answers, and stops as it should"""
    mistakes = []
    box = Arranged(world, "alice", "mkdir -p /run/fpmbox; mount -t tmpfs -o size=24m,mode=0755 none /run/fpmbox")
    try:
        box.start()
        inside = f"/proc/{box.process.pid}/root"
        box.address = inside + box.address
        fill(f"{inside}/run/fpmbox/fill")
        mistakes += expect(php(box, SAYS_MUCH).text, "said") + expect(box.request().text, "hello from alice")
        mistakes += [] if until(lambda: any("said said" in line for line in box.log), fixture.PATIENCE) else ["stderr has not got the lines"]
        mistakes += [f"kept log: {one}" for one in with_log(expect(box.stop(), 0), box)]
    finally:
        box.stop()
    disk = fixture.folder(f"{world.scratch}/disk")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", disk], check=True)
    try:
        log = os.open(f"{disk}/log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        fill(f"{disk}/fill")
        box = Box(world, "alice").launch(preexec_fn=lambda: os.dup2(log, 2))
        mistakes += [f"stderr: {one}" for one in expect(box.wait_ready(), True) + expect(php(box, SAYS_MUCH).text, "said")
                     + expect(box.request().text, "hello from alice") + expect(box.stop(), 0)]
        os.close(log)
    finally:
        box.stop()
        subprocess.run(["umount", disk], check=True)
    return mistakes + leftovers(world)


# What is wrong, how to make it so, what the error has to contain.
BROKEN = [
    ("/run/fpmbox is a file", "mount -t tmpfs none /run; touch /run/fpmbox", "/run/fpmbox"),
    ("/run/fpmbox is a symlink", "mount -t tmpfs none /run; ln -s /tmp /run/fpmbox", "/run/fpmbox"),
    ("/run/fpmbox is another's", "mount -t tmpfs none /run; mkdir /run/fpmbox; chown 65533 /run/fpmbox", "/run/fpmbox belongs to uid 65533"),
    ("/run/fpmbox is everybody's", "mount -t tmpfs none /run; mkdir -m 777 /run/fpmbox", "/run/fpmbox can be written"),
    ("the pool's folder is a symlink", "mount -t tmpfs none /run; mkdir /run/fpmbox; ln -s /tmp /run/fpmbox/t-alice", "/run/fpmbox/t-alice must be a folder"),
    ("/run is full", "mount -t tmpfs -o nr_inodes=2 none /run; mkdir /run/fpmbox", "mkdir(/run/fpmbox/t-alice): No space left"),
    ("/run is small", "mount -t tmpfs -o size=1m none /run", "to /run/fpmbox/.programs: "),
    ("/run is read-only", "mount -t tmpfs -o ro none /run", "Read-only"),
    ("/var/lib/fpmbox is read-only", "mkdir -p /var/lib/fpmbox; mount -t tmpfs -o ro none /var/lib/fpmbox", "Read-only"),
    ("/var/lib/fpmbox is full", "mkdir -p /var/lib/fpmbox; mount -t tmpfs -o nr_inodes=1 none /var/lib/fpmbox", "No space left"),
    ("/var/lib/fpmbox is another's", "mkdir -p /var/lib/fpmbox; mount -t tmpfs -o uid=65533,mode=755 none /var/lib/fpmbox", "/var/lib/fpmbox belongs to uid 65533"),
    ("no /proc", "umount -l /proc", "/proc is not mounted"),
]


def broken_hosts(world):
    """folders of the launcher that are full, read-only, links, files or others': exit 71, one error that names the path"""
    mistakes = []
    for what, arrangement, word in BROKEN:
        box = Arranged(world, "alice", arrangement).launch()
        found = expect(box.wait(), 71)
        said = complaints(box)
        found += [] if len(said) == 1 and word in said[0] else [f"no {word!r}"]
        box.stop()
        mistakes += [f"{what}: {one}" for one in with_log(found + leftovers(world), box)]
    return mistakes


def code_that_vanishes(world):
    """a version that is renamed while it runs is still served; the next start says which path is missing"""
    version = os.path.realpath(world.code("alice"))
    with running(world) as box:
        os.rename(version, version + ".away")
        try:
            mistakes = expect(box.request().text, "hello from alice") + expect(box.stop(), 0)
            second = Box(world, "alice").launch()
            mistakes += expect(second.wait(), 65) + ([] if any(world.code("alice") in line for line in second.log) else ["the path is not named"])
            second.stop()
        finally:
            os.rename(version + ".away", version)
    return with_log(mistakes, second) + leftovers(world)


def code_that_is_deleted(world):
    """a version whose files are deleted while it runs: its pages are missing, and the pool goes on; what opcache has is still served"""
    version = os.path.realpath(world.code("alice"))
    shutil.copytree(version, version + ".kept", symlinks=True)
    try:
        with running(world) as box:
            mistakes = expect(box.request().text, "hello from alice")
            shutil.rmtree(version, ignore_errors=True)  # a mount point stays, in the kernel's eyes as in the box's
            mistakes += expect(box.request("missing.php").status, 404) + expect(box.request("config.php").status, 404)
            mistakes += expect(box.process.poll(), None) + expect(box.stop(), 0)
            second = Box(world, "alice").launch()
            mistakes += expect(second.wait(), 65) + ([] if any(world.code("alice") in line for line in second.log) else ["the path is not named"])
            second.stop()
    finally:
        shutil.rmtree(version, ignore_errors=True)
        os.rename(version + ".kept", version)
        for folder in ("data", "open"):
            shutil.chown(f"{version}/{folder}", world.users["alice"], world.users["alice"])
    return with_log(mistakes, second) + again(world) + leftovers(world)


def serve(path):
    """A database, as far as a connection goes: says hello and hangs up."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    os.chmod(path, 0o666)
    listener.listen()

    def loop():
        with contextlib.suppress(OSError):
            while True:
                listener.accept()[0].sendall(b"hello from the database")
    threading.Thread(target=loop, daemon=True).start()

    def end():
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        os.unlink(path)
    return end


def database_that_is_away(world):
    """a database's folder that is missing at the start is an error with its line; a server that dies and returns is reached again"""
    folder, connect = f"{world.scratch}/db", f"connect: [{{unix: {world.scratch}/db/db.sock}}]\n"
    box = Box(world, "alice", more=connect).launch()
    mistakes = expect(box.wait(), 65, 71) + ([] if any(folder in line and ".yaml:" in line for line in box.log) else ["neither path nor line is named"])
    box.stop()
    fixture.folder(folder)
    ask = f"$s = @stream_socket_client('unix://{folder}/db.sock', $e, $m, 2); return $s ? fread($s, 100) : 'away: ' . $m;"
    end = serve(f"{folder}/db.sock")
    with running(world, more=connect) as box:
        mistakes += expect(php(box, ask).text, "hello from the database")
        end()
        mistakes += [] if php(box, ask).text.startswith("away: ") else ["a dead server answers"]
        end = serve(f"{folder}/db.sock")
        mistakes += expect(php(box, ask).text, "hello from the database") + expect(box.stop(), 0)
    end()
    shutil.rmtree(folder)
    return with_log(mistakes, box) + leftovers(world)


def profile_that_changes(world):
    """a running box keeps its plan; the next start takes the new file, and refuses a broken one with its lines: exit 65"""
    with running(world, limits="stop_timeout: 5s, nofile: 512") as box:
        limit = "return posix_getrlimit()['hard openfiles'];"
        mistakes = expect(php(box, limit).text, "512")
        with open(box.file, "a") as file:
            file.write("nonsense: true\nlimits: {nofile: 100}\n")
        mistakes += expect(php(box, limit).text, "512")
        second = Box.__new__(Box)
        second.__dict__.update(world=world, site="alice", name=box.name, address=box.address, log=[], environment={}, file=box.file, process=None, _notices=None)
        mistakes += expect(second.launch().wait(), 65) + ([] if any(re.match(rf"{re.escape(box.file)}:\d+:\d+: ", line) for line in second.log) else ["no line is named"])
        second.stop()
        mistakes += expect(box.stop(), 0)
    with running(world, limits="stop_timeout: 5s, nofile: 640") as box:
        mistakes += expect(php(box, limit).text, "640")
    return with_log(mistakes, second)


def says_the_limit(box, key, value, what):
    """One line, with the profile's own, while the box runs."""
    wanted = rf"{re.escape(box.name)}: the box ran into limits\.{re.escape(key)} of {value} \({re.escape(box.file)}:\d+:\d+\): the kernel {what}$"
    lines = until(lambda: [line for line in box.log if "the box ran into" in line], fixture.PATIENCE) or []
    return [] if len(lines) == 1 and re.match(wanted, lines[0]) else [f"of the limit is said: {lines}"]


def memory_limit(world):
    """a worker that takes more memory than the box has is ended, the pool goes on, and the log names the limit with its line"""
    with running(world) as box:
        with contextlib.suppress(fixture.NoAnswer):
            # past PHP's own memory_limit, which would end the request before
            text = php(box, "for ($n = 0; $n < 600; $n++) FFI::memset(libc()->cast('char*', libc()->malloc(1 << 20)), 1, 1 << 20); return 'had it all';", timeout=120).text
            return [f"600 MiB in a box of 384 MiB: {text}"]
        mistakes = [] if box.answers() else ["no answer afterwards"]
        mistakes += says_the_limit(box, "memory.max", "384MiB", "ended (a process|[2-9] processes)")
        return with_log(mistakes + expect(box.stop(), 0, 137), box) + leftovers(world)


def processes_limit(world):
    """processes without end reach the limit, the pool answers, and the log names the limit with its line"""
    with running(world) as box:
        said = php(box, "for ($n = 0; $n < 200; $n++) { $pid = sys('fork'); if ($pid === 0) { while (true) sys('pause'); } if ($pid < 0) return 'stopped'; } return 'endless';").text
        mistakes = expect(said, "stopped") + ([] if box.answers() else ["no answer"])
        mistakes += says_the_limit(box, "pids.max", "48", r"refused (a new process|\d+ new processes)")
        return with_log(mistakes + expect(box.stop(), 0, 137), box) + leftovers(world)


class Mute(Box):
    """Its stderr is a pipe that is full already and that nobody reads; or it has none."""
    FULL = ("import fcntl, os, sys\nflags = fcntl.fcntl(2, fcntl.F_GETFL)\nfcntl.fcntl(2, fcntl.F_SETFL, flags | os.O_NONBLOCK)\n"
            "try:\n  while True: os.write(2, b'x' * 4095 + b'\\n')\nexcept BlockingIOError: pass\n"
            "fcntl.fcntl(2, fcntl.F_SETFL, flags)\nos.execvp(sys.argv[1], sys.argv[1:])")

    def command(self):
        return [sys.executable, "-c", self.FULL, *super().command()]


def log_without_reader(world):
    """a log that is full from the start, and none at all: the box works; a wrong profile still ends with its code"""
    mistakes = []
    box = Mute(world, "alice").launch(read_log=False)
    try:
        mistakes += expect(box.wait_ready(), True) + expect(box.request().text, "hello from alice")
        box.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        box._reader.start()
        mistakes += expect(box.wait(), 0)
        mistakes += [] if any(re.search(r"\d+ lines dropped", line) for line in box.log) or any("NOTICE" in line for line in box.log) else ["the log is not told"]
    finally:
        box.stop()
    wrong = Mute(world, "alice", more="nonsense: true\n").launch(read_log=False)
    mistakes += [f"a wrong profile: {one}" for one in expect(wrong.wait(), 65)]
    wrong.stop()
    closed = Box(world, "alice").launch(preexec_fn=lambda: os.close(2))
    mistakes += expect(closed.wait_ready(), True) + expect(closed.request().text, "hello from alice") + expect(closed.stop(), 0)
    return mistakes + leftovers(world)


def with_memory(world, kib):
    box = Box(world, "alice").launch(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (kib << 10, kib << 10)))
    try:
        if box.wait_ready():
            return "works", []
        code, said = box.wait(), complaints(box)
        if code == 139:  # the C library itself cannot start
            return "nothing", []
        return "\n".join(said), [f"with {kib} KiB: exit {code} and {said}"] if code in (None, 0, 70) or not said else []
    finally:
        box.stop()


def little_memory(world):
    """a launcher that gets no memory says so, with 71"""
    mistakes, seen = [], []
    largest = os.path.getsize(world.fpmbox) // 1024  # the program is mapped whole
    for kib in range(largest, 3000, -150):
        said, wrong = with_memory(world, kib)
        mistakes += wrong
        seen.append(said)
        if said == "nothing":
            break
    mistakes += [] if any("fpmbox: out of memory" in said for said in seen) else [f"not said: {seen}"]
    return mistakes + again(world) + leftovers(world)


def with_file_size(world, size):
    return Box(world, "alice").launch(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))


def little_files(world):
    """where files may not grow the start says so, with 71; a box that runs outlives its kept log"""
    mistakes = []
    for size in (0, 1, 100):
        box = with_file_size(world, size)
        found = expect(box.wait(), 71) + is_clear(box, os.strerror(errno.EFBIG), "LimitFSIZE=")
        box.stop()
        mistakes += [f"of {size} bytes: {one}" for one in with_log(found + leftovers(world), box)]
    box = with_file_size(world, 64 * 1024)
    try:
        mistakes += expect(box.wait_ready(), True) + expect(php(box, SAYS_MUCH).text, "said")
        mistakes += [] if until(lambda: any("said said" in line for line in box.log), fixture.PATIENCE) else ["stderr has not got the lines"]
        mistakes += expect(box.request().text, "hello from alice") + expect(box.stop(), 0)
    finally:
        box.stop()
    return with_log(mistakes + leftovers(world), box)


TESTS = [any_call, any_call_of_helpers, killed_at_exec, lost_ready, trial_on_a_short_machine, alone_in_its_group, every_step, older_kernels, no_landlock, landlock_that_fails_late,
         stop_during_a_start, stop_of_a_suspended_launcher, random_kills, janitor_and_launcher, full_disks,
         full_disk_under_logs, broken_hosts, code_that_vanishes, code_that_is_deleted, database_that_is_away, profile_that_changes, memory_limit, processes_limit, log_without_reader,
         little_memory, little_files]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fpmbox", required=True, help="the launcher to test")
    parser.add_argument("--faulty", help="a build that fails at the step named in FPMBOX_FAIL_STEP")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="part of a name, or a pattern; may be repeated")
    parser.add_argument("--all", action="store_true", help="every combination, which takes long")
    parser.add_argument("--seed", type=int, default=Choice.seed, help="another choice")
    options = parser.parse_args()
    Choice.everything, Choice.seed = options.all, options.seed
    report = Report(options.only)
    print(f"# seed {options.seed}", flush=True)
    try:
        with fixture.World(options.fpmbox, faulty=options.faulty) as world:
            for test in TESTS:
                name = "faults/" + test.__name__.replace("_", "-")
                if not report.wanted(name):
                    continue
                try:
                    mistakes = test(world)
                except Skip as reason:
                    report.skip(name, str(reason))
                    continue
                except Exception as error:  # whatever it is: the other tests are still to run
                    mistakes = [f"{type(error).__name__}: {error}"]
                report.check(name, mistakes, test.__doc__)
                world.clear("alice")
    except fixture.Broken as error:
        report.fail("surroundings", str(error))
    except KeyboardInterrupt:
        report.fail("surroundings", "interrupted")
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
