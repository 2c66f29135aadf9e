#!/usr/bin/env python3
"""Starts, stops, kills and disturbs boxes, and looks at what is left of them.

    tests/sandbox/lifecycle.py --fpmbox BUILD/fpmbox      (as root)
    tests/sandbox/lifecycle.py --fpmbox BUILD/fpmbox --only killed

To add a test, write a function of `world` that returns its mistakes and add it to TESTS; the docstring is what is printed.
"""

import argparse
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

import fixture
from fixture import Box, alive, descendants, processes_of, until
from report import Report
from works import php

class Skip(Exception):
    """This machine or build cannot show it."""


SETTLED = 60  # seconds: the kernel takes mounts and namespaces down in its own time


# ---- what is left of a box

def mounts(world):
    with open("/proc/self/mountinfo") as file:
        return [line.split()[4] for line in file if world.scratch in line or any(name in line for name in fixture.POOLS.values())]


def users_processes(world):
    import pwd
    return [pid for user in world.users.values() for pid in processes_of(pwd.getpwnam(user).pw_uid) if alive(pid)]


def leftovers(world, name=fixture.POOLS["alice"], before=(), passed_over=()):
    """Everything of a stopped box that is still there once the kernel had time, but for these kinds."""
    def look():
        found = ([f"process {pid}" for pid in users_processes(world)] + [f"socket {path}" for path in fixture.sockets(name)]
                 + [f"cgroup {path}" for path in fixture.cgroups(name)] + [f"mount {path}" for path in mounts(world) if path not in before])
        return [one for one in found if not one.startswith(tuple(f"{kind} " for kind in passed_over))]
    until(lambda: not look(), SETTLED, 0.1)
    return ["left behind: " + one for one in look()]


@contextlib.contextmanager
def running(world, **changes):
    """A box that got ready; stopped at the end if the test has not done so."""
    box = Box(world, "alice", **changes).start()
    try:
        yield box
    finally:
        box.stop()


class Slow:
    """A request in the background that has begun, and goes on until it is let go or so many seconds are over."""

    def __init__(self, box, seconds):
        self.answer = self.error = None
        self.begun, self.end = (f"{os.path.realpath(box.code)}/data/slow-{word}" for word in ("begun", "end"))
        self.forget()
        self.thread = threading.Thread(target=self._run, args=(box, seconds))
        self.thread.start()
        if not until(lambda: os.path.exists(self.begun) or self.error, fixture.PATIENCE) or self.error:
            raise fixture.Broken(f"the slow request does not begin: {self.error}")

    def forget(self):
        for path in (self.begun, self.end):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)

    def _run(self, box, seconds):
        try:
            # not sleep(), which a signal to the worker cuts short
            self.answer = php(box, f"""touch($T['code'] . '/data/slow-begun');
                for ($end = microtime(true) + {seconds}; microtime(true) < $end && !is_file($T['code'] . '/data/slow-end'); usleep(20000));
                return 'finished';""", timeout=seconds + fixture.PATIENCE).text
        except fixture.NoAnswer as error:
            self.error = str(error)

    def let_go(self):
        fixture.write(self.end, "")

    def outcome(self):
        self.thread.join(2 * fixture.PATIENCE)
        self.forget()
        return self.answer or self.error


def expect(said, *wanted):
    return [] if said in wanted else [f"wanted {' or '.join(map(repr, wanted))}, got {said!r}"]


def with_log(mistakes, box):
    return mistakes + ["log: " + line[:300] for line in box.log[-15:]] if mistakes else []


# ---- start

def ready_means_answering(world):
    """the first request after READY=1 is answered"""
    box = Box(world, "alice").launch()
    try:
        if not box.wait_ready():
            return with_log(["never ready"], box)
        return expect(box.request().text, "hello from alice")
    except fixture.NoAnswer as error:
        return [f"no answer right after READY=1: {error}"]
    finally:
        box.stop()


def workers_that_cannot_start(world):
    """workers that die at once are not restarted for ever: a clear end, without READY=1"""
    box = Box(world, "alice", limits="start_timeout: 12s, stop_timeout: 5s", more="syscalls: {allow: {remove: [accept, accept4]}}\n").launch()
    begun = time.monotonic()
    code = box.wait()
    took = time.monotonic() - begun
    notices = box.notices()
    box.stop()
    mistakes = ([f"still running after {took:.0f} s"] if code is None else expect(code, 69, 70, 71, 78))
    mistakes += ["READY=1 was sent"] if "READY=1" in notices else []
    mistakes += [f"{len(box.log)} lines of log"] if len(box.log) > 300 else []
    mistakes += [] if any(re.search("start|answer|ready", line) for line in box.log[-5:]) else ["the last lines do not say what happened"]
    return with_log(mistakes + leftovers(world), box)


def exit_codes(world):
    """64 for a wrong command line, 65 for a wrong profile with its place"""
    def run(*arguments):
        done = subprocess.run([world.fpmbox, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=fixture.PATIENCE)
        return done.returncode, done.stderr
    wrong = fixture.write(f"{world.scratch}/pools/wrong.yaml", "extends: php-fpm\nfilesytem: {}\n")
    mistakes = [f"run without a file: {one}" for one in expect(run("run")[0], 64)]
    mistakes += [f"an unknown command: {one}" for one in expect(run("no-such-command")[0], 64)]
    code, said = run("run", wrong)
    mistakes += [f"an unknown key: {one}" for one in expect(code, 65)]
    mistakes += [] if f"{wrong}:2:" in said else [f"its place is not named: {said.strip()!r}"]
    os.unlink(wrong)
    return mistakes


def untrusted_profile(world):
    """a pool file that the pool's own user may write is refused, and so is one in a folder of its own; the reason is named"""
    mistakes = []
    alice, folder = world.users["alice"], f"{world.scratch}/pools"
    for what, change, back in [
            ("a file of the pool's user", lambda file: shutil.chown(file, alice), lambda file: shutil.chown(file, "root")),
            ("a file that all may write", lambda file: os.chmod(file, 0o666), lambda file: os.chmod(file, 0o644)),
            ("a folder of the pool's user", lambda file: shutil.chown(folder, alice), lambda file: shutil.chown(folder, "root"))]:
        box = Box(world, "alice")
        change(box.file)
        code = box.launch().wait()
        box.stop()
        back(box.file)
        mistakes += [f"{what}: {one}" for one in expect(code, 65)]
        mistakes += [] if any(folder in line for line in box.log) else [f"{what}: the path is not named: {box.log[-3:]}"]
    return mistakes


def without_root(world):
    """an ordinary user cannot start a box as somebody else: exit 65"""
    file = world.pool_file("bob")
    done = subprocess.run([*world.as_user("alice"), world.fpmbox, "run", file], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=fixture.PATIENCE, cwd="/")
    return expect(done.returncode, 65) + ([] if "only root can start a box as" in done.stderr else [done.stderr[:300] or "says nothing"])


def other_processes_of_the_user(world):
    """processes that the same user has on the host do not count against the box's own"""
    sleepers = [world.sleeper("alice") for _ in range(50)]
    try:
        with running(world) as box:
            return expect(box.request().text, "hello from alice")
    finally:
        for sleeper in sleepers:
            sleeper.kill()
            sleeper.wait()


class KilledBeforeGo(Box):
    """The launcher dies at its second send(2): the first goes to the service manager, this one lets the box's child go on."""

    def command(self):
        return ["strace", "-o", "/dev/null", "-e", "trace=sendto", "-e", "inject=sendto:signal=KILL:when=2", *super().command()]


def killed_before_go(world):
    """a launcher that is killed between clone and go leaves no root process behind, and the pool can start again"""
    box = KilledBeforeGo(world, "alice").launch()
    code = box.wait()
    box.stop()
    mistakes = [] if code == 137 else [f"exit {code}"]
    def remains():
        return [pid for pid in os.listdir("/proc") if pid.isdigit() and world.fpmbox.encode() in cmdline(pid) and b"strace" not in cmdline(pid)]
    until(lambda: not remains(), SETTLED, 0.1)
    mistakes += [f"process {pid} is left" for pid in remains()] + leftovers(world)
    with running(world) as again:
        mistakes += expect(again.request().text, "hello from alice")
    return with_log(mistakes, box)


def cmdline(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read()
    except OSError:
        return b""


def code_that_the_pool_owns(world):
    """a code tree that belongs to the pool's user is refused, with the reason"""
    top = os.path.realpath(world.code("alice"))
    shutil.chown(top, world.users["alice"])
    box = Box(world, "alice").launch()
    code = box.wait()
    box.stop()
    shutil.chown(top, "root")
    mistakes = expect(code, 65, 69, 71)
    mistakes += [] if any(world.code("alice") in line or top in line for line in box.log) else ["the path is not named"]
    return with_log(mistakes, box)


def closed_stdin(world):
    """a launcher without stdin, stdout works, and no worker's fd 0, 1 or 2 is a listening socket"""
    box = Box(world, "alice").launch(stdin=None, preexec_fn=lambda: (os.close(0), os.close(1)))
    try:
        if not box.wait_ready():
            return with_log(["never ready"], box)
        mistakes = expect(box.request().text, "hello from alice")
        for number in (1, 2):
            with contextlib.suppress(FileNotFoundError):
                at = os.readlink(f"/proc/{box.workers()[0]}/fd/{number}")
                mistakes += [f"a worker's fd {number} is {at}"] if at.startswith("socket:") else []
        return mistakes + expect(box.stop(), 0)
    finally:
        box.stop()


def leftover_of_a_killed_run(world):
    """the socket and cgroup of a run that was killed are replaced at the next start, and gone after its stop"""
    box = Box(world, "alice").start()
    box.process.kill()
    box.process.wait()
    until(lambda: not users_processes(world), SETTLED)
    box.stop()
    with running(world) as again:
        mistakes = expect(again.request().text, "hello from alice") + expect(again.stop(), 0)
    return mistakes + leftovers(world)


def twice_at_once(world):
    """a second launch of the same pool is refused and does the first no harm"""
    with running(world) as first:
        second = Box(world, "alice").launch()
        code = second.wait()
        second.stop()
        mistakes = with_log(expect(code, 69, 71), second)
        mistakes += [] if second.log else ["the second launch says nothing"]
        try:
            mistakes += expect(first.request().text, "hello from alice")
        except fixture.NoAnswer as error:
            mistakes.append(f"the first does not answer any more: {error}")
        mistakes += expect(first.stop(), 0)
    return mistakes + leftovers(world)


# ---- stop

def stopped(world, number):
    with running(world) as box:
        slow = Slow(box, 2)
        code = box.stop(number)
        return with_log(expect(slow.outcome(), "finished") + expect(code, 0), box) + leftovers(world)


def sigterm(world):
    """SIGTERM lets a running request finish; exit 0; nothing is left"""
    return stopped(world, signal.SIGTERM)


def sigquit(world):
    """SIGQUIT does the same"""
    return stopped(world, signal.SIGQUIT)


def stop_timeout(world):
    """a request longer than limits.stop_timeout is cut, and the box is gone by then"""
    with running(world, limits="stop_timeout: 2s") as box:
        slow = Slow(box, 600)
        begun = time.monotonic()
        code = box.stop()
        took = time.monotonic() - begun
        mistakes = [f"took {took:.1f} s"] if not 1.5 < took < 20 else []  # 2 s, and what a busy machine takes for the rest
        mistakes += expect(code, 137)
        mistakes += ["the request finished"] if slow.outcome() == "finished" else []
        return with_log(mistakes, box) + leftovers(world)


def second_signal(world):
    """a second SIGTERM during a stop changes nothing for the running request, or ends it at once; the launcher ends in any case"""
    with running(world) as box:
        slow = Slow(box, 2)
        box.process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        code = box.stop()
        slow.outcome()
        return (["had to be killed"] if code is None else []) + leftovers(world)


def sigusr1(world):
    """SIGUSR1 reopens logs and disturbs nothing"""
    with running(world) as box:
        slow = Slow(box, 60)
        for _ in range(3):
            box.process.send_signal(signal.SIGUSR1)
            time.sleep(0.1)
        slow.let_go()
        return expect(slow.outcome(), "finished") + expect(box.request().text, "hello from alice") + expect(box.stop(), 0)


def ctrl_c(world):
    """SIGINT, as Ctrl-C sends it, stops the box too"""
    with running(world) as box:
        code = box.stop(signal.SIGINT)
        return (["had to be killed"] if code is None else []) + leftovers(world)


def background_processes(world):
    """a process that a request left behind ends with the box"""
    with running(world) as box:
        mistakes = expect(php(box, "if (sys('fork') === 0) { sys(112); while (true) sys('pause'); } return 'ok';").text, "ok")
        mistakes += expect(box.stop(), 0)
        return with_log(mistakes, box) + leftovers(world)


# ---- accidents

def hostile_stop(world):
    """a box whose workers were frozen, and where processes that ignore signals keep the launcher busy, still ends in time"""
    with running(world, limits="stop_timeout: 3s") as box:
        php(box, "foreach (range(2, 60) as $pid) if ($pid !== posix_getpid()) @posix_kill($pid, SIGSTOP); return 'ok';".replace("SIGSTOP", "19"))
        php(box, "for ($i = 0; $i < 15; $i++) if (sys('fork') === 0) { sys(112); while (true) sys('ptrace', 0); } return 'ok';")
        begun = time.monotonic()
        mistakes = expect(box.stop(), 0, 137)
        took = time.monotonic() - begun
        return with_log(mistakes + ([f"took {took:.1f} s"] if took > 30 else []), box) + leftovers(world)


def killed_launcher(world):
    """SIGKILL of the launcher takes every process and mount of the box down"""
    with running(world) as box:
        slow, below = Slow(box, 600), descendants(box.process.pid)
        box.process.kill()
        box.process.wait()
        until(lambda: not any(map(alive, below)), SETTLED)
        slow.outcome()
        return [f"process {pid} still runs" for pid in below if alive(pid)] + [f"mount {path}" for path in mounts(world)]


def killed_launcher_leaves_nothing(world):
    """and no cgroup or socket of it is left"""
    with running(world) as box:
        box.process.kill()
        box.process.wait()
        return leftovers(world)


def stopped_janitor(world):
    """a janitor that somebody has stopped is let go on at the end, and leaves nothing"""
    with running(world) as box:
        with open(f"/proc/{box.process.pid}/task/{box.process.pid}/children") as file:
            janitors = [int(pid) for pid in file.read().split() if open(f"/proc/{pid}/comm").read() == "fpmbox-janitor\n"]
        if len(janitors) != 1:
            return [f"its janitors: {janitors}"]
        os.kill(janitors[0], signal.SIGSTOP)
        until(lambda: open(f"/proc/{janitors[0]}/stat").read().rpartition(")")[2].split()[0] == "T", SETTLED)
        mistakes = expect(box.request().text, "hello from alice") + expect(box.stop(), 0)
        return mistakes + [line for line in box.log if "janitor" in line] + leftovers(world)


def killed_master(world):
    """a master that is killed from outside: exit 128+9, nothing is left"""
    with running(world) as box:
        os.kill(box.master(), signal.SIGKILL)
        return with_log(expect(box.wait(), 137), box) + leftovers(world)


def killed_worker(world):
    """a worker that is killed from outside is replaced"""
    with running(world) as box:
        for pid in box.workers():
            os.kill(pid, signal.SIGKILL)
        return ([] if box.answers() else ["no answer"]) + expect(box.stop(), 0)


def ended_from_inside(world):
    """a script that tells the master to end does not pass for an operator's stop: the pool goes on, or the exit code is not 0"""
    mistakes = []
    for name in ("SIGTERM", "SIGQUIT", "SIGUSR2"):
        with running(world) as box:
            with contextlib.suppress(fixture.NoAnswer):
                php(box, f"posix_kill(1, {int(getattr(signal, name))}); return 'ok';")
            code = box.wait(2)
            if code is None and not until(lambda box=box: box.process.poll() is not None or box.answers(0), fixture.PATIENCE):
                mistakes.append(f"{name}: neither an end nor an answer")
            if box.process.poll() == 0:
                mistakes.append(f"{name}: exit 0")
    return mistakes


def planted_link(world):
    """a link that the application put in place of a writable path is refused at the next start, not followed"""
    data = os.path.realpath(world.code("alice")) + "/data"
    os.symlink(f"{world.scratch}/home", f"{data}/cache")
    box = Box(world, "alice", writable="data, data/cache").launch()
    code = box.wait()
    box.stop()
    os.unlink(f"{data}/cache")
    mistakes = expect(code, 65, 69, 71)
    mistakes += [] if any(f"{data}/cache" in line for line in box.log) else ["the path is not named"]
    return with_log(mistakes + leftovers(world), box)


def request_timeout(world):
    """a request longer than php.pm.request_timeout is cut, and the pool goes on"""
    with running(world, pm="request_timeout: 2s") as box:
        begun = time.monotonic()
        outcome = Slow(box, 100).outcome()
        took = time.monotonic() - begun
        return (["the request finished"] if outcome == "finished" else []) + ([f"took {took:.1f} s"] if took > 60 else []) + \
            ([] if box.answers() else ["no answer afterwards"])


# ---- the log

def log_lines(world):
    """the log's lines carry the pool's name, without control characters, and are bounded"""
    with running(world) as box:
        php(box, r"""foreach (['error_log', fn ($line) => file_put_contents('php://stderr', $line . "\n")] as $say) {
            $say("first\x1b[31m red \x07 bell\r over \x00 nul \xc2\x9b csi"); $say("forged\nt-bob: not of this pool"); $say('long ' . str_repeat('x', 102400)); $say('the last'); }
            return 'ok';""")
        until(lambda: sum("the last" in line for line in box.log) >= 2, fixture.PATIENCE)
        box.stop()
        lines = box.log
        mistakes = [f"without the pool's name: {line[:80]!r}" for line in lines if not line.startswith("t-alice")]
        mistakes += [f"control characters: {line[:80]!r}" for line in lines if re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", line)]
        mistakes += [f"a line of {len(line)} characters" for line in lines if len(line) > 9000]
        mistakes += [] if any("first" in line for line in lines) else ["what a worker writes to stderr is not in the log"]
        return mistakes[:10]


def log_that_nobody_reads(world):
    """a reader of the log who stops reading does not stop the pool"""
    box = Box(world, "alice").launch(read_log=False)
    try:
        if not box.wait_ready():
            return ["never ready"]
        for _ in range(20):
            php(box, "for ($i = 0; $i < 500; $i++) file_put_contents('php://stderr', str_repeat('x', 500) . \"\\n\"); return 'ok';")
        mistakes = expect(box.request().text, "hello from alice")
        box.process.stderr.close()
        php(box, "file_put_contents('php://stderr', \"nobody there\\n\"); return 'ok';")
        mistakes += expect(box.request().text, "hello from alice")
        return mistakes + expect(box.stop(), 0)
    except fixture.NoAnswer as error:
        return [f"the pool does not answer: {error}"]
    finally:
        box.stop()


def denials_are_named(world):
    """a refused call that only an attack makes is named in the log, with the pool"""
    with running(world) as box:
        php(box, "return call('ptrace', 0) . call('unshare', 0x10000000) . call('bpf', 1, 0, 0);")
        until(lambda: all(any(name in line for line in box.log) for name in ("ptrace", "unshare", "bpf")), fixture.PATIENCE)
        return with_log([f"{name} is not named" for name in ("ptrace", "unshare", "bpf") if not any(name in line for line in box.log)], box)


def flood_of_denials(world):
    """ten thousand of them neither fill the log nor stop the pool"""
    with running(world) as box:
        begun = time.monotonic()
        mistakes = expect(php(box, "return native(function () { for ($i = 0; $i < 10000; $i++) sys('ptrace', 0); return 'ok'; });", timeout=300).text, "ok")
        took = time.monotonic() - begun
        mistakes += [f"{len(box.log)} lines"] if len(box.log) > 1000 else []
        mistakes += [f"took {took:.1f} s"] if took > 120 else []
        return mistakes + expect(box.request().text, "hello from alice")


# ---- who the launcher is meanwhile

def launcher_without_privilege(world):
    """once the box runs, the launcher is an unprivileged user with CAP_KILL alone, under a filter of its own"""
    import pwd
    with running(world) as box:
        says = fixture.status(box.process.pid)
        users = {pwd.getpwuid(int(uid)).pw_name for uid in says["Uid"].split()}
        held = {name: int(says[name], 16) for name in ("CapPrm", "CapEff", "CapInh", "CapAmb")}
        mistakes = [f"user ids: {users}"] if users != {fixture.SUPERVISOR} else []
        mistakes += [f"groups: {says['Groups']}"] if says["Groups"].strip() not in ("", says["Gid"].split()[0]) else []
        mistakes += [f"{name} is {value:x}" for name, value in held.items() if value & ~(1 << 5)]
        mistakes += [f"{name} is {says[name]}" for name, wanted in (("Seccomp", "2"), ("NoNewPrivs", "1")) if says[name] != wanted]
        return mistakes


def live_socket(world):
    """the live socket belongs to root and the web server's group, 0660, in a folder that only that group enters"""
    import grp
    with running(world) as box:
        at, above = os.stat(box.address), os.stat(os.path.dirname(box.address))
        mistakes = expect((at.st_uid, grp.getgrgid(at.st_gid).gr_name, oct(at.st_mode & 0o7777)), (0, fixture.WEB, "0o660"))
        mistakes += expect((above.st_uid, grp.getgrgid(above.st_gid).gr_name, oct(above.st_mode & 0o7777)), (0, fixture.WEB, "0o750"))
        neighbour = subprocess.run([*world.as_user("bob"), sys.executable, "-c", "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])",
                                    box.address], capture_output=True, text=True, cwd="/")
        mistakes += [] if "Permission denied" in neighbour.stderr else ["the neighbour's user may connect"]
        others = [path for path in fixture.sockets(box.name) if os.path.basename(path) not in ("live.sock", "box.json", "state")]
        return mistakes + [f"another file there: {path}" for path in others]


def timings(world):
    """run --timings says how long each phase took, with the pool's name, from the profiles to the first answer, and their sum"""
    class Timed(Box):
        def command(self):
            return [self.world.fpmbox, "run", "--timings", self.file]
    box = Timed(world, "alice").start()
    until(lambda: any(line.endswith("ms  in all") for line in box.log), fixture.PATIENCE)
    box.stop()
    found = [(float(row[1]), row[2]) for line in box.log if (row := re.fullmatch(rf"{box.name}: +([0-9.]+) ms  (.+)", line))]
    phases = [phase for _, phase in found]
    mistakes = [f"no line for {phase!r}: {box.log}" for phase in ("profiles read", "clone", "php-fpm, until its first answer", "in all")
                if phase not in phases]
    total = sum(time for time, _ in found[:-1])
    return mistakes or ([] if abs(total - found[-1][0]) < 0.1 else [f"the phases take {total} ms, in all {found[-1][0]} ms"])


UNIFIED = "/sys/fs/cgroup/unified"  # of machines with both versions: what a group there is for is cgroup.kill alone


def no_group_to_kill_in(world):
    """where no group can be made for cgroup.kill, a box starts without, and ends with its pid namespace"""
    group = f"{UNIFIED}/fpmbox-test-childless"
    if not os.path.isdir(UNIFIED):
        raise Skip("limits and cgroup.kill are in one hierarchy here")

    class Childless(Box):
        def command(self):
            return ["sh", "-c", 'echo $$ > "$0"/cgroup.procs && exec "$@"', group, *super().command()]
    os.mkdir(group)
    try:
        with open(f"{group}/cgroup.max.descendants", "w") as file:
            file.write("0")
        box = Childless(world, "alice").start()
        try:
            mistakes = expect(box.request().text, "hello from alice")
            with open(f"/proc/{box.process.pid}/cgroup") as file:
                mistakes += [] if f"0::{group.removeprefix(UNIFIED)}\n" in file.read() else ["the launcher is not in the group"]
            mistakes += expect(os.path.exists(f"{group}/fpmbox-{box.name}-{box.process.pid}"), False)
        finally:
            code = box.stop()
        return mistakes + expect(code, 0) + leftovers(world)
    finally:
        until(lambda: not open(f"{group}/cgroup.procs").read(), SETTLED)
        os.rmdir(group)


def twenty_five_starts(world):
    """25 starts and stops leave mounts, cgroups, processes, sockets and files of the state folders as they were"""
    def everything():
        return sorted(path for top in ("/run/fpmbox", "/var/lib/fpmbox/t-alice", "/var/cache/fpmbox") for at, _, files in os.walk(top)
                      for path in [at] + [f"{at}/{file}" for file in files] if "sess_" not in path)
    def namespaces():
        return fixture.namespaces_of(fixture.own_processes(world), ("mnt", "pid", "net", "ipc"))
    with running(world) as box:  # what the first start makes may stay: the binary's copy, the state folder
        mistakes = expect(box.stop(), 0)
    before, mounts_before = everything(), mounts(world)
    spaces = len(namespaces())
    for number in range(25):
        with running(world) as box:
            mistakes += [f"start {number}: {one}" for one in expect(box.request().text, "hello from alice") + expect(box.stop(), 0)]
        if mistakes:
            break
    after = everything()
    mistakes += [f"new: {path}" for path in after if path not in before and "/t-" in path]
    until(lambda: len(namespaces()) <= spaces, SETTLED)
    mistakes += [f"{len(namespaces())} namespaces, {spaces} before"] if len(namespaces()) > spaces else []
    return mistakes + leftovers(world, before=mounts_before)


TESTS = [ready_means_answering, workers_that_cannot_start, exit_codes, untrusted_profile, without_root,
         other_processes_of_the_user, killed_before_go, code_that_the_pool_owns, closed_stdin, leftover_of_a_killed_run,
         twice_at_once, sigterm, sigquit, stop_timeout, second_signal, sigusr1, ctrl_c, background_processes, hostile_stop,
         killed_launcher, killed_launcher_leaves_nothing, stopped_janitor, killed_master, killed_worker, ended_from_inside, planted_link, request_timeout, log_lines,
         log_that_nobody_reads, denials_are_named, flood_of_denials, launcher_without_privilege, live_socket, timings,
         no_group_to_kill_in, twenty_five_starts]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fpmbox", required=True, help="the launcher to test")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="part of a name, or a pattern; may be repeated")
    options = parser.parse_args()
    report = Report(options.only)
    try:
        with fixture.World(options.fpmbox) as world:
            for test in TESTS:
                name = "lifecycle/" + test.__name__.replace("_", "-")
                if not report.wanted(name):
                    continue
                try:
                    mistakes = test(world)
                except Skip as reason:
                    report.skip(name, str(reason))
                    continue
                except (fixture.Broken, fixture.NoAnswer, OSError) as error:
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
