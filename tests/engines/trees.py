"""Root file systems of containers as others lay them out, made of this machine's own files: PHP below /usr/local as in the
official images, or a program that is linked with musl as in Alpine.

    tree = trees.official("/tmp/x/tree", fpmbox="/build/fpmbox")     # php-fpm in /usr/local/sbin, extensions in /usr/local/lib/php
    trees.archive(tree, "/tmp/x/image.tar")                          # for podman import and docker import
"""

import os
import re
import shutil
import subprocess
import tarfile

FPM, CLI = "/usr/sbin/php-fpm8.2", "/usr/bin/php8.2"
EXTENSIONS = "/usr/lib/php/20220829"
# The folder of extensions is compiled in. A name of the same length takes its place; the official images' own is longer.
ELSEWHERE = "/usr/local/lib/php/ex"
assert len(ELSEWHERE) == len(EXTENSIONS)
WANTED = ("opcache", "ctype", "iconv", "posix", "tokenizer", "fileinfo", "sockets")
PASSWD = "root:x:0:0::/root:/sbin/nologin\nwww-data:x:33:33::/srv:/sbin/nologin\nnobody:x:65534:65534::/:/sbin/nologin\n"
GROUP = "root:x:0:\nwww-data:x:33:\nweb:x:101:\nnogroup:x:65534:\n"
POOL = """extends: php-fpm
name: site
identity: {user: www-data}
listen: {group: web}
filesystem: {code: /srv/www, writable: [data]}
php: {disable_functions: {set: []}%s}
"""
PHP_POOL, OTHER_POOL = POOL % ", extensions: [sockets]", POOL % ""


def write(root, path, content, mode=0o644):
    real = root + path
    os.makedirs(os.path.dirname(real), exist_ok=True)
    with open(real, "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
    os.chmod(real, mode)


def copy(root, source, target=None):
    target = root + (target or source)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copy(os.path.realpath(source), target)


def libraries(*programs):
    out = set()
    for program in programs:
        text = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
        out.update(re.findall(r"(/\S+) \(0x", text))
    return sorted(out)


def skeleton(root, merged=True):
    for path in ("/proc", "/sys", "/dev", "/run/fpmbox", "/var/lib/fpmbox", "/tmp", "/usr/lib", "/usr/lib64", "/etc", "/srv/www"):
        os.makedirs(root + path, exist_ok=True)
    for path in ("/tmp", "/run/fpmbox", "/var/lib/fpmbox"):
        os.chmod(root + path, 0o1777)
    for name in ("lib", "lib64") if merged else ():
        os.symlink(f"usr/{name}", f"{root}/{name}")
    write(root, "/etc/passwd", PASSWD)
    write(root, "/etc/group", GROUP)
    write(root, "/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n")
    write(root, "/etc/hosts", "127.0.0.1 localhost\n")


def add_launcher(root, fpmbox, pool, user=33):
    """The two lines of a Containerfile, and the pool file: flat, for there is no catalog in the image."""
    copy(root, fpmbox, "/fpmbox")
    os.chmod(root + "/fpmbox", 0o755)
    folder = root + "/etc/fpmbox"
    os.makedirs(folder, exist_ok=True)
    source = folder + "/pool.yaml"
    write(root, "/etc/fpmbox/pool.yaml", pool)
    flat = subprocess.run([fpmbox, "show", source], capture_output=True, text=True, check=False)
    if flat.returncode:
        raise RuntimeError(flat.stderr)
    write(root, "/etc/fpmbox/pool.yaml", flat.stdout)
    data = root + "/srv/www/data"
    os.makedirs(data, exist_ok=True)
    os.chown(data, user, user)
    os.chmod(data, 0o777)  # an arbitrary user number comes with a volume of its own; here the folder is everybody's


def official(root, fpmbox, scripts, pool=PHP_POOL):
    """PREFIX=/usr/local, as docker-library builds PHP."""
    skeleton(root)
    for program, target in ((FPM, "/usr/local/sbin/php-fpm"), (CLI, "/usr/local/bin/php")):
        with open(program, "rb") as file:
            write(root, target, file.read().replace(EXTENSIONS.encode(), ELSEWHERE.encode()), 0o755)
    modules = [f"{EXTENSIONS}/{name}.so" for name in WANTED]
    for module in modules:
        copy(root, module, f"{ELSEWHERE}/{os.path.basename(module)}")
    for library in libraries(FPM, CLI, *modules):
        copy(root, library, "/usr" + library if library.startswith("/lib") else library)
    for zone in ("UTC", "Etc/UTC", "tzdata.zi"):
        copy(root, f"/usr/share/zoneinfo/{zone}")
    for name, text in scripts.items():
        write(root, f"/srv/www/{name}", text)
    add_launcher(root, fpmbox, pool)
    return root


def archive(root, path):
    with tarfile.open(path, "w") as tar:
        tar.add(root, arcname=".")
    return path


def probe_program(root):
    """A shell and a program that it starts, so that an image that is not ours has what an attacker looks for."""
    for library in libraries("/bin/dash"):
        copy(root, library, "/usr" + library if library.startswith("/lib") else library)
    copy(root, "/bin/dash", "/usr/bin/dash")
    os.symlink("usr/bin", f"{root}/bin")
    os.symlink("dash", f"{root}/usr/bin/sh")
    write(root, "/usr/local/bin/probe", "#!/bin/sh\necho ran\n", 0o755)


def musl(root, fpmbox, pool=OTHER_POOL):
    """As Alpine lays it out, with lib/ a folder of its own and musl's loader in it; in the place of PHP a program that says less."""
    skeleton(root, merged=False)
    here = os.path.dirname(os.path.abspath(__file__))
    os.makedirs(f"{root}/usr/local/sbin")
    os.makedirs(f"{root}/usr/local/lib/php/extensions")
    subprocess.run(["musl-gcc", "-D_GNU_SOURCE", "-O2", "-o", f"{root}/usr/local/sbin/php-fpm", f"{here}/fake_fpm.c"], check=True)
    copy(root, "/lib/x86_64-linux-musl/libc.so", "/lib/ld-musl-x86_64.so.1")
    os.chmod(f"{root}/lib/ld-musl-x86_64.so.1", 0o755)
    write(root, "/srv/www/index.php", "<?php")
    write(root, "/etc/outside", "seen")
    copy(root, f"{root}/usr/local/sbin/php-fpm", "/usr/local/bin/probe")
    os.chmod(f"{root}/usr/local/bin/probe", 0o755)
    add_launcher(root, fpmbox, pool)
    return root
