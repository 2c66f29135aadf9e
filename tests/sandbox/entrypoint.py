#!/usr/bin/env python3
"""The container entrypoint, in both tiers, inside a tree that a plain unshare(1) made. tests/engines has the real engines.

    tests/sandbox/entrypoint.py --fpmbox BUILD/fpmbox      (as root)

Tier B runs twice, as a container's root with and without CAP_SYS_RAWIO: that decides how the one exec is let through.
Each act is also done by a php-fpm that runs in the same unshared tree without fpmbox: there it works.
"""

import argparse
import functools
import os
import shutil
import signal
import subprocess
import sys

import fixture
from exec_gate import WITHOUT_RAWIO
from fixture import Box, PlainPool, status
from report import Report
from works import php

UNSHARE = ["unshare", "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--fork", "--mount-proc",
           "--propagation", "private", "--kill-child"]
GIVEN_BY_NOBODY = {"B": ("namespaces", "root", "code", "writable", "tmp"), "A": ("launcher.identity",)}
WITHOUT = os.path.join(fixture.HERE, "..", "support", "without_syscalls.py")
NO_NAMESPACES = [sys.executable, WITHOUT, "EPERM", "unshare"]  # as Docker's filter
NO_MOUNTS = ["setpriv", "--bounding-set", "-sys_admin,-sys_rawio,-mknod", "--inh-caps", "-sys_admin,-sys_rawio,-mknod"]  # as podman's root


class EnclosedBox(Box):
    """`unshare ... fpmbox run --enclosed FILE`: unshare stands for the container runtime."""

    tier = "B"
    words = ("--enclosed",)
    runtime = [*UNSHARE, *NO_NAMESPACES]

    def launch(self, **options):
        plain = self.world.fpmbox
        original = subprocess.Popen

        def in_unshared_tree(command, **more):
            return original([*self.runtime, plain, "run", *self.words, *command[2:]], **more)

        subprocess.Popen = in_unshared_tree
        try:
            return super().launch(**options)
        finally:
            subprocess.Popen = original


class PoorerBox(EnclosedBox):
    """As with Docker's default capabilities and filter."""

    runtime = [*UNSHARE, *NO_NAMESPACES, sys.executable, WITHOUT, "ENOSYS", "clone3", *WITHOUT_RAWIO]


class NestedBox(EnclosedBox):
    """As with podman's default: no mounts for root, user namespaces for all. PID 1 needs no --enclosed."""

    tier = "A"
    runtime = [*UNSHARE, *NO_MOUNTS]
    words = ()


EXECVEAT = """return native(fn () => word(sys('execveat', %s, text('/lib64/ld-linux-x86-64.so.2'), pointers('x', '--version'),
    pointers(), AT_EMPTY_PATH)));"""

# name, why, PHP that returns "ok" where the act works, the word that the refusal contains
ACTS = [
    ("exec", "exec off holds without a mount view", "return trim((string) shell_exec('echo ok'));", ""),
    ("etc-shadow-neighbour", "Landlock is the view where there are no mounts",
     "return @file_get_contents('/etc/hostname') === false ? error_get_last()['message'] : 'ok';", "Permission denied"),
    ("list-logs", "no folder outside the granted ones is listed",
     "return @scandir('/var/log') === false ? error_get_last()['message'] : 'ok';", "Permission denied"),
    ("network", "no TCP, though the tree has a loopback device",
     "$s = @stream_socket_client('tcp://127.0.0.1:9', $e, $m, 1); return $e == 111 || $e == 101 ? 'ok' : $m;", ""),
]


# The same, but the act is native code (site/prelude.php) that runs a program to its end: "exit 0" outside, EPERM inside.
NATIVE = [
    ("execveat", "the loader by its path", EXECVEAT % "-100"),
    ("path-beside-k", "the loader by its path, beside the fd that php-fpm was started by", EXECVEAT % "1024"),
]


def check_native(report, gate, box, control):
    for name, why, code in NATIVE:
        outside, inside = (pool.request("act.php", method="POST", body=code.encode(), params={"TARGETS": "{}"}).text.strip()
                           for pool in (control, box))
        mistakes = [] if outside == "exit 0" else [f"outside it should end with exit 0, got {outside!r}"]
        mistakes += [] if inside == "EPERM" else [f"inside it should end with EPERM, got {inside!r}"]
        report.check(f"entrypoint/{gate}/{name}", mistakes, why)


def check_acts(report, box, control):
    for name, why, code, word in ACTS:
        outside, inside = php(control, code).text.strip(), php(box, code).text.strip()
        mistakes = [] if outside == "ok" else [f"outside it should work, got {outside!r}"]
        mistakes += [f"inside it works"] if inside == "ok" else []
        mistakes += [f"inside: wanted {word!r} in {inside!r}"] if box.tier == "B" and word not in inside else []
        report.check(f"entrypoint/{box.tier}/{name}", mistakes, why)


def check_process(report, box):
    workers = [pid for pid in fixture.descendants(box.process.pid)
               if "php-fpm" in status(pid)["Name"] and status(pid)["Uid"].split()[0] != "0"]
    mistakes = [] if workers else ["no process of php-fpm"]
    for pid in workers:
        fields = status(pid)
        wanted = {"CapEff": "0" * 16, "CapPrm": "0" * 16, "CapBnd": "0" * 16, "NoNewPrivs": "1", "Seccomp": "2", "Groups": ""}
        mistakes += [f"{key} is {fields[key]!r}" for key, value in wanted.items() if fields[key].strip() != value]
    report.check(f"entrypoint/{box.tier}/identity", mistakes, "no capability, no group, no_new_privs, a filter")


def check_gaps(report, box):
    wanted = GIVEN_BY_NOBODY[box.tier]
    said = [layer for layer in wanted if any(f"gap: {layer}:" in line and "in its place:" in line for line in box.log)]
    mistakes = [] if said == list(wanted) else [f"only {said} in {box.log[:12]}"]
    mistakes += [line for line in box.log if "missing layer" in line]
    if box.tier == "B" and not any(line.startswith("docker run ") and " --read-only " in line and line.endswith(" IMAGE") for line in box.log):
        mistakes.append("no corrected command")
    report.check(f"entrypoint/{box.tier}/gaps", mistakes, "what the engine did not give is said layer by layer, with what stands in and the command that gives it")


def check_health(report, box):
    """Asked beside the launcher, in its namespaces, as an engine's exec does."""
    pid = fixture.children(box.process.pid)[0]
    inside = ["nsenter", "--target", str(pid), "--mount", "--pid"]
    asked = subprocess.run([*inside, box.world.fpmbox, "health", box.name], capture_output=True, text=True, check=False)
    mistakes = [] if (asked.returncode, asked.stdout) == (0, "healthy\n") else [asked.stdout, asked.stderr]
    mode = os.stat(f"/run/fpmbox/{box.name}/health.sock")
    mistakes += [] if (mode.st_uid, mode.st_mode & 0o777) == (0, 0o600) else [f"its socket is {mode.st_uid} {mode.st_mode:o}"]
    pool = [one for one in fixture.descendants(box.process.pid) if "php-fpm" in status(one)["Name"]]
    for one in pool:
        os.kill(one, signal.SIGSTOP)
    asked = subprocess.run([*inside, box.world.fpmbox, "health", box.name], capture_output=True, text=True, check=False)
    for one in pool:
        os.kill(one, signal.SIGCONT)
    mistakes += [] if pool and asked.returncode == 1 and asked.stdout.startswith("unhealthy: ") else [f"stopped {pool}: {asked.stdout} {asked.stderr}"]
    report.check(f"entrypoint/{box.tier}/health", mistakes, "fpmbox health: healthy; not while all of the pool stands still; a socket of its own, 0600")


def check_configuration(report, box):
    """It holds the profile's environment, passwords perhaps."""
    folder = f"/run/fpmbox/.etc/{box.name}"
    mistakes = [] if os.stat(folder).st_mode & 0o7777 == 0o750 else [f"{folder}: {os.stat(folder).st_mode:o}"]
    mistakes += [f"{name}: {mode:o}" for name in os.listdir(folder) for mode in [os.stat(f"{folder}/{name}").st_mode & 0o7777] if mode != 0o640]
    file = f"{folder}/php-fpm.conf"
    for site, wanted in (("alice", True), ("bob", False)):
        read = subprocess.run([*box.world.as_user(site), "cat", file], capture_output=True, cwd="/").returncode == 0
        mistakes += [] if read == wanted else [f"{site} can{'' if read else 'not'} read {file}"]
    report.check("entrypoint/configuration", mistakes, "the generated configuration can be read by root and the pool alone")


def check_drafts(report, world):
    """Where a generated file cannot be put in its place, the start fails and leaves no draft of it."""
    box = EnclosedBox(world, "alice")
    folder = f"/run/fpmbox/.etc/{box.name}"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(f"{folder}/php.ini/in-the-way")
    done = subprocess.run([*box.runtime, world.fpmbox, "run", *box.words, box.file], capture_output=True, text=True, check=False, timeout=180)
    left = [name for name in os.listdir(folder) if name.startswith(".")]
    shutil.rmtree(folder)
    mistakes = [] if done.returncode == 71 and f"rename({folder}/php.ini)" in done.stderr else [f"exit {done.returncode}", done.stderr[-800:]]
    report.check("entrypoint/drafts", mistakes + [f"left: {name}" for name in left], check_drafts.__doc__)


# SIOCSIFFLAGS with IFF_UP and IFF_RUNNING: an engine's containers have a loopback that is up.
RAISE_LOOPBACK = ("import fcntl, os, socket, struct, sys; fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sH22x', b'lo', 0x41)); "
                  "os.execvp(sys.argv[1], sys.argv[1:])")


def check_stand_ins(report, world):
    """Beside a server that stands in on the container's loopback: a box in that network reaches it for as long as it is asked, another does not."""
    rows = (("network: {mode: host, why: a test}\n", (), "ECONNREFUSED"), ("network: {mode: host, why: a test}\n", ("--listen", "127.0.0.1:7"), "ok"),
            ("", ("--listen", "127.0.0.1:7"), "EPERM at socket"))
    mistakes = []
    for more, servers, wanted in rows:
        file = world.pool_file("alice", more=more)
        done = subprocess.run([*UNSHARE, sys.executable, "-c", RAISE_LOOPBACK, *NO_MOUNTS, world.fpmbox, "probe", file, *servers],
                              input="network/x\tprobe\tconnect_inet\tt:127.0.0.1\tn:7\tn:1\n", capture_output=True, text=True, check=False, timeout=180)
        mistakes += [] if done.stdout == f"network/x\t{wanted}\n" else [f"{more!r} {servers}: {done.stdout!r}, not {wanted}; {done.stderr[-400:]}"]
    world.pool_file("alice")
    report.check("entrypoint/stand-ins", mistakes, check_stand_ins.__doc__)


def try_box(report, world, kind, gate, check):
    box = kind(world, "alice")
    try:
        box.start()
        answer = box.request().text
        report.check(f"entrypoint/{gate}/answers", [] if answer == "hello from alice" else [answer], "the application works")
        with_control(world, functools.partial(check_native, report, gate, box))
        check(box)
    except (fixture.Broken, fixture.NoAnswer, OSError) as error:
        report.fail(f"entrypoint/{gate}", f"{type(error).__name__}: {error}", *box.log[-10:])
    finally:
        # unshare(1) keeps SIGTERM to itself; a container runtime sends it to PID 1
        inside = fixture.children(box.process.pid)
        for pid in inside:
            os.kill(pid, signal.SIGTERM)
        code = box.wait() if inside else None
        box.stop()
    report.check(f"entrypoint/{gate}/stop", [] if code == 0 else [f"exit {code}"], "SIGTERM ends it with 0")


def with_control(world, check):
    control = PlainPool(world, "alice")
    control.start()
    try:
        check(control)
    finally:
        control.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fpmbox", required=True)
    options = parser.parse_args()
    report = Report([])

    def check_all(box):
        with_control(world, functools.partial(check_acts, report, box))
        check_process(report, box)
        check_gaps(report, box)
        check_health(report, box)
        if box.tier == "B":
            check_configuration(report, box)

    with fixture.World(options.fpmbox) as world:
        world.secret_environment = {}  # in a container variables of that prefix are the operator's, and an unknown one is a mistake
        shutil.rmtree("/run/fpmbox/.etc/" + fixture.POOLS["alice"], ignore_errors=True)  # of earlier builds
        check_drafts(report, world)
        check_stand_ins(report, world)
        try_box(report, world, EnclosedBox, "pinned", check_all)
        try_box(report, world, PoorerBox, "notified", functools.partial(check_process, report))
        try_box(report, world, NestedBox, "nested", check_all)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
