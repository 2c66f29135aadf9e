#!/usr/bin/env python3
"""`fpmbox export systemd` on a Debian that systemd runs: verified, enabled, a page served, and what it keeps a script from.

  tests/machine/systemd_unit.py --fpmbox BUILD/fpmbox [--suite bookworm|trixie]      (as root)

Each act of the page is tried by php-fpm of the same user without the unit's walls, too: there it has to succeed.
"""

import argparse
import contextlib
import json
import os
import re
import signal
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path += [os.path.join(HERE, "..", "sandbox"), os.path.join(ROOT, "scripts", "lib"), HERE]
import fastcgi  # noqa: E402
import machine  # noqa: E402
import report  # noqa: E402
from demo.undo import family  # noqa: E402
from machine import until  # noqa: E402

UNIT, SOCKET, SCRIPT = "php-fpm-hello.service", "/run/fpmbox/hello/live.sock", "/srv/hello/index.php"
PLAIN = "/run/plain/plain.sock"
POOL = """extends: php-fpm
identity: {user: www-hello}
listen: {group: www-data}
filesystem: {code: /srv/hello, writable: [data]}
web: {front_controllers: [index.php]}
php: {extensions: {set: [posix]}, disable_functions: {set: []}}
limits: {memory.max: 256MiB, pids.max: 32, cpu.max: 100%}
"""
# What a script tries; each answers true where nothing keeps it.
PAGE = r"""<?php
ini_set('error_log', '/dev/null');
const DEVICES = ['.', '..', 'null', 'zero', 'full', 'random', 'urandom', 'tty', 'ptmx', 'pts', 'shm', 'mqueue', 'hugepages', 'log', 'fd', 'stdin', 'stdout', 'stderr', 'core', 'char', 'block'];
$seen = fn($path) => @file_exists($path);
$acts = ['sees a shell' => $seen('/bin/sh'), 'sees accounts' => $seen('/etc/shadow'), 'sees process 1' => $seen('/proc/1'), 'sees the journal' => $seen('/var/log'),
  'writes data of its own' => (bool) @file_put_contents('/srv/hello/data/x', 'x'), 'writes the tree' => (bool) @file_put_contents('/srv/hello/open/x', 'x'),
  'starts a program' => is_resource($p = @proc_open(['/usr/bin/true'], [], $pipes)) && proc_close($p) === 0,
  'opens a socket of the network' => (function () { @stream_socket_client('tcp://127.0.0.1:9', $n, $why, 1); return strpos(error_get_last()['message'], 'refused') !== false; })(),
  'reads the kernel' => $seen('/proc/sys/kernel/hostname'), 'sees devices' => (bool) array_diff(scandir('/dev'), DEVICES)];
header('Content-Type: application/json');
echo json_encode($acts);
"""
STAYS = {"writes data of its own"}  # which the pool is for
CONTROL = """[global]
error_log = /dev/null
[plain]
user = www-hello
group = www-hello
listen = /run/plain/plain.sock
listen.mode = 0666
pm = static
pm.max_children = 1
"""


def set_up(host, fpmbox):
    with open(fpmbox, "rb") as source, open(host.path("/usr/local/bin/fpmbox"), "wb") as target:
        target.write(source.read())
    os.chmod(host.path("/usr/local/bin/fpmbox"), 0o755)
    for name in os.listdir(f"{ROOT}/profiles/catalog"):
        with open(f"{ROOT}/profiles/catalog/{name}", encoding="utf-8") as file:
            host.write(f"/usr/local/share/fpmbox/catalog/{name}", file.read())
    host.run("useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "www-hello")
    host.write(SCRIPT, PAGE)
    for folder in ("data", "open"):
        host.run("mkdir", "-p", f"/srv/hello/{folder}")
    host.run("chown", "www-hello", "/srv/hello/data")
    host.run("chmod", "0777", "/srv/hello/open")
    host.write("/etc/fpmbox/pools/hello.yaml", POOL)


def succeeds(what, done):
    return [] if done.returncode == 0 else [f"{what}: exit code {done.returncode}", *(done.stdout + done.stderr).splitlines()[-12:]]


def acts(host, socket):
    until(lambda: os.path.exists(host.path(socket)), 10)
    answer = fastcgi.get(host.path(socket), SCRIPT)
    return json.loads(answer.body)


def processes(host, uid):
    """Status of the unit's processes."""
    found = []
    for pid, (name, owner) in host.processes().items():
        if owner == uid and name.startswith("php-fpm"):
            with open(f"/proc/{pid}/status", encoding="utf-8") as file:
                found.append(dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line))
    return found


def check_mounts(host):
    """As the kernel has them: nothing is writable and executable, the root is neither."""
    pid = host.run("systemctl", "show", UNIT, "--property=MainPID", "--value").stdout.strip()
    rows = [line.split() for line in host.run("cat", f"/proc/{pid}/mountinfo").stdout.splitlines()]
    flags = {row[4]: set(row[5].split(",")) for row in rows}
    mistakes = [] if {"ro", "noexec"} <= flags.get("/", set()) else [f"/ is {flags.get('/')}"]
    mistakes += [f"{path} is {flags.get(path)}" for path in ("/tmp", "/srv/hello", "/srv/hello/data", "/var/lib/fpmbox/sessions", "/var/lib/fpmbox/hello/sessions") if "noexec" not in flags.get(path, ())]
    mistakes += [f"{path} is writable and executable: {found}" for path, found in flags.items() if not found & {"ro", "noexec"}]
    mistakes += [f"{path} is {flags[path]}" for path in flags if path.startswith(("/usr/", "/lib", "/etc/", "/srv/hello")) and "ro" not in flags[path] and path != "/srv/hello/data"]
    return mistakes + [f"{path} can be seen" for path in flags if path.startswith(("/home", "/root", "/var/log", "/boot"))]


def check_written(host, result):
    done = host.run("/usr/local/bin/fpmbox", "--catalog", "/usr/local/share/fpmbox/catalog", "export", "systemd", "hello", "--output", "/")
    result.check("export systemd writes a unit, its socket and what fpmbox would generate", succeeds("export", done) +
                 ([] if "gap: landlock: " in done.stderr else ["no gap is named"]))
    files = host.run("find", "/etc/fpmbox/systemd", "-type", "f", "-perm", "/o=r").stdout.split()
    result.check("nobody but root and the pool reads its configuration", files)
    done = host.run("systemd-analyze", "verify", "--man=no", f"/etc/systemd/system/{UNIT}")
    said = [line for line in done.stderr.splitlines() if "hello" in line]
    result.check("systemd-analyze verify has nothing to say", succeeds("verify", done) + said)
    host.write("/etc/systemd/system/bent.service", "[Service]\nExecStart=/usr/bin/true\nRestrictNamespace=yes\n")
    bent = host.run("systemd-analyze", "verify", "--man=no", "/etc/systemd/system/bent.service")
    result.check("control: a directive that systemd does not know is named", [] if "RestrictNamespace" in bent.stderr else [bent.stderr])
    host.run("rm", "/etc/systemd/system/bent.service")


def check_refused(host, result):
    """A source of a bind that somebody else could replace by a link: its control is the export before."""
    export = ["/usr/local/bin/fpmbox", "--catalog", "/usr/local/share/fpmbox/catalog", "export", "systemd", "hello"]
    host.run("chown", "www-hello", "/srv/hello")
    others = host.run(*export)
    host.run("chown", "root", "/srv/hello")
    host.run("mkdir", "-p", "/srv/hello/data/cache")
    host.run("chown", "www-hello", "/srv/hello/data/cache")
    host.write("/etc/fpmbox/pools/hello.yaml", POOL.replace("[data]", "[data, data/cache]"))
    nested = host.run(*export)
    host.write("/etc/fpmbox/pools/hello.yaml", POOL)
    mistakes = [f"{what}: {done.returncode} {done.stderr[-400:]}" for what, done, says in (("others' folder", others, "belongs to uid"), ("nested", nested, "lies in `/srv/hello/data`"))
                if done.returncode == 0 or says not in done.stderr]
    result.check("no unit mounts what others than root could replace by a link", mistakes)


def end_entered(process):
    """What nsenter(1) has started, which it need not take with it when it is ended itself."""
    for pid in family(process.pid):
        if pid != process.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
    process.wait(10)


def check_running(host, result):
    host.run("systemctl", "daemon-reload")
    mistakes = succeeds("enable --now", host.run("systemctl", "enable", "--now", "php-fpm-hello.socket"))
    try:
        kept = acts(host, SOCKET)
    except (OSError, fastcgi.FastCgiError, ValueError) as error:
        result.fail("a page comes through the socket", error, *mistakes, host.run("journalctl", "--no-pager", "-u", UNIT).stdout[-2500:])
        return
    state = host.run("systemctl", "show", UNIT, "--property=ActiveState,StatusText").stdout.split("\n")
    result.check("a page comes through the socket, and READY was php-fpm's own word", mistakes + ([] if "ActiveState=active" in state else state))
    host.write("/etc/plain.conf", CONTROL)
    host.run("mkdir", "-p", "/run/plain")
    control = host.start(f"/usr/sbin/php-fpm{host.php}", "--nodaemonize", "--fpm-config", "/etc/plain.conf", "-d", "auto_prepend_file=")
    try:
        free = acts(host, PLAIN)
    finally:
        end_entered(control)
    for act, done in kept.items():
        wanted = act in STAYS
        mistakes = ([] if done == wanted else [f"in the unit: {done}"]) + ([] if free[act] else ["without the unit's walls it fails, too"])
        result.check(f"a script {act}: {'yes' if wanted else 'no'}", mistakes)
    uid = int(host.run("id", "-u", "www-hello").stdout)
    wanted = {"CapEff": "0" * 16, "CapBnd": "0" * 16, "NoNewPrivs": "1", "Seccomp": "2"}
    found = processes(host, uid)
    mistakes = [] if len(found) >= 2 else [f"{len(found)} processes"]
    mistakes += [f"{status['Name']}: {key} is {status[key]!r}" for status in found for key, value in wanted.items() if status[key].strip() != value]
    mistakes += [f"{status['Name']}: groups {status['Groups']}" for status in found if set(status["Groups"].split()) - {status["Gid"].split()[0]}]
    result.check("no process of it has a capability, a group or a way to get one", mistakes)
    result.check("its mounts: the root read-only and noexec, nothing writable executable", check_mounts(host))
    said = host.run("systemd-analyze", "security", UNIT).stdout.splitlines()
    level = float(re.search(r"exposure level for \S+: ([0-9.]+)", said[-1]).group(1))
    result.check(f"systemd-analyze security: exposure {level}", [] if level < 2 else said)
    stopped = host.run("systemctl", "stop", UNIT, "php-fpm-hello.socket")
    result.check("it stops, and leaves no process", succeeds("stop", stopped) + [str(status) for status in processes(host, uid)])


# A machine whose control groups pass no controllers on.
BEST_EFFORT = ("enforcement: {best_effort: [{layer: limits.memory.max, why: test}, {layer: limits.pids.max, why: test}, {layer: limits.cpu.max, why: test}]}\n")
JOB = "fpmbox-hello.tick"
TICK = "<?php echo 'tick of ', posix_getuid(), ' ', $argv[1], ' ', @file_get_contents('/etc/shadow') === false ? 'in a box' : 'outside', \"\\n\";"


def check_timer(host, result):
    """README's commands for jobs, word by word; a job is run by its service."""
    host.run("useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "fpmbox")
    host.write("/srv/hello/tick.php", TICK)
    host.write("/etc/fpmbox/pools/hello.yaml", POOL + ("" if host.has_limits else BEST_EFFORT) + "jobs: {tick: {every: 1h, run: [php, tick.php, \"100% $HOME\"]}}\n")
    done = host.run("/usr/local/bin/fpmbox", "--catalog", "/usr/local/share/fpmbox/catalog", "export", "timers", "hello", "--output", "/")
    mistakes = succeeds("export timers", done)
    for kind in ("service", "timer"):
        verified = host.run("systemd-analyze", "verify", "--man=no", f"/etc/systemd/system/{JOB}.{kind}")
        mistakes += succeeds(f"verify {kind}", verified) + [line for line in verified.stderr.splitlines() if JOB in line]
    result.check("export timers writes a service and a timer, of which systemd-analyze verify has nothing to say", mistakes)
    mistakes = succeeds("daemon-reload", host.run("systemctl", "daemon-reload"))
    mistakes += succeeds("the job", host.run("systemctl", "start", f"{JOB}.service"))
    uid = host.run("id", "-u", "www-hello").stdout.strip()
    said = host.run("journalctl", "--no-pager", "-o", "cat", "-u", f"{JOB}.service").stdout
    mistakes += [] if f"tick of {uid} 100% $HOME in a box" in said else [said[-1500:]]
    result.check("a job runs as the pool's user in a box, with its words as they are", mistakes)
    mistakes = succeeds("enable --now", host.run("systemctl", "enable", "--now", f"{JOB}.timer"))
    shown = host.run("systemctl", "show", f"{JOB}.timer", "--property=ActiveState,UnitFileState,Unit,TimersMonotonic,NextElapseUSecMonotonic").stdout
    mistakes += [f"no {word}: {shown}" for word in ("ActiveState=active", "UnitFileState=enabled", f"Unit={JOB}.service", "OnUnitActiveUSec=1h") if word not in shown]
    result.check("its timer is enabled, and knows when it comes next", mistakes + ([shown] if "NextElapseUSecMonotonic=infinity" in shown else []))
    host.run("systemctl", "disable", "--now", f"{JOB}.timer")
    host.write("/etc/fpmbox/pools/hello.yaml", POOL)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fpmbox", required=True)
    parser.add_argument("--suite", default="bookworm", choices=machine.SUITES)
    given = parser.parse_args()
    result = report.Report()
    try:
        with machine.Machine(given.suite) as host:
            set_up(host, given.fpmbox)
            check_written(host, result)
            check_refused(host, result)
            check_running(host, result)
            check_timer(host, result)
    except machine.Broken as error:
        result.fail("the machine", str(error))
    return result.close()


sys.exit(main())
