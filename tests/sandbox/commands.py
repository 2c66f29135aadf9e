#!/usr/bin/env python3
"""`fpmbox exec`: a command beside a pool, in a box of its own of the same policy.

    tests/sandbox/commands.py --fpmbox BUILD/fpmbox      (as root)

What a box refuses is tried outside as well, as the pool's user, where it has to succeed.
"""

import argparse
import glob
import json
import os
import pty
import pwd
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import fixture
from fixture import until, write
from report import Report

PHP = max(glob.glob("/usr/bin/php[0-9]*"), default="/usr/bin/php")


def inside(world, box, *command, **options):
    options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run([world.fpmbox, "exec", box.file, "--", *command], capture_output=True, timeout=180, **options)


def outside(world, *command, **options):
    """The control: the same as the pool's user."""
    options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run([*world.as_user("alice"), *command], capture_output=True, timeout=180, cwd=world.code("alice"), **options)


def boxes_of(world, name):
    """First processes of boxes: PID 1 of a pid namespace, with the pool's user."""
    uid = pwd.getpwnam(world.users[name]).pw_uid
    found = []
    for pid in fixture.processes_of(uid):
        try:
            ids = fixture.status(pid)["NSpid"].split()
        except (OSError, KeyError):
            continue
        if len(ids) > 1 and ids[-1] == "1":
            found.append(pid)
    return found


def left_of(box):
    return fixture.cgroups(box.name)


def expect(wanted, got, what):
    return [] if wanted == got else [f"{what}: wanted {wanted!r}, got {got!r}"]


# ---- what it does

def working_directory(world, box):
    """a console script of the code runs as the pool's user, in the code, with its arguments"""
    write(f"{world.code('alice')}/console", "#!/usr/bin/env php\n<?php echo json_encode([getcwd(), array_slice($argv, 1), posix_geteuid()]);")
    done = inside(world, box, "php", "console", "core:archive", "--url=x y", "-v", "--", "-z")
    uid = pwd.getpwnam(world.users["alice"]).pw_uid
    wanted = [os.path.realpath(world.code("alice")), ["core:archive", "--url=x y", "-v", "--", "-z"], uid]
    return expect(0, done.returncode, "exit code") + expect(wanted, json.loads(done.stdout or b"null"), f"said {done.stderr}")


def settings(world, box):
    """PHP has the pool's settings, and no limit of time"""
    done = inside(world, box, "php", "-r", "echo json_encode([PHP_SAPI, ini_get('memory_limit'), ini_get('max_execution_time'), "
                  "ini_get('date.timezone'), ini_get('session.save_path'), ini_get('auto_prepend_file'), "
                  "extension_loaded('posix'), extension_loaded('ftp')]);")
    return expect(["cli", "128M", "0", "Europe/Rome", "/var/lib/fpmbox/sessions", "/etc/fpmbox/prelude.php", True, False],
                  json.loads(done.stdout or b"null"), f"settings ({done.stderr})")


def disabled(world, box):
    """functions that the pool disables are disabled"""
    with open(box.file) as file:
        as_it_was = file.read()
    write(box.file, as_it_was.replace("disable_functions: {set: []}", "disable_functions: {set: [exec, strrev]}"))
    done = inside(world, box, "php", "-r", "echo json_encode(array_map('function_exists', ['exec', 'strrev', 'strlen']));")
    write(box.file, as_it_was)
    return expect(b"[false,false,true]", done.stdout, f"functions ({done.stderr})")


def streams(world, box):
    """bytes pass unchanged, in and out, whatever their number; the two outputs stay apart"""
    data = os.urandom(3_000_000)
    echo = inside(world, box, "php", "-r", "fpassthru(STDIN); fwrite(STDERR, 'e');", stdin=None, input=data)
    both = inside(world, box, "php", "-r", "echo 'out'; fwrite(STDERR, 'err');")
    return expect(True, echo.stdout == data, "3 MB through it") + expect(b"e", echo.stderr, "stderr") + \
        expect((b"out", b"err"), (both.stdout, both.stderr), "the two outputs")


def exit_codes(world, box):
    """exit codes are the command's own"""
    mistakes = []
    for code in (0, 1, 7, 255):
        mistakes += expect(code, inside(world, box, "php", "-r", f"exit({code});").returncode, f"exit({code})")
    return mistakes + expect(64, subprocess.run([world.fpmbox, "exec", box.file], capture_output=True).returncode, "no command") + \
        expect(64, subprocess.run([world.fpmbox, "probe", box.file], capture_output=True, stdin=subprocess.DEVNULL).returncode, "probe FILE, outside a container") + \
        expect(65, inside(world, box, "/bin/sh", "-c", "exit 3").returncode, "a program that is not granted")


def many_at_once(world, box):
    """a command that ends at once never fails to be read back"""
    codes = {inside(world, box, "php", "-n", "-v").returncode for _ in range(15)}
    return expect({0}, codes, "exit codes of 15 short commands")


BELOW = """
import json, os, subprocess, sys
before = os.uname().nodename
done = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, capture_output=True, text=True)
print(json.dumps([done.returncode, done.stdout, done.stderr, os.uname().nodename == before]))
"""


def below_another_proc(world, box):
    """a launcher in a pid namespace whose /proc is another's takes no other process's namespaces for its box's, and trusts none that it sees there"""
    say = "echo json_encode([gethostname(), readlink('/proc/self/ns/net'), readlink('/proc/self/ns/uts')]);"
    inside(world, box, "php", "-v")  # asked about PHP the launcher would start others, and the box's number were higher
    # a host name of its own, since a box in a wrong namespace would change it
    done = subprocess.run(["unshare", "--uts", "--pid", "--fork", "--kill-child", sys.executable, "-c", BELOW, world.fpmbox, "exec", box.file, "--", "php", "-r", say],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    code, output, errors, is_named_as_before = json.loads(done.stdout)
    mistakes = expect(True, is_named_as_before, "the launcher's host name is as it was")
    own = [os.readlink(f"/proc/self/ns/{one}") for one in ("net", "uts")]
    if all(net_of(number) == own[0] for number in range(3, 7)):  # kernel threads, under the number that the box has
        return mistakes + expect((71, True), (code, "namespace is the launcher's" in errors), f"refused ({errors})")
    if code != 0:
        return mistakes + [f"exit {code}: {errors}"]
    name, *namespaces = json.loads(output)
    return mistakes + expect(box.name, name, "the box's own name") + expect([], [one for one in namespaces if one in own], "the host's namespaces")


def net_of(number):
    try:
        return os.readlink(f"/proc/{number}/ns/net")
    except OSError:
        return None


def beside_a_pool(world, box):
    """while the pool serves and after it has stopped; the pool does not notice"""
    mistakes = expect(0, inside(world, box, "php", "-r", "file_put_contents('data/from-exec', 'x');").returncode, "without the pool")
    box.start()
    try:
        before = box.master()
        done = inside(world, box, "php", "-r", "echo json_encode([count(glob('/proc/[0-9]*')), posix_getpid(), file_exists('data/from-exec')]);")
        mistakes += expect([1, 1, True], json.loads(done.stdout or b"null"), f"processes seen, own number, shared data ({done.stderr})")
        mistakes += expect(before, box.master(), "the pool's master") + expect(True, box.answers(), "the pool answers")
        mistakes += [f"the pool's log: {line}" for line in box.log if "exec" in line]
        known = ("live.sock", "box.json", "state", "denials.command-")  # the last are logs, of what commands were denied
        return mistakes + expect([], [name for name in fixture.sockets(box.name) if not os.path.basename(name).startswith(known)], "sockets")
    finally:
        box.stop()


# ---- what it does not

ACTS = [
    ("code", "@file_put_contents('open/page.php', 'x') === false ? 'refused' : 'written'", "refused", "written"),
    ("another-site", "@file_get_contents($argv[1] . '/bob/www/config.php') === false ? 'refused' : 'read'", "refused", "read"),
    ("programs", "@proc_open(['/bin/true'], [], $p) && proc_close($x ?? proc_open(['/bin/true'], [], $p)) === 0 ? 'ran' : 'refused'",
     "refused", "ran"),
    ("loopback", "@fsockopen('127.9.9.9', (int) $argv[2]) ? 'reached' : 'refused'", "refused", "reached"),
    ("abstract", "@stream_socket_client(\"unix://\\0$argv[3]\") ? 'reached' : 'refused'", "refused", "reached"),
    ("processes", "posix_kill((int) $argv[4], 0) ? 'reached' : 'refused'", "refused", "reached"),
    ("terminal", "@fopen('/dev/tty', 'w') || posix_isatty(STDIN) || posix_isatty(STDOUT) || posix_isatty(STDERR) ? 'terminal' : 'refused'",
     "refused", None),
]


def run_acts(report, world, host, box):
    sleeper = world.sleeper("alice")
    arguments = [world.scratch, str(host.tcp_port), host.abstract_name, str(sleeper.pid)]
    for name, code, wanted, control in ACTS:
        script = ["-r", f"echo {code};", "--", *arguments]
        mistakes = expect(wanted, inside(world, box, "php", *script).stdout.decode(), "inside")
        if control:
            mistakes += expect(control, outside(world, PHP, "-n", "-d", "extension=posix", *script).stdout.decode(), "outside")
        report.check(f"walls/{name}", mistakes, f"outside {control or 'not tried'}, inside {wanted}")


def walls(world, box):
    """the process is no other than the pool's: user, capabilities, filter, not dumpable, its own control group"""
    process = subprocess.Popen([world.fpmbox, "exec", box.file, "--", "php", "-r", "echo '1'; fgets(STDIN);"],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        process.stdout.read(1)
        (pid,) = boxes_of(world, "alice")
        said = fixture.status(pid)
        uid = str(pwd.getpwnam(world.users["alice"]).pw_uid)
        mistakes = expect({uid}, set(said["Uid"].split()), "uids") + expect("", said["Groups"].strip(), "groups")
        for row in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            mistakes += expect(0, int(said[row], 16), row)
        mistakes += expect(("1", "2"), (said["NoNewPrivs"], said["Seccomp"]), "no_new_privs and filter")
        mistakes += expect(0, os.stat(f"/proc/{pid}/mem").st_uid, "owner of its memory")
        mistakes += expect(True, len(left_of(box)) > 0, "a control group")
        own = fixture.status(process.pid)
        supervisor = pwd.getpwnam(fixture.SUPERVISOR).pw_uid
        mistakes += expect({str(supervisor)}, set(own["Uid"].split()), "the launcher's uids") + expect("2", own["Seccomp"], "its filter")
        for fd in (0, 1, 2):  # pipes of the launcher's own, not the caller's
            if os.readlink(f"/proc/{pid}/fd/{fd}") == os.readlink(f"/proc/self/fd/{process.stdout.fileno()}"):
                mistakes.append(f"fd {fd} is the caller's own pipe")
        mistakes += expect(["0", "1", "2"], sorted(os.listdir(f"/proc/{pid}/fd")), "open files")
        return mistakes
    finally:
        process.communicate(b"\n", timeout=fixture.PATIENCE)


# ---- its end

def started(world, box, code, **options):
    process = subprocess.Popen([world.fpmbox, "exec", box.file, "--", "php", "-r", code], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    process.stdout.read(1)
    return process


def gone(world, box):
    return expect(True, until(lambda: not boxes_of(world, "alice"), fixture.PATIENCE), "the box is gone") + \
        expect(True, until(lambda: not left_of(box), fixture.PATIENCE), "its control groups are gone")


def signals(world, box):
    """SIGINT, SIGTERM, SIGHUP and SIGQUIT end the box, and the exit code says which"""
    mistakes = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        process = started(world, box, "echo 1; while (true) usleep(50000);")
        process.send_signal(number)
        process.communicate(timeout=fixture.PATIENCE)
        mistakes += expect(128 + number, process.returncode, number.name) + gone(world, box)
    return mistakes


def sudden_death(world, box):
    """when the launcher is killed, the box goes with it"""
    process = started(world, box, "echo 1; while (true) usleep(50000);")
    process.kill()
    process.communicate(timeout=fixture.PATIENCE)
    return gone(world, box)


def reader_gone(world, box):
    """a reader that goes away ends it as it would outside"""
    process = started(world, box, "echo 1; while (true) { echo str_repeat('x', 65536); }")
    process.stdout.close()
    ended = until(lambda: process.poll() is not None, fixture.PATIENCE)
    if not ended:
        process.kill()
    process.stderr.close()
    return expect(True, ended is True or ended == 1, "it ends") + gone(world, box)


def slow_reader(world, box):
    """a reader that does not read holds up neither a signal nor the end"""
    process = started(world, box, "echo 1; while (true) { echo str_repeat('x', 65536); }")
    time.sleep(0.3)
    process.terminate()
    ended = until(lambda: process.poll() is not None, fixture.PATIENCE)
    if not ended:
        process.kill()
    process.communicate(timeout=fixture.PATIENCE)
    return expect(128 + signal.SIGTERM, process.returncode, "exit code") + gone(world, box)


def terminal(world, box):
    """on a terminal, what would steer it is shown instead"""
    master, slave = pty.openpty()
    process = subprocess.Popen([world.fpmbox, "exec", box.file, "--", "php", "-r",
                                'echo "\\e]0;title\\x07a\\tb\\n\\xc2\\x9b31m\\xff", "gr\\u{fc}n\\n"; fwrite(STDERR, "\\e[2J");'],
                               stdin=subprocess.DEVNULL, stdout=slave, stderr=slave, start_new_session=True)
    os.close(slave)
    said = b""
    while select.select([master], [], [], fixture.PATIENCE)[0]:
        try:
            some = os.read(master, 4096)
        except OSError:
            break
        said += some
    process.wait(fixture.PATIENCE)
    os.close(master)
    # The two outputs are two pipes: where the words of the one come in those of the other is not said.
    errors = b"\\x1b[2J"
    text = said.replace(b"\r\n", b"\n").replace(errors, b"", 1)
    wanted = [b"\\x1b]0;title\\x07a\tb\n", b"\\xc2\\x9b31m\\xffgr\xc3\xbcn\n"]
    mistakes = [f"{part} is not in {text}" for part in wanted if part not in text]
    return mistakes + expect(1, said.count(errors), f"words of the errors in {said}") + \
        expect(False, b"\x1b" in said, "an escape came through")


def limits(world, box):
    """it has limits of its own, as high as the pool's, and says when it ran into one, with the line"""
    if not left_of_running_group(world, box):
        return None
    done = inside(world, box, "php", "-d", "memory_limit=-1", "-r", "$a = []; while (true) $a[] = str_repeat('x', 1 << 20);")
    said = f"{box.name}: the box ran into limits.memory.max of 384MiB ({box.file}:".encode()
    mistakes = expect(1, done.stderr.count(said), f"lines about the limit in {done.stderr}")
    return mistakes + expect(128 + signal.SIGKILL, done.returncode, "exit code of a command that takes all memory") + gone(world, box)


def left_of_running_group(world, box):
    plan = subprocess.run([world.fpmbox, "plan", box.file, "--json"], capture_output=True, stdin=subprocess.DEVNULL)
    return any(row.get("key") == "limits.memory.max" for row in json.loads(plan.stdout)["limits"])


def plan(world, box):
    """the plan of a command names no socket, and changes nothing"""
    done = subprocess.run([world.fpmbox, "plan", box.file, "--", "php", "console"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    mistakes = expect(0, done.returncode, f"exit code ({done.stderr})") + expect(False, "live socket" in done.stdout, "a live socket")
    return mistakes + expect(True, "php -c /etc/fpmbox/php.ini console in " in done.stdout, "the command")


def words(world, box):
    """--timings says how long it took, `--` that lacks is asked for, and show --origin has the line of each value"""
    def said(*line):
        done = subprocess.run([world.fpmbox, *line], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
        return done.returncode, done.stdout + done.stderr
    code, timed = said("exec", "--timings", box.file, "--", "php", "-r", "echo 'ran';")
    mistakes = expect(0, code, timed) + [f"no {one!r} in {timed}" for one in ("ran", " ms  profiles read", " ms  in all") if one not in timed]
    code, asked = said("exec", box.file, "php", "-r", "echo 1;")
    mistakes += expect(64, code, asked) + expect(True, "write -- before the command" in asked, asked)
    code, shown = said("show", box.file, "--origin")
    lines = [line for line in shown.splitlines() if world.users["alice"] in line and f"{box.file}:" in line]
    return mistakes + expect(0, code, shown) + ([] if lines else [f"no line for the user: {shown[:600]}"])


def run_folder(world, box):
    """/var/run leads to /run, where PHP looks for MySQL's socket when nobody names it"""
    done = inside(world, box, "php", "-r", "echo readlink('/var/run'), ' ', is_dir('/var/run/') ? 'there' : 'gone';")
    return expect(b"/run there", done.stdout, f"said {done.stderr}")


def named_below_run(world, box):
    """code and data whose names begin with /var/run are those below /run, and the pool file's spelling finds the code"""
    with open(box.file, encoding="utf-8") as file:
        text = file.read()
    top = tempfile.mkdtemp(prefix="fpmbox-t-", dir="/run")
    os.chmod(top, 0o755)
    os.symlink(os.path.realpath(world.code("alice")), f"{top}/www")
    kept = fixture.folder(f"{top}/store/data", 0o700, world.users["alice"])
    write(box.file, text.replace(f"  code: {world.code('alice')}\n", f"  code: /var{top}/www\n  data: /var{top}/store\n"))
    try:
        done = inside(world, box, "php", "-r", f"echo realpath('/var{top}/www'), ' ', readlink('{top}/www'), ' ', file_put_contents('/var{top}/www/data/written', 'x');")
        there = os.path.realpath(world.code("alice"))
        return expect(f"{there} {there} 1".encode(), done.stdout, f"said {done.stderr}") + expect(["written"], os.listdir(kept), "what was written")
    finally:
        write(box.file, text)
        shutil.rmtree(top)


TESTS = [words, run_folder, named_below_run, working_directory, settings, disabled, streams, exit_codes, many_at_once, below_another_proc, beside_a_pool, walls, signals, sudden_death,
         reader_gone, slow_reader, terminal, limits, plan]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fpmbox", required=True)
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    options = parser.parse_args()
    report = Report(options.only)
    try:
        with fixture.World(options.fpmbox) as world:
            host, box = fixture.Host(world), fixture.Box(world, "alice")
            for test in TESTS:
                name = "exec/" + test.__name__.replace("_", "-")
                if not report.wanted(name):
                    continue
                mistakes = test(world, box)
                if mistakes is None:
                    report.skip(name, "this machine has no memory controller for it")
                else:
                    report.check(name, mistakes, test.__doc__)
            if report.wanted("walls/"):
                run_acts(report, world, host, box)
    except fixture.Broken as error:
        report.fail("surroundings", str(error))
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
