"""The table of acts: what somebody who runs code inside a pool may try.

To add an act, add one entry to ACTS. `code` is PHP (site/prelude.php has its words: native(), sys(), must(), call(), said(),
reach()), with the targets of its side in $T; it returns one word. The act is run outside, against plain php-fpm, where it
has to succeed (`outside`), and in a box, where it has to end exactly as `inside` says: a denial for another reason than
the expected one is a failure too. `look` is run on the host afterwards and its answer is appended.

Controls: "plain" is php-fpm started as the pool's user; "stock" is one root master for two pools, as distributions
start it; "root" runs workers as root, for acts that need privilege anywhere.
"""

import base64
import os
import pwd
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Callable, Optional, Union

import fixture
from fixture import alive, status, until, write

REACHED = ("ok", "EFAULT", "EINVAL", "EBADF")  # the kernel's code behind the call was reached


@dataclass(frozen=True)
class Act:
    id: str
    why: str
    code: str
    inside: Union[str, tuple]
    outside: Union[str, tuple] = "ok"
    control: str = "plain"
    arrange: Optional[Callable] = None  # (world, pool) -> more targets, or None
    look: Optional[Callable] = None     # (world, pool, targets) -> word
    lacking: dict = field(default_factory=dict)  # outcome outside -> what this machine does not have


def call(name, *arguments):
    return "return call(" + ", ".join([f"'{name}'" if isinstance(name, str) else str(name), *map(str, arguments)]) + ");"


def syscall(name, *arguments, why="", inside="EPERM", outside=REACHED, variant="", **more):
    """An act that is one system call."""
    return Act(f"syscall/{name}{variant}", why, call(name, *arguments), inside, outside, **more)


def tiny_program():
    """A static x86-64 program that exits with 200 and needs no file but itself."""
    code = bytes.fromhex("bfc8000000b8e70000000f05")  # mov edi,200; mov eax,__NR_exit_group; syscall
    size = 120 + len(code)
    header = bytes.fromhex("7f454c46020101000000000000000000" "02003e0001000000")
    header += (0x400078).to_bytes(8, "little") + (64).to_bytes(8, "little") + bytes(8)
    header += bytes(4) + b"\x40\0\x38\0\x01\0" + bytes(6)
    segment = (1).to_bytes(4, "little") + (5).to_bytes(4, "little") + bytes(8)
    segment += (0x400000).to_bytes(8, "little") * 2 + size.to_bytes(8, "little") * 2 + (0x1000).to_bytes(8, "little")
    return header + segment + code


def targets(world, host, pool, neighbour):
    """What acts aim at; `$T` in their code."""
    return {
        "tmp": pool.tmp, "code": pool.code, "open": pool.code + "/open", "data": pool.code + "/data",
        "secret": world.scratch + "/home/secret.txt", "scratch": world.scratch,
        "neighbour": world.code("bob"), "neighbour_user": world.users["bob"],
        "own_socket": pool.address, "neighbour_socket": neighbour.address,
        "host": host.ADDRESS, "tcp_port": host.tcp_port, "udp_port": host.udp_port, "abstract": host.abstract_name,
        "unix_path": host.unix_path, "memory_key": host.memory_key,
        "program": base64.b64encode(tiny_program()).decode(), "loader": "/lib64/ld-linux-x86-64.so.2",
        "library": world.extension, "k": 1024, "pids_max": 48, "tmp_mib": 64, "tmp_inodes": 512,
        "php_fpm_pools": world.php_fpm_pools, "host_name": os.uname().nodename,
    }


# ---- what some acts need on the host, and what is looked at afterwards

def fresh_files(world, pool):
    world.refresh("alice")


def neighbour_is_cached(world, pool):
    world.neighbour_of(pool).request("act.php", method="POST", body=b"return is_array(include dirname($_SERVER['SCRIPT_FILENAME']) . '/private.php') ? 'ok' : 'no';")


def asks(script, **params):
    """What a request says that names a script, which the act has left in the writable folder or which was there."""
    def look(world, pool, targets):
        targets = {"scratch": world.scratch, **targets}
        of_this_side = {name: value.format(**targets) for name, value in params.items()}
        response = fixture.ask(pool.address, script.format(**targets), params=of_this_side)
        return response.text.strip() if response.status == 200 else str(response.status)
    return look


def asks_with_path_translated(world, pool, targets):
    """Both sides with cgi.fix_pathinfo=0. The control gets it from requests, and each of its workers keeps it."""
    ask = asks("{code}/hello.php", PATH_INFO="/data/shell.php", PATH_TRANSLATED="{data}/shell.php",
               **({} if isinstance(pool, fixture.Box) else {"PHP_ADMIN_VALUE": "cgi.fix_pathinfo=0"}))
    answers = {ask(world, pool, targets) for _ in range(20)}
    return "ran" if "ran" in answers else ", ".join(sorted(answers))


def uploads(at, content="<?php echo 'ran';"):
    """PHP that puts a PHP file at a path."""
    return f"@unlink({at}); file_put_contents({at}, \"{content}\"); return 'ok';"


def links(at, to):
    return f"@unlink({at}); symlink({to}, {at}); return 'ok';"


def a_victim(world, pool):
    pool.victim = world.sleeper("alice")
    return {"victim": pool.victim.pid}


def survives(pool, pid):
    """Inside a moment has to do; outside it has to die, and the machine may take its time."""
    until(lambda: not alive(pid), 0.3 if isinstance(pool, fixture.Box) else fixture.PATIENCE)
    return alive(pid)


def victim_lives(world, pool, targets):
    return "the victim lives" if survives(pool, targets["victim"]) else "the victim is dead"


def goes_on(pool):
    """It answers a moment later; a pool whose first process ended does not."""
    time.sleep(0.3)
    return until(lambda: pool.process.poll() is not None or pool.answers(0), fixture.PATIENCE) and pool.process.poll() is None


def pool_lives(world, pool, targets):
    return "the pool answers" if goes_on(pool) else "the pool is dead"


def master_lives(world, pool, targets):
    return "the master lives" if survives(pool, pool.master()) and goes_on(pool) else "the master is dead"


def worker(pool):
    pid = until(pool.workers, fixture.PATIENCE)
    if not pid:
        raise fixture.Broken("the pool has no worker")
    return pid[0]


def of_worker(read):
    """A look at one worker through the host's /proc."""
    return lambda world, pool, targets: read(worker(pool))


def names_of_groups(pid):
    import grp
    return ",".join(grp.getgrgid(int(gid)).gr_name for gid in status(pid)["Groups"].split()) or "none"


def own_namespaces(pid):
    kinds = ("mnt", "pid", "net", "ipc", "uts", "cgroup")
    own = [kind for kind in kinds if os.readlink(f"/proc/{pid}/ns/{kind}") != os.readlink(f"/proc/self/ns/{kind}")]
    return "own: " + (" ".join(own) or "none")


def owner_of_memory(pid):
    return pwd.getpwuid(os.stat(f"/proc/{pid}/mem").st_uid).pw_name


def limit(name):
    def read(pid):
        with open(f"/proc/{pid}/limits") as file:
            line = next(line for line in file if line.startswith(name))
        return " ".join(line[26:].split()[:2])
    return read


def capabilities(pid):
    held = [name for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb") if int(status(pid)[name], 16)]
    return ",".join(held) or "none"


def own_cgroup(pid):
    with open(f"/proc/{pid}/cgroup") as one, open("/proc/self/cgroup") as other:
        mine, theirs = ({line.split(":")[1]: line.split(":", 2)[2] for line in file.read().splitlines()} for file in (one, other))
    limited = [name for name in ("pids", "memory") if name in mine] or [""]
    return "own" if all(mine[name] != theirs[name] for name in limited) else "the launcher's"


def a_listener_in_its_network(world, pool):
    """A stranger in the pool's own network namespace, which no box has: what says no here is Landlock's scope."""
    listener = world.process(["nsenter", f"--net=/proc/{pool.workers()[0]}/ns/net", sys.executable, "-c", """
import socket, sys
listener = socket.socket(socket.AF_UNIX); listener.bind("\\0" + sys.argv[1]); listener.listen(); print("ready", flush=True); sys.stdin.read()
""", f"fpmbox-scope-{os.getpid()}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    listener.stdout.readline()
    return {"abstract": f"fpmbox-scope-{os.getpid()}"}


def open_files(pid):
    """What a worker holds beyond its pipes, sockets, the opcache's lock and null."""
    held = {os.readlink(entry.path).split(":")[0].split(" ")[0] for entry in os.scandir(f"/proc/{pid}/fd")}
    strange = sorted(name for name in held if name not in ("pipe", "socket", "/dev/null") and ".ZendSem." not in name and not name.endswith(".log"))
    return "only its own" if not strange else " ".join(strange)


def interfaces(pid):
    def names(of):
        with open(f"/proc/{of}/net/dev") as file:
            return [line.split(":")[0].strip() for line in file if ":" in line]
    return "lo alone" if names(pid) == ["lo"] else "the host's" if names(pid) == names("self") else " ".join(names(pid))


def secret_in_memory(pid):
    secret = next(iter(fixture.World.secret_environment.values())).encode()
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            begin, end = (int(part, 16) for part in span.split("-"))
            if rights == "rw-p":
                memory.seek(begin)
                if secret in memory.read(end - begin):
                    return "the launcher's secret"
    return "no secret"


def folders_held(pid):
    held = []
    for entry in os.scandir(f"/proc/{pid}/fd"):
        if os.path.isdir(entry.path):
            held.append(os.readlink(entry.path))
    return "folders: " + (" ".join(held) or "none")


def upload_program(at):
    """PHP that puts the tiny program at a path."""
    return f"file_put_contents({at}, base64_decode($T['program'])); chmod({at}, 0755);"


FORKED_SIBLING = """
    $victim = must('fork');
    if ($victim === 0) { sys('pause'); libc()->_exit(0); }
"""

# A program on fd 1024, which outside is a free number and inside the one that the filter lets through.
ON_K = """
    must('dup2', $from, $T['k']);
    return word(sys('execveat', $T['k'], text(''), pointers(...$arguments), pointers(), AT_EMPTY_PATH));
"""

OPEN_EVERYTHING = """
    for ($count = 0; $count < 1500; $count++) {
        if (($fd = sys('open', text('/dev/null'), 0)) < 0) return word($fd);
    }
    return 'ok';
"""

# mov eax,20 (getpid for i386); int 0x80; ret
INT80 = """
    $at = must('mmap', 0, 4096, 7, 0x22, -1, 0);
    FFI::memcpy(libc()->cast('char*', $at), hex2bin('b814000000cd80c3'), 8);
    $code = libc()->cast('code', $at);
    return $code() > 0 ? 'ok' : 'wrong answer';
"""

ACTS = [
    # ---- files of others
    Act("files/neighbour-config", "database passwords of other sites (php-src#15499, froxlor#655)",
        "return said(fn () => file_get_contents($T['neighbour'] . '/config.php'));", "ENOENT"),
    Act("files/neighbour-list", "which other sites there are",
        "return said(fn () => scandir(dirname($T['neighbour'])));", "ENOENT"),
    Act("files/neighbour-include", "a 0600 file of another Unix user, through the opcache that pools of one master share",
        "$at = $T['neighbour'] . '/private.php'; return is_array(@include $at) ? 'ok' : said(fn () => fopen($at, 'r'));", "ENOENT",
        control="stock", arrange=neighbour_is_cached),
    Act("files/neighbour-scripts", "what other sites run, and where",
        """$scripts = array_keys(opcache_get_status()['scripts'] ?? []);
        return preg_grep('(^' . preg_quote($T['neighbour']) . ')', $scripts) ? 'ok' : 'none of them';""", "none of them",
        control="stock", arrange=neighbour_is_cached),
    Act("files/readable-by-all", "backups, exports and keys that lie about with mode 0644",
        "return said(fn () => file_get_contents($T['secret']));", "ENOENT"),
    Act("files/list-of-users", "whom to attack next",
        "return str_contains(file_get_contents('/etc/passwd'), $T['neighbour_user']) ? 'ok' : 'not listed';", "not listed"),
    Act("files/pool-definitions", "env[] secrets and sockets of other pools in /etc/php/*/fpm/pool.d",
        "return glob($T['php_fpm_pools']) ? 'ok' : 'nothing there';", "nothing there"),
    Act("files/symlink-out-of-tmp", "a link in a writable folder, followed by PHP",
        "symlink($T['secret'], $T['tmp'] . '/link'); $said = said(fn () => file_get_contents($T['tmp'] . '/link'));"
        "unlink($T['tmp'] . '/link'); return $said;", "ENOENT"),
    Act("files/root-of-master", "the host's files by way of /proc/PID/root",
        "return said(fn () => file_get_contents('/proc/' . posix_getppid() . '/root' . $T['secret']));", "ENOENT"),
    Act("files/glob-wrapper", "glob:// passes PHP's own checks of paths",
        "return iterator_count(new GlobIterator($T['scratch'] . '/home/*')) ? 'ok' : 'nothing there';", "nothing there"),
    Act("files/devices", "device nodes beyond the six that PHP needs", "return call('open', text('/dev/ptmx'), 2);", "ENOENT"),
    Act("files/sys", "what the machine is, and CVE-2022-0492's release_agent", "return said(fn () => scandir('/sys/kernel'));", "ENOENT"),
    Act("files/kernel-symbols", "addresses and version for a kernel exploit",
        "return said(fn () => file_get_contents('/proc/kallsyms', false, null, 0, 100));", "ENOENT"),
    Act("files/kernel-settings", "what is switched off on this kernel, core_pattern",
        "return said(fn () => file_get_contents('/proc/sys/kernel/core_pattern'));", "ENOENT"),
    Act("files/open-by-handle", "the whole disk past the view of mounts (the shocker exploit of early Docker)",
        """return native(function () use ($T) {
            $handle = bytes(pack('VV', 128, 0) . str_repeat("\\0", 128)); $mount = bytes("\\0\\0\\0\\0");
            must('name_to_handle_at', -100, text($T['secret']), $handle, $mount, 0);
            return word(sys('open_by_handle_at', must('open', text($T['scratch']), 0), $handle, 0)); });""",
        "EPERM at name_to_handle_at", control="root"),
    Act("files/name-to-handle", "the first half of it, which needs no privilege",
        """$handle = bytes(pack('VV', 128, 0) . str_repeat("\\0", 128)); $mount = bytes("\\0\\0\\0\\0");
        return call('name_to_handle_at', -100, text('/'), $handle, $mount, 0);""", "EPERM"),

    # ---- writing where code lies; the folder belongs to the pool's user, so only the mount can say no
    *(Act(f"write/{name}", why, f"return said(fn () => {code});", inside, arrange=fresh_files) for name, why, code, inside in [
        ("web-shell", "a file that the web server executes", "file_put_contents($T['open'] . '/shell.php', '<?php')", "EROFS"),
        ("change-code", "a line added to existing code", "file_put_contents($T['open'] . '/page.php', '<?php', FILE_APPEND)", "EROFS"),
        ("chmod", "", "chmod($T['open'] . '/page.php', 0777)", "EROFS"),
        ("rename", "", "rename($T['open'] . '/page.php', $T['open'] . '/gone.php')", "EROFS"),
        ("unlink", "", "unlink($T['open'] . '/page.php')", "EROFS"),
        ("mkdir", "", "mkdir($T['open'] . '/more')", "EROFS"),
        ("touch", "a time stamp that hides a change", "touch($T['open'] . '/page.php', 1)", "EROFS"),
        ("symlink", "", "symlink('/etc/passwd', $T['open'] . '/passwd.txt')", "EROFS"),
        ("user-ini", "auto_prepend_file for every later request", "file_put_contents($T['open'] . '/.user.ini', 'auto_prepend_file=x')", "EROFS"),
        ("hard-link", "code shown again where it can be written", "link($T['open'] . '/page.php', $T['tmp'] . '/' . uniqid())", "EXDEV"),
        ("new-root-entry", "a folder beside /usr", "file_put_contents($T['scratch'] . '/tmp/alice/x', 'x')", "ENOENT"),
    ]),
    Act("write/var-tmp", "files that outlive the request and that others read",
        "$at = '/var/tmp/' . uniqid('fpmbox-test-'); $said = said(fn () => file_put_contents($at, 'x')); @unlink($at); return $said;", "ENOENT"),
    Act("write/dev-shm", "", "$at = '/dev/shm/' . uniqid('fpmbox-test-'); $said = said(fn () => file_put_contents($at, 'x')); @unlink($at); return $said;",
        "ENOENT"),
    Act("write/libraries", "a library that the next process loads",
        "$at = '/usr/lib/' . uniqid('fpmbox-test-'); $said = said(fn () => file_put_contents($at, 'x')); @unlink($at); return $said;",
        "EROFS", control="root"),
    Act("write/fifo", "", "$at = $T['tmp'] . '/' . uniqid(); $said = native(fn () => word(sys('mknod', text($at), 0010644, 0)));"
        "@unlink($at); return $said;", "EPERM"),
    Act("write/device-node", "a disk made readable",
        "$at = $T['tmp'] . '/' . uniqid(); $said = native(fn () => word(sys('mknod', text($at), 0020666, 0x103)));"
        "@unlink($at); return $said;", "EPERM", control="root"),
    Act("write/suid-in-tmp", "a program that keeps somebody's rights", "return mount_flags($T['tmp']) & 2 ? 'nosuid' : 'ok';", "nosuid"),
    Act("write/suid-in-data", "", "return mount_flags($T['data']) & 2 ? 'nosuid' : 'ok';", "nosuid"),
    Act("write/suid-in-sessions", "", "return mount_flags(ini_get('session.save_path')) & 2 ? 'nosuid' : 'ok';", "nosuid"),

    # on the host the writable folder is no nosuid mount: whoever may start such a program there becomes the pool's user,
    # outside its box (systemd: RestrictSUIDSGID=)
    # open() and creat() with such a mode are no way: whatever makes the file longer than nothing takes the bits away again
    *(Act(f"write/suid-bit-by-{name}", "a program that keeps the pool's rights for a stranger on the host", f"""
        $at = $T['data'] . '/suid'; touch($at);
        $said = native(fn () => word({code})); clearstatcache();
        $got = @fileperms($at) & 06000; @unlink($at); return $got ? 'ok' : $said;""", inside) for name, code, inside in [
        ("chmod", "sys('chmod', text($at), 06755)", "EPERM"),
        ("chmod-high", "sys('chmod', text($at), 06755 | 1 << 32)", "EPERM"),
        ("fchmod", "sys('fchmod', must('open', text($at), 1), 06755)", "EPERM"),
        ("fchmodat", "sys('fchmodat', -100, text($at), 06755)", "EPERM"),
        ("fchmodat2", "sys('fchmodat2', -100, text($at), 06755, 0)", ("EPERM", "ENOSYS")),
    ]),

    # ---- starting programs
    Act("exec/shell_exec", "the first line of every web shell", "return trim((string) shell_exec('echo ok')) ?: error_get_last()['message'] ?? 'no output';",
        "shell_exec(): Unable to execute 'echo ok'"),
    Act("exec/proc_open", "", """$process = proc_open(['/bin/echo', 'ok'], [1 => ['pipe', 'w']], $pipes);
        $said = trim(stream_get_contents($pipes[1])); $code = proc_close($process); return $said === 'ok' ? 'ok' : "exit $code";""", "exit 127"),
    Act("exec/mail", "a sendmail with LD_PRELOAD (TarlogicSecurity/Chankro)",
        "return @mail('nobody@localhost', 'subject', 'text') ? 'ok' : 'no mail';", "no mail"),
    Act("exec/posix_spawn", "libc's own way, under popen() and system()", """return native(function () {
            $pid = libc()->new('int');
            return word(-libc()->posix_spawn(FFI::addr($pid), '/bin/sh', null, null, libc()->cast('char**', pointers('sh')), null)); });""", "EPERM"),
    Act("exec/execve-shell", "native code that starts /bin/sh",
        "return native(fn () => word(sys('execve', text('/bin/sh'), pointers('sh', '-c', 'exit 200'), pointers())));", "EPERM", "ran"),
    Act("exec/execve-tmp", "a program that was uploaded",
        "$at = $T['tmp'] . '/program';" + upload_program("$at") +
        "$said = native(fn () => word(sys('execve', text($at), pointers('program'), pointers()))); unlink($at); return $said;", "EPERM", "ran"),
    Act("exec/execveat-path", "execveat with a path, around a filter that names execve alone",
        "return native(fn () => word(sys('execveat', -100, text($T['loader']), pointers('x', '--version'), pointers(), 0)));", "EPERM", "exit 0"),
    Act("exec/execveat-tmp", "execveat of an open file",
        "$at = $T['tmp'] . '/program';" + upload_program("$at") + """
        $said = native(fn () => word(sys('execveat', must('open', text($at), 0), text(''), pointers('x'), pointers(), AT_EMPTY_PATH)));
        unlink($at); return $said;""", "EPERM", "ran"),
    Act("exec/memfd", "a program that is in no file (fee, memrun and their like)",
        """return native(function () use ($T) {
            $from = must('memfd_create', text('x'), 0); $program = base64_decode($T['program']);
            must('write', $from, bytes($program), strlen($program));
            return word(sys('execveat', $from, text(''), pointers('x'), pointers(), AT_EMPTY_PATH)); });""", "EPERM at memfd_create", "ran"),
    Act("exec/uploaded-on-k", "another program on the one fd that the filter lets through",
        "$at = $T['tmp'] . '/program';" + upload_program("$at") +
        "$said = native(function () use ($T, $at) { $from = must('open', text($at), 0); $arguments = ['x'];" + ON_K + "}); unlink($at); return $said;",
        "EBADF at dup2", "ran"),
    Act("exec/loader-on-k", "the dynamic loader there, which starts any program it may read",
        "return native(function () use ($T) { $from = must('open', text($T['loader']), 0); $arguments = ['x', '--version'];" + ON_K + "});",
        "EBADF at dup2", "exit 0"),
    Act("exec/loader-path-on-k", "the same from an O_PATH fd",
        "return native(function () use ($T) { $from = must('open', text($T['loader']), 010000000); $arguments = ['x', '--version'];" + ON_K + "});",
        "EBADF at dup2", "exit 0"),
    Act("exec/dup3-on-k", "", "return native(function () use ($T) { return word(sys('dup3', 0, $T['k'], 0)); });", "EBADF"),
    Act("exec/fcntl-on-k", "F_DUPFD from K upwards", "return call('fcntl', 0, 0, $T['k']);", "EINVAL"),
    Act("exec/k-itself", "php-fpm once more, with arguments of the attacker's choice: its fd must be closed by now",
        """return native(function () use ($T) { sys('dup2', must('open', text($T['loader']), 0), $T['k']);
            return word(sys('execveat', $T['k'], text(''), pointers('x', '--version'), pointers(), AT_EMPTY_PATH)); });""", "EPERM", "exit 0"),
    Act("exec/path-beside-k", "with an absolute path the kernel does not look at the fd: K as a pretext for the loader",
        """return native(function () use ($T) {
            return word(sys('execveat', $T['k'], text($T['loader']), pointers('x', '--version'), pointers(), AT_EMPTY_PATH)); });""",
        "EPERM", "exit 0"),
    Act("exec/path-at-the-address", "the one address that the filter lets through is empty after the exec",
        """return native(function () use ($T) { return word(sys('execveat', $T['k'], 0x10, pointers('x'), pointers(), AT_EMPTY_PATH)); });""",
        "EFAULT", "EFAULT"),
    Act("exec/page-zero", "nothing can be put at that address again", "return call('mmap', 0, 4096, 1, 0x32, -1, 0);", "EPERM", control="root"),
    Act("exec/room-for-k", "a higher limit, so that K can be used again",
        """return native(function () { must('setrlimit', 7, bytes(pack('PP', 900, 4096)));
            return word(sys('setrlimit', 7, bytes(pack('PP', 4096, 4096)))); });""", "EPERM at setrlimit"),
    Act("exec/room-for-k-prlimit", "",
        """return native(function () { return word(sys('prlimit64', 0, 7, bytes(pack('PP', 4096, 4096)), 0)); });""", "EPERM"),
    Act("exec/map-tmp", "code mapped from an uploaded file",
        "$at = $T['tmp'] . '/map';" + upload_program("$at") +
        "$said = native(fn () => word(sys('mmap', 0, 4096, 5, 2, must('open', text($at), 0), 0))); unlink($at); return $said;", "EPERM"),
    Act("exec/map-tmp-later", "the same, made executable afterwards",
        "$at = $T['tmp'] . '/map';" + upload_program("$at") + """
        $said = native(fn () => word(sys('mprotect', must('mmap', 0, 4096, 1, 2, must('open', text($at), 0), 0), 4096, 5)));
        unlink($at); return $said;""", "EACCES"),
    Act("exec/map-data", "the same from the application's writable folder",
        "$at = $T['data'] . '/map';" + upload_program("$at") +
        "$said = native(fn () => word(sys('mmap', 0, 4096, 5, 2, must('open', text($at), 0), 0))); unlink($at); return $said;", "EPERM"),
    Act("exec/dlopen-tmp", "a library that was uploaded: extension=, GCONV_PATH, LD_PRELOAD",
        """$at = $T['tmp'] . '/library.so'; copy($T['library'], $at);
        $said = native(fn () => libc()->dlopen($at, 1) ? 'ok' : (str_contains($why = FFI::string(libc()->dlerror()), 'failed to map') ? 'failed to map' : $why));
        unlink($at); return $said;""", "failed to map"),

    # ---- the kernel
    syscall("unshare", "0x10000000", why="a user namespace, in which one is root (CVE-2024-1086 and many others)"),
    Act("syscall/clone", "the same by clone", """return native(function () {
            if (($child = sys('clone', 0x10000011)) === 0) libc()->_exit(0);
            return word($child); });""", "EPERM"),
    syscall("clone3", why="its flags lie in memory, where a filter cannot see them", inside="ENOSYS"),
    syscall("setns", -1, why="into another namespace"),
    syscall("mount", 1, 1, 1, why=""),
    syscall("umount2", 1, 0, why="a mask taken off"),
    syscall("pivot_root", 1, 1, control="root"),
    syscall("chroot", 1, why="out of a chroot by a second one"),
    syscall("open_tree", -1, 1),
    syscall("fsopen", 1, 0, control="root", why="CVE-2022-0185"),
    syscall("mount_setattr", -1, 1, 0, 1, 8, control="root", why="read-only made writable", outside=REACHED + ("E2BIG",)),
    syscall("ptrace", 0, why="PTRACE_TRACEME and a child: filters once were passed this way (Linux before 4.8)"),
    Act("syscall/ptrace-sibling", "another worker, with another visitor's data, steered",
        "return native(function () {" + FORKED_SIBLING + "$said = sys('ptrace', 16, $victim); sys('kill', $victim, 9); return word($said); });", "EPERM"),
    Act("syscall/process_vm_readv", "another worker's memory read",
        "return native(function () {" + FORKED_SIBLING + """
            $buffer = bytes('12345678'); $vector = bytes(pack('PP', $buffer, 8));
            $said = sys('process_vm_readv', $victim, $vector, 1, $vector, 1, 0); sys('kill', $victim, 9); return word($said); });""", "EPERM"),
    Act("syscall/pidfd_getfd", "another process's open files taken",
        "return native(function () {" + FORKED_SIBLING + """
            $said = sys('pidfd_getfd', sys('pidfd_open', $victim, 0), 0, 0); sys('kill', $victim, 9); return word($said); });""", "EPERM"),
    syscall("pidfd_open", 1, 0),
    Act("syscall/kcmp", "where the kernel keeps its objects", "return native(fn () => word(sys('kcmp', sys('getpid'), sys('getpid'), 0, 0, 0)));", "EPERM",
        lacking={"ENOSYS": "this kernel has no kcmp"}),
    syscall("process_madvise", -1, 0, 0, 0, 0),
    syscall("bpf", 1, 0, 0, why="programs in the kernel (CVE-2021-3490 and many others)", outside=REACHED,
            lacking={"ENOSYS": "this kernel has no bpf"}),
    syscall("io_uring_setup", 1, 0, why="calls that no filter sees (CVE-2022-29582, CVE-2023-2598)", inside="ENOSYS",
            lacking={"ENOSYS": "this kernel has no io_uring", "EPERM": "io_uring is switched off here"}),
    syscall("io_uring_enter", -1, 0, 0, 0, 0, 0, inside="ENOSYS", outside=REACHED + ("EOPNOTSUPP",), lacking={"ENOSYS": "this kernel has no io_uring"}),
    syscall("io_uring_register", -1, 0, 0, 0, inside="ENOSYS", lacking={"ENOSYS": "this kernel has no io_uring", "EPERM": "io_uring is switched off here"}),
    syscall("keyctl", 0, -3, 1, why="keys are not kept apart by namespaces (CVE-2016-0728)"),
    Act("syscall/add_key", "", "return call('add_key', text('user'), text('fpmbox-test'), text('x'), 1, -2);", "EPERM"),
    Act("syscall/request_key", "starts a helper program as root", "return call('request_key', text('user'), text('fpmbox-test'), 0, 0);", "EPERM",
        REACHED + ("errno 126",)),
    syscall("userfaultfd", 1, why="stops the kernel in the middle of a copy, which makes races easy to win"),
    syscall("perf_event_open", 1, 0, -1, -1, 0, why="CVE-2013-2094", lacking={"ENOSYS": "this kernel has no perf events"}),
    syscall("memfd_create", 1, 0, why="files that exist in memory only"),
    syscall("memfd_secret", 0, lacking={"ENOSYS": "this kernel has no secret memory"}),
    syscall("personality", "0x0040000", why="address space without randomness for the next program"),
    syscall("modify_ldt", 0, "bytes(str_repeat('x', 64))", 64, why="CVE-2015-5157", lacking={"ENOSYS": "this kernel has no modify_ldt"}),
    syscall("iopl", 3, control="root", why="ports of the hardware", lacking={"ENOSYS": "this kernel has no iopl"}),
    syscall("quotactl", 0, 1, 0, 0, outside=REACHED + ("ENODEV", "ENOTBLK"), lacking={"ENOSYS": "this kernel has no quotas"}),
    syscall("syslog", 10, 0, 0, control="root", why="the kernel's log, with addresses"),
    syscall("fanotify_init", 0x200, 0, why="who opens which file on the whole mount", lacking={"ENOSYS": "this kernel has no fanotify"}),
    syscall("init_module", 1, 1, 1, control="root", outside=REACHED + ("ENOEXEC",), why="code loaded into the kernel",
            lacking={"ENOSYS": "this kernel loads no modules"}),
    syscall("finit_module", -1, 1, 0, control="root", lacking={"ENOSYS": "this kernel loads no modules"}),
    syscall("kexec_load", 0, 0, 0, "0xffff", control="root", lacking={"ENOSYS": "this kernel has no kexec"}),
    syscall("reboot", 1, 1, 0, control="root"),
    syscall("swapoff", 1, control="root", lacking={"ENOSYS": "this kernel has no swap"}),
    syscall("acct", 1, control="root", lacking={"ENOSYS": "this kernel has no accounting"}),
    syscall("settimeofday", 1, 0, control="root"),
    syscall("sethostname", 1, 1, control="root"),
    syscall("setuid", 0, control="root", why="back to root"),
    syscall("setgroups", 0, 0, control="root"),
    syscall("mq_open", 1, 0, 0, 0, why="queues that are in no file system view", lacking={"ENOSYS": "this kernel has no message queues"}),
    syscall("vmsplice", -1, 0, 0, 0, why="the pipe half of CVE-2022-0847 (Dirty Pipe)", outside=REACHED),
    syscall("splice", -1, 0, -1, 0, 1, 0, outside=REACHED),
    syscall("move_pages", 0, 0, 0, 0, 0, 0, lacking={"ENOSYS": "this kernel has no page migration"}),
    syscall("seccomp", 0, 1, 0, why="another filter for programs to come"),
    syscall("ioctl", -1, "0x5412", 1, variant="-TIOCSTI", why="keys typed into the terminal of whoever started it (CVE-2017-5226)"),
    syscall("ioctl", -1, "0x100005412", 1, variant="-TIOCSTI-high", why="the same with bits that the kernel ignores (CVE-2019-10063)"),
    syscall("ioctl", -1, "0x541c", 1, variant="-TIOCLINUX", why="the same by the console's clipboard"),
    syscall("prctl", 4, 1, variant="-dumpable", why="/proc/self/mem opened again by the worker itself"),
    syscall("prctl", "0x100000004", 1, variant="-dumpable-high"),
    syscall("prctl", 35, 15, 1, variant="-mm", outside=REACHED + ("EPERM",), why="the process's own picture changed"),
    syscall(9999, why="a number from the future: as on a kernel without it, so that libraries fall back (a property, not an attack)",
            inside="ENOSYS", outside="ENOSYS"),
    Act("syscall/i386", "the numbers of another architecture, which a filter for this one would misread (CVE-2010-3301)",
        "return native(function () {" + INT80 + "});", "SIGSYS", lacking={"SIGSEGV": "this kernel has no 32-bit calls"}),
    Act("syscall/x32", "numbers with bit 30 set mean other calls (CVE-2014-0038; a property where the kernel has no x32)", "return call(0x40000027);", "SIGSYS", ("ok", "ENOSYS")),

    # ---- which script starts: PHP never does from where PHP can write
    *(Act(f"start/{name}", why, code, "ok; 403", "ok; ran", look=look) for name, why, code, look in [
        ("upload", "an uploaded web shell, called by its address", uploads("$T['data'] . '/shell.php'"), asks("{data}/shell.php")),
        ("upload-by-version", "the same under the version's own path", uploads("$T['data'] . '/shell.php'"),
         asks("{scratch}/alice/www-1.0/data/shell.php")),
        ("upload-two-slashes", "the same by a name that is spelled otherwise", uploads("$T['data'] . '/shell.php'"),
         asks("{code}//data///shell.php")),
        ("upload-below", "a folder deeper", "@mkdir($T['data'] . '/a.php'); " + uploads("$T['data'] . '/a.php/b.php'"), asks("{data}/a.php/b.php")),
        ("upload-read-only", "its owner took the right to write away, as if it were code",
         uploads("$T['data'] . '/shell.php'").replace("return", "chmod($T['data'] . '/shell.php', 0444); return"), asks("{data}/shell.php")),
        ("upload-path-info", "a picture with PHP in it, and PATH_INFO (nginx's old hole, CVE-2019-11043's neighbourhood)",
         uploads("$T['data'] . '/shell.php'"), asks("{data}/shell.php/x.png")),
    ]),
    Act("start/path-translated", "with PATH_INFO Apache also sends PATH_TRANSLATED, and FPM starts that file instead", uploads("$T['data'] . '/shell.php'"),
        "ok; hello from alice", "ok; ran", control="own", look=asks_with_path_translated),
    Act("start/link-to-code", "a link in a writable folder, which can be turned to anything at any moment",
        links("$T['data'] . '/link.php'", "$T['code'] . '/hello.php'"), "ok; 403", "ok; hello from alice", look=asks("{data}/link.php")),
    Act("start/link-from-code", "a link of the code that leads into a writable folder", uploads("$T['data'] . '/linked.php'"), "ok; 403", "ok; ran",
        look=asks("{code}/linked.php")),
    Act("start/tmp", "a script outside the code", uploads("$T['tmp'] . '/shell.php'"), "ok; 403", "ok; ran", look=asks("{tmp}/shell.php")),
    Act("start/own-file", "a file in the code that belongs to the pool's user", "return 'ok';", "ok; 403", "ok; page", look=asks("{open}/page.php"),
        arrange=fresh_files),

    # ---- who it is
    Act("identity/master", "CVE-2021-21703, CVE-2026-129291: from a worker to its master, which is root", "return 'ok';", "ok; fpmbox-t-alice",
        "ok; root", control="stock", look=lambda world, pool, t: pwd.getpwuid(int(status(pool.master())["Uid"].split()[0])).pw_name),
    Act("identity/worker", "all four user ids, saved and file system ones too", "return 'ok';", "ok; fpmbox-t-alice", "ok; fpmbox-t-alice",
        look=of_worker(lambda pid: ",".join({pwd.getpwuid(int(uid)).pw_name for uid in status(pid)["Uid"].split()}))),
    Act("identity/group", "", "return 'ok';", "ok; 1 group", "ok; 1 group", look=of_worker(lambda pid: f"{len(set(status(pid)['Gid'].split()))} group")),
    Act("identity/more-groups", "files of a shared group", "return 'ok';", "ok; none", ("ok; fpmbox-t-alice,fpmbox-t-extra", "ok; fpmbox-t-extra,fpmbox-t-alice"),
        look=of_worker(names_of_groups)),
    Act("identity/capabilities", "", "return 'ok';", "ok; none", "ok; CapBnd", look=of_worker(capabilities)),
    Act("identity/no-new-privs", "su, sudo, passwd", "return 'ok';", "ok; 1", "ok; 0", look=of_worker(lambda pid: status(pid)["NoNewPrivs"])),
    Act("identity/filtered", "", "return 'ok';", "ok; 2", "ok; 0", look=of_worker(lambda pid: status(pid)["Seccomp"])),
    Act("identity/memory", "who may open a worker's memory", "return 'ok';", "ok; root", "ok; fpmbox-t-alice", look=of_worker(owner_of_memory)),
    Act("identity/namespaces", "", "return 'ok';", "ok; own: mnt pid net ipc uts cgroup", "ok; own: none", look=of_worker(own_namespaces)),
    Act("identity/cgroup", "", "return 'ok';", "ok; own", "ok; the launcher's", look=of_worker(own_cgroup)),
    Act("identity/host-name", "which machine this is", "return php_uname('n') === $T['host_name'] ? 'ok' : 'another';", "another"),

    # ---- its own memory, and processes
    Act("processes/self-mem", "code pages rewritten by plain PHP, without FFI or exec (beched/php_disable_functions_bypass)",
        """return said(function () {
            preg_match('/^([0-9a-f]+)-.* r-xp .*libc/m', file_get_contents('/proc/self/maps'), $at);
            $memory = fopen('/proc/self/mem', 'r+b');
            if (!$memory) return false;
            fseek($memory, hexdec($at[1])); $old = fread($memory, 8); fseek($memory, hexdec($at[1]));
            return fwrite($memory, $old) === 8; });""", "EACCES"),
    Act("processes/master-mem", "the master's memory, which outlives requests",
        "return said(fn () => fopen('/proc/' . posix_getppid() . '/mem', 'r+b'));", "ENOENT"),
    Act("processes/of-the-host", "what else runs here, with its arguments",
        "return is_dir('/proc/' . $T['victim']) ? 'ok' : 'not there';", "not there", arrange=a_victim),
    Act("processes/kill-of-same-user", "jobs and shells of the same user on the host", "return said(fn () => posix_kill($T['victim'], 9)) === 'ok' ? 'ok' : posix_strerror(posix_get_last_error());",
        "No such process; the victim lives", "ok; the victim is dead", arrange=a_victim, look=victim_lives),
    Act("processes/kill-own-master", "an init that dies takes its box down, or leaves it without one",
        "posix_kill(posix_getppid(), 9); return 'ok';", "ok; the master lives", "ok; the master is dead", control="own", look=master_lives),

    # ---- the network
    *(Act(f"network/{name}", why, f"return reach({family}, {kind}, {address});", inside, **more) for name, why, family, kind, address, inside, more in [
        ("tcp-of-host", "databases, caches, mail and other pools on loopback", 2, 1, "inet($T['host'], $T['tcp_port'])", "EPERM at socket", {}),
        ("tcp-mapped", "the same through an IPv6 socket", 10, 1,
         "pack('vnN', 10, $T['tcp_port'], 0) . inet_pton('::ffff:' . $T['host']) . pack('V', 0)", "EPERM at socket",
         {"lacking": {"EAFNOSUPPORT at socket": "this kernel has no IPv6"}}),
        ("udp-of-host", "name servers, statsd, syslog", 2, 2, "inet($T['host'], $T['udp_port'])", "EPERM at socket", {}),
        ("abstract-socket", "the session bus and other sockets that no file system view hides", 1, 1, "unix(\"\\0\" . $T['abstract'])", "ECONNREFUSED", {}),
        ("socket-of-host", "a database's socket that anybody may connect to", 1, 1, "unix($T['unix_path'])", "ENOENT", {}),
        ("own-live-socket", "PHP_ADMIN_VALUE over one's own FastCGI socket lifts every setting of the pool", 1, 1, "unix($T['own_socket'])", "ENOENT", {}),
        ("neighbour-live-socket", "and over a neighbour's socket runs code as the neighbour", 1, 1, "unix($T['neighbour_socket'])", "ENOENT", {}),
    ]),
    Act("network/abstract-socket-beside", "the same from a namespace that two share; Landlock's scope (Linux 6.12)",
        "return reach(1, 1, unix(\"\\0\" . $T['abstract']));", "EPERM", arrange=a_listener_in_its_network),
    Act("network/interfaces", "", "return 'ok';", "ok; lo alone", "ok; the host's", look=of_worker(interfaces)),
    Act("network/sockets-listed", "", "return said(fn () => scandir(dirname($T['own_socket'])));", "ENOENT"),
    *(Act(f"network/{name}", why, call("socket", family, kind, protocol), "EPERM", **more) for name, why, family, kind, protocol, more in [
        ("netlink", "nf_tables (CVE-2024-1086)", 16, 3, 0, {}),
        ("netlink-high", "the same with bits that the kernel ignores", "0x100000010", 3, 0, {}),
        ("packet", "CVE-2020-14386", 17, 3, 0, {"control": "root"}),
        ("raw", "", 2, 3, 1, {"control": "root"}),
        ("vsock", "the machine's hypervisor", 40, 1, 0, {"lacking": {"EAFNOSUPPORT": "this kernel has no vsock"}}),
        ("alg", "CVE-2019-8912, in the kernel's own ciphers", 38, 5, 0, {"lacking": {"EAFNOSUPPORT": "this kernel has no AF_ALG"}}),
    ]),

    # ---- shared memory
    Act("memory/segment-of-host", "another program's shared memory", "return call('shmget', $T['memory_key'], 0, 0);", "EPERM"),

    # ---- what the launcher might have left behind
    Act("leaks/folders", "an open folder of the host, and ../ from there (CVE-2024-21626)", "return 'ok';", "ok; folders: none", "ok; folders: /",
        look=of_worker(folders_held)),
    Act("leaks/open-files", "whatever else the launcher had open: a notification listener, a pidfd, a cgroup", "return 'ok';", "ok; only its own",
        "ok; /", look=of_worker(open_files)),
    Act("leaks/openat", "the same, used",
        """return native(function () use ($T) {
            for ($fd = 0; $fd < 2000; $fd++) {
                if (sys('openat', $fd, text('.' . $T['secret']), 0) >= 0) return 'ok';
            }
            return 'nothing'; });""", "nothing"),
    Act("leaks/environment", "what the launcher was started with",
        "return getenv('LAUNCHERS_SECRET') === false ? 'nothing' : 'ok';", "nothing"),
    Act("leaks/memory", "the same, anywhere in a worker's memory", "return 'ok';", "ok; no secret", "ok; the launcher's secret",
        look=of_worker(secret_in_memory)),

    # ---- limits
    Act("limits/fork-bomb", "one site that stops the machine",
        """return native(function () use ($T) {
            for ($pids = []; count($pids) < 300; $pids[] = $pid) {
                if (($pid = sys('fork')) === 0) { sys('pause'); libc()->_exit(0); }
                if ($pid < 0) break;
            }
            foreach ($pids as $one) { sys('kill', $one, 9); }
            foreach ($pids as $one) { libc()->waitpid($one, null, 0); }
            return $pid > 0 ? 'ok' : word($pid) . (count($pids) < $T['pids_max'] ? ' in time' : ' too late'); });""", "EAGAIN in time"),
    Act("limits/tmp-size", "a full disk",
        """$file = fopen($at = $T['tmp'] . '/big', 'w'); $block = str_repeat('x', 1 << 20);
        $said = said(function () use ($file, $block, $T) {
            for ($i = 0; $i < $T['tmp_mib'] + 16; $i++) if (fwrite($file, $block) !== strlen($block)) return false;
            return true; });
        fclose($file); unlink($at); return $said;""", "ENOSPC"),
    Act("limits/tmp-files", "a disk without inodes",
        """mkdir($at = $T['tmp'] . '/many');
        $said = said(function () use ($at, $T) {
            for ($i = 0; $i < $T['tmp_inodes'] + 50; $i++) if (!touch("$at/$i")) return false;
            return true; });
        foreach (scandir($at) as $name) if ($name[0] !== '.') unlink("$at/$name");
        rmdir($at); return $said;""", "ENOSPC"),
    Act("limits/open-files", "", "return native(function () {" + OPEN_EVERYTHING + "});", "EMFILE"),
    Act("limits/memory", "one site that takes all memory",
        """return native(function () { $size = 640 << 20;
            FFI::memset(libc()->cast('char*', must('mmap', 0, $size, 3, 0x22, -1, 0)), 1, $size); return 'ok'; });""",
        "SIGKILL; the pool answers", "ok; the pool answers", look=pool_lives),
    Act("limits/core-dumps", "passwords in a core file", "return 'ok';", "ok; 0 0", ("ok; unlimited unlimited", "ok; 0 unlimited"), look=of_worker(limit("Max core file size"))),
]
