#!/usr/bin/env python3
"""The catalogue of acts (profiles/acts) is honest: every act succeeds where nothing confines it, or this machine really
lacks what it needs; every act ends in a box as it says; and the core of it is tried in 15 seconds.

    tests/sandbox/catalogue.py --fpmbox BUILD/fpmbox [--only NAME]      (as root)

`fpmbox test` runs both sides. What it calls "not shown on this machine" is a claim of the catalogue (`lacking:`), and here
each claim is checked by other means: a probe that is broken would otherwise pass for ever.
"""

import argparse
import ctypes
import errno
import glob
import json
import os
import re
import resource
import shutil
import socket
import subprocess
import sys
import time

import fixture
from report import Report

FEWEST = 150    # acts
CORE_SECONDS = 15.0
LIBC = ctypes.CDLL(None, use_errno=True)


# ---- what a machine may lack, found out without the catalogue

def exists(*patterns):
    return lambda: not any(glob.glob(pattern) for pattern in patterns)


def no_family(*numbers):
    """No socket of that family, as root."""
    def lacks():
        try:
            socket.socket(*numbers).close()
        except OSError as error:
            return error.errno in (errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.EPERM, errno.ENODEV)
        return False
    return lacks


def no_call(number, *arguments):
    """The kernel does not know it, as root."""
    def lacks():
        ctypes.set_errno(0)
        return LIBC.syscall(number, *arguments) == -1 and ctypes.get_errno() == errno.ENOSYS
    return lacks


def setting(path, refuses):
    def lacks():
        try:
            with open(path) as file:
                return refuses(int(file.read()))
        except OSError:
            return False
    return lacks


def unreadable(path):
    """Even for root. Opened only: a log may have nothing to read."""
    def lacks():
        try:
            file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except OSError:
            return True
        os.close(file)
        return False
    return lacks


def no_groups_of_root():
    return len(os.getgrouplist("root", 0)) == 1


# By act: when may it be "not shown"? On x86-64, where the numbers are.
MAY_LACK = {
    "bypasses/basedir-dots": lambda: False,
    "host/terminal": lambda: os.stat("/dev/ptmx").st_mode & 0o6 != 0o6 or "ptmxmode=000" in open("/proc/self/mounts").read(),
    "host/run-lock": lambda: not os.path.isdir("/run/lock") or os.stat("/run/lock").st_mode & 0o2 == 0,
    "host/kernel-log": unreadable("/dev/kmsg"),
    "host/homes": exists("/home"),
    "host/private-keys": exists("/etc/ssl/private", "/etc/pki/tls/private", "/etc/letsencrypt"),
    "kernel/perf": setting("/proc/sys/kernel/perf_event_paranoid", lambda level: level > 1),
    "kernel/userfaultfd": setting("/proc/sys/vm/unprivileged_userfaultfd", lambda on: on == 0),
    "kernel/bpf": setting("/proc/sys/kernel/unprivileged_bpf_disabled", lambda off: off != 0),
    "kernel/io-uring": setting("/proc/sys/kernel/io_uring_disabled", lambda off: off != 0),
    "kernel/io-uring-register": setting("/proc/sys/kernel/io_uring_disabled", lambda off: off != 0),
    "kernel/ports": no_call(172, 0),
    "kernel/ports-some": no_call(173, 0, 1, 0),
    "kernel/module": no_call(175, 0, 0, 0),
    "kernel/module-file": no_call(313, -1, 0, 0),
    "kernel/kexec": no_call(246, 0, 0, 0, 0xFFFF),
    "kernel/shadow-stack": no_call(453, 0, 0, 0),
    "kernel/list-mounts": no_call(458, 0, 0, 0, 0),
    "kernel/futex-requeue": no_call(456, 0, 0, 0, 0),
    "kernel/cachestat": no_call(451, -1, 0, 0, 0),
    "kernel/tracer": exists("/proc/sys/kernel/yama"),
    "kernel/x32": lambda: LIBC.syscall(0x40000027) == -1 and ctypes.get_errno() == errno.ENOSYS,
    "kernel/landlock": lambda: "landlock" not in open("/sys/kernel/security/lsm").read(),
    "network/ciphers": no_family(socket.AF_ALG, socket.SOCK_SEQPACKET, 0),
    "network/key": no_family(15, socket.SOCK_RAW, 2),
    "network/bluetooth": no_family(31, socket.SOCK_RAW, 1),
    "network/tipc": no_family(socket.AF_TIPC, socket.SOCK_STREAM, 0),
    "network/can": no_family(socket.AF_CAN, socket.SOCK_RAW, 1),
    "network/vsock": no_family(socket.AF_VSOCK, socket.SOCK_STREAM, 0),
    "network/xdp": no_family(44, socket.SOCK_RAW, 0),
    "network/tcp-mapped": no_family(socket.AF_INET6, socket.SOCK_STREAM, 0),
    "network/metadata-ipv6": lambda: not os.path.exists("/proc/net/ipv6_route") or " eth" not in open("/proc/net/ipv6_route").read(),
    "network/resolver": lambda: not any(line.startswith("nameserver") for line in open("/etc/resolv.conf")),
    "privileges/more-groups": no_groups_of_root,
    "proc/modules": exists("/proc/modules"),
    "proc/core": exists("/proc/kcore"),
    "proc/sysrq": lambda: not os.access("/proc/sysrq-trigger", os.W_OK),
    "proc/core-pattern-write": lambda: not os.access("/proc/sys/kernel/core_pattern", os.W_OK),
    "proc/scheduler": exists("/proc/schedstat"),
    "proc/symbols": unreadable("/proc/kallsyms"),
    "proc/configuration": exists("/proc/config.gz"),
    "proc/kernel-messages": unreadable("/proc/kmsg"),
    "proc/other-processes": lambda: not os.path.isdir("/proc/2"),
    "proc/label": lambda: not glob.glob("/proc/self/attr/current"),
    "neighbours/pool-definitions": exists("/etc/php/*/fpm/pool.d/*.conf", "/etc/php-fpm.d/*.conf"),
    "neighbours/web-server": exists("/etc/nginx/*", "/etc/apache2/*", "/etc/httpd/*"),
}
# Yama keeps processes of one user apart, where it is
for act in ("neighbours/process-trace", "neighbours/process-memory", "neighbours/master-memory"):
    MAY_LACK[act] = setting("/proc/sys/kernel/yama/ptrace_scope", lambda scope: scope > 0)


# ---- the tests

def pool_file(world):
    """A pool with nothing but what `php-fpm` of the catalog gives, PHP's own refusals included."""
    return fixture.write(f"{world.scratch}/pools/t-alice.yaml", f"""\
extends: php-fpm
identity: {{user: {world.users["alice"]}}}
listen: {{group: {fixture.WEB}}}
filesystem: {{code: {world.code("alice")}, writable: [data]}}
php: {{version: "{re.search(r'[0-9.]+$', world.php_fpm).group()}", timezone: Europe/Rome}}
""")


def processors():
    """Seconds that they all worked so far, for whomever, a hypervisor's other guests included."""
    with open("/proc/stat") as file:
        user, nice, system, _, _, irq, softirq, steal = map(int, file.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def own_work():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run_test(world, file, *options):
    """`fpmbox test`: its findings, and how long it took: less what the processors did for others meanwhile, and no less than its own work."""
    begin, all_before, own_before = time.monotonic(), processors(), own_work()
    done = subprocess.run([world.fpmbox, "test", "--report", "json", file, *options], capture_output=True, text=True, timeout=900,
                          env={**os.environ, **world.secret_environment})
    own = own_work() - own_before
    others = max(0.0, processors() - all_before - own)
    seconds = max(own / os.cpu_count(), time.monotonic() - begin - others / os.cpu_count())
    if not done.stdout.startswith("{"):
        raise fixture.Broken(f"`fpmbox test` says no findings (exit {done.returncode}): {done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout), done, seconds


def check_act(report, act):
    name, verdict = f"catalogue/{act['id']}", act["verdict"]
    text = f"inside {act['inside']}, outside {act['outside']}"
    if verdict == "stopped":
        return report.ok(name, text)
    if verdict == "does not apply":
        return report.skip(name, act.get("reason", ""))
    if verdict != "not shown":
        return report.fail(name, f"{verdict}: {text}", act.get("reason", ""))
    lacks = MAY_LACK.get(act["id"])
    if lacks is None or not lacks():
        return report.fail(name, f"its control did not succeed, and this machine does not lack what it needs: {text}", act.get("reason", ""))
    return report.skip(name, act.get("reason", ""))


def check_whole(report, findings, done, seconds):
    acts = findings["acts"]
    report.check("catalogue/size", [] if len(acts) >= FEWEST else [f"{len(acts)} acts"], f"{len(acts)} acts")
    shown = [act for act in acts if act["verdict"] == "stopped"]
    report.check("catalogue/shown", [] if len(shown) * 4 >= len(acts) * 3 else [f"{len(shown)} of {len(acts)}"],
                 f"{len(shown)} of {len(acts)} acts were stopped and had a control that succeeded")
    report.check("catalogue/exit", [] if done.returncode == 0 else [done.stderr.strip()[-1000:]], f"exit {done.returncode}")
    report.check("catalogue/time", [] if seconds < CORE_SECONDS else [f"{seconds:.1f} s"], f"all of it in {seconds:.1f} s")


def check_set_uid_copy(report, world):
    """Whoever starts a set-uid copy must not choose profiles with its owner's rights."""
    copy = shutil.copy(world.fpmbox, f"{world.scratch}/bin/set-uid")
    os.chmod(copy, 0o4755)
    done = subprocess.run([*world.as_user("alice"), copy, "--version"], capture_output=True, text=True)
    os.unlink(copy)
    mistakes = [] if done.returncode == 64 and "refuses to run set-user-id" in done.stderr else [f"exit {done.returncode}: {done.stderr}"]
    report.check("catalogue/set-uid-copy", mistakes, "a set-uid copy refuses to run")


def check_machine_unchanged(report, world, file):
    """A box that lacks a namespace must not do to the machine what it does to itself."""
    before = os.uname().nodename
    findings, _, _ = run_test(world, file, "--without", "uts_namespace", "--only", "host")
    after = os.uname().nodename
    if after != before:
        subprocess.run(["hostname", before], check=True)
    verdict = next(act["verdict"] for act in findings["acts"] if act["id"] == "host/name")
    mistakes = [f"it is called {after} instead of {before}"] if after != before else []
    mistakes += [] if verdict == "LEAKED" else [f"host/name: {verdict}, though nothing stops it"]
    report.check("catalogue/machine-unchanged", mistakes, "without its namespace a box sees the machine's name, and leaves it")


def nothing_left():
    """Decoys and shared memory of a test go with it. Each has its test's process in its name: one that runs is another's on this machine."""
    decoys = {path: path.rpartition("-")[2] for path in glob.glob("/dev/shm/fpmbox-bait-*") + glob.glob("/dev/mqueue/fpmbox-bait-*")}
    with open("/proc/sysvipc/shm") as file:
        decoys |= {line: line.split()[4] for line in file if line.split()[0].isdigit() and int(line.split()[0]) >> 20 == 0x667}
    return [left for left, pid in decoys.items() if not os.path.exists(f"/proc/{pid}")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fpmbox", required=True)
    parser.add_argument("--only", action="append", default=[])
    options = parser.parse_args()
    report = Report(options.only)
    with fixture.World(options.fpmbox) as world:
        # as the catalog has it: PHP's own refusals are on
        file = pool_file(world)
        findings, done, seconds = run_test(world, file)
        for act in findings["acts"]:
            if report.wanted(act["id"]):
                check_act(report, act)
        if not options.only:
            check_whole(report, findings, done, seconds)
            check_set_uid_copy(report, world)
            check_machine_unchanged(report, world, file)
            report.check("catalogue/nothing-left", nothing_left(), "no decoy outlives the test")
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
