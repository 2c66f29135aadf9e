#!/usr/bin/env python3
"""Images end to end: an invented mirror that lies, packages that attack, the same bytes anywhere, and real engines.

    tests/images/run.py --fpmbox BUILD/fpmbox [--cache FOLDER] [--only NAME] [--heavy]      (as root)

What needs Debian's own packages asks the mirrors of this machine's apt; with --cache they are kept from run to run.
"""

import argparse
import contextlib
import hashlib
import io
import json
import os
import pathlib
import pty
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(HERE, "..", "sandbox"), os.path.join(HERE, "..", "sites"), os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "..", "scripts", "lib")]
import engines  # noqa: E402
import fastcgi  # noqa: E402
import oci_rules  # noqa: E402
import podman_conf  # noqa: E402
import repository  # noqa: E402
from demo import wiki  # noqa: E402
from report import Report  # noqa: E402
from repository import Repository  # noqa: E402
from roots import try_roots  # noqa: E402
from sites import try_sites  # noqa: E402

MB = 1e6
NOBODY = 65534
EXTENSIONS = "[mysqlnd, mysqli, pdo, pdo_mysql, mbstring, dom, simplexml, xml, curl]"
# As the README says it; volumes without a name end with the container.
READ_ONLY = ("--read-only", "--read-only-tmpfs=false", "--tmpfs", "/tmp:noexec,nosuid,nodev", "--tmpfs", "/var/lib/fpmbox", "--volume", "/srv/www/data",
             "--security-opt", "no-new-privileges")
SITE_OPTIONS = READ_ONLY[:-4] + READ_ONLY[-2:]  # the data of a real site lies elsewhere
PAGE = r"""<?php
function tries($act) { set_error_handler(fn() => true); try { return $act(); } catch (Throwable $e) { return get_class($e); } finally { restore_error_handler(); } }
header('Content-Type: application/json');
echo json_encode([
  'user' => posix_geteuid(), 'php' => PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION, 'extensions' => array_map('strtolower', get_loaded_extensions()),
  'iconv' => array_map(fn($set) => iconv($set, 'UTF-8', iconv('UTF-8', $set, 'abc')), ['ISO-8859-1', 'ISO-8859-15', 'CP1252', 'KOI8-R', 'SJIS', 'EUC-JP', 'UTF-16', 'UTF-32']),
  'locale' => setlocale(LC_ALL, 'C.UTF-8'), 'rome' => (new DateTime('2026-07-01 12:00', new DateTimeZone('Europe/Rome')))->getOffset(),
  'certificates' => strlen((string) file_get_contents(openssl_get_cert_locations()['default_cert_file'])),
  'charsets' => array_map(fn($set) => (string) simplexml_load_string("<?xml version='1.0' encoding='$set'?><a>" . iconv('UTF-8', $set, "\u{e9}") . '</a>'),
                          ['ISO-8859-1', 'ISO-8859-15', 'windows-1252']),
  'xml' => (string) simplexml_load_string('<a>' . "\u{e9}" . '</a>'), 'data' => file_put_contents(__DIR__ . '/data/x', 'x'),
  'code' => tries(fn() => file_put_contents(__DIR__ . '/new.php', 'x')), 'shell' => tries(fn() => shell_exec('echo no')),
  'sh' => tries(fn() => file_exists('/bin/sh')),
]);
"""


class Bench:
    """A scratch folder with a copy of the programs that anybody may run."""

    def __init__(self, fpmbox, cache):
        self.scratch = tempfile.mkdtemp(prefix="fpmbox-images-")
        os.chmod(self.scratch, 0o755)
        build = os.path.dirname(os.path.abspath(fpmbox))
        self.programs = f"{self.scratch}/bin"
        os.mkdir(self.programs)
        for name in ("fpmbox", "fpmbox-image"):
            shutil.copy(f"{build}/{name}", self.programs)
        for name in ("catalog", "recipes", "acts"):
            shutil.copytree(f"{build}/{name}", f"{self.programs}/{name}")
        self.cache = os.path.abspath(cache) if cache else f"{self.scratch}/cache"

    def write(self, name, text, mode=0o644):
        path = f"{self.scratch}/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w" if isinstance(text, str) else "wb") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def run(self, *arguments, cache=None, **options):
        return subprocess.run([f"{self.programs}/fpmbox", *arguments, "--cache", cache or self.cache], capture_output=True, text=True,
                              cwd=self.scratch, check=False, **options)

    def close(self):
        shutil.rmtree(self.scratch, ignore_errors=True)


# An invented mirror ------------------------------------------------------------------------------------------------

def info(path, **fields):
    out = tarfile.TarInfo(path)
    for key, value in fields.items():
        setattr(out, key, value)
    return out


def php_fpm():
    """Any program will do: what is looked at is what it loads."""
    with open("/bin/true", "rb") as file:
        return {"./usr/sbin/php-fpm8.2": file.read()}


def libc():
    names = {"libc.so.6": "usr/lib/x86_64-linux-gnu/libc.so.6", "ld": "usr/lib64/ld-linux-x86-64.so.2"}
    real = {"libc.so.6": "/lib/x86_64-linux-gnu/libc.so.6", "ld": "/lib64/ld-linux-x86-64.so.2"}
    out = {}
    for key, path in names.items():
        with open(real[key], "rb") as file:
            out["./" + path] = file.read()
    return out


class Mirror:
    def __init__(self, bench, name):
        self.bench, self.name = bench, name
        os.mkdir(f"{bench.scratch}/{name}")
        self.repository = Repository(f"{bench.scratch}/{name}/mirror")
        self.repository.add("php8.2-fpm", "8.2.1", php_fpm(), "libc6, ucf | perl")
        self.repository.add("libc6", "2.36", libc())
        self.cache = f"{bench.scratch}/{name}/cache"
        bench.write(f"{name}/pool.yaml", "extends: php-fpm\nphp: {extensions: {set: []}}\n")
        self.recipe()

    def recipe(self, keyring=None, suite="", more=""):
        text = f"""profile: ./pool.yaml
php: "8.2"
suites: [{{name: test, mirror: "file:{self.repository.folder}", signed_by: {keyring or self.repository.keyring}{suite}}}]
packages: {{drop: [ucf, perl]}}
{more}"""
        self.bench.write(f"{self.name}/site.yaml", text)

    def build(self, *more):
        output = () if "--output" in more else ("--output", f"{self.name}/out.tar")
        return self.bench.run("build", f"{self.name}/site.yaml", *output, *more, cache=self.cache)

    def left(self):
        folder = f"{self.bench.scratch}/{self.name}"
        return sorted(name for name in os.listdir(folder) if name not in ("mirror", "cache", "pool.yaml", "site.yaml", "site.lock"))


def refused(result, says, left):
    mistakes = [] if result.returncode == 71 else [f"exit {result.returncode}"]
    mistakes += [] if says in result.stderr else [f"wanted {says!r} in {result.stderr!r}"]
    return mistakes + ([f"left behind: {left}"] if left else [])


def try_mirror(report, bench):
    """Each lie alone, and before it the same mirror without it."""
    day = 24 * 3600
    lies = {
        "bad-signature": ({"bend": lambda text: text.replace("Suite: test", "Suite: tess")}, {}, "cannot be used"),
        "unsigned": ({"bend": lambda text: text[text.index("Origin"):text.index("-----BEGIN PGP SIG")]}, {}, "cannot be used"),
        "other-key": ({"signer": "other"}, {}, "cannot be used"),
        "expired": ({"valid_for": -day}, {}, "cannot be used"),
    }
    for name, (published, _, says) in lies.items():
        if not report.wanted(f"mirror/{name}"):
            continue
        mirror = Mirror(bench, f"lie-{name}")
        mirror.repository.publish()
        honest = mirror.build()
        mistakes = [] if honest.returncode == 0 else [f"without the lie: {honest.stderr}"]
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{bench.scratch}/{mirror.name}/out.tar")
        before = open(f"{bench.scratch}/{mirror.name}/site.lock", encoding="utf-8").read() if honest.returncode == 0 else ""
        mirror.repository.publish(**published)
        mistakes += refused(mirror.build("--update-lock"), says, mirror.left())
        after = open(f"{bench.scratch}/{mirror.name}/site.lock", encoding="utf-8").read() if before else ""
        mistakes += [] if before == after else ["the lock was changed"]
        report.check(f"mirror/{name}", mistakes, "an index that is not what its signers made is no index, not even an older one in its place")
    if report.wanted("mirror/expired-accepted"):
        mirror = Mirror(bench, "lie-accepted")
        mirror.repository.publish(valid_for=-day)
        mirror.recipe(suite=", expired: accepted, why: an old snapshot")
        result = mirror.build()
        report.check("mirror/expired-accepted", [] if result.returncode == 0 else [result.stderr], "a recipe may accept it, with a reason")


def try_packages(report, bench):
    evil = {
        "absolute": ({"/etc/passwd": b"x"}, "no plain path"),
        "dotdot": ({"./usr/../../etc/passwd": b"x"}, "no plain path"),
        "link-out": ({"./usr/x": info("./usr/x", type=tarfile.SYMTYPE, linkname="../../../etc/shadow")}, "a link out of the tree"),
        "through-link": ({"./usr/x": info("./usr/x", type=tarfile.SYMTYPE, linkname="/etc"), "./usr/x/passwd": b"x"}, "which is a link"),
        "hardlink": ({"./usr/x": info("./usr/x", type=tarfile.LNKTYPE, linkname="/etc/shadow")}, "a hard link"),
        "twice": ({"./usr/lib/x": b"1", "./lib/x": b"2"}, "is there twice"),
        "device": ({"./dev/sda": info("./dev/sda", type=tarfile.BLKTYPE, devmajor=8)}, "a device"),
        "giant": ({"./usr/x": info("./usr/x", size=1 << 40)}, "larger than"),
        "other-package": ({"./usr/sbin/php-fpm8.2": b"x"}, "is there twice"),
    }
    mirror = Mirror(bench, "packages")
    mirror.repository.publish()
    honest = mirror.build()
    with contextlib.suppress(FileNotFoundError):
        os.unlink(f"{bench.scratch}/packages/out.tar")
    report.check("packages/control", [] if honest.returncode == 0 else [honest.stderr], "without them the image is built")
    for name, (files, says) in evil.items():
        if not report.wanted(f"packages/{name}"):
            continue
        mirror.repository.add("evil", "1", files)
        mirror.repository.publish()
        mirror.recipe(more="# " + name)
        bench.write("packages/site.yaml", open(f"{bench.scratch}/packages/site.yaml", encoding="utf-8").read().replace("{drop:", "{add: [evil], drop:"))
        report.check(f"packages/{name}", refused(mirror.build("--update-lock"), says, mirror.left()), says)
    damaged_inside(report, bench, mirror)
    every_output(report, bench, mirror)
    setuid_package(report, bench, mirror)
    missing_library(report, bench)
    damaged_package(report, bench)


def offer(bench, mirror, more, package):
    """One package more, whose bytes are given: the index has their digest, so that only what is inside is wrong."""
    mirror.repository.packages["evil"] = package
    path, data = package[1:]
    with open(f"{mirror.repository.folder}/{path}", "wb") as file:
        file.write(data)
    mirror.repository.publish()
    mirror.recipe(more=more)
    bench.write("packages/site.yaml", open(f"{bench.scratch}/packages/site.yaml", encoding="utf-8").read().replace("{drop:", "{add: [evil], drop:"))


def build_with(bench, mirror, more, package):
    offer(bench, mirror, more, package)
    return mirror.build("--update-lock")


def damaged_inside(report, bench, mirror):
    """Packages whose index is right about them, and that are broken all the same."""
    control, _ = repository.deb("evil", "1", {})
    half = repository.tar({"./usr/x": os.urandom(100_000)})[:50_000]
    data = ("data.tar.xz", repository.tar({"./usr/x": b"x"}))
    package = [("debian-binary", b"2.0\n"), ("control.tar.xz", repository.tar({"./control": control.encode()}))]
    evil = {
        "truncated-xz": (repository.ar([*package, ("data.tar.xz", half)]), "evil"),
        "sparse-giant": (repository.ar([*package, ("data.tar", repository.sparse_giant("./usr/x"))]), "a sparse file"),
        "no-data": (repository.ar(package), "it has no data.tar"),
        "two-controls": (repository.ar([*package, package[1], data]), "more than one control.tar"),
        "other-name": (repository.deb("good", "1", {})[1], "another name or version"),
        "no-archive": (b"hello", "cannot be read"),
    }
    for name, (bytes_of, says) in evil.items():
        if report.wanted(f"packages/{name}"):
            result = build_with(bench, mirror, "# " + name, (control, "pool/evil_1_amd64.deb", bytes_of))
            report.check(f"packages/{name}", refused(result, says, mirror.left()), says)


def bytes_of(path):
    """A link's are where it leads: behind /etc/mtab of a root lie the mounts of this machine, which others change."""
    return os.readlink(path).encode() if os.path.islink(path) else pathlib.Path(path).read_bytes() if os.path.isfile(path) else b""


def content_of(path):
    """Of a file, or of all below a folder: what it is, whose and with which bytes."""
    found = sorted([path, *pathlib.Path(path).rglob("*")], key=str) if os.path.isdir(path) else [path]
    return [(os.path.relpath(one, path), os.lstat(one).st_mode, os.lstat(one).st_ino, bytes_of(one)) for one in found]


OUTPUTS = {"archive": ("out.tar",), "layout": ("out",), "folder": ("out-root", "--rootfs", "dir"), "erofs": ("out.erofs", "--rootfs", "erofs"),
           "sbom": ("out.tar", "--sbom", "packages/out.json")}


def every_output(report, bench, mirror):
    """What is written of a package that attacks: nothing, in whatever form, and what was there before is as it was."""
    if not report.wanted("packages/every-output"):
        return
    (control, good), (_, evil) = (repository.deb("evil", "1", {path: b"x"}) for path in ("./usr/share/x", "./usr/../../etc/passwd"))
    folder, mistakes = f"{bench.scratch}/packages", []
    for name, (output, *options) in OUTPUTS.items():
        words = ("--update-lock", *options, "--output", f"packages/{output}")
        for is_there in (True, False):
            if is_there:
                offer(bench, mirror, "# good", (control, "pool/evil_1_amd64.deb", good))
                mistakes += [f"{name}: {built.stderr}" for built in [mirror.build(*words)] if built.returncode]
            kept = {one: content_of(f"{folder}/{one}") for one in mirror.left()}
            offer(bench, mirror, "# evil", (control, "pool/evil_1_amd64.deb", evil))
            mistakes += refused(mirror.build(*words), "no plain path", [one for one in mirror.left() if one not in kept])
            mistakes += [] if bool(kept) == is_there and all(content_of(f"{folder}/{one}") == kept[one] for one in kept) else [f"{name}: {list(kept)} is no more what it was"]
            for one in kept:
                shutil.rmtree(f"{folder}/{one}") if os.path.isdir(f"{folder}/{one}") else os.unlink(f"{folder}/{one}")
    report.check("packages/every-output", mistakes, "archive, layout, folder, EROFS image, SBOM: of a package that attacks nothing is left, and what was there stays as it was")


def setuid_package(report, bench, mirror):
    """It is no error that a package has such files; that an image had them would be one."""
    if not report.wanted("packages/setuid"):
        return
    control, data = repository.deb("evil", "1", {"./usr/lib/su": info("./usr/lib/su", mode=0o4755), "./usr/lib/sg": info("./usr/lib/sg", mode=0o2755, uid=33)})
    result = build_with(bench, mirror, "keep: [usr/lib/su, usr/lib/sg]", (control, "pool/evil_1_amd64.deb", data))
    output = f"{bench.scratch}/packages/out.tar"
    if result.returncode:
        report.fail("packages/setuid", "it is built", result.stderr)
        return
    with tarfile.open(fileobj=io.BytesIO(layer_of(output, 0))) as layer:
        kept = {member.name: (member.mode, member.uid) for member in layer if member.name in ("usr/lib/su", "usr/lib/sg")}
    os.unlink(output)
    report.check("packages/setuid", [] if kept == {"usr/lib/su": (0o644, 0), "usr/lib/sg": (0o644, 0)} else [str(kept)],
                 "a setuid file of a package that is kept has neither that bit nor an x bit, and is root's")


def layer_of(archive, number):
    with tarfile.open(archive) as outer:
        manifest = json.load(outer.extractfile("manifest.json"))
        return oci_rules.gunzip_all(outer.extractfile(manifest[0]["Layers"][number]).read())


def try_code(report, bench):
    """A site's code as a tarball from somewhere, with the digest that the recipe says, and something wrong inside."""
    mirror = Mirror(bench, "code")
    mirror.repository.publish()
    evil = {
        "absolute": ({"/etc/passwd": b"x"}, "is not below its one folder"),
        "dotdot": ({"site/../../x": b"x"}, "is not below its one folder"),
        "link-out": ({"site/x": info("site/x", type=tarfile.SYMTYPE, linkname="../../../../etc/shadow")}, "a link out of the tree"),
        "link-absolute": ({"site/x": info("site/x", type=tarfile.SYMTYPE, linkname="/etc/shadow")}, "is a link to /etc/shadow"),
        "through-link": ({"site/x": info("site/x", type=tarfile.SYMTYPE, linkname="y"), "site/x/z": b"x"}, "which is a link"),
        "hardlink": ({"site/x": info("site/x", type=tarfile.LNKTYPE, linkname="/etc/shadow")}, "a hard link"),
        "twice": ({"site/x": b"1", "./site/x": b"2"}, "is there twice"),
        "device": ({"site/x": info("site/x", type=tarfile.CHRTYPE, devmajor=1)}, "a device"),
        "fifo": ({"site/x": info("site/x", type=tarfile.FIFOTYPE)}, "a FIFO"),
        "giant": ({"site/x": info("site/x", size=1 << 40)}, "larger than"),
        "whiteout": ({"site/.wh.index.php": b""}, "would hide a path of another layer"),
        "two-tops": ({"site/x": b"x", "other/x": b"x"}, "is not below its one folder"),
    }
    tarballs = {"control": (repository.tar({"site/index.php": b"<?php\n"}), None), **{name: (repository.tar(files), says) for name, (files, says) in evil.items()},
                "truncated": (repository.tar({"site/x": os.urandom(50_000)})[:20_000], "code.tar"), "sparse": (repository.sparse_giant("site/x"), "a sparse file")}
    for name, (data, says) in tarballs.items():
        if not report.wanted(f"code/{name}"):
            continue
        path = bench.write("code/code.tar", data)
        mirror.recipe(more=f"code: {{tarball: {path}, sha256: {hashlib.sha256(data).hexdigest()}}}")
        result = mirror.build()
        left = [one for one in mirror.left() if one != "code.tar"]
        if says is None:
            report.check(f"code/{name}", [] if result.returncode == 0 else [result.stderr], "without anything wrong the image is built")
            os.unlink(f"{bench.scratch}/code/out.tar")
        else:
            report.check(f"code/{name}", refused(result, says, left), says)
    mirror.recipe(more=f"code: {{tarball: {path}, sha256: {'0' * 64}}}")
    report.check("code/other-digest", refused(mirror.build(), "the recipe says", [one for one in mirror.left() if one != "code.tar"]), "another tarball than the recipe's is not taken")


def missing_library(report, bench):
    mirror = Mirror(bench, "missing")
    del mirror.repository.packages["libc6"]
    mirror.repository.add("libc6", "2.36", {"./usr/share/x": b"x"})
    mirror.repository.publish()
    report.check("packages/missing-library", refused(mirror.build(), "which no package of this image brings", mirror.left()),
                 "what php-fpm loads and no package has is an error, not an image that does not start")


def damaged_package(report, bench):
    mirror = Mirror(bench, "damaged")
    mirror.repository.publish()
    path = f"{mirror.repository.folder}/{mirror.repository.packages['php8.2-fpm'][1]}"
    whole = open(path, "rb").read()
    for name, data in (("cut-off", whole[:-100]), ("bent", whole[:-100] + b"x" + whole[-99:])):
        with open(path, "wb") as file:
            file.write(data)
        result = mirror.build()
        report.check(f"packages/{name}", refused(result, "php8.2-fpm", mirror.left()), "a package whose digest is not the index's is not taken")
    with open(path, "wb") as file:
        file.write(whole)
    result = mirror.build()
    vault = f"{mirror.cache}/vault/sha256"
    mistakes = [] if result.returncode == 0 else [result.stderr]
    for name in os.listdir(vault):
        with open(f"{vault}/{name}", "r+b") as file:
            file.seek(200)
            file.write(b"xx")
    os.unlink(f"{bench.scratch}/damaged/out.tar")
    shutil.rmtree(f"{mirror.cache}/runtimes")
    mistakes += refused(mirror.build(), "is damaged", mirror.left())
    report.check("packages/vault", mistakes, "a package that was bent in the vault is found when it is read")
    shutil.rmtree(vault)
    report.check("packages/offline", refused(mirror.build("--offline"), "not in the vault", mirror.left()), "without a mirror, what is missing is named")


def try_lock(report, bench):
    mirror = Mirror(bench, "lock")
    mirror.repository.publish()
    first = mirror.build("--locked")
    report.check("lock/absent", refused(first, "is not there", mirror.left()), "--locked makes none")
    made = mirror.build()
    again = mirror.build("--locked", "--offline")
    report.check("lock/holds", [text for result, text in ((made, made.stderr), (again, again.stderr)) if result.returncode], "made once, then it is enough")
    mirror.repository.add("libc6", "2.37", libc())
    mirror.repository.publish()
    outdated = bench.run("image", "outdated", "lock/site.yaml", cache=mirror.cache)
    security = bench.run("image", "outdated", "lock/site.yaml", "--security", cache=mirror.cache)
    mistakes = [] if (outdated.returncode, outdated.stdout) == (1, "newer     libc6 2.36 -> 2.37 (libc6)\n") else [outdated.stdout, outdated.stderr]
    mistakes += [] if (security.returncode, security.stdout) == (0, "") else [f"--security: {security.stdout}{security.stderr}"]
    locked, updated = mirror.build("--locked"), mirror.build("--update-lock")
    fresh = bench.run("image", "outdated", "lock/site.yaml", cache=mirror.cache)
    mistakes += [] if (fresh.returncode, fresh.stdout) == (0, "") else [f"after the update: {fresh.stdout}{fresh.stderr}"]
    report.check("lock/outdated", mistakes, "what the mirror has newer is told without changing anything")
    mistakes = [] if locked.returncode == 0 and "2.37" not in locked.stderr else [f"--locked: {locked.stderr}"]
    mistakes += [] if "libc6 2.36 -> 2.37" in updated.stderr else [f"--update-lock: {updated.stderr}"]
    report.check("lock/update", mistakes, "a newer package comes when it is asked for, and the difference is said")
    mirror.repository.add("more", "1", {"./usr/share/more": b"x"})
    mirror.repository.publish()
    mirror.recipe()
    text = open(f"{bench.scratch}/lock/site.yaml", encoding="utf-8").read()
    bench.write("lock/site.yaml", text.replace("{drop:", "{add: [more], drop:"))
    os.unlink(f"{bench.scratch}/lock/out.tar")
    report.check("lock/other-recipe", refused(mirror.build("--locked"), "of other packages", mirror.left()), "a recipe that wants more is not of this lock")


def build_on_terminal(bench, mirror):
    """What a terminal gets as stderr, and what stdout."""
    master, terminal = os.openpty()
    with os.fdopen(terminal, "wb") as stderr:
        done = subprocess.run([f"{bench.programs}/fpmbox", "build", f"{mirror.name}/site.yaml", "--output", f"{mirror.name}/out.tar", "--cache", mirror.cache],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr, cwd=bench.scratch, check=False)
    text = b""
    with contextlib.suppress(OSError):  # EIO, once all is read
        while more := os.read(master, 65536):
            text += more
    os.close(master)
    return text.decode(), done.stdout.decode()


def try_progress(report, bench):
    mirror = Mirror(bench, "progress")
    mirror.repository.publish()
    seen, told = build_on_terminal(bench, mirror)
    steps = ("indexes: ", "choosing packages", "packages: ", "opening 2 packages", "packing runtime", "writing progress/out.tar")
    at = [seen.find("\r\033[K" + step) for step in steps]
    mistakes = [] if -1 not in at and at == sorted(at) and seen.endswith("\r\033[K") else [repr(seen)[-1500:]]
    mistakes += [] if "\033" not in told and "digest" in told else [f"on stdout: {told!r}"]
    shutil.rmtree(mirror.cache)
    silent = mirror.build()
    mistakes += [] if silent.returncode == 0 and silent.stderr == "" else [f"without a terminal: {silent.stderr!r}"]
    report.check("progress/terminal", mistakes, "a terminal sees what is being done, in a line that goes; nothing else does")


# Debian's own packages ----------------------------------------------------------------------------------------------

def real_site(bench, extra=None):
    bench.write("real/pool.yaml", f"extends: php-fpm\nphp: {{extensions: {EXTENSIONS}}}\nfilesystem: {{writable: [data]}}\nweb: {{front_controllers: [index.php]}}\n"
                                  "expect: {requests: [{path: /index.php, body: C.UTF-8}, {path: /absent.php, status: 404, writes_nothing: true}],\n"
                                  "         files: [{path: /srv/www, readable: true, writable: false}, {path: /srv/www/data, writable: true}],\n"
                                  "         connects: [{to: 10.9.8.7:443, answers: false}, {to: /run/fpmbox/other.sock, answers: false}, {to: /run/absent/db.sock, answers: true}],\n"
                                  "         denied: [exec/memfd, host/readable-by-all, resources/memory]}\n")
    bench.write("real/code/index.php", PAGE)
    bench.write("real/code/lib/helper.php", "<?php\n")
    bench.write("real/code/.github/workflow", "x")
    bench.write("real/code/style.css", "body {}")
    bench.write("real/code/composer.lock", json.dumps({"packages": [{"name": "demo/library", "version": "1.2.3"}]}))
    for name, text in (extra or {}).items():
        bench.write(f"real/code/{name}", text)
    return bench.write("real/site.yaml", f"extends: php-fpm\nprofile: ./pool.yaml\ncode: {{directory: {bench.scratch}/real/code}}\nweb: {{server: nginx}}\n")


def promises(summary, inspected, seconds):
    runtime = summary["layers"][0]["size"]
    wanted = ["/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "/usr/sbin/php-fpm8.2", "/fpmbox"]
    mistakes = [] if sorted(inspected["executables"]) == sorted(wanted) else [f"executable: {inspected['executables']}"]
    mistakes += [] if not inspected["setuid"] else [f"setuid: {inspected['setuid']}"]
    mistakes += [] if sorted(inspected["not_roots"]) == ["/run/fpmbox", "/srv/www/data", "/tmp", "/var/lib/fpmbox"] else [f"not root's: {inspected['not_roots']}"]
    mistakes += [] if runtime <= 30 * MB else [f"the runtime has {runtime} bytes"]
    names = [package["name"] for package in inspected["packages"]]
    sizes = {package["name"]: package["bytes"] for package in inspected["packages"]}
    mistakes += [] if sizes.get("libicu72", 0) > 30 * MB and max(sizes.values()) == sizes["libicu72"] and sum(sizes.values()) < inspected["bytes"] else [f"sizes: {sizes}"]
    mistakes += [] if [one["path"] for one in inspected["extension_bytes"]] == inspected["extensions"] and all(one["bytes"] for one in inspected["extension_bytes"]) else [f"extensions: {inspected['extension_bytes']}"]
    mistakes += [f"{name} is there" for name in ("dash", "bash", "perl-base", "dpkg", "coreutils", "systemd") if name in names]
    mistakes += [] if "php8.2-mysql" in names and "libc6" in names else [f"packages: {names}"]
    return mistakes, f"{runtime / MB:.1f} MB of runtime, {len(wanted)} executables, 0 setuid, {seconds:.1f} s with all packages in the vault"


def try_real(report, bench):
    site = real_site(bench)
    output = f"{bench.scratch}/real/out.tar"
    resolved = bench.run("build", site, "--output", output)
    if resolved.returncode:
        report.fail("real/build", "Debian's packages", resolved.stderr)
        return None
    for name in ("members", "runtimes", "builds"):
        shutil.rmtree(f"{bench.cache}/{name}", ignore_errors=True)
    start = time.monotonic()
    built = bench.run("build", site, "--output", output, "--json")
    seconds = time.monotonic() - start
    start = time.monotonic()
    unchanged = bench.run("build", site, "--output", output)
    again = time.monotonic() - start
    inspected = bench.run_plain("image", "inspect", output, "--json")
    mistakes, text = promises(json.loads(built.stdout), json.loads(inspected.stdout), seconds)
    report.check("real/promises", mistakes, text)
    report.check("real/unchanged", [] if "nothing changed" in unchanged.stdout else [unchanged.stdout], f"{again * 1000:.0f} ms when nothing changed")
    why = bench.run("image", "why", site, "/usr/lib/x86_64-linux-gnu/libicudata.so.72")
    report.check("real/why", [] if "libxml2" in why.stdout and "the program itself" in why.stdout else [why.stdout, why.stderr], "the chain that brought a file")
    by_link = bench.run("image", "why", site, "/lib/x86_64-linux-gnu/libicudata.so.72", "--offline")
    package = bench.run("image", "why", site, "libicu72", "--offline")
    mistakes = [] if by_link.stdout.splitlines()[1:] == why.stdout.splitlines()[1:] and "libicudata" in by_link.stdout else [by_link.stdout + by_link.stderr]
    mistakes += [] if package.returncode == 1 and "is a package" in package.stderr and "libicu" in package.stderr else [package.stdout + package.stderr]
    report.check("real/why-otherwise", mistakes, "a path by a link leads to the file; of a package one of its files is named")
    try_attached(report, bench, site, output, json.loads(built.stdout))
    verified = bench.run("image", "verify", output, site)
    report.check("real/verify", [] if verified.returncode == 0 and "the same" in verified.stdout else [verified.stdout, verified.stderr], "made again it is the same")
    try_forged(report, bench, site)
    try_looks(report, bench, site, output)
    try_secrets(report, bench)
    return site, output, json.loads(built.stdout)


def try_attached(report, bench, site, output, summary):
    """The same image as a layout, with its documents, held against the image-spec by a reader that is not ours."""
    folder = f"{bench.scratch}/real/layout"
    built = bench.run("build", site, "--output", folder, "--locked", "--offline", "--json")
    if built.returncode:
        report.fail("attached/rules", "a layout", built.stderr)
        return
    mistakes = oci_rules.check(folder) + ([] if json.loads(built.stdout)["digest"] == summary["digest"] else ["it is another image than the archive's"])
    report.check("attached/rules", mistakes, "layout, image and what refers to it keep the rules of the image-spec")
    for name, bend in BENDS.items():
        bent = f"{bench.scratch}/real/bent"
        shutil.copytree(folder, bent)
        bend(bent)
        report.check(f"attached/bent-{name}", [] if oci_rules.check(bent) else ["nothing is found"], "and one that does not is found")
        shutil.rmtree(bent)
    names = ("sbom.spdx.json", "provenance.intoto.json", "pool.yaml", "seccomp.json")
    documents = {name: bench.run_plain("image", "inspect", folder, "--attached", name).stdout for name in names}
    report.check("attached/documents", check_documents(documents, summary), "SBOM and provenance name the same packages with digests, and the image")
    archived = {name: bench.run_plain("image", "inspect", output, "--attached", name).stdout for name in names}
    of_web = {name: json.loads(bench.run_plain("image", "inspect", output.replace("out.tar", "out-web.tar"), "--attached", name).stdout or "{}") for name in names[:2]}
    inside = [one["name"] for one in of_web["sbom.spdx.json"].get("packages", [])]
    report.check("attached/web", [] if "nginx" in inside and "libicu72" not in inside and of_web["provenance.intoto.json"]["subject"][0]["digest"]["sha256"] == summary["web"]["digest"][7:]
                 else [inside, of_web["provenance.intoto.json"].get("subject")], "the web server's image has documents of its own")
    report.check("attached/archive", [name for name in names if not archived[name] or archived[name] != documents[name]], "an archive has the same documents as a layout")


def try_forged(report, bench, site):
    """A layout whose image is honest and whose SBOM is somebody else's, with every digest right; real/verify is the control."""
    folder = f"{bench.scratch}/real/forged"
    shutil.copytree(f"{bench.scratch}/real/layout", folder)

    def blob(data):
        digest = hashlib.sha256(data).hexdigest()
        pathlib.Path(f"{folder}/blobs/sha256/{digest}").write_bytes(data)
        return {"digest": f"sha256:{digest}", "size": len(data)}

    def forge(index):
        manifest = json.loads(pathlib.Path(first_blob(folder, 1)).read_bytes())
        document = pathlib.Path(f"{folder}/blobs/{manifest['layers'][0]['digest'].replace(':', '/')}").read_bytes()
        manifest["layers"][0].update(blob(document.replace(b"libicu72", b"libicu99")))
        index["manifests"][1].update(blob(json.dumps(manifest).encode()))

    bent_json(folder, forge)
    after = bench.run("image", "verify", folder, site)
    mistakes = [] if after.returncode == 1 and "the attached sbom.spdx.json is another" in after.stdout and not oci_rules.check(folder) else [after.stdout, after.stderr]
    report.check("attached/forged", mistakes, "verify makes the documents again, too: a forged SBOM beside an honest image is found")
    shutil.rmtree(folder)


def check_documents(documents, summary):
    sbom, statement = json.loads(documents["sbom.spdx.json"]), json.loads(documents["provenance.intoto.json"])
    mistakes = [f"{key} is missing" for key in ("spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace", "creationInfo") if key not in sbom]
    purls = {one["externalRefs"][0]["referenceLocator"]: one for one in sbom["packages"] if "externalRefs" in one}
    materials = {one["uri"]: one["digest"]["sha256"] for one in statement["predicate"]["buildDefinition"]["resolvedDependencies"]}
    for purl, package in purls.items():
        if purl.startswith("pkg:deb/") and materials.get(purl) != package["checksums"][0]["checksumValue"]:
            mistakes.append(f"{purl} has another digest in the provenance: {materials.get(purl)}")
    mistakes += [] if "pkg:composer/demo/library@1.2.3" in purls else [f"no library of Composer's: {sorted(purls)[:5]}"]
    mistakes += [] if len([purl for purl in purls if purl.startswith("pkg:deb/debian/")]) > 20 else ["hardly a package"]
    mistakes += [] if "sha256:" + statement["subject"][0]["digest"]["sha256"] == summary["digest"] else ["the provenance is of another image"]
    return mistakes + ([] if documents["pool.yaml"].startswith("name:") or "name:" in documents["pool.yaml"] else ["no policy"])


TRIED = ("ok 4 - expect/file/srv/www\n", "ok 5 - expect/file/srv/www/data\n", "ok 6 - expect/connect/10.9.8.7:443\n", "ok 7 - expect/connect//run/fpmbox/other.sock\n",
         "ok 8 - expect/connect//run/absent/db.sock # SKIP", "ok 9 - expect/denied/exec/memfd\n", "ok 10 - expect/denied/host/readable-by-all\n",
         "ok 11 - expect/denied/resources/memory # SKIP", "ok 12 - image/stops\n")


def try_looks(report, bench, site, output):
    """What is asked of images and recipes: cost, test without an engine, difference, compression."""
    cost = json.loads(bench.run("image", "cost", site, "--locked", "--offline", "--json").stdout)
    extensions = {one["name"]: one["bytes"] for one in cost["extensions"]}
    mistakes = [] if cost["packages"][0]["name"] == "libicu72" and extensions.get("xml", 0) > 0 and extensions["curl"] > extensions["pdo_mysql"] > 0 else [str(cost)[:500]]
    report.check("looks/cost", mistakes, "packages and extensions with what they add")
    tried = bench.run_plain("image", "test", output)
    mistakes = [] if tried.returncode == 0 and "ok 2 - expect/request/GET /index.php" in tried.stdout else [tried.stdout, tried.stderr]
    mistakes += [f"no {one}: {tried.stdout}" for one in TRIED if one not in tried.stdout]
    report.check("looks/test", mistakes, "started without an engine it answers what its profile expects, has the files as it says, reaches nothing else, stops acts, and stops")
    try_wrong(report, bench, site)
    try_tiers(report, bench, site)
    try_hostile(report, bench, site)
    try_wider(report, bench, site, output)
    try_zstd(report, bench, site, output)
    try_stub(report, bench, site)


def variant(bench, site, name, change=None, pool=None):
    """The same recipe and lock with other words."""
    text = pathlib.Path(site).read_text(encoding="utf-8")
    if pool:
        bench.write(f"real/{name}-pool.yaml", pool(pathlib.Path(f"{bench.scratch}/real/pool.yaml").read_text(encoding="utf-8")))
        text = text.replace("./pool.yaml", f"./{name}-pool.yaml")
    recipe = bench.write(f"real/{name}.yaml", "name: localhost/fpmbox/site:latest\n" + (change or "") + text)
    shutil.copy(f"{bench.scratch}/real/site.lock", f"{bench.scratch}/real/{name}.lock")
    output = f"{bench.scratch}/real/{name}.tar"
    return output, bench.run("build", recipe, "--output", output, "--locked", "--offline", "--json")


def try_wrong(report, bench, site):
    output, _ = variant(bench, site, "wrong", pool=lambda text: text.replace("body: C.UTF-8", "body: not there").replace("www, readable: true, writable: false", "www, writable: true")
                        .replace("data, writable: true", "data, writable: false").replace("10.9.8.7:443, answers: false", "10.9.8.7:443, answers: true")
                        .replace("denied: [exec/memfd, ", "allowed: [{id: exec/memfd, why: it has to}], denied: ["))
    tried = bench.run_plain("image", "test", output)
    wanted = ("not ok 2 - expect/request/GET /index.php", "not ok 4 - expect/file/srv/www\n", "not ok 5 - expect/file/srv/www/data\n", "not ok 6 - expect/connect/10.9.8.7:443\n",
              "not ok 11 - expect/allowed/exec/memfd\n")
    mistakes = [] if tried.returncode == 1 and all(one in tried.stdout for one in wanted) else [tried.stdout, tried.stderr]
    report.check("looks/test-fails", mistakes, "and an answer, a file, a connection or an act that its profile does not expect is a failure")


# Acts that depend on the box that is made there, or on what the image has: `ok`, or why they show nothing.
IN_TIERS = {"exec/uploaded-data": "", "exec/uploaded-sessions": "", "code/start-upload": "", "code/start-session": "", "network/tcp": "",
            "network/interfaces": "# SKIP the box has no network of its own", "proc/uid-map": "# SKIP the box has no /proc"}
NO_BOX_INSIDE = (sys.executable, os.path.join(HERE, "..", "support", "without_syscalls.py"), "EPERM", "user_namespace")  # as Docker's filter


def try_tiers(report, bench, site):
    """The first path that its pool may write is a file."""
    denied = lambda acts: lambda text: text.replace("{writable: [data]}", "{writable: [style.css, data]}").replace("exec/memfd, host/readable-by-all, resources/memory", acts)
    output, built = variant(bench, site, "tiers", pool=denied(", ".join(IN_TIERS)))
    for tier, runtime in {"A": (), "B": NO_BOX_INSIDE}.items():
        tried = subprocess.run([*runtime, f"{bench.programs}/fpmbox", "image", "test", output], capture_output=True, text=True, check=False)
        said = {line.split(" - expect/denied/")[1] for line in tried.stdout.splitlines() if line.startswith("ok ") and " - expect/denied/" in line}
        lacking = [f"{act} {why}".strip() for act, why in IN_TIERS.items() if tier == "B" or not why]
        mistakes = [f"no row: {one}" for one in lacking if one not in said] + ([] if tried.returncode == 0 else [f"exit code {tried.returncode}"])
        report.check(f"looks/tier-{tier}", mistakes and [*mistakes, built.stderr, tried.stdout, tried.stderr], "acts aim at what that box has, and what it cannot show is said")
    output, _ = variant(bench, site, "misspelt", pool=denied("exec/memdf"))
    tried = bench.run_plain("image", "test", output)
    mistakes = [] if tried.returncode == 65 and "did you mean `exec/memfd`?" in tried.stderr else [f"exit code {tried.returncode}", tried.stderr]
    report.check("looks/misspelt", mistakes, "an act that an expectation misspells is the profile's mistake")


def on_a_terminal(command):
    """Its exit code, and what the terminal got of a command that has it as its session's, and an fd that a shell has left open."""
    pid, master = pty.fork()
    if pid == 0:
        os.dup2(os.open("/dev/null", os.O_RDONLY), 7)
        os.execv(command[0], command)
    said = b""
    with contextlib.suppress(OSError):  # EIO: nobody has it any more
        while some := os.read(master, 65536):
            said += some
    os.close(master)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said.replace(b"\r\n", b"\n").decode()


def try_hostile(report, bench, site):
    """The same image with somebody else's program in the entrypoint's place."""
    programs = shutil.copytree(bench.programs, f"{bench.scratch}/hostile")
    subprocess.run(["cc", "-O1", "-static", f"{HERE}/hostile_entrypoint.c", "-o", f"{programs}/fpmbox"], check=True)
    output = f"{bench.scratch}/real/hostile.tar"
    built = subprocess.run([f"{programs}/fpmbox-image", "build", site, "--output", output, "--cache", bench.cache, "--locked", "--offline"],
                           capture_output=True, text=True, check=False)
    outside = on_a_terminal([f"{programs}/fpmbox", "told"])
    mistakes = [] if outside == (0, "terminal one, input typed, fd 7 open\n") else [f"the control: {outside}"]
    code, said = on_a_terminal([f"{bench.programs}/fpmbox", "image", "test", output])
    mistakes += [] if code == 1 and "not ok 1 - image/starts" in said and "it ended with 65" in said else [f"exit code {code}"]
    mistakes += [f"{said.count(one)} times: {one}" for one in ("terminal none, input none, fd 7 closed\n", "\\x1b[2Jsteered\n", "its log is bounded\n") if said.count(one) != 1]
    said = said.replace("\r\x1b[K", "")  # how our own progress takes its line away
    steered, lines = said.find("\x1b"), said.count("a line of one hundred thousand\n")
    mistakes += [f"an escape came through: {said[max(0, steered - 80):steered + 20]!r}"] if steered >= 0 else []
    mistakes += [] if 1000 < lines < 20000 else [f"{lines} lines of its log"]
    report.check("looks/test-hostile", mistakes and [*mistakes, built.stderr, said[:300], said[-600:]],
                 "an entrypoint that is somebody else's gets no terminal and no fd, does not steer ours, and its log, with a bound, says why it ended")


def try_wider(report, bench, site, output):
    wider, _ = variant(bench, site, "wider", pool=lambda text: text.replace("{writable: [data]}", "{writable: [data, lib]}"))
    there = bench.run_plain("image", "diff", output, wider, "--widening")
    back = bench.run_plain("image", "diff", wider, output, "--widening")
    mistakes = [] if there.returncode == 1 and "policy + filesystem.writable lib  (widens)" in there.stdout else [there.stdout, there.stderr]
    mistakes += [] if (back.returncode, back.stdout) == (0, "") else [back.stdout, back.stderr]
    report.check("looks/widening", mistakes, "what widens is told from what does not, with an exit code of its own")


def try_stub(report, bench, site):
    """Opt-in: the same page, asked of the image itself, with 30 MB less in it."""
    expected = r'"charsets":["\u00e9","\u00e9","\u00e9"],"xml":"\u00e9"'
    output, built = variant(bench, site, "stub", change="strip: [icu-data]\n", pool=lambda text: text.replace("body: C.UTF-8", f"body: '{expected}'"))
    if built.returncode:
        report.fail("looks/icu-stub", "it is built", built.stderr)
        return
    size = json.loads(built.stdout)["layers"][0]["size"]
    tried = bench.run_plain("image", "test", output)
    mistakes = [] if tried.returncode == 0 and size <= 18 * MB else [f"{size} bytes", tried.stdout, tried.stderr]
    report.check("looks/icu-stub", mistakes, f"{size / MB:.1f} MB of runtime, and XML in other character sets reads as before")


def try_zstd(report, bench, site, output):
    packed, built = variant(bench, site, "zstd", change="compression: zstd\n")
    seen = [json.loads(bench.run_plain("image", "inspect", path, "--json").stdout) for path in (output, packed)]
    diff_ids = [[layer["diff_id"] for layer in one["layers"]] for one in seen]
    mistakes = [] if built.returncode == 0 and diff_ids[0][0] == diff_ids[1][0] and diff_ids[0][2] == diff_ids[1][2] else [built.stderr, str(diff_ids)]
    mistakes += [] if seen[1]["layers"][0]["size"] < seen[0]["layers"][0]["size"] else ["it is not smaller"]
    mistakes += [] if "docker load" in built.stderr else [f"nothing of docker: {built.stderr}"]
    report.check("looks/zstd", mistakes, "the same tars in smaller layers; that docker load is left out is said")


def bent_json(folder, change):
    with open(f"{folder}/index.json", encoding="utf-8") as file:
        index = json.load(file)
    change(index)
    with open(f"{folder}/index.json", "w", encoding="utf-8") as file:
        json.dump(index, file)


def first_blob(folder, index):
    with open(f"{folder}/index.json", encoding="utf-8") as file:
        return f"{folder}/blobs/sha256/" + json.load(file)["manifests"][index]["digest"][7:]


BENDS = {
    "size": lambda folder: bent_json(folder, lambda index: index["manifests"][0].update(size=1)),
    "type": lambda folder: bent_json(folder, lambda index: index["manifests"][1].update(artifactType="text/plain")),
    "subject": lambda folder: bent_json(folder, lambda index: index["manifests"].pop(0)),
    "blob": lambda folder: os.unlink(first_blob(folder, 1)),
    "content": lambda folder: os.truncate(first_blob(folder, 0), 10),
}


def try_secrets(report, bench):
    bench.write("real/code/.env", "PASSWORD=x")
    output = f"{bench.scratch}/real/secret.tar"
    result = bench.run("build", f"{bench.scratch}/real/site.yaml", "--output", output)
    os.unlink(f"{bench.scratch}/real/code/.env")
    report.check("real/secrets", refused(result, ".env looks like", [output] if os.path.exists(output) else []), "a secret in the code stops the build")


def try_reproducible(report, bench, site, output, summary):
    """Another user, umask, time zone, locale, folder and clock-dependent cache; only the lock and the vault are the same."""
    folder = f"{bench.scratch}/elsewhere"
    shutil.copytree(f"{bench.scratch}/real", folder, ignore=shutil.ignore_patterns("*.tar", "layout*"))
    for name in os.listdir(f"{folder}/code"):
        os.utime(f"{folder}/code/{name}", (1, 1))
    text = open(site, encoding="utf-8").read().replace("/real/", "/elsewhere/")
    bench.write("elsewhere/site.yaml", text)
    cache = f"{bench.scratch}/nobodys-cache"
    shutil.copytree(f"{bench.cache}/vault", f"{cache}/vault")
    for path, folders, files in os.walk(bench.scratch):
        if path.startswith((folder, cache)):
            for name in [*folders, *files]:
                os.chown(f"{path}/{name}", NOBODY, NOBODY)
    for path in (folder, cache):
        os.chown(path, NOBODY, NOBODY)
    environment = {"TZ": "Asia/Tokyo", "LC_ALL": "tr_TR.UTF-8", "HOME": "/nonexistent", "SOURCE_DATE_EPOCH": "1"}
    result = bench.run("build", f"{folder}/site.yaml", "--output", f"{folder}/out.tar", "--locked", "--offline", "--json", cache=cache,
                       user=NOBODY, group=NOBODY, extra_groups=[], umask=0o077, env=environment)
    if result.returncode:
        report.fail("real/reproducible", "built by nobody", result.stderr)
        return None
    other = json.loads(result.stdout)
    mistakes = [] if other["digest"] == summary["digest"] else [f"{other['layers']} is not {summary['layers']}"]
    for mine, his in ((output, "out.tar"), (output.replace("out.tar", "out-web.tar"), "out-web.tar")):
        with open(mine, "rb") as one, open(f"{folder}/{his}", "rb") as two:
            mistakes += [] if one.read() == two.read() else [f"the archives {his} differ"]
    laid_out = bench.run("build", f"{folder}/site.yaml", "--output", f"{folder}/layout", "--locked", "--offline", cache=cache,
                         user=NOBODY, group=NOBODY, extra_groups=[], umask=0o077, env=environment)
    layouts = [{path: data for path, _, _, data in content_of(f"{place}/layout")} for place in (f"{bench.scratch}/real", folder) if os.path.isdir(f"{place}/layout")]
    mistakes += [] if len(layouts) == 2 and layouts[0] == layouts[1] else [f"the layouts differ: {laid_out.stderr}"]
    os.chmod(f"{folder}/code/lib", 0o755)
    with open(f"{folder}/code/index.php", "a", encoding="utf-8") as file:
        file.write("// other\n")
    changed = bench.run("build", f"{folder}/site.yaml", "--output", f"{folder}/changed.tar", "--locked", "--offline", "--json", cache=cache)
    differ = [a["digest"] != b["digest"] for a, b in zip(json.loads(changed.stdout)["layers"], summary["layers"])]
    mistakes += [] if differ == [False, False, True] else [f"with other code these layers differ: {differ}"]
    compared = [bench.run_plain("image", "diff", output, f"{folder}/{name}") for name in ("out.tar", "changed.tar")]
    mistakes += [] if (compared[0].returncode, compared[0].stdout) == (0, "") else [f"diff of the same: {compared[0].stdout}"]
    mistakes += [] if (compared[1].returncode, compared[1].stdout) == (1, "layer changed: code\n") else [f"diff of other code: {compared[1].stdout}"]
    report.check("real/reproducible", mistakes, "root and nobody, other umask, zone, locale and folder: the same bytes of both archives and of the layout; other code: only its layer")
    bench.write("elsewhere/code/index.php", PAGE)
    nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": [], "umask": 0o077, "env": environment}
    return f"{folder}/site.yaml", {"cache": cache, **nobody}


def try_spec(report, output):
    """The archives by a reader that is not the builder's; that it finds what is bent is tried with the layout."""
    mistakes = []
    for path in (output, output.replace("out.tar", "out-web.tar")):
        folder = path.replace(".tar", ".unpacked")
        with tarfile.open(path) as archive:
            archive.extractall(folder)
        mistakes += [f"{path}: {mistake}" for mistake in oci_rules.check(folder)]
        shutil.rmtree(folder)
    report.check("real/spec", mistakes, "media types, sizes, digests, diff_ids, no path twice: both archives keep the specification's rules")


# Engines ------------------------------------------------------------------------------------------------------------

class Podman:
    def __init__(self, bench):
        self.bench, self.containers = bench, []
        config = bench.write("containers.conf", podman_conf.TEXT)
        self.environment = {**os.environ, "CONTAINERS_CONF": config}

    def __call__(self, *arguments, **options):
        command = ["podman", "--root", f"{self.bench.scratch}/podman/root", "--runroot", f"{self.bench.scratch}/podman/run", "--tmpdir", f"{self.bench.scratch}/podman/tmp", *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=600, **options)

    def close(self):
        for name in self.containers:
            self("rm", "--force", "--time", "0", name)
        self("system", "reset", "--force")
        for path in (f"{self.bench.scratch}/podman/root/overlay", f"{self.bench.scratch}/podman/root"):
            subprocess.run(["umount", "-l", path], capture_output=True, check=False)


def wait_for(path, seconds=90):
    """Until somebody listens there: a socket has its name before."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
            probe.connect(path)
            return
        time.sleep(0.1)


def page(podman, bench, name, image, *options, pool="site", scripts=("index.php",)):
    """Starts a container, asks it for each script by FastCGI over a socket in a volume, and stops it."""
    sockets = f"{bench.scratch}/sockets-{name}"
    os.makedirs(sockets)
    container = f"fpmbox-images-{os.getpid()}-{name}"
    podman.containers.append(container)
    started = podman("run", "--detach", "--name", container, "--network", "none", "--volume", f"{sockets}:/run/fpmbox", *options, image)
    if started.returncode:
        raise RuntimeError(started.stderr)
    socket = f"{sockets}/{pool}/live.sock"
    try:
        wait_for(socket)
        answer = "".join(fastcgi.get(socket, f"/srv/www/{script}").text for script in scripts)
    except (OSError, fastcgi.FastCgiError) as error:
        logs = podman("logs", container)
        raise RuntimeError(f"{error}; {logs.stdout}{logs.stderr}") from error
    stopped = podman("stop", "--time", "20", container)
    code = podman("inspect", "--format", "{{.State.ExitCode}}", container).stdout.strip()
    return answer, code, stopped.stderr


def check_page(text):
    try:
        got = json.loads(text)
    except ValueError:
        return [f"no JSON: {text[:500]}"]
    wanted = {"user": 10000, "php": "8.2", "iconv": ["abc"] * 8, "locale": "C.UTF-8", "rome": 7200, "charsets": ["\u00e9"] * 3, "xml": "\u00e9", "data": 1, "code": False, "sh": False}
    mistakes = [f"{key}: {got[key]!r}, not {value!r}" for key, value in wanted.items() if got[key] != value]
    mistakes += [] if got["shell"] in ("Error", None, False) else [f"shell: {got['shell']!r}"]
    mistakes += [] if got["certificates"] > 100_000 else [f"certificates: {got['certificates']}"]
    mistakes += [f"no extension {name}" for name in ("mysqli", "mbstring", "curl", "zend opcache", "pdo_mysql") if name not in got["extensions"]]
    return mistakes


def try_others(report, bench, output, summary):
    ways = {
        "runc": (shutil.which("umoci"), lambda: engines.try_runc(bench, output, check_page, wait_for), "umoci unpacks it, runc runs it with a read-only root"),
        "rootless": (report.heavy, lambda: engines.try_rootless(bench, output, summary["name"], check_page, wait_for, bench.write("containers.conf", podman_conf.TEXT)),
                     "podman of an ordinary user runs it"),
    }
    for name, (is_possible, act, text) in ways.items():
        if not report.wanted(f"engines/{name}"):
            continue
        if not is_possible:
            report.skip(f"engines/{name}", "scripts/test-images" if name == "rootless" else "umoci is not installed")
            continue
        try:
            report.check(f"engines/{name}", act(), text)
        except (RuntimeError, OSError, subprocess.SubprocessError, fastcgi.FastCgiError) as error:
            report.fail(f"engines/{name}", text, error)


def copied_digests(bench, output, *options):
    """Of what skopeo makes of the archive: the one digest at its top, and those below where it is an index."""
    folder = f"{bench.scratch}/copied"
    done = subprocess.run(["skopeo", "copy", *options, f"oci-archive:{output}", f"oci:{folder}:x"], capture_output=True, text=True, check=False)
    if done.returncode:
        return done.stderr, []
    with open(f"{folder}/index.json", encoding="utf-8") as file:
        top = json.load(file)["manifests"][0]["digest"]
    with open(f"{folder}/blobs/{top.replace(':', '/')}", encoding="utf-8") as file:
        below = [entry["digest"] for entry in json.load(file).get("manifests", [])]
    shutil.rmtree(folder)
    return top, below


def try_skopeo(report, bench, output, summary):
    inspected = subprocess.run(["skopeo", "inspect", f"oci-archive:{output}"], capture_output=True, text=True, check=False)
    mistakes = [] if inspected.returncode == 0 else [inspected.stderr]
    top, below = copied_digests(bench, output)
    mistakes += [] if (top, below) == (summary["digest"], []) else [f"copied: {top} {below}"]
    report.check("engines/skopeo", mistakes, "skopeo takes the image of the archive, by its digest")
    attached = {one["digest"] for one in json.loads(bench.run_plain("image", "inspect", output, "--json").stdout)["attached"]}
    top, below = copied_digests(bench, output, "--all")
    mistakes = [] if below[:1] == [summary["digest"]] and len(below) == 1 + len(attached) == 5 else [f"{top}: {below}"]
    report.check("engines/skopeo-all", mistakes, "and with --all what refers to it")


def try_engines(report, bench, output, summary):
    try_skopeo(report, bench, output, summary)
    copied = subprocess.run(["skopeo", "copy", f"oci-archive:{output}", f"docker-archive:{bench.scratch}/docker.tar:x:y"], capture_output=True, text=True, check=False)
    report.check("engines/skopeo-docker", [] if copied.returncode == 0 else [copied.stderr], "and makes a docker archive of it")
    try_others(report, bench, output, summary)
    podman = Podman(bench)
    try:
        try_podman(report, bench, podman, output, summary)
        try_sites(report, bench, podman, SITE_OPTIONS, report.heavy, report.matomo)
    finally:
        podman.close()


def try_podman(report, bench, podman, output, summary):
    loaded = podman("load", "--input", output)
    known = podman("image", "inspect", "--format", "{{.Id}}", summary["name"])
    same = "sha256:" + known.stdout.strip() == summary["id"]
    report.check("engines/load", [] if same else [loaded.stderr, known.stdout, known.stderr], "podman load knows it by its name and id")
    for path in ("/bin/sh", "/usr/bin/perl", "/usr/bin/dpkg", "/usr/bin/env"):
        tried = podman("run", "--rm", "--network", "none", "--entrypoint", path, summary["name"])
        report.check(f"engines/no{path}", [] if tried.returncode == 127 else [f"exit {tried.returncode}", tried.stderr], "there is no such program")
    ways = {
        "plain": (),
        "read-only": READ_ONLY,
    }
    for name, options in ways.items():
        try:
            text, code, errors = page(podman, bench, name, summary["name"], *options)
        except RuntimeError as error:
            report.fail(f"engines/{name}", "a page", error)
            continue
        report.check(f"engines/{name}", check_page(text) + ([] if code == "0" else [f"stopped with {code}", errors]),
                     "a page over FastCGI, as the pool's user, with nothing to start and code that cannot be written")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fpmbox", required=True)
    parser.add_argument("--cache", help="kept from run to run; without it everything is fetched anew")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--heavy", action="store_true", help="what takes more than a minute too")
    parser.add_argument("--matomo", metavar="RELEASE", help="a folder with Matomo as it is released: its image, too")
    options = parser.parse_args()
    report = Report(options.only)
    report.heavy = options.heavy
    report.matomo = options.matomo
    bench = Bench(options.fpmbox, options.cache)
    bench.run_plain = lambda *arguments: subprocess.run([f"{bench.programs}/fpmbox", *arguments], capture_output=True, text=True, check=False)
    groups = {"mirror": try_mirror, "packages": try_packages, "code": try_code, "lock": try_lock, "progress": try_progress}
    try:
        for name, group in groups.items():
            if any(report.wanted(f"{name}/{part}") for part in ("", "x")) or any(name in part for part in options.only):
                group(report, bench)
        if not options.only or any(part.startswith(("real", "engines", "roots")) for part in options.only):
            real = try_real(report, bench)
            if real is None:
                report.skip("engines", "there is no image to run")
            else:
                elsewhere = try_reproducible(report, bench, *real)
                try_spec(report, real[1])
                if elsewhere and (not options.only or any(part.startswith("roots") for part in options.only)) and shutil.which("mkfs.erofs"):
                    try_roots(report, bench, real[0], EXTENSIONS, elsewhere)
                else:
                    report.skip("roots", "mkfs.erofs is not installed, or not asked for")
                if shutil.which("podman") and shutil.which("skopeo") and shutil.which("runc"):
                    try_engines(report, bench, *real[1:])
                else:
                    report.skip("engines", "podman, skopeo or runc is not installed")
                report.skip("engines/docker", "a daemon is started by tests/images/exports.py")
    finally:
        bench.close()
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
