#!/usr/bin/env python3
"""`programs:`: what scripts may start, that it works, and what it opens to somebody who runs native code in a worker.

    tests/sandbox/programs.py --fpmbox BUILD/fpmbox      (as root)

An act's control is plain php-fpm, outside. What naming programs costs is written down as acts too: those of COSTS succeed inside.
"""

import argparse
import contextlib
import dataclasses
import glob
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time

import acts
import entrypoint
import fixture
import rootless
import run
from acts import Act, upload_program
from fixture import until, write
from report import Report

NAMED = ("/bin/sh", "/usr/bin/true", "/usr/bin/awk", "/usr/bin/ps", "/usr/bin/php", "/usr/bin/which")
UNNAMED = "/usr/lib/apt/apt-helper"  # in view below /usr/lib, and every Debian has it
HARMLESS = max(glob.glob("/usr/lib/*/libz.so.1"), default="")
LIBC = max(glob.glob("/usr/lib/*/libc.so.6"), default="")  # a library that is a program as well

# The acts of acts.py that end otherwise once programs are named. Landlock or the mount's noexec answers, not the filter.
OTHERWISE = {"exec/shell_exec": "ok", "exec/posix_spawn": "ok", "exec/execve-shell": "ran", "exec/execve-tmp": "EACCES",
             "exec/mail": "no mail", "exec/loader-on-k": "EACCES at open", "exec/k-itself": "EACCES at open"}


def start(path, *arguments, env="pointers()"):
    """PHP of a native act: this program, in place of its process."""
    words = ", ".join(repr(word) if not word.startswith("$") else word for word in ("x", *arguments))
    return f"word(sys('execve', text({path}), pointers({words}), {env}))"


def native(code):
    return "return native(function () use ($T) { return " + code + "; });"


def in_tmp(prepare, code):
    """With a file at $at that is removed afterwards."""
    return "$at = $T['tmp'] . '/it'; @unlink($at);" + prepare + "$said = native(function () use ($T, $at) { return " + code + \
        "; }); unlink($at); return $said;"


COPY = "copy($T['unnamed'], $at); chmod($at, 0755);"
SCRIPT = "file_put_contents($at, \"#!/bin/sh\\nexit 200\\n\"); chmod($at, 0755);"
# A child that lives, the act on it, and its end.
CHILD = """$child = proc_open(['/bin/sh', '-c', 'echo here; read x'], [['pipe', 'r'], ['pipe', 'w'], ['pipe', 'w']], $pipes); fgets($pipes[1]);
    $pid = proc_get_status($child)['pid']; $said = %s; proc_terminate($child, 9); proc_close($child); return $said;"""
MAPPED = "'BEGIN { while ((getline line < \"/proc/self/maps\") > 0) if (line ~ /r-xp.*\\\\/it$/) found = 1; print found ? \"ok\" : \"not mapped\" }'"

ACTS = [
    Act("unnamed/execve", "a program that the box sees and nobody named", native(start("$T['unnamed']", "--version")), "EACCES", "exit 0"),
    Act("unnamed/by-a-link", "the same behind a name of the attacker's", in_tmp("symlink($T['unnamed'], $at);", start("$at", "--version")), "EACCES", "exit 0"),
    Act("unnamed/by-loader", "the same by the dynamic loader, which needs only to read it", native(start("$T['loader']", "$T['unnamed']", "--version")),
        "exit 127", "exit 0"),
    Act("unnamed/by-shell", "the same by a named shell", "exec(escapeshellarg($T['unnamed']) . ' --version 2>&1', $said, $code); return \"exit $code\";", "exit 126", "exit 0"),
    Act("unnamed/absent", "one of the host's that is not shown", native(start("'/usr/bin/id'")), "ENOENT", "exit 0"),
    Act("uploaded/data", "a program in the application's writable folder",
        "$at = $T['data'] . '/it';" + upload_program("$at") + "$said = native(fn () => " + start("$at") + "); unlink($at); return $said;", "EACCES", "ran"),
    Act("uploaded/copy", "a copy of a program", in_tmp(COPY, start("$at", "--version")), "EACCES", "exit 0"),
    Act("uploaded/copy-by-loader", "the same by the dynamic loader", in_tmp(COPY, start("$T['loader']", "$at", "--version")), "exit 127", "exit 0"),
    Act("uploaded/by-fd", "by the open file's name in /proc", "$at = $T['tmp'] . '/it';" + upload_program("$at") + """$said = native(function () use ($at) {
        $file = must('open', text($at), 0); return """ + start("\"/proc/self/fd/$file\"") + "; }); unlink($at); return $said;", "EACCES", "ran"),
    Act("uploaded/script", "a script that names an interpreter which may be started", in_tmp(SCRIPT, start("$at")), "EACCES", "ran"),
    Act("uploaded/loader", "a dynamic loader of the attacker's own", in_tmp("copy($T['data'] . '/loader', $at); chmod($at, 0755);", start("$at", "$T['libc']")), "EACCES",
        "exit 0", arrange=lambda world, pool: shutil.copy(os.path.realpath("/lib64/ld-linux-x86-64.so.2"), f"{pool.code}/data/loader") and {}),
    Act("uploaded/preload", "LD_PRELOAD of an uploaded library into a named program", "$at = $T['tmp'] . '/it'; copy($T['harmless'], $at);" + f"""
        $child = proc_open(['/usr/bin/awk', {MAPPED}], [1 => ['pipe', 'w'], 2 => ['file', '/dev/null', 'w']], $pipes, null, ['LD_PRELOAD' => $at]);
        $said = trim(stream_get_contents($pipes[1])); proc_close($child); unlink($at); return $said;""", "not mapped"),
    Act("uploaded/php-extension", "an extension in the PHP that may be started", """$at = $T['tmp'] . '/it.so'; copy($T['library'], $at);
        exec('php -n -d extension=' . $at . ' -r ' . escapeshellarg('echo extension_loaded("ctype") ? "ok" : "not loaded";') . ' 2>/dev/null', $said);
        unlink($at); return trim(implode(' ', array_filter($said, fn ($line) => !str_contains($line, 'Warning'))));""", "not loaded",
        arrange=lambda world, pool: {"library": world.extension}),
    Act("memory/child", "code written into a process that was started", CHILD %
        "said(fn () => fopen(\"/proc/$pid/mem\", 'r+'))", "EACCES"),
    Act("memory/child-read", "what such a process knows", CHILD % "said(fn () => fopen(\"/proc/$pid/mem\", 'r'))", "EACCES"),
    Act("memory/child-native", "the same by process_vm_writev", CHILD % """native(fn () => word(sys('process_vm_writev', $pid,
        bytes(pack('PP', text('x'), 1)), 1, bytes(pack('PP', 0x1000, 1)), 1, 0)))""", "EPERM", ("EFAULT", "ok")),
    Act("memory/by-loader", "a program started by the loader itself", CHILD.replace("['/bin/sh', '-c', 'echo here; read x']",
        "[$T['loader'], '/usr/bin/php', '-n', '-r', 'echo \"here\\n\"; fgets(STDIN);']") % "said(fn () => fopen(\"/proc/$pid/mem\", 'r+'))", "EACCES"),
    Act("memory/own", "a started PHP's own memory", "return trim((string) shell_exec('php -n -r ' . escapeshellarg('echo @fopen(\"/proc/self/mem\", \"r+\") ? \"ok\" : \"refused\";')));",
        "refused"),
    Act("php/other-extension", "an installed extension that the profile does not name: FFI would be native code", """return trim((string) shell_exec(
        'php -n -d extension=ftp -r ' . escapeshellarg('echo extension_loaded("ftp") ? "ok" : "not loaded";') . ' 2>/dev/null | awk "! /Warning/ && NF"'));""",
        "not loaded", "ok"),
    Act("php/named-extension", "", """return trim((string) shell_exec('php -r ' . escapeshellarg('echo extension_loaded("ctype") ? "ok" : "not loaded";')));""",
        "ok", "ok"),
    Act("php/settings", "PHP as a program has the pool's settings, not the host's", """return trim((string) shell_exec('php -r ' . escapeshellarg(
        'echo php_ini_loaded_file(), php_ini_scanned_files() ? " and more" : "", ini_get("memory_limit"), ini_get("session.save_path");')));""",
        "/etc/php/8.2/cli/php.ini128M/var/lib/fpmbox/sessions", None),
    Act("net/child", "the network, by a program", "return trim((string) shell_exec('php -n -r ' . escapeshellarg('echo @stream_socket_client(\"tcp://' . $T['host'] . ':' . "
        "$T['tcp_port'] . '\") ? \"ok\" : \"refused\";')));", "refused"),
    Act("kill/master", "kill -9 of the pool's first process, by a shell", "shell_exec('kill -9 1'); usleep(300000); return is_dir('/proc/1') && str_contains("
        "file_get_contents('/proc/1/cmdline'), 'master') ? 'the master lives' : 'the master is dead';", "the master lives", None),
]

# What naming programs gives away. They succeed inside; when one does not any more, SECURITY.md says too much.
COSTS = [
    Act("costs/php-fpm-again", "php-fpm once more, by its name in /proc, with settings of the attacker's: it is what he has already", native(start("'/proc/self/exe'", "-n", "-v")), "exit 0", "exit 0"),
    Act("costs/library", "the loader starts what lies in a folder of libraries", native(start("$T['loader']", "$T['libc']")), "exit 0", "exit 0"),
    Act("costs/loader-on-named", "", native(start("$T['loader']", "/usr/bin/true")), "exit 0", "exit 0"),
    Act("costs/script", "a named interpreter runs a text from a writable folder", in_tmp(SCRIPT, start("'/bin/sh'", "$at")), "ran", "ran"),
    Act("costs/php", "and PHP without the pool's settings", """$at = $T['tmp'] . '/it.php'; file_put_contents($at, '<?php echo ini_get("disable_functions") ?: "ok";');
        $said = trim((string) shell_exec("php -n $at")); unlink($at); return $said;""", "ok"),
]


class Sides(run.Sides):
    """Boxes whose files name programs: those of NAMED, a script of the code, and a static program of root's."""

    def box(self, site):
        if site not in self.pools:
            self.pools[site] = fixture.Box(self.world, site, more=named(self.world)).start()
        return self.pools[site]


def named(world, extra=()):
    paths = [*NAMED, f"{world.code('alice')}/tool", f"{world.scratch}/tiny", *extra]
    return "programs:\n" + "".join(f"  - {{path: {path}, why: test}}\n" for path in paths)


def make_programs(world):
    write(f"{world.code('alice')}/tool", "#!/bin/sh -e\necho \"tool $1\"\n", 0o755)
    write(f"{world.scratch}/tiny", acts.tiny_program(), 0o755)


def with_targets(act):
    """Programs as targets, beside those that the act arranges itself."""
    arrange = act.arrange

    def both(world, pool):
        return {"unnamed": UNNAMED, "libc": LIBC, "harmless": HARMLESS, **((arrange and arrange(world, pool)) or {})}
    return dataclasses.replace(act, arrange=both)


def run_acts(report, world, host, sides):
    for act in [*ACTS, *COSTS]:
        if not report.wanted(act.id):
            continue
        act = with_targets(act)
        if act.outside is None:
            check_inside(report, world, host, sides, act)
        else:
            run.run_act(world, host, sides, act, report, True)
    for act in acts.ACTS:
        name = act.id.replace("exec/", "gate/")
        if act.id.startswith("exec/") and report.wanted(name):
            run.run_act(world, host, sides, dataclasses.replace(act, id=name, inside=OTHERWISE.get(act.id, act.inside)), report, True)


def check_inside(report, world, host, sides, act):
    """Of a box alone: it has no meaning elsewhere."""
    said = run.attempt(world, host, act, sides.box("alice"))
    report.check(act.id, [] if run.matches(said, act.inside) else [f"it should be {act.inside}"], f"inside {said}")


# ---- that they work

def ask(box, code):
    return box.request("act.php", method="POST", body=code.encode(), params={"TARGETS": "{}"}).text.strip()


def expect(wanted, got, what):
    return [] if wanted == got else [f"{what}: wanted {wanted!r}, got {got!r}"]


def started(world, box):
    """by a shell, by a list of words, by their own path and by links; scripts, and static programs"""
    mistakes = expect("a b", ask(box, "return trim((string) shell_exec('echo a b'));"), "shell_exec")
    mistakes += expect("0", ask(box, "$p = proc_open(['/usr/bin/true'], [], $x); return (string) proc_close($p);"), "proc_open")
    mistakes += expect("tool x", ask(box, f"return trim((string) shell_exec('{world.code('alice')}/tool x'));"), "a script of the code")
    mistakes += expect("200", ask(box, f"exec('{world.scratch}/tiny', $said, $code); return (string) $code;"), "a static program")
    mistakes += expect("/bin/awk", ask(box, "return trim((string) shell_exec('which awk'));"), "which, a script behind two links")
    return mistakes + expect("/bin:/usr/bin", ask(box, "return (string) getenv('PATH');")[:13], "PATH")


def running(box, command):
    """Processes of the box by their command line."""
    found = []
    for pid in fixture.descendants(box.master()):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
            if file.read().startswith(command):
                found.append(pid)
    return found


def walls_inherited(world, box):
    """a program has every wall of the worker that started it: read from outside"""
    seen = f"{os.path.realpath(box.code)}/data/seen"
    code = "$p = proc_open(['/bin/sh', '-c', 'read x'], [['pipe', 'r']], $pipes); for ($i = 0; $i < 6000 && !is_file('%s'); $i++) usleep(10000);" \
        " proc_terminate($p, 9); proc_close($p); return 'done';" % seen
    asking = subprocess.Popen([sys.executable, "-c", f"""import sys; sys.path[:0] = {sys.path!r}; import fixture
fixture.ask({box.address!r}, {box.code + '/act.php'!r}, {code.encode()!r}, 'POST', {{'TARGETS': '{{}}'}})"""])
    shell = until(lambda: running(box, b"/bin/sh\0-c\0read x"), fixture.PATIENCE)
    if not shell:
        asking.wait()
        return ["no shell was seen"]
    uid = pwd.getpwnam(world.users["alice"]).pw_uid
    said, of_master = fixture.status(shell[0]), fixture.status(box.master())
    mem_owner = os.stat(f"/proc/{shell[0]}/mem").st_uid
    group = [open(f"/proc/{pid}/cgroup").read() for pid in (shell[0], box.master())]
    namespaces = [[os.readlink(f"/proc/{pid}/ns/{name}") for name in ("mnt", "pid", "net", "ipc", "uts", "cgroup")] for pid in (shell[0], box.master())]
    write(seen, "")
    asking.wait()
    os.unlink(seen)
    mistakes = [f"{key}: {said[key]}" for key, value in (("Seccomp", "2"), ("NoNewPrivs", "1"), ("CapEff", "0" * 16), ("CapBnd", "0" * 16), ("Groups", ""))
                if said.get(key, "").strip() != value]
    mistakes += expect([str(uid)] * 4, said["Uid"].split(), "ids") + expect(of_master["Seccomp_filters"], said["Seccomp_filters"], "filters")
    return mistakes + expect(0, mem_owner, "owner of its memory: root's while it is not dumpable") + expect(*group, "control groups") + expect(*namespaces, "namespaces")


def ps(world, box):
    """ps shows the box's processes, and php as a program sees itself in it"""
    said = ask(box, "return (string) shell_exec('ps wwx');")
    lines = said.splitlines()
    alone = [] if any("php-fpm: master" in line for line in lines) and all("systemd" not in line for line in lines) else [f"ps says {lines}"]
    itself = ask(box, "return trim((string) shell_exec('php -r ' . escapeshellarg('echo str_contains(shell_exec(\"ps wwx\"), (string) getmypid()) ? 1 : 0;')));")
    return alone + expect("1", itself, "PHP in ps")


def killed(world, box):
    """kill -9 of all that a script can reach ends neither the pool nor its master"""
    master = box.master()
    try:
        ask(box, "shell_exec('kill -9 -1'); return 'ok';")
    except fixture.NoAnswer:
        pass  # the worker was one of them
    return expect(True, box.answers(), "it answers") + expect(master, box.master(), "its first process")


CLI_MULTI = """<?php
// As an application archives in the background: is ps there, does it know this process, then a PHP of its own by a shell that
// does not wait, watched by ps until it is gone.
$ps = shell_exec('ps wwx 2> /dev/null');
$awk = trim((string) shell_exec("ps wwx | awk '! /defunct/ {print \\$1}' | awk '$1 == " . getmypid() . "'"));
if ($awk !== (string) getmypid() || trim((string) shell_exec('which php')) === '' || trim((string) shell_exec("php -r 'echo phpversion();'")) !== PHP_VERSION)
    exit("not supported\\n" . $ps);
$tag = 'climulti_' . bin2hex(random_bytes(6));
$output = __DIR__ . "/data/$tag.output";
shell_exec("php -q " . __DIR__ . "/archive.php $tag > $output 2>&1 &");
$seen = 0;
for ($i = 0; $i < 1000; ++$i) {
    usleep(50000);
    $runs = str_contains((string) shell_exec('ps wwx'), "archive.php $tag");
    if ($runs && !$seen++) touch(__DIR__ . "/data/$tag.seen");
    if (!$runs && filesize($output)) break;
    clearstatcache();
}
echo $seen ? 'seen, ' : 'never seen, ', trim(file_get_contents($output));
"""


def background(world, box):
    """an application's own background processes (Matomo's core:archive): from a command, and from a request"""
    write(f"{world.code('alice')}/multi.php", CLI_MULTI)
    write(f"{world.code('alice')}/archive.php", "<?php for ($i = 0; $i < 6000 && !is_file(__DIR__ . \"/data/$argv[1].seen\"); $i++) usleep(10000); echo 'archived by ', PHP_SAPI, ' ', ini_get('memory_limit');")
    wanted = "seen, archived by cli 128M"
    done = subprocess.run([world.fpmbox, "exec", box.file, "--", "php", "multi.php"], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=180)
    return expect(wanted, done.stdout, f"fpmbox exec ({done.stderr})") + expect(wanted, box.request("multi.php").text, "a request")


def commands(world, box):
    """`fpmbox exec` starts named programs by path and by name, and no other; streams and exit codes are theirs"""
    def inside(*command, **options):
        return subprocess.run([world.fpmbox, "exec", box.file, "--", *command], capture_output=True, timeout=180, **({"stdin": subprocess.DEVNULL} | options))
    mistakes = expect(0, inside("/usr/bin/true").returncode, "true by path") + expect(0, inside("true").returncode, "by name")
    mistakes += expect(7, inside("/bin/sh", "-c", "exit 7").returncode, "an exit code")
    mistakes += expect(128 + 9, inside("sh", "-c", "/bin/sh -c 'kill -9 $$'").returncode, "a signal's")
    mistakes += expect(b"TOOL", inside("awk", "{print toupper($0)}", stdin=None, input=b"tool").stdout.strip(), "streams")
    mistakes += expect(b"tool y\n", inside("tool", "y").stdout, "a script") + expect(200, inside(f"{world.scratch}/tiny").returncode, "a static program")
    mistakes += expect({0}, {inside("true").returncode for _ in range(15)}, "15 that end at once")
    refused = inside("/usr/bin/id")
    return mistakes + expect(65, refused.returncode, "one that is not named") + expect(True, b"it has php, /bin/sh" in refused.stderr, f"said {refused.stderr}")


def refused(world, box):
    """what cannot be granted is said by name, before anything starts"""
    own = write(f"{world.scratch}/tmp/bob/own", acts.tiny_program(), 0o755, world.users["bob"])
    script = write(f"{world.scratch}/odd", "#!/usr/bin/perl\n", 0o755)
    rows = [("/usr/bin/passwd", "has a setuid bit"), (own, "can be exchanged"), (script, "is a script for `/usr/bin/perl`"),
            ("/usr/bin/nothing", "there is no `/usr/bin/nothing`"), ("/etc/passwd", "cannot be granted")]
    mistakes = []
    for path, words in rows:
        file = world.pool_file("bob", more=named(world, [path]))
        said = subprocess.run([world.fpmbox, "check", file], capture_output=True, text=True)
        if said.returncode != 65 or not any(words in line and f"programs[{path}]" in line for line in said.stdout.splitlines()):
            mistakes.append(f"{path}: exit {said.returncode}, {said.stdout}")
    return mistakes


def left_behind(world, box):
    """what a request leaves running holds the pool's sockets, ends with the box, and cannot answer for it afterwards"""
    ask(box, "shell_exec('php -n -r ' . escapeshellarg('sleep(600);') . ' > /dev/null 2>&1 &'); return 'ok';")
    daemon = until(lambda: running(box, b"php\0-n\0-r\0sleep(600);"), fixture.PATIENCE)
    if not daemon:
        return ["nothing was left running"]
    mistakes = expect(fixture.status(box.master())["Pid"], fixture.status(daemon[0])["PPid"], "its parent is the first process of the box, which reaps it")
    held = [os.readlink(entry.path) for entry in os.scandir(f"/proc/{daemon[0]}/fd")]
    box.stop()
    mistakes += ["it outlived the box"] if not until(lambda: not fixture.alive(daemon[0]), fixture.PATIENCE) else []
    try:
        fixture.ask(box.address, box.code + "/hello.php", timeout=2)
        mistakes.append("something answers after the stop")
    except fixture.NoAnswer:
        pass
    mistakes += expect([], fixture.cgroups(box.name), "control groups")
    print(f"  # it held {sum('socket' in one for one in held)} sockets")
    return mistakes


def orphans(world, box):
    """orphans are reaped by FPM's master, without a word in the log that tells of a bug"""
    for _ in range(5):
        ask(box, "shell_exec('/usr/bin/true & /usr/bin/true > /dev/null 2>&1 &'); return 'ok';")
    def dead():
        return [pid for pid in fixture.descendants(box.master()) if fixture.said_of(pid, "State").startswith("Z")]
    time.sleep(1)  # for what the log should not say
    until(lambda: not dead(), fixture.PATIENCE)
    zombies = dead()
    return [f"zombies: {zombies}"] * bool(zombies) + [line for line in box.log if "open a bug report" in line or "ALERT" in line]


def outdated(world, box):
    """ps calls the box outdated once a program is another one on disk, and not before"""
    def said():
        told = subprocess.run([world.fpmbox, "ps", "--json"], capture_output=True, text=True, check=True).stdout
        return [entry for one in json.loads(told) if one["name"] == box.name for entry in one["outdated"]]
    tiny = f"{world.scratch}/tiny"
    mistakes = expect([], [one for one in said() if one["what"] in ("program", "library")], "as it was started")
    os.rename(tiny, tiny + ".old")
    write(tiny, acts.tiny_program(), 0o755)
    mistakes += expect([tiny], [one["subject"] for one in said() if one["what"] == "program"], "with another program")
    os.rename(tiny + ".old", tiny)
    return mistakes


def copies(world, box):
    """the copies of loader and static program are root's, and one of each"""
    folder = "/run/fpmbox/.programs"
    kept = [name for name in os.listdir(folder) if name.startswith("file-")]
    wrong = [name for name in kept if (os.stat(f"{folder}/{name}").st_uid, os.stat(f"{folder}/{name}").st_mode & 0o7777) != (0, 0o711)]
    return wrong + ([] if kept else ["there is none"])


TESTS = [started, walls_inherited, ps, killed, background, commands, refused, orphans, outdated, copies, left_behind]  # the last one ends the box


# ---- where root's mounts are not to be had

# What the gap programs.dumpable says: /proc, which is read-only, is the wall that is left.
DUMPABLE = {"memory/child": "EROFS", "memory/by-loader": "EROFS", "memory/child-read": "ok"}
# What programs.noexec says: execve is kept to the named programs, but the loader maps what it may read. (100: apt-helper ran, and
# was not let to its configuration.)
UNMOUNTED = {"unnamed/by-loader": "exit 100", "unnamed/absent": "EACCES", "uploaded/copy-by-loader": "exit 100", "uploaded/php-extension": "ok", "php/other-extension": "ok",
             "php/settings": "/run/fpmbox/.etc/t-alice/command/php.ini128M/var/lib/fpmbox/t-alice/sessions"}
# The gap that a container's operator has to name: nothing stands in for it.
GAP_TO_NAME = "programs.noexec"
# The network of the tree, its first process, and what is read from a /proc that the entrypoint does not show.
NOT_ENCLOSED = ("net/child", "kill/master", "uploaded/preload")


class OwnSides(Sides):
    """Boxes of an ordinary user."""

    def box(self, site):
        if site not in self.pools:
            self.pools[site] = rootless.OwnBox(self.world, site, more=named(self.world)).start()
        return self.pools[site]


class EnclosedSides(Sides):
    """The entrypoint, in a tree that unshare(1) made."""

    def box(self, site):
        if site not in self.pools:
            box = entrypoint.EnclosedBox(self.world, site, more=named(self.world))
            box.environment = {**box.environment, "FPMBOX_ALLOW_GAPS": GAP_TO_NAME}
            self.pools[site] = box.start()
        return self.pools[site]


def refused_unnamed(world):
    """in a container that lets files of writable folders run, a pool with programs does not start unless its operator says so"""
    box = entrypoint.EnclosedBox(world, "alice", more=named(world)).launch()
    try:
        return expect(69, box.wait(20), "exit code") + ([] if any(f"missing layer {GAP_TO_NAME}:" in line for line in box.log) else [f"said: {box.log[-5:]}"])
    finally:
        box.stop()


def run_others(report, world, host, kind, sides, otherwise, passed_over=()):
    """The same acts; what differs is a gap that the box's log names."""
    for act in [*ACTS, *COSTS]:
        name = f"{kind}/{act.id}"
        if act.id in passed_over or not report.wanted(name):
            continue
        act = dataclasses.replace(with_targets(act), id=name, inside=otherwise.get(act.id, act.inside))
        if act.outside is None:
            check_inside(report, world, host, sides, act)
        else:
            run.run_act(world, host, sides, act, report, True)
    box = sides.pools.get("alice")
    if box is None:
        return
    report.check(f"{kind}/works", started(world, box), "programs start")
    gap = {"rootless": "programs.dumpable", "enclosed": "programs.noexec"}[kind]
    report.check(f"{kind}/gaps", [] if any(f"gap: {gap}:" in line for line in box.log) else [gap], "what it lacks is said")


def run_without_mounts(report, world, host):
    rootless.make_homes(world)
    if rootless.namespaces_work(world):
        sides = OwnSides(world)
        run_others(report, world, host, "rootless", sides, DUMPABLE)
        stop_all(sides)
    else:
        report.skip("rootless", "ordinary users of this machine cannot make user namespaces")
    report.check("enclosed/unnamed-gap", refused_unnamed(world), refused_unnamed.__doc__)
    sides = EnclosedSides(world)
    sides.neighbour_of = sides.control_neighbour
    world.neighbour_of = lambda pool: sides.control_neighbour()  # one box of this kind is enough
    run_others(report, world, host, "enclosed", sides, UNMOUNTED, NOT_ENCLOSED)
    for pid in fixture.children(sides.pools["alice"].process.pid) if "alice" in sides.pools else []:
        os.kill(pid, signal.SIGTERM)  # unshare(1) keeps it to itself
    stop_all(sides)


def stop_all(sides):
    for pool in sides.pools.values():
        pool.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fpmbox", required=True)
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    options = parser.parse_args()
    report = Report(options.only)
    try:
        with fixture.World(options.fpmbox) as world:
            make_programs(world)
            host, sides = fixture.Host(world), Sides(world)
            run_acts(report, world, host, sides)
            for test in TESTS:
                if report.wanted("works/" + test.__name__):
                    report.check("works/" + test.__name__, test(world, sides.box("alice")), test.__doc__)
            stop_all(sides)
            run_without_mounts(report, world, host)
    except fixture.Broken as error:
        report.fail("surroundings", str(error))
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
