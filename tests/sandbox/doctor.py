#!/usr/bin/env python3
"""fpmbox doctor on this machine as it is, and with one thing after another taken away: exactly the lines change that it concerns.

    tests/sandbox/doctor.py --fpmbox BUILD/fpmbox      (as root)
"""

import argparse
import ctypes
import json
import os
import platform
import pwd
import shutil
import subprocess
import sys
import tempfile

from report import Report

HERE = os.path.dirname(os.path.abspath(__file__))
WITHOUT = os.path.join(HERE, "..", "support", "without_syscalls.py")
sys.path.append(os.path.dirname(WITHOUT))
import without_syscalls  # noqa: E402

NOBODY = pwd.getpwnam("nobody")
UNSHARE = {"x86_64": 272, "aarch64": 97}.get(platform.machine())
NAMESPACES = [f"{kind} namespace" for kind in ("mount", "pid", "network", "ipc", "uts", "cgroup")]
CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000

# A call that is taken away, and what must be missing then beside "system calls".
CALLS = {"open_tree": ["detached mounts", "read-only trees"], "mount_setattr": ["read-only trees"], "move_mount": ["new root"],
         "fsopen": ["devices", "new file systems", "new root", "process information"], "openat2": [], "close_range": [],
         "landlock_create_ruleset": ["landlock"]}


def doctor(fpmbox, *before, **options):
    """Exit code, what is not ok by name, and all findings by name."""
    done = subprocess.run([*before, fpmbox, "doctor", "--json"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
                          check=False, cwd="/", **options)
    if done.returncode not in (0, 69):
        raise RuntimeError(f"exit {done.returncode}: {done.stderr[:300]}")
    found = {one["name"]: one for one in json.loads(done.stdout)["findings"]}
    return done.returncode, {name for name, one in found.items() if one["result"] != "ok"}, found


def incomplete(found):
    """Whatever fails says why and what to do."""
    return [f"{name} without cause or fix" for name, one in found.items()
            if one["result"] in ("MISSING", "absent") and not (one["cause"] and one["fix"])]


def as_nobody():
    libc = ctypes.CDLL(None, use_errno=True)
    os.setgroups([])
    os.setresgid(NOBODY.pw_gid, NOBODY.pw_gid, NOBODY.pw_gid)
    os.setresuid(NOBODY.pw_uid, NOBODY.pw_uid, NOBODY.pw_uid)
    return libc


def cover_proc():
    """As a container runtime does it, and then an ordinary user."""
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.unshare(CLONE_NEWNS) == 0
    assert libc.mount(None, b"/", None, 0x44000, None) == 0  # private, recursively
    assert libc.mount(b"/dev/null", b"/proc/meminfo", None, 0x1000, None) == 0  # bind
    as_nobody()


def no_more_namespaces():
    """Inside of a user namespace that may have none below it."""
    libc = as_nobody()
    libc.prctl(4, 1, 0, 0, 0)  # dumpable: /proc/self is ours again
    assert libc.unshare(CLONE_NEWUSER) == 0
    for file, text in (("setgroups", "deny"), ("uid_map", f"{NOBODY.pw_uid} {NOBODY.pw_uid} 1"), ("gid_map", f"{NOBODY.pw_gid} {NOBODY.pw_gid} 1")):
        with open(f"/proc/self/{file}", "w") as out:
            out.write(text)
    with open("/proc/sys/user/max_user_namespaces", "w") as out:
        out.write("0")


class Doctor:
    def __init__(self, fpmbox, report):
        self.fpmbox, self.report = fpmbox, report
        self.code, self.missing, self.found = doctor(fpmbox)

    def check(self, name, gone, fixes, before=(), base=None, **options):
        """`gone` is missing in addition to what `base` (this machine as root) lacks, and the fixes are said."""
        base = self.missing if base is None else base
        code, missing, found = doctor(self.fpmbox, *before, **options)
        mistakes = [] if missing - base == set(gone) else [f"missing now: {sorted(missing - base)}, not {sorted(gone)}"]
        mistakes += [f"{one} came back" for one in base - missing]
        mistakes += [] if not gone or code == 69 else [f"exit {code}"]
        for one, words in fixes.items():
            mistakes += [f"{one}: no {words!r} in {found[one]['cause']!r}, {found[one]['fix']!r}"
                         ] if words not in found[one]["cause"] + found[one]["fix"] else []
        self.report.check("doctor/" + name, mistakes + incomplete(found), ", ".join(sorted(gone)))

    def calls(self):
        for call, gone in CALLS.items():
            names = gone if call.startswith("landlock") else [*gone, "system calls"]
            if self.missing & set(names):
                self.report.skip(f"doctor/without-{call}", "it is missing here anyway")
                continue
            self.check(f"without-{call}", names, {names[-1]: "filter"}, [sys.executable, WITHOUT, "ENOSYS", call])

    def namespaces(self):
        without_syscalls.NUMBERS["unshare"] = UNSHARE
        gone = [*NAMESPACES, "user namespace", "new root", "process information"]
        if UNSHARE is None or self.missing & set(gone):
            return self.report.skip("doctor/without-unshare", "the call's number is not known here, or namespaces are missing anyway")
        take = lambda: without_syscalls.take_away(1, ["unshare"])  # EPERM
        self.check("without-unshare", gone, {"pid namespace": "filter", "user namespace": "filter"}, preexec_fn=take)

    def capabilities(self):
        code, missing, found = doctor(self.fpmbox, "setpriv", "--bounding-set=-sys_admin")
        mistakes = [] if code == 69 and {"capabilities", *NAMESPACES} <= missing else [f"exit {code}, missing {sorted(missing)}"]
        mistakes += [] if found["capabilities"]["detail"] == "missing: SYS_ADMIN" else [found["capabilities"]["detail"]]
        self.report.check("doctor/without-sys-admin", mistakes + incomplete(found), "the capability is named")

    def ordinary_user(self):
        code, base, found = doctor(self.fpmbox, preexec_fn=as_nobody)
        if "process information" in base or "user namespace" in base:
            return self.report.skip("doctor/ordinary-user", f"ordinary users lack {sorted(base)} here")
        self.report.check("doctor/ordinary-user", incomplete(found) + ([] if "capabilities" not in found else ["capabilities are asked for"]),
                          "an ordinary user is told what it has")
        self.check("covered-proc", ["process information"], {"process information": "/proc/meminfo"}, base=base, preexec_fn=cover_proc)
        code, missing, found = doctor(self.fpmbox, preexec_fn=no_more_namespaces)
        mistakes = [] if "max_user_namespaces is 0" in found["user namespace"]["cause"] else [str(found["user namespace"])]
        mistakes += [f"{name} is {found[name]['result']}" for name in NAMESPACES if found[name]["result"] != "untried"]
        self.report.check("doctor/no-user-namespaces", mistakes + ([] if code == 69 else [f"exit {code}"]), "the sysctl is named, the rest is not guessed")


    def root_of_a_namespace(self):
        """The host's mounts are not its own: that, and no security module and no kernel, is why."""
        if self.missing & {"user namespace", "detached mounts"} or not shutil.which("unshare"):
            return self.report.skip("doctor/root-of-a-namespace", "no user namespace, or no unshare, here")
        _, missing, found = doctor(self.fpmbox, "unshare", "--user", "--map-root-user", preexec_fn=as_nobody)
        mistakes = [] if "detached mounts" in missing else ["the control: it can clone the host's mounts"]
        mistakes += [f"{name}: {found[name]['cause']}" for name in missing if not name.startswith(("cgroup", "folder", "php"))
                     and "root of a user namespace" not in found[name]["cause"]]
        mistakes += [f"php-fpm: {found['php-fpm']}"] if "php-fpm" in missing and "none is installed" in found["php-fpm"]["cause"] else []
        self.report.check("doctor/root-of-a-namespace", mistakes + incomplete(found), "whose root it is")


def left_by_a_second_look(one, mistakes):
    def everything():
        return {f"{top}/{name}" for top in ("/sys/fs/cgroup", "/run") for name in os.listdir(top)}
    before = everything()
    mistakes += [] if doctor(one.fpmbox)[1] == one.missing else ["a second look says something else"]
    return everything() - before


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fpmbox", required=True, help="the program to test")
    options = parser.parse_args()
    report = Report()
    if os.geteuid() != 0:
        report.fail("surroundings", "run it as root")
        return report.close()
    with tempfile.TemporaryDirectory(dir="/var/lib", prefix="fpmbox-test-") as folder:
        os.chmod(folder, 0o755)
        one = Doctor(shutil.copy(options.fpmbox, folder), report)
        mistakes = incomplete(one.found) + ([] if (one.code == 0) == (not any(f["result"] == "MISSING" for f in one.found.values())) else [f"exit {one.code}"])
        # What it leaves it leaves each time; others on this machine make folders as well, now and then.
        left = [left_by_a_second_look(one, mistakes) for _ in range(3)]
        mistakes += [f"it left {sorted(left[0])}"] if all(left) else []
        report.check("doctor/plain", mistakes, f"missing here: {sorted(one.missing) or 'nothing'}")
        one.calls()
        one.namespaces()
        one.capabilities()
        one.ordinary_user()
        one.root_of_a_namespace()
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
