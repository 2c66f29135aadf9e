"""A root that was built, for a pool of this machine without any engine: as an EROFS image and as a folder, the same bytes whoever
builds it, and a real box that runs from it."""

import contextlib
import hashlib
import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time

import fastcgi
from demo.undo import family

HERE = os.path.dirname(os.path.abspath(__file__))
USER = "fpmbox-imgroot"
NOBODY = 65534
# What a worker sees. Host and root have the same PHP, but only the host has Python.
PAGE = r"""<?php
set_error_handler(fn() => true);
header('Content-Type: application/json');
echo json_encode(['python' => is_dir('/usr/lib/python3'), 'libraries' => count(glob('/usr/lib/x86_64-linux-gnu/*.so.*')),
  'written' => file_put_contents('/usr/lib/fpmbox-test', 'x'), 'data' => file_put_contents(__DIR__ . '/data/x', 'x'),
  'extensions' => array_map('strtolower', get_loaded_extensions()), 'rome' => (new DateTime('2026-07-01', new DateTimeZone('Europe/Rome')))->getOffset(),
  'os' => trim(explode("\n", (string) file_get_contents('/usr/lib/os-release'))[0])]);
"""


# What somebody in the box would do next, with code and root in one image; each act has its control outside.
ATTACK = r"""<?php
set_error_handler(fn() => true);
header('Content-Type: application/json');
$image = dirname(__DIR__, 2);
echo json_encode(['code' => file_put_contents(__DIR__ . '/new.php', 'x'), 'over' => file_put_contents(__FILE__, 'x'), 'mode' => chmod(__DIR__, 0777),
  'data' => file_put_contents(__DIR__ . '/data/y', 'x'), 'image' => is_file($image), 'rest' => array_values(array_diff(scandir($image) ?: [], ['.', '..'])),
  'mounted' => file_exists('/run/fpmbox/.roots'), 'script' => $_SERVER['SCRIPT_FILENAME']]);
"""


def tree_digest(folder):
    """Of names, kinds, modes, times, targets and content."""
    out = hashlib.sha256()
    for top, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted([*folders, *files]):
            path = f"{top}/{name}"
            info = os.lstat(path)
            out.update(f"{os.path.relpath(path, folder)} {info.st_mode:o} {info.st_mtime_ns} ".encode())
            if os.path.islink(path):
                out.update(os.readlink(path).encode())
            elif os.path.isfile(path):
                with open(path, "rb") as file:
                    out.update(file.read())
    return out.hexdigest()


def file_digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def build(bench, recipe, form, output, **options):
    result = bench.run("build", recipe, "--rootfs", form, "--output", output, "--json", **options)
    if result.returncode:
        raise RuntimeError(result.stderr)
    return json.loads(result.stdout)


@contextlib.contextmanager
def pool_user():
    subprocess.run(["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "--user-group", USER], check=True, capture_output=True)
    try:
        yield pwd.getpwnam(USER)
    finally:
        subprocess.run(["userdel", USER], capture_output=True, check=False)


class Box:
    """A pool of this machine with that root; `root`: a line of its file, or nothing for the control."""

    def __init__(self, bench, name, root, code, data, extensions):
        self.bench, self.name = bench, name
        self.file = bench.write(f"roots/{name}/pool.yaml", f"""extends: php-fpm
name: {name}
identity: {{user: {USER}}}
listen: {{group: www-data}}
filesystem:
{root}  code: {code}
  data: {data}
  writable: [data]
php: {{extensions: {extensions}, version: "8.2"}}
web: {{front_controllers: [index.php, box.php, attack.php]}}
""")

    def __enter__(self):
        self.log = open(f"{self.bench.scratch}/roots/{self.name}.log", "wb+")
        self.process = subprocess.Popen([f"{self.bench.programs}/fpmbox", "run", self.file], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.socket = f"/run/fpmbox/{self.name}/live.sock"
        deadline = time.monotonic() + 90
        while self.process.poll() is None and time.monotonic() < deadline and not self.answers():
            time.sleep(0.1)
        return self

    def answers(self):
        with contextlib.suppress(OSError, fastcgi.FastCgiError):
            fastcgi.get(self.socket, "/ping-that-is-not-there.php", timeout=30)
            return True
        return False

    def said(self):
        self.log.seek(0)
        return self.log.read()[-2500:].decode(errors="replace")

    def mount(self, point):
        """Options and type of what is mounted there, as FPM's master sees it."""
        for pid in family(self.process.pid)[1:]:
            with contextlib.suppress(OSError), open(f"/proc/{pid}/mountinfo", encoding="utf-8") as file:
                for line in file:
                    fields = line.split()
                    if fields[4] == point:
                        return set(fields[5].split(",")), fields[fields.index("-") + 1]
        return set(), ""

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.code = self.process.wait(90)
        self.log.close()


def ask(box, code):
    try:
        return json.loads(fastcgi.get(box.socket, f"{code}/box.php").text)
    except (OSError, ValueError, fastcgi.FastCgiError) as error:
        raise RuntimeError(f"{error}: {box.said()}") from error


def seen_in(got, is_built):
    wanted = {"python": not is_built, "written": False, "data": 1, "rome": 7200}
    mistakes = [f"{key}: {got[key]!r}, not {value!r}" for key, value in wanted.items() if got[key] != value]
    few = got["libraries"] < 120
    return mistakes + ([] if few == is_built else [f"{got['libraries']} libraries"]) + ([] if "mbstring" in got["extensions"] else ["no mbstring"])


def try_box(bench, name, root, code, data, extensions, filesystem):
    """filesystem: of what is mounted at /usr/lib; empty for the control, which has the host's."""
    with Box(bench, name, root, code, data, extensions) as box:
        mistakes = seen_in(ask(box, code), bool(root))
        options, kind = box.mount("/usr/lib")
        mistakes += [] if "ro" in options and {"nosuid", "nodev"} <= options else [f"/usr/lib is mounted {sorted(options)}"]
        mistakes += [] if not filesystem or kind == filesystem else [f"/usr/lib is of type {kind}"]
        boxes = json.loads(bench.run_plain("ps", "--json").stdout)
        own = [one for one in (boxes if isinstance(boxes, list) else boxes.get("boxes", [])) if one.get("pool") == name or one.get("name") == name]
        mistakes += [] if own and not own[0].get("outdated") else [f"ps: {own}"]
        text = box.said()
    return mistakes + ([] if box.code == 0 else [f"ended with {box.code}"]) + ([text] if mistakes else [])


def clean_up(place):
    """Logs and sessions of pools that are no more, and the mounts of images in that folder, which otherwise stay until the machine restarts."""
    for name in ("imgroot-host", "imgroot-dir", "imgroot-erofs"):
        for folder in ("/run/fpmbox", "/var/lib/fpmbox"):
            shutil.rmtree(f"{folder}/{name}", ignore_errors=True)
    for point in mounts_of(place + "/"):
        subprocess.run(["umount", point], check=False, capture_output=True)
        with contextlib.suppress(OSError):
            os.rmdir(point)
            os.unlink(f"{point}.image")


def try_roots(report, bench, recipe, extensions, elsewhere):
    """elsewhere: a copy of the recipe's folder that belongs to nobody, with a cache of his."""
    bench.write("real/code/box.php", PAGE)
    bench.write("real/code/attack.php", ATTACK)
    place = tempfile.mkdtemp(prefix="fpmbox-imgroot-", dir="/srv")  # code of a pool lies in no folder of everybody's
    os.chmod(place, 0o755)
    image, folder = f"{place}/site.erofs", f"{place}/site"
    data = f"{place}/data"
    os.makedirs(f"{data}/data")
    os.makedirs(f"{bench.scratch}/roots")
    try:
        build(bench, recipe, "erofs", image, cache=None)
        build(bench, recipe, "dir", folder)
        reproduced(report, bench, image, folder, elsewhere)
        with pool_user() as user:
            for path in (data, f"{data}/data"):
                os.chown(path, user.pw_uid, user.pw_gid)
            looked_at(report, bench, (image, folder, data), extensions)
            boxes(report, bench, (image, folder, data), extensions)
            mounted(report, bench, (image, f"{place}/mnt", data), extensions)
            inside(report, bench, (image, folder, data), user, extensions)
            unusable(report, bench, (image, data), user, extensions)
            replaced(report, bench, recipe, (image, folder, data), extensions)
            untrusted(report, bench, (folder, data), user, extensions)
    except (RuntimeError, subprocess.CalledProcessError) as error:
        report.fail("roots/build", "roots are built and used", error)
    finally:
        clean_up(place)
        shutil.rmtree(place, ignore_errors=True)


def reproduced(report, bench, image, folder, elsewhere):
    recipe, options = elsewhere
    out = os.path.dirname(recipe)
    for name, text in (("box.php", PAGE), ("attack.php", ATTACK)):
        bench.write(os.path.relpath(out, bench.scratch) + f"/code/{name}", text)
    build(bench, recipe, "erofs", f"{out}/again.erofs", **options)
    build(bench, recipe, "dir", f"{out}/again", **options)
    mistakes = [] if file_digest(image) == file_digest(f"{out}/again.erofs") else ["the EROFS images differ"]
    mistakes += [] if tree_digest(folder) == tree_digest(f"{out}/again") else ["the folders differ"]
    left = [name for name in os.listdir(out) if name.startswith(".")]
    report.check("roots/reproducible", mistakes + ([f"left behind: {left}"] if left else []),
                 f"root and nobody, other umask, zone, locale and folder: the same image ({os.path.getsize(image) / 1e6:.1f} MB) and the same folder")


def boxes(report, bench, places, extensions):
    image, folder, data = places
    code = f"{folder}/srv/www"
    shared = extensions.replace(", curl", "")  # which this machine's PHP need not have
    report.check("roots/control", try_box(bench, "imgroot-host", "", code, data, shared, ""),
                 "without filesystem.root the same pool has this machine's libraries, thousands of them, and sees its Python")
    report.check("roots/folder", try_box(bench, "imgroot-dir", f"  root: {folder}\n", code, data, extensions, ""),
                 "PHP, its libraries and the code come from a folder that was built; read-only, and ps finds nothing outdated")
    report.check("roots/erofs", try_box(bench, "imgroot-erofs", f"  root: {image}\n", code, data, extensions, "erofs"),
                 "and from an EROFS image, mounted by the launcher")


def root_mounts():
    with open("/proc/mounts", encoding="utf-8") as file:
        return [line.split()[1] for line in file if line.split()[1].startswith("/run/fpmbox/.roots/")]


def mounts_of(images):
    """Of an image, or of a folder's."""
    return [point for point in root_mounts() if os.path.islink(f"{point}.image") and os.readlink(f"{point}.image").startswith(images)]


def everything_mounted():
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        return sorted(line.split(" ", 2)[2] for line in file)


def names_in_roots():
    """Other images' may be there: they stay until the machine restarts."""
    return os.listdir("/run/fpmbox/.roots") if os.path.isdir("/run/fpmbox/.roots") else []


def looked_at(report, bench, places, extensions):
    """Who only looks mounts the image for itself. That it was looked into is seen by PHP's version, which the plan cannot say without."""
    image, folder, data = places
    file = Box(bench, "imgroot-erofs", f"  root: {image}\n", f"{folder}/srv/www", data, extensions).file
    before, names = everything_mounted(), names_in_roots()
    told = {words[0]: bench.run_plain(*words) for words in (("check", file), ("plan", file))}
    mistakes = [f"{name}: {done.returncode} {done.stdout[-300:]}{done.stderr}" for name, done in told.items() if done.returncode]
    mistakes += [] if "/usr/lib from /run/fpmbox/.roots/" in told["plan"].stdout else ["the plan is of another root"]
    left = [line for line in everything_mounted() if line not in before]
    left += [name for name in names_in_roots() if name not in names]
    unit = bench.run_plain("export", "systemd", file)
    mistakes += [] if unit.returncode == 65 and "is an image" in unit.stderr else [f"a unit of it: {unit.returncode} {unit.stderr}"]
    report.check("roots/looked-at", mistakes + [f"left: {one}" for one in left], "check and plan look into an image and leave no mount and no name; no unit is written of one")


def as_user(user, act):
    """What that user can do outside of any box: True, or the error's name."""
    code = f"import os\nos.setgroups([]); os.setgid({user.pw_gid}); os.setuid({user.pw_uid})\n{act}"
    done = subprocess.run(["python3", "-I", "-c", code], capture_output=True, text=True, check=False)
    return True if done.returncode == 0 else done.stderr.strip().rsplit("\n", 1)[-1]


def inside(report, bench, places, user, extensions):
    """PHP, libraries and code out of one image that nobody else has mounted."""
    image, _, data = places
    code = f"{image}/srv/www"
    report.check("roots/code-inside", try_box(bench, "imgroot-erofs", f"  root: {image}\n", code, data, extensions, "erofs"),
                 "code, too, comes out of the image, by a path that begins with the image's")
    controls = {"write beside data": f"open({data!r} + '/data/control.php', 'w')", "open the image": f"open({image!r}, 'rb').read(1)"}
    mistakes = [f"control: {name}: {got}" for name, act in controls.items() if (got := as_user(user, act)) is not True]
    with Box(bench, "imgroot-erofs", f"  root: {image}\n", code, data, extensions) as box:
        got = json.loads(fastcgi.get(box.socket, f"{code}/attack.php").text)
        options, kind = box.mount(code)
        mounts = mounts_of(image)
        done = bench.run_plain("exec", box.file, "--", "php", "-v")
    wanted = {"code": False, "over": False, "mode": False, "data": 1, "image": False, "rest": ["srv"], "mounted": False, "script": f"{code}/attack.php"}
    mistakes += [f"{key}: {got[key]!r}, not {value!r}" for key, value in wanted.items() if got[key] != value]
    mistakes += [] if kind == "erofs" and {"ro", "nosuid", "nodev", "noexec"} <= options else [f"the code is mounted {kind} {sorted(options)}"]
    mistakes += [] if len(mounts) == 1 else [f"the host's mounts of the image: {mounts}"]
    mistakes += [] if done.returncode == 65 and "has php-fpm alone" in done.stderr else [f"exec: {done.returncode} {done.stdout!r} {done.stderr}"]
    report.check("roots/code-attacked", mistakes, "what the pool's user reads and writes outside, it does not in there: no code changed, no image and nothing of it but the code seen; one mount")
    shutil.copytree(f"{HERE}/../../profiles/acts", f"{bench.programs}/acts", dirs_exist_ok=True)
    tried = bench.run_plain("test", box.file, "--only", "code")
    last = tried.stdout.strip().rsplit("\n", 1)[-1]
    stopped = re.search(r": ([0-9]+) stopped, 0 leaked", last)
    report.check("roots/code-tested", [] if tried.returncode == 0 and stopped and int(stopped[1]) > 10 else [f"{tried.returncode} {last} {tried.stderr}"],
                 "fpmbox test attacks such a box, and its controls are this host's own php-fpm")
    served = bench.run_plain("export", "nginx", box.file)
    report.check("roots/code-served", [] if served.returncode == 65 and "/etc/fstab" in served.stderr and not served.stdout else [f"{served.returncode} {served.stdout} {served.stderr}"],
                 "no snippet is written for files that a web server cannot see; what to do is said")


def unusable(report, bench, places, user, extensions):
    """The control is the pool that ran before."""
    image, data = places
    folder = os.path.dirname(image)
    spoilt, code = f"{folder}/spoilt.erofs", f"{folder}/spoilt.erofs/srv/www"

    def no_magic():
        with open(spoilt, "r+b") as file:
            file.seek(1024)
            file.write(b"none")

    spoil = {"no EROFS": (no_magic, "it is no EROFS image"), "another's": (lambda: os.chown(spoilt, user.pw_uid, 0), "spoilt.erofs"),
             "everybody's": (lambda: os.chmod(spoilt, 0o666), "spoilt.erofs"), "missing": (lambda: os.unlink(spoilt), f"there is no `{spoilt}` on this host"),
             "another path": (lambda: None, "there is no `/srv/web` in the image")}
    mistakes = []
    for name, (act, says) in spoil.items():
        shutil.copy(image, spoilt)
        act()
        file = Box(bench, "imgroot-erofs", f"  root: {spoilt}\n", code.replace("www", "web") if name == "another path" else code, data, extensions).file
        for command in ("check", "run"):
            done = bench.run_plain(command, file)
            mistakes += [] if done.returncode == 65 and says in done.stdout + done.stderr else [f"{name}: {command}: {done.returncode} {done.stdout}{done.stderr}"]
        with contextlib.suppress(FileNotFoundError):
            os.unlink(spoilt)
    report.check("roots/unusable", mistakes, "what is no image, belongs to others, or has no code there, is refused by check and run, in words")


def mounted(report, bench, places, extensions):
    """Mounted by whoever runs the machine, an image is a folder like any other, with code in it."""
    image, point, data = places
    os.mkdir(point)
    done = subprocess.run(["mount", "-t", "erofs", "-o", "loop,ro,nosuid,nodev", image, point], capture_output=True, text=True, check=False)
    if done.returncode:
        report.fail("roots/mounted", "the image is mounted", done.stderr)
        return
    try:
        report.check("roots/mounted", try_box(bench, "imgroot-dir", f"  root: {point}\n", f"{point}/srv/www", data, extensions, "erofs"),
                     "and mounted like any folder, PHP, libraries and code come out of one image")
    finally:
        subprocess.run(["umount", point], check=False, capture_output=True)


def done_with(bench, command, file):
    done = bench.run_plain(command, file)
    return [] if done.returncode == 0 else [done.stdout + done.stderr]


def written_in_roots():
    folder = "/run/fpmbox/.roots"
    return os.lstat(folder).st_mtime_ns, {name: os.lstat(f"{folder}/{name}").st_ino for name in os.listdir(folder)}


def replaced(report, bench, recipe, places, extensions):
    """An image at the same path is another image: the pool that runs keeps its own, and once the next has started the host has one mount, not two."""
    image, folder, data = places
    code = f"{folder}/srv/www"
    before = mounts_of(image)
    mistakes = [] if len(before) == 1 else [f"mounts before: {before}"]
    with Box(bench, "imgroot-erofs", f"  root: {image}\n", code, data, extensions) as box:
        ask(box, code)
        links = written_in_roots()
        mistakes += [fault for words in ("check", "plan") for fault in done_with(bench, words, box.file)]
        mistakes += [] if written_in_roots() == links else ["who only looks wrote in the host's .roots"]
        build(bench, recipe, "erofs", image)
        mistakes += done_with(bench, "check", box.file)
        mistakes += [] if mounts_of(image) == before else [f"a check: {mounts_of(image)}"]
        mistakes += seen_in(ask(box, code), True)
    with Box(bench, "imgroot-erofs", f"  root: {image}\n", code, data, extensions) as box:
        mistakes += seen_in(ask(box, code), True)
        after = mounts_of(image)
    mistakes += [] if len(after) == 1 and after != before else [f"mounts: {before}, then {after}"]
    mistakes += [f"left: {point}" for point in before if os.path.lexists(point) or os.path.lexists(f"{point}.image")]
    report.check("roots/replaced", mistakes, "the mount of an image that was replaced is taken away when no pool runs from it; the one that does goes on")


def untrusted(report, bench, places, user, extensions):
    """A root that the pool's user could change is none; the control is the check before."""
    folder, data = places
    file = Box(bench, "imgroot-dir", f"  root: {folder}\n", f"{folder}/srv/www", data, extensions).file
    before = bench.run_plain("check", file)
    mistakes = [] if before.returncode == 0 else [f"before: {before.stdout}{before.stderr}"]
    deep = f"{folder}/usr/lib/x86_64-linux-gnu"
    for path, says in ((folder, "cannot be used"), (f"{folder}/usr/lib", f"{folder}/usr/lib belongs to"), (f"{folder}/etc", f"{folder}/etc belongs to"),
                       (deep, f"{deep} belongs to")):
        os.chown(path, user.pw_uid, user.pw_gid)
        after = bench.run_plain("check", file)
        os.chown(path, 0, 0)
        mistakes += [] if after.returncode != 0 and says in after.stdout + after.stderr else [f"after: {after.returncode} {after.stdout}{after.stderr}"]
    report.check("roots/untrusted", mistakes, "a root that belongs to the pool's user, or a folder of it at whatever depth, is refused")
