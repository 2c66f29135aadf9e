#!/usr/bin/env python3
"""fpmbox ps, logs and stop, and which boxes they call outdated.

    tests/sandbox/boxes.py --fpmbox BUILD/fpmbox --faulty BUILD/fpmbox_faulty      (as root)

To add a test, write a function of `world` that returns its mistakes and add it to TESTS; the docstring is what is printed.
"""

import argparse
import contextlib
import fcntl
import glob
import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

import fixture
import rootless
from fixture import Box, alive, until
from faults import Faulty
from lifecycle import Skip, Slow, expect, leftovers, running, with_log
from report import Report
from works import php

NAME = fixture.POOLS["alice"]
FOLDER = f"/run/fpmbox/{NAME}"
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z \S.*")


def fpmbox(world, *words, **options):
    return subprocess.run([world.fpmbox, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180, **options)


def ps(world, *words):
    """Our box as `ps --json` shows it, or None."""
    done = fpmbox(world, "ps", "--json", *words)
    if done.returncode != 0:
        raise fixture.Broken(f"ps exits with {done.returncode}: {done.stderr}")
    return next((box for box in json.loads(done.stdout) if box["name"] == NAME), None)


def whats(world):
    return sorted({one["what"] for one in ps(world)["outdated"]})


def logs(world, *words):
    return fpmbox(world, "logs", NAME, *words).stdout.splitlines()


def files(*kept):
    return sorted(set(os.listdir(FOLDER)) - set(fixture.KEPT) - set(kept)) if os.path.isdir(FOLDER) else []


def record():
    with open(f"{FOLDER}/box.json") as file:
        return json.load(file)


def as_bob(world, *words):
    home = fixture.folder(f"{world.scratch}/home-of-bob", 0o700, world.users["bob"])
    return subprocess.run([*world.as_user("bob"), world.fpmbox, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=fixture.PATIENCE, cwd="/", env={"XDG_RUNTIME_DIR": home, "HOME": home})


# ---- ps

def ps_of_a_running_box(world):
    """ps shows a box as it is: state, processes, memory, user, socket, code, and nothing outdated"""
    with running(world) as box:
        box.all_workers()
        seen, mistakes = ps(world), []
        code = os.path.realpath(world.code("alice"))
        for key, wanted in {"state": "running", "pid": box.master(), "launcher": box.pid, "workers": len(box.workers()), "unit": "",
                            "user": world.users["alice"], "socket": box.address, "code": world.code("alice"), "code_version": code,
                            "outdated": []}.items():
            mistakes += [f"{key} is {seen[key]!r}, not {wanted!r}"] if seen[key] != wanted else []
        mistakes += [] if 1 << 20 < (seen["memory"] or 0) < 384 << 20 else [f"memory is {seen['memory']}"]
        text = fpmbox(world, "ps", NAME).stdout
        mistakes += [] if re.search(rf"^{NAME} +running +{box.master()} ", text, re.M) else [f"in words: {text!r}"]
        mistakes += expect(box.stop(), 0)
    return with_log(mistakes + ([f"after its end: {ps(world)}"] if ps(world) else []) + [f"left: {one}" for one in files()], box)


class SlowStart(Box):
    """No worker ever answers, and none ends, of which a few would be the end of the box: it stays in its start."""

    without_answers = "syscalls: {allow: {remove: [poll, ppoll]}}\n"  # between accept(2) and the request

    def launch(self, **options):
        super().launch(**options)
        until(lambda: os.path.exists(f"{FOLDER}/box.json"), fixture.PATIENCE)
        return self


def states(world):
    """starting, while no worker has answered; stopping, while requests finish"""
    box = SlowStart(world, "alice", limits="start_timeout: 600s, stop_timeout: 4s", more=SlowStart.without_answers).launch()
    said = [(ps(world) or {}).get("state")]
    box.stop()
    with running(world, limits="stop_timeout: 120s") as box:
        slow = Slow(box, 100)
        box.process.send_signal(signal.SIGTERM)
        until(lambda: (ps(world) or {}).get("state") == "stopping", fixture.PATIENCE)
        said.append((ps(world) or {}).get("state"))
        slow.let_go()
        slow.outcome()
        mistakes = expect(said, ["starting", "stopping"])
        return with_log(mistakes + expect(box.wait(), 0), box)


def record_is_roots(world):
    """record, state and logs cannot be read by others; the launcher, once it is unprivileged, has no way to the record"""
    with running(world) as box:
        mistakes = []
        for name, mode in {"box.json": 0o600, "state": 0o600, "log.0": 0o640, "log.1": 0o640, "denials.0": 0o600, "denials.1": 0o600}.items():
            info = os.stat(f"{FOLDER}/{name}")
            mistakes += [] if (info.st_mode & 0o7777, info.st_uid, info.st_gid) == (mode, 0, 0) else [f"{name}: {oct(info.st_mode)} {info.st_uid}:{info.st_gid}"]
        for pid in [box.pid, box.master()]:
            held = {os.path.basename(os.readlink(path)) for path in glob.glob(f"/proc/{pid}/fd/*")}
            mistakes += [f"process {pid} holds the record"] if any("box" in one and "json" in one or one.startswith(".box.") for one in held) else []
        mistakes += [] if any(os.readlink(path) == f"{FOLDER}/state" for path in glob.glob(f"/proc/{box.pid}/fd/*")) else ["the control: no state in the launcher's fds"]
        for words, code in ((["ps", NAME], 64), (["logs", NAME], 64), (["stop", NAME], 64), (["ps"], 0)):
            done = as_bob(world, *words)
            mistakes += [f"{words} of an ordinary user: {one}" for one in expect(done.returncode, code)]
            mistakes += [f"{words} of an ordinary user shows {done.stdout!r}"] if NAME in done.stdout else []
        return mistakes + expect(box.request().text, "hello from alice")


def hostile_records(world):
    """records of others, of other processes, or that are no records, are believed in nothing"""
    mistakes = []
    with running(world) as box:
        good = record()
        stranger = world.sleeper("bob")
        def attempt(what, text, **changes):
            os.rename(f"{FOLDER}/box.json", f"{FOLDER}/kept")
            fixture.write(f"{FOLDER}/box.json", text if text is not None else json.dumps({**good, **changes}), 0o600)
            seen = ps(world)
            done = fpmbox(world, "stop", NAME, "--timeout", "1s")
            found = [] if seen and seen["state"] == "stale" else [f"ps shows {seen}"]
            found += [] if alive(stranger.pid) and alive(box.pid) else ["stop ended a process"]
            found += [f"stop: {one} {done.stderr} {done.stdout}" for one in expect(done.returncode, 75)]
            os.rename(f"{FOLDER}/kept", f"{FOLDER}/box.json")
            return [f"{what}: {one}" for one in found]
        mistakes += attempt("no JSON", "{")
        mistakes += attempt("a field too many", None, more=1)
        mistakes += attempt("a pid of another process", None, launcher={"pid": stranger.pid, "start": good["launcher"]["start"]}, box={"pid": stranger.pid, "start": 1})
        mistakes += attempt("the processes of an earlier boot", None, boot="0" * 36)
        mistakes += attempt("a negative pid", None, launcher={"pid": -1, "start": 1})
        mistakes += attempt("pid 0", None, launcher={"pid": 0, "start": 1})
        mistakes += [] if alive(stranger.pid) else ["the stranger was ended"]
        stranger.kill()
        mistakes += expect(ps(world)["state"], "running")  # the control: the same file, as it was
        mistakes += expect(box.stop(), 0)
    return with_log(mistakes + leftovers(world), box)


def killed_launcher(world):
    """the record of a killed launcher goes; where the janitor was killed too it is stale, and stop takes it away"""
    box = Box(world, "alice").start()
    box.process.kill()
    box.wait()
    mistakes = [] if until(lambda: not files(), fixture.PATIENCE) else [f"left: {files()}"]
    mistakes += [f"after a kill: {ps(world)}"] if ps(world) else []
    box = Box(world, "alice").start()
    master = box.master()
    janitor = [pid for pid in fixture.children(box.pid) if fixture.status(pid)["Name"].strip() == "fpmbox-janitor"]
    for pid in [*janitor, box.pid]:
        os.kill(pid, signal.SIGKILL)
    box.wait()
    seen = ps(world) or {}
    mistakes += expect(seen.get("state"), "stale")
    done = fpmbox(world, "stop", NAME)
    mistakes += [] if done.returncode == 0 else [f"stop exits with {done.returncode}: {done.stdout}{done.stderr}"]
    mistakes += [f"{master} lives"] if not until(lambda: not alive(master), fixture.PATIENCE) else []
    mistakes += [f"left: {files()}"] if files() else []
    with running(world) as again:
        mistakes += expect(again.request().text, "hello from alice")
    return mistakes + leftovers(world)


# ---- outdated

def own_php(world):
    """php-fpm under a path of its own, so that it can be replaced, and with a digest of its own: who has the same shares the copy."""
    path = shutil.copy(world.php_fpm, f"{fixture.folder(f'{world.scratch}/php')}/php-fpm")
    with open(path, "ab") as file:
        file.write(os.urandom(16))
    return path


def replace(path, change=b""):
    """As dpkg does it: a new file takes the name."""
    shutil.copy(path, path + ".new")
    with open(path + ".new", "ab") as file:
        file.write(change)
    os.rename(path + ".new", path)


def restarted(world, box):
    """Stops it and starts the same pool file again."""
    box.stop()
    again = Box(world, "alice")
    again.file = fixture.write(again.file, again_text(box))
    return again


def again_text(box):
    return box.text


def with_own_php(world, **changes):
    box = Box(world, "alice", **changes)
    with open(box.file) as file:
        box.text = re.sub(r"version: .*", f"binary: {world.scratch}/php/php-fpm", file.read())
    fixture.write(box.file, box.text)
    return box


def outdated_php(world):
    """another php-fpm on disk makes its boxes outdated, the same bytes in a new file do not; after a restart none is"""
    path = own_php(world)
    box = with_own_php(world).start()
    mistakes = expect(whats(world), [])
    replace(path)
    mistakes += [f"a byte-identical php-fpm: {one}" for one in expect(whats(world), [])]
    replace(path, b"upgraded")
    mistakes += [f"an upgraded php-fpm: {one}" for one in expect(whats(world), ["php"])]
    mistakes += expect([box["name"] for box in json.loads(fpmbox(world, "ps", "--json", "--outdated").stdout) if box["name"] == NAME], [NAME])
    own, before = "php-fpm-" + record()["program_digest"], copies()
    again = restarted(world, box)
    mistakes += [] if own in before else ["the control: it has no copy"]
    mistakes += ["its copy was not removed at the stop"] if own in copies() else []
    again.start()
    mistakes += [f"after a restart: {one}" for one in expect(whats(world), [])]
    mistakes += expect([box["name"] for box in json.loads(fpmbox(world, "ps", "--json", "--outdated").stdout) if box["name"] == NAME], [])
    os.unlink(path)
    mistakes += [f"a removed php-fpm: {one}" for one in expect(whats(world), ["php"])]
    again.stop()
    return with_log(mistakes + leftovers(world), again)


def copies():
    return {name for name in os.listdir("/run/fpmbox/.programs") if name.startswith("php-fpm-")}


def is_free(copy):
    """Nobody runs it: the janitor of a box lets go of it a moment after its launcher has ended."""
    with open(f"/run/fpmbox/.programs/{copy}", "rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def old_copies(world):
    """a copy of php-fpm stays while a box runs it, and goes with the next start when none does"""
    path = own_php(world)
    with contextlib.suppress(OSError), open(path, "ab") as file:
        file.write(b"first")
    first = with_own_php(world).start()
    held = {name for name in copies() if name == "php-fpm-" + record()["program_digest"]}
    mistakes = expect(len(held), 1)
    unused = f"/run/fpmbox/.programs/php-fpm-{'0' * 64}"
    fixture.write(unused, "of nobody", 0o711)
    broken_off = "/run/fpmbox/.programs/.part-1"
    fixture.write(broken_off, "half", 0o600)
    with open(path, "ab") as file:  # changed in place: the source's name stays
        file.write(b"second")
    second = Box(world, "bob")
    with open(second.file) as file:
        text = re.sub(r"version: .*", f"binary: {path}", file.read())
    fixture.write(second.file, text)
    second.start()
    mistakes += [f"{path} was not removed" for path in (unused, broken_off) if os.path.exists(path)]
    mistakes += [] if held <= copies() else ["the copy of a running box was removed"]
    mistakes += expect(first.request().text, "hello from alice")
    first.stop()
    second.stop()
    mistakes += [] if until(lambda: all(map(is_free, held)), fixture.PATIENCE) else ["a box that has ended holds its copy"]
    with running(world):
        mistakes += [f"still there: {name}" for name in held & copies()]
    os.unlink(path)
    return mistakes + leftovers(world)


def outdated_library(world):
    """an extension that was replaced under a running box is found by the kernel's word, its neighbours are not"""
    folder = fixture.folder(f"{world.scratch}/php")
    source = world.extension
    copy = shutil.copy(source, f"{folder}/ctype.so")
    # a mount of the copy over the system's file is the nearest to an upgrade that harms no neighbour
    subprocess.run(["mount", "--bind", copy, source], check=True)
    try:
        box = Box(world, "alice").start()
        if not any("ctype.so" in line for line in open(f"/proc/{box.master()}/maps")):
            box.stop()
            raise Skip("ctype is built in here")
        mistakes = expect(whats(world), [])
    finally:
        subprocess.run(["umount", source], check=True)
    seen = ps(world)["outdated"]  # now the system's own file is there, another inode
    mistakes += expect([one["subject"] for one in seen], [source])
    mistakes += expect(box.request().text, "hello from alice")
    box.stop()
    with running(world):
        mistakes += [f"after a restart: {one}" for one in expect(whats(world), [])]
    return with_log(mistakes + leftovers(world), box)


def outdated_launcher(world):
    """an upgraded fpmbox makes boxes outdated that the old one runs"""
    with running(world) as box:
        mistakes = expect(whats(world), [])
        replace(world.fpmbox)
        mistakes += expect(whats(world), ["launcher"])
        mistakes += expect(box.request().text, "hello from alice")
    with running(world):
        mistakes += [f"after a restart: {one}" for one in expect(whats(world), [])]
    return mistakes


def outdated_profile_and_code(world):
    """a changed pool file, a changed profile below it, and a code link that leads to another version"""
    with running(world) as box:
        with open(box.file) as file:
            text = file.read()
        fixture.write(box.file, text)
        mistakes = [f"the same bytes: {one}" for one in expect(whats(world), [])]
        fixture.write(box.file, text + "# a word\n")
        mistakes += expect(whats(world), ["profile"])
        fixture.write(box.file, text)
        catalog = f"{os.path.dirname(world.fpmbox)}/catalog/base.yaml"
        with open(catalog) as file:
            below = file.read()
        fixture.write(catalog, below + "# a word\n")
        mistakes += expect([one["subject"] for one in ps(world)["outdated"]], [catalog])
        fixture.write(catalog, below)
        link = world.code("alice")
        shutil.copytree(os.path.realpath(link), f"{os.path.dirname(link)}/www-2.0", symlinks=True)
        os.symlink("www-2.0", f"{link}.new")
        os.rename(f"{link}.new", link)
        mistakes += expect(whats(world), ["code"])
        os.symlink("www-1.0", f"{link}.new")
        os.rename(f"{link}.new", link)
        shutil.rmtree(f"{os.path.dirname(link)}/www-2.0")
        return mistakes + expect(whats(world), [])


# ---- logs

def logs_of_a_box(world):
    """logs shows what stderr had, with times, for a box that runs and for one that has ended"""
    with running(world) as box:
        php(box, "error_log('to-be-found');")
        found = until(lambda: [line for line in logs(world) if "to-be-found" in line], fixture.PATIENCE)
        mistakes = expect(len(found or []), 1)
        box.stop()
        kept = logs(world)
        mistakes += [f"no time in front: {line!r}" for line in kept if not LINE.fullmatch(line)][:3]
        said = [line.split(" ", 1)[1] for line in kept]
        mistakes += [f"on stderr alone: {line!r}" for line in box.log if line not in said][:3]
        mistakes += expect(logs(world, "-n", "2"), kept[-2:]) + expect(logs(world, "-n", "0"), [])
    return with_log(mistakes, box)


def logs_of_a_failed_start(world):
    """a box that does not come up has left its reason in the log"""
    box = Faulty(world, "alice", environment={"FPMBOX_FAIL_STEP": "3"}).launch()
    mistakes = expect(box.wait(), 71)
    box.stop()
    last = logs(world, "-n", "1")
    mistakes += [] if last and "step `" in last[0] and LINE.fullmatch(last[0]) else [f"the log ends with {last}"]
    mistakes += [f"left: {files()}"] if files() else []
    return mistakes


def logs_followed(world):
    """-f goes on until the box has ended, and loses no line over several turns of the files"""
    box = Box(world, "alice", limits="stop_timeout: 5s").start()
    follower = subprocess.Popen([world.fpmbox, "logs", NAME, "-f"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    lines = []
    reader = threading.Thread(target=lambda: lines.extend(follower.stdout), daemon=True)
    reader.start()
    for number in range(8):  # bounded by the ration: 100 lines a second after a burst of 200
        php(box, f"for ($i = 0; $i < 150; $i++) error_log(str_repeat('x', 900) . ' {number}-' . $i . '-end');")
        until(lambda number=number: any(f" {number}-149-end" in line for line in box.log), fixture.PATIENCE)
        time.sleep(1.5)
    until(lambda: any("7-149-end" in line for line in lines), fixture.PATIENCE)
    mistakes = [] if follower.poll() is None else ["it ended before the box"]
    box.stop()
    try:
        mistakes += expect(follower.wait(fixture.PATIENCE), 0)
    except subprocess.TimeoutExpired:
        follower.kill()
        mistakes.append("it goes on after the box's end")
    reader.join(fixture.PATIENCE)
    sizes = [os.stat(f"{FOLDER}/log.{n}").st_size for n in (0, 1)]
    mistakes += [f"files of {sizes} bytes"] if max(sizes) > 512 * 1024 or min(sizes) < 1024 else []
    said = [re.sub(r"^\S+ ", "", line.rstrip("\n")) for line in lines]
    printed = [line for line in box.log if "-end" in line]
    missing = [line for line in printed if line not in set(said)]
    mistakes += [f"{len(missing)} of {len(printed)} lines are missing"] if missing or len(printed) < 900 else []
    order = [line for line in said if "-end" in line]
    mistakes += ["not in the order in which they were printed"] if order != printed else []
    return mistakes


def log_on_a_full_disk(world):
    """where nothing more can be written the box goes on, and the log says later how many lines it lost"""
    with running(world):
        pass
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=0750", "none", FOLDER], check=True)
    try:
        with running(world) as box:
            filler = f"{FOLDER}/filler"
            with contextlib.suppress(OSError), open(filler, "wb", buffering=0) as file:
                while file.write(b"x" * 4096):
                    pass
            for _ in range(3):
                php(box, "for ($i = 0; $i < 40; $i++) error_log(str_repeat('y', 500));")
            mistakes = [] if until(lambda: len([line for line in box.log if "yyy" in line]) >= 120, fixture.PATIENCE) else ["stderr lacks lines"]
            mistakes += [f"the control: {len(logs(world))} lines were kept"] if len(logs(world)) > 60 else []
            mistakes += expect(box.request().text, "hello from alice")
            os.unlink(filler)
            php(box, "error_log('after');")
            found = until(lambda: [line for line in logs(world) if re.search(r"fpmbox: \d+ lines were lost", line)], fixture.PATIENCE)
            mistakes += [] if found else [f"nothing about lost lines: {logs(world, '-n', '3')}"]
            mistakes += [f"half a line: {line!r}" for line in logs(world) if not LINE.fullmatch(line)][:3]
            mistakes += expect(box.stop(), 0)
        return with_log(mistakes, box)
    finally:
        subprocess.run(["umount", FOLDER], check=True)


def hostile_lines(world):
    """control characters and forged lines are escaped in the log as on stderr"""
    with running(world) as box:
        php(box, r"""error_log("\e[31mred\r2026-01-01T00:00:00.000000Z forged\x00");""")
        found = until(lambda: [line for line in logs(world) if "forged" in line], fixture.PATIENCE) or []
        mistakes = [f"raw: {line!r}" for line in found if not LINE.fullmatch(line) or line.startswith("2026-01-01T00:00:00.000000Z")]
        return mistakes + expect(len(found), 1)


# ---- stop

def stop_of_a_box(world):
    """stop returns when all is gone, says how long it took; a second time there is nothing to do"""
    with running(world) as box:
        done = fpmbox(world, "stop", NAME)
        left = files() + fixture.cgroups(NAME) + ([box.address] if os.path.exists(box.address) else [])
        mistakes = expect(done.returncode, 0) + [f"left when it returned: {one}" for one in left]
        mistakes += [] if re.search(rf"^{NAME}: stopped in \d+\.\d s$", done.stdout, re.M) else [f"says {done.stdout!r}"]
        mistakes += expect(box.wait(), 0)
        again = fpmbox(world, "stop", NAME)
        mistakes += expect(again.returncode, 0) + ([] if "does not run" in again.stdout else [f"says {again.stdout!r}"])
    wrong = fpmbox(world, "stop", NAME[:-1])
    mistakes += expect(wrong.returncode, 64) + ([] if NAME in wrong.stderr else [f"says {wrong.stderr!r}"])
    mistakes += expect(fpmbox(world, "stop", NAME, "--timeout", "soon").returncode, 64)
    return with_log(mistakes + leftovers(world), box)


def stop_with_a_timeout(world):
    """a stop that takes longer than --timeout says what is left; running requests are still finished"""
    with running(world, limits="stop_timeout: 120s") as box:
        slow = Slow(box, 100)
        done = fpmbox(world, "stop", NAME, "--timeout", "500ms")
        mistakes = expect(done.returncode, 75) + ([] if "its launcher" in done.stderr else [f"says {done.stderr!r}"])
        slow.let_go()
        mistakes += expect(slow.outcome(), "finished") + expect(box.wait(), 0)
    return with_log(mistakes + leftovers(world), box)


def named_otherwise(world):
    """a pool file whose name: is another than its own means the pool that runs from it, by its path and by its own name"""
    box = Box(world, "alice")
    with open(box.file) as file:
        text = file.read()
    os.unlink(box.file)
    stem = f"{NAME}-file"
    box.file = fixture.write(f"{fixture.folder(f'{world.scratch}/renamed')}/{stem}.yaml", f"name: {NAME}\n{text}")
    link = f"{fixture.folder('/etc/fpmbox/pools')}/{stem}.yaml"
    os.symlink(box.file, link)
    try:
        mistakes = []
        for word in (box.file, stem):
            box.launch()
            mistakes += [] if box.wait_ready() else ["it does not start"]
            mistakes += [f"ps {word}: nothing"] if not ps(world, word) else []
            mistakes += [f"logs {word}: nothing"] if not fpmbox(world, "logs", word).stdout else []
            done = fpmbox(world, "stop", word)
            mistakes += [] if done.stdout.startswith(f"{NAME}: stopped in ") else [f"stop {word}: {done.stdout}{done.stderr}"]
            mistakes += expect(box.wait(), 0)
        return with_log(mistakes + leftovers(world), box)
    finally:
        os.unlink(link)
        box.stop()


def of_an_ordinary_user(world):
    """an ordinary user sees, follows and stops boxes of its own, and root's are not among them"""
    rootless.make_homes(world)
    box = rootless.OwnBox(world, "alice").launch()
    try:
        if not box.wait_ready():
            raise Skip(f"no user can make boxes here: {box.log[-1:]}")
        def say(*words, before=()):
            return subprocess.run([*before, *box.as_user(), world.fpmbox, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  timeout=180, env={**os.environ, **box.environment}, cwd="/")
        seen = json.loads(say("ps", "--json").stdout)
        mistakes = expect([(one["name"], one["state"], one["pid"], one["socket"], one["outdated"]) for one in seen],
                          [(NAME, "running", box.master(), box.address, [])])
        mistakes += [] if any("gap" in line for line in say("logs", NAME).stdout.splitlines()) else ["the log lacks the gaps"]
        mistakes += ["root's ps shows it"] if ps(world) else []
        hidden = ["unshare", "--mount", "--propagation", "private", "sh", "-c", 'mount -t proc -o hidepid=invisible none /proc && exec "$@"', "sh"]
        seen = json.loads(say("ps", "--json", before=hidden).stdout)
        mistakes += [f"where hidepid= hides the launcher: {one}" for one in expect([one["state"] for one in seen], ["running"])]
        done = say("stop", NAME, before=hidden)
        mistakes += expect(done.returncode, 0) + ([] if "stopped in" in done.stdout else [done.stdout + done.stderr])
        mistakes += expect(box.wait(), 0) + [f"left: {one}" for one in box.left()]
        return with_log(mistakes, box)
    finally:
        box.stop()


def to_root(world):
    """root sees, follows and stops the boxes of an ordinary user, as that user; nobody else does"""
    rootless.make_homes(world)
    user = pwd.getpwnam(world.users["alice"])
    runtime = f"/run/user/{user.pw_uid}"
    made = [path for path in ("/run/user", runtime) if not os.path.exists(path)]
    box = rootless.OwnBox(world, "alice")
    try:
        os.makedirs(runtime, exist_ok=True)
        os.chmod(runtime, 0o700)
        os.chown(runtime, user.pw_uid, user.pw_gid)
        box.environment["XDG_RUNTIME_DIR"], box.address = runtime, f"{runtime}/fpmbox/{NAME}/live.sock"
        if not box.launch().wait_ready():
            raise Skip(f"no user can make boxes here: {box.log[-1:]}")
        mistakes = expect([(ps(world) or {}).get(key) for key in ("user", "state", "pid")], [user.pw_name, "running", box.master()])
        table = fpmbox(world, "ps").stdout
        mistakes += [] if f"of {user.pw_name}:\nNAME" in table and NAME in table else [table]
        mistakes += expect([one["name"] for one in json.loads(fpmbox(world, "ps", "--json", "--user", user.pw_name).stdout)], [NAME])
        log = fpmbox(world, "logs", "--user", str(user.pw_uid), NAME)
        mistakes += [] if log.returncode == 0 and "gap" in log.stdout else [f"its log: {log.stdout}{log.stderr}"]
        for words, code, said in ((("ps", "--user", "nobody-has-this-name"), 64, "there is no user"), (("ps", "--user", "root"), 64, "without --user")):
            done = fpmbox(world, *words)
            mistakes += [] if (done.returncode, said in done.stderr) == (code, True) else [f"{words}: {done.returncode} {done.stderr}"]
        other = as_bob(world, "stop", "--user", user.pw_name, NAME)
        mistakes += [] if other.returncode == 64 and "--user is root's" in other.stderr else [f"another user: {other.returncode} {other.stderr}"]
        mistakes += expect(json.loads(as_bob(world, "ps", "--json").stdout), [])
        done = fpmbox(world, "stop", "--user", user.pw_name, NAME)
        mistakes += expect(done.returncode, 0) + ([] if "stopped in" in done.stdout else [done.stdout + done.stderr])
        mistakes += expect(box.wait(), 0) + [f"left: {one}" for one in box.left()] + expect(ps(world), None)
        return with_log(mistakes, box)
    finally:
        box.stop()
        if runtime in made:
            shutil.rmtree(runtime)
        if "/run/user" in made:
            os.rmdir("/run/user")


# ---- the launcher

def small_launcher(world):
    """the launcher of an idle pool and its janitor hold less than 1 MiB together, also after thousands of lines for the log"""
    def pss(box):
        """It gives back what it does not need once it has nothing to do."""
        return until(lambda: sum((now := sizes(box))[1:]) <= 1024 and now, fixture.PATIENCE, 0.5) or sizes(box)

    def sizes(box):
        names = {pid: fixture.status(pid)["Name"].strip() for pid in (box.pid, *fixture.children(box.pid))}
        ours = [pid for pid, name in names.items() if name.startswith("fpmbox")]
        held = {pid: int(re.search(r"^Pss: +(\d+)", read(f"/proc/{pid}/smaps_rollup"), re.M)[1]) for pid in ours}
        return len(ours), held.pop(box.pid), sum(held.values())

    def read(path):
        with open(path) as file:
            return file.read()
    with running(world) as box:
        count, *before = pss(box)
        for _ in range(5):
            php(box, "for ($i = 0; $i < 2000; $i++) error_log(str_repeat('z', 2000));", timeout=120)
        _, *after = pss(box)
        mistakes = [] if count == 2 else [f"{count} processes instead of launcher and janitor"]
        return mistakes + ([f"launcher and janitor: {before} KiB at first, then {after} KiB"]
                           if any(launcher + janitor > 1024 for launcher, janitor in (before, after)) else [])


TESTS = [ps_of_a_running_box, states, record_is_roots, hostile_records, killed_launcher, outdated_php, old_copies, outdated_library,
         outdated_launcher, outdated_profile_and_code, logs_of_a_box, logs_of_a_failed_start, logs_followed, log_on_a_full_disk,
         hostile_lines, stop_of_a_box, stop_with_a_timeout, named_otherwise, of_an_ordinary_user, to_root, small_launcher]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fpmbox", required=True, help="the launcher to test")
    parser.add_argument("--faulty", required=True, help="a build that fails at the step named in FPMBOX_FAIL_STEP")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="part of a name, or a pattern; may be repeated")
    options = parser.parse_args()
    report = Report(options.only)
    try:
        with fixture.World(options.fpmbox, faulty=options.faulty) as world:
            for test in TESTS:
                name = "boxes/" + test.__name__.replace("_", "-")
                if not report.wanted(name):
                    continue
                try:
                    mistakes = test(world)
                except Skip as reason:
                    report.skip(name, str(reason))
                    continue
                except (fixture.Broken, fixture.NoAnswer, OSError, TypeError) as error:
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
