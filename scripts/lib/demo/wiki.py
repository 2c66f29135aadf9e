"""DokuWiki from Debian's packages, unpacked (never installed) into a tree that belongs to root."""

import base64
import dataclasses
import hashlib
import os
import pathlib
import re
import secrets
import shutil
import subprocess

from demo.terminal import DemoError

PACKAGES = ("dokuwiki", "php-geshi", "php-phpseclib", "libphp-simplepie", "libjs-jquery", "libjs-jquery-cookie",
            "libjs-jquery-ui")
# Libraries of other packages, which Debian's DokuWiki finds below /usr/share: they move into the tree.
LIBRARIES = ("php-geshi", "php/phpseclib", "php/simplepie", "javascript")
# Not needed to serve a wiki: the installer rewrites the configuration for whoever comes first. The links of conf/ and
# inc/preload.php send DokuWiki to Debian's folders in /etc and /var/lib.
PRUNED = ("install.php", "bin", ".htaccess", ".htaccess.dist", ".htaccess.dist.md5sum", "lib/plugins/testing", "inc/preload.php",
          "conf/acl.auth.php", "conf/users.auth.php")


@dataclasses.dataclass
class Account:
    name: str
    password: str


def download(into):
    """Fetches the packages with apt and unpacks them; returns the folder that then looks like a file system's root."""
    into.mkdir()
    run = subprocess.run(["apt-get", "download", "-q", "-o", "APT::Sandbox::User=root", *PACKAGES], cwd=into,
                         capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if run.returncode:
        raise DemoError("DokuWiki's packages cannot be fetched", last_lines(run.stderr),
                        "apt-get update; a mirror with Debian 12's main section must be reachable")
    unpacked = into / "root"
    for package in sorted(into.glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", package, unpacked], check=True)
    return unpacked


def last_lines(text, count=3):
    return " / ".join(line.strip() for line in text.strip().splitlines()[-count:])


def version_of(unpacked):
    return (unpacked / "usr/share/dokuwiki/VERSION").read_text().split()[0]


def assemble(unpacked, tree):
    """One tree that needs nothing outside itself. Debian spreads DokuWiki over /usr/share, /etc and /var/lib."""
    shutil.move(unpacked / "usr/share/dokuwiki", tree)
    for origin, place in (("var/lib/dokuwiki/lib/tpl", "lib/tpl"), ("var/lib/dokuwiki/lib/plugins", "lib/plugins"),
                          ("etc/dokuwiki", "conf"), ("var/lib/dokuwiki/data", "data"),
                          *((f"usr/share/{name}", f"vendor/debian/{name}") for name in LIBRARIES)):
        if (tree / place).is_symlink():
            (tree / place).unlink()
        (tree / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(unpacked / origin, tree / place)
    prune(tree)
    use_own_libraries(tree)
    settings = tree / "conf/dokuwiki.php"
    settings.write_text(settings.read_text().replace("'/var/lib/dokuwiki/data'", "'./data'"))
    refuse_links_outside(tree)
    belongs_to_root(tree)


def prune(tree):
    languages = [path for path in tree.glob("**/lang/*") if path.name != "en"]  # as DokuWiki's own bin/striplangs.php
    for path in [*(tree / name for name in PRUNED), *tree.glob("lib/plugins/*/_test"), *tree.rglob(".htaccess"),
                 *tree.glob("data/dont-panic*"), *languages]:
        if path.is_symlink() or path.is_file():
            path.unlink()
        elif path.is_dir():
            shutil.rmtree(path)


def use_own_libraries(tree):
    for script in tree.rglob("*.php"):
        if script.is_relative_to(tree / "vendor/debian"):
            continue
        text = script.read_text(encoding="latin-1")
        moved = re.sub(r"'/usr/share/(%s)(?=[/'])" % "|".join(LIBRARIES), r"\\DOKU_INC.'vendor/debian/\1", text)
        if moved != text:
            script.write_text(moved, encoding="latin-1")


def refuse_links_outside(tree):
    for path in tree.rglob("*"):
        if path.is_symlink() and not path.resolve().is_relative_to(tree.resolve()):
            raise DemoError(f"{path} points out of the tree, to {os.readlink(path)}",
                            "this version of the package is laid out in another way than 2022-07-31",
                            "mend scripts/lib/demo/wiki.py")


def belongs_to_root(tree):
    for path in [tree, *tree.rglob("*")]:
        os.chown(path, 0, 0, follow_symlinks=False)
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)


def configure(tree, account):
    """What the installer would have asked: everybody reads, who has an account writes. Root's, as all of the code."""
    (tree / "conf/local.php").write_text(
        "<?php\n$conf['title'] = 'fpmbox demo';\n$conf['useacl'] = 1;\n$conf['superuser'] = '@admin';\n"
        "$conf['disableactions'] = 'register';\n$conf['updatecheck'] = 0;\n$conf['passcrypt'] = 'bcrypt';\n")
    header = "# <?php exit()?>\n"
    (tree / "conf/acl.auth.php").write_text(header + "*\t@ALL\t1\n*\t@user\t16\n")
    (tree / "conf/users.auth.php").write_text(
        header + f"{account.name}:{salted_hash(account.password)}:Demo:demo@example.org:admin,user\n")
    shutil.copy(tree / "data/pages/wiki/welcome.txt", tree / "data/pages/start.txt")


def new_account():
    return Account("admin", secrets.token_urlsafe(12))


def salted_hash(password):
    salt = secrets.token_bytes(4)  # as long as DokuWiki reads
    return "{SSHA}" + base64.b64encode(hashlib.sha1(password.encode() + salt).digest() + salt).decode()


def give_writable(tree, writable, user, data=None):
    """What must be written becomes the pool's user's: in the tree, or below `data` with an empty place in the tree."""
    for name in writable:
        path = tree / name
        if not path.exists():
            continue
        if data:
            place = data / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, place)
            path.mkdir() if place.is_dir() else path.touch()
            path = place
        hand_over(path, user)


def hand_over(path, user):
    for each in [path, *path.rglob("*")]:
        shutil.chown(each, user, user)
        each.chmod(0o700 if each.is_dir() else 0o600)


def executable_by_php(folder, writable, endings):
    """Files in writable paths that PHP would execute if it was asked for them: by their ending, or by what they hold."""
    found = []
    for name in writable:
        top = pathlib.Path(folder) / name
        for path in [top, *sorted(top.rglob("*"))]:
            if path.is_file() and (path.suffix in endings or b"<?php" in path.read_bytes()[:4096]):
                found.append(str(path.relative_to(folder)))
    return found
