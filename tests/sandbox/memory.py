#!/usr/bin/env python3
"""Memory that is written and executed: what memory.deny_write_execute refuses, what it costs, and that PHP works with both.

    tests/sandbox/memory.py --fpmbox BUILD/fpmbox      (as root)

Each act is run three times: outside, in a box that lets it, and in one that denies it. In the first two it has to succeed.
"""

import argparse
import dataclasses
import os
import re
import shutil
import subprocess
import sys

import fixture
import run
import works
from fixture import Box
from lifecycle import expect
from report import Report
from works import php

DENY = "memory: {deny_write_execute: true}\n"
# mov eax, 42; ret
WRITES_CODE = "$code = \"\\xb8\\x2a\\0\\0\\0\\xc3\"; FFI::memcpy(libc()->cast('char*', $at), $code, 6);"
RUNS_CODE = "return libc()->cast('code', $at)() === 42 ? 'ok' : 'another answer';"


@dataclasses.dataclass(frozen=True)
class Act:
    id: str
    why: str
    code: str
    denied: str


ACTS = [
    Act("memory/write-and-run", "code of an exploit, in memory that is both", f"""return native(function () {{
        $at = must('mmap', 0, 4096, 7, 0x22, -1, 0); {WRITES_CODE} {RUNS_CODE} }});""", "EPERM at mmap"),
    Act("memory/write-then-run", "the same in two steps, as JITs do it", f"""return native(function () {{
        $at = must('mmap', 0, 4096, 3, 0x22, -1, 0); {WRITES_CODE} must('mprotect', $at, 4096, 5); {RUNS_CODE} }});""", "EPERM at mprotect"),
    Act("memory/run-then-write", "memory that is executable first", """return native(function () {
        return word(sys('mprotect', must('mmap', 0, 4096, 5, 0x22, -1, 0), 4096, 7)); });""", "EPERM"),
    Act("memory/change-library", "a page of libc, written and made executable again", """return native(function () {
        $page = FFI::cast('intptr_t', libc()->waitpid)->cdata & ~4095;
        must('mprotect', $page, 4096, 3); return word(sys('mprotect', $page, 4096, 5)); });""", "EPERM"),
    Act("memory/second-view", "shared memory that is mapped a second time, to execute", """return native(function () {
        $at = must('mmap', 0, 4096, 3, 0x21, -1, 0); $again = sys(25, $at, 0, 4096, 1);  // mremap of nothing: another view
        return $again < 0 ? word($again) . ' at mremap' : word(sys('mprotect', $again, 4096, 5)); });""", "EPERM"),
]
# Both boxes, whatever the profile says.
WRITABLE = [
    Act("memory/map-sessions", "code mapped from a file of the sessions' folder", """$at = ini_get('session.save_path') . '/map';
        file_put_contents($at, str_repeat("\\xc3", 4096));
        $said = native(fn () => word(sys('mmap', 0, 4096, 5, 2, must('open', text($at), 0), 0))); unlink($at); return $said;""", "EPERM"),
    Act("memory/map-shared", "the same as a shared mapping of /tmp, which writes to the file would change", """$at = $T['tmp'] . '/map';
        file_put_contents($at, str_repeat("\\xc3", 4096));
        $said = native(fn () => word(sys('mmap', 0, 4096, 5, 1, must('open', text($at), 2), 0))); unlink($at); return $said;""", "EPERM"),
    Act("memory/file-in-memory", "a file that is in no file system", """return native(function () {
        $file = must('memfd_create', text('code'), 0); must('write', $file, bytes(str_repeat("\\xc3", 4096)), 4096);
        return word(sys('mmap', 0, 4096, 5, 2, $file, 0)); });""", "EPERM at memfd_create"),
]
MATCHES = "$n = 0; for ($i = 0; $i < %d; $i++) $n += preg_match('/(\\w+[.])*\\w+@(?:[a-z0-9-]+[.])+[a-z]{2,6}\\b/i', 'a.b.c.d ' . $i . '.x.y@mail.example.org');"
# of both kinds: the kernel that counts by ticks may take one for the other
RUSAGE = "(fn ($u) => ($u['ru_utime.tv_sec'] + $u['ru_stime.tv_sec']) * 1e6 + $u['ru_utime.tv_usec'] + $u['ru_stime.tv_usec'])(getrusage())"


class Side:
    """Where acts are run: a name for messages, and the pool."""

    def __init__(self, name, pool):
        self.name, self.pool = name, pool

    def said(self, code, **options):
        return php(self.pool, code, **options).text.strip()


def check_acts(report, sides):
    outside, lets, denies = sides
    for act, wanted in [(act, ("ok", "ok", act.denied)) for act in ACTS] + [(act, ("ok", act.denied, act.denied)) for act in WRITABLE]:
        said = [side.said(act.code) for side in sides]
        mistakes = [f"{side.name}: wanted {one}, got {got}" for side, one, got in zip((outside, lets, denies), wanted, said) if one != got]
        report.check(act.id, mistakes, f"{act.why}: outside {said[0]}, let {said[1]}, denied {said[2]}")


def executable(side):
    """What of the workers' memory can be executed: (rights, path)."""
    found = set()
    for pid in side.pool.workers():
        program = os.readlink(f"/proc/{pid}/exe")  # the copy, which has no path in the box
        with open(f"/proc/{pid}/maps") as file:
            found |= {(words[1], words[5] if len(words) > 5 else "") for words in map(str.split, file) if "x" in words[1]}
        found.discard(("r-xp", program))
    return found


def check_maps(report, lets, denies):
    """the host's view: PCRE's JIT has memory where it is let, and nowhere else is anything both or of a writable path"""
    for side in (lets, denies):
        for _ in range(8):  # each of the two workers, in all likelihood
            side.said("preg_match('/^(a|b)+c$/', 'ababc'); usleep(20000); return 'ok';")
    mistakes = [] if any("w" in rights for rights, _ in executable(lets)) else ["let: no JIT memory"]
    mistakes += [f"denied: {rights} {path}" for rights, path in executable(denies) if "w" in rights]
    for side in (lets, denies):
        mistakes += [f"{side.name}: {rights} {path}" for rights, path in executable(side)
                     if path and not path.startswith(("/usr/lib/", "[vdso]", "[vsyscall]"))]
    report.check("memory/maps", mistakes, check_maps.__doc__)


def check_settings(report, lets, denies):
    """PHP is told: JITs are off where their memory is denied, for good, and on where it is not"""
    ask = "return json_encode([ini_get('pcre.jit'), @ini_set('pcre.jit', '1'), ini_get('opcache.jit_buffer_size')]);"
    mistakes = [f"denied: {one}" for one in expect(denies.said(ask), '["0",false,"0"]')]
    mistakes += [f"let: {one}" for one in expect(lets.said("return ini_get('pcre.jit');"), "1")]
    report.check("memory/settings", mistakes, check_settings.__doc__)


def check_speed(report, lets, denies):
    """regular expressions run by the JIT where it is let"""
    code = f"{MATCHES % 200} $before = {RUSAGE}; {MATCHES % 100000} return $n . ' ' . ({RUSAGE} - $before);"

    def measured(side):  # in sum, because one run may be shorter than a tick
        answers = [side.said(code).split() for _ in range(5)]
        return answers[0][0], sum(float(one[1]) for one in answers)
    (found, fast), (same, slow) = measured(lets), measured(denies)
    if not fast:
        return report.fail("memory/speed", "no processor time was counted for five runs")
    mistakes = expect(same, found) + ([] if slow > 1.2 * fast else [f"{slow:.0f} us without the JIT, {fast:.0f} us with it"])
    report.check("memory/speed", mistakes, f"{check_speed.__doc__}: {slow / fast:.1f} times the processor time without")


def check_opcache_jit(report, world):
    """opcache's JIT works in a box that lets it; with deny_write_execute the profile is refused, with both lines"""
    def with_jit(more):
        box = Box(world, "alice", more=more)
        with open(box.file) as file:
            text = file.read().replace("admin_values: {", "admin_values: {opcache.jit: tracing, opcache.jit_buffer_size: 16M, ")
        fixture.write(box.file, text)
        return box
    box = with_jit("").start()
    try:
        mistakes = expect(Side("let", box).said("return json_encode(opcache_get_status(false)['jit']['on']);"), "true")
    finally:
        mistakes += expect(box.stop(), 0)
    refused = with_jit(DENY).launch()
    mistakes += expect(refused.wait(20), 65)
    mistakes += [] if any("turns a JIT on" in line and "deny_write_execute at " in line for line in refused.log) else refused.log[-3:]
    refused.stop()
    report.check("memory/opcache-jit", mistakes, check_opcache_jit.__doc__)


def check_switch(report, world):
    """the kernel's own switch is set where memory is denied (asked in boxes that may ask)"""
    may_ask = 'syscalls: {arguments: [{name: prctl, index: 0, one_of: ["66"], why: a test}]}\n'
    said = {}
    for name, more in (("lets", ""), ("denies", DENY)):
        box = Box(world, "alice", more=may_ask + more).start()
        try:
            said[name] = Side(name, box).said("return native(fn () => (string) sys('prctl', 66));")
        finally:
            box.stop()
    if said["lets"] == "-22":
        return report.skip("memory/switch", "this kernel has no PR_SET_MDWE (Linux 6.3)")
    report.check("memory/switch", expect(said, {"lets": "0", "denies": "1"}), check_switch.__doc__)


class Older(fixture.Traced):
    """Linux before 6.3: the launcher's question, number `at` of its prctl(2) calls, is answered with EINVAL."""

    at = None

    def command(self):
        options = ["-e", "trace=prctl"] + (["-e", f"inject=prctl:error=EINVAL:when={self.at}"] if self.at else [])
        return ["strace", "-o", f"{self.world.scratch}/trace", *options, *super().command()]


def check_older(report, world):
    """a kernel without the switch: a printed gap, and the filter alone refuses the same"""
    if not shutil.which("strace"):
        return report.skip("memory/older", "there is no strace")
    box = Older(world, "alice", more=DENY).start()
    box.stop()
    with open(f"{world.scratch}/trace") as file:
        asked = [number for number, line in enumerate((line for line in file if line.startswith("prctl(")), 1)
                 if line.startswith(("prctl(PR_GET_MDWE", "prctl(0x42"))]
    if not asked:
        return report.fail("memory/older", "the launcher does not ask for the switch")
    box = Older(world, "alice", more=DENY)
    box.at = asked[0]
    box.start()
    try:
        side = Side("older", box)
        mistakes = [] if any("gap: memory.mdwe:" in line for line in box.log) else ["no gap is printed"]
        mistakes += [f"{act.id}: {one}" for act in ACTS for one in expect(side.said(act.code), act.denied)]
    finally:
        mistakes += expect(box.stop(), 0)
    report.check("memory/older", mistakes, check_older.__doc__)


def check_plan(report, lets, denies):
    """the plan prints the choice and its price, whichever it is"""
    mistakes = []
    for side, row, price in ((lets, "may be writable and executable", "false leaves PCRE its JIT"),
                             (denies, "never writable and executable", "true turns PHP's JITs off")):
        world = side.pool.world
        text = subprocess.run([world.fpmbox, "plan", side.pool.file], capture_output=True, text=True, check=False).stdout
        found = [line for line in text.splitlines() if re.match(r"  memory +" + row, line) or (price in line and "4 to 5 times" in line)]
        mistakes += [] if len(found) == 2 else [f"{side.name}: {found}"]
    report.check("memory/plan", mistakes, check_plan.__doc__)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fpmbox", required=True)
    options = parser.parse_args()
    report = Report([])
    try:
        with fixture.World(options.fpmbox) as world:
            sides = run.Sides(world)
            denying = fixture.Box(world, "alice", more=DENY).start()
            sides.pools["alice"] = denying
            outside, denies = Side("outside", sides.control("plain")), Side("denied", denying)
            for work in works.WORKS:
                if work != works.regular_expressions:  # by the JIT; check_speed looks at them without it
                    run.run_work(world, sides, work, report, True)
            lets = Side("let", sides.box("bob"))
            check_acts(report, (outside, lets, denies))
            check_maps(report, lets, denies)
            check_settings(report, lets, denies)
            check_speed(report, lets, denies)
            check_plan(report, lets, denies)
            denying.stop()
            check_opcache_jit(report, world)
            check_switch(report, world)
            check_older(report, world)
    except fixture.Broken as error:
        report.fail("surroundings", str(error))
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
