#!/usr/bin/env python3
"""`fpmbox init`: from a folder with an application to a box that answers, and each mistake with what to do about it.

    tests/sandbox/init.py --fpmbox BUILD/fpmbox      (as root)
"""

import argparse
import glob
import os
import pwd
import shutil
import subprocess
import sys

import fixture
from fixture import Box, folder, write
from report import Report

NAME = "t-init"
USER = "www-" + NAME


class Machine:
    """A wiki as somebody unpacked it over an older installation: code of root, pages of www-data."""

    def __init__(self, world):
        self.world = world
        self.top = folder(f"{world.scratch}/srv/wiki")
        self.version, self.code = f"{self.top}/www-1.0", f"{self.top}/www"
        self.data, self.output = f"{world.scratch}/wiki-data", f"{world.scratch}/etc"
        for name in ("inc", "conf", "lib/exe", "data/pages"):
            folder(f"{self.version}/{name}")
        for path, content in {
            "doku.php": "<?php echo file_get_contents(__DIR__ . '/data/pages/start.txt'), file_put_contents(__DIR__ . '/data/pages/new.txt', 'x') ? ' written' : ' not written',"
                        " @file_put_contents(__DIR__ . '/inc/new.php', 'x') ? ' code written' : '';",
            "inc/init.php": "<?php", "conf/acl.auth.php": "# acl", "lib/exe/css.php": "<?php echo 'css';", "install.php": "<?php echo 'ran';",
        }.items():
            write(f"{self.version}/{path}", content)
        write(f"{self.version}/data/pages/start.txt", "a page of before")
        os.symlink(f"{world.scratch}/home/secret.txt", f"{self.version}/data/pages/link.txt")
        shutil.chown(f"{self.version}/data", "www-data", "www-data")
        os.symlink("www-1.0", self.code)
        world.at_end.callback(self.remove_user)

    @staticmethod
    def remove_user():
        """It did not exist before: check_free() looked."""
        subprocess.run(["userdel", USER], check=False, stderr=subprocess.DEVNULL)
        for state in ("/run/fpmbox/", "/var/lib/fpmbox/"):
            shutil.rmtree(state + NAME, ignore_errors=True)

    def init(self, *words, path=None, app="auto", name=NAME, user=None, data=None, at=None):
        command = [self.world.fpmbox, "init", app, path or self.code, "--name", name, "--data", data or self.data, "--output", self.output, "--web", "nginx", *words]
        done = subprocess.run((["setpriv", "--reuid", user, "--regid", user, "--clear-groups"] if user else []) + command,
                              capture_output=True, text=True, check=False, timeout=300, cwd=at)
        return done.returncode, done.stdout + done.stderr

    def pool_file(self):
        return f"{self.output}/pools/{NAME}.yaml"


class WikiBox(Box):
    def __init__(self, machine):
        super().__init__(machine.world, "alice")
        self.name, self.file, self.code = NAME, machine.pool_file(), machine.code
        self.address = f"/run/fpmbox/{NAME}/live.sock"


def user_exists():
    try:
        return bool(pwd.getpwnam(USER))
    except KeyError:
        return False


def mistakes_are_explained(machine):
    """each mistake says what is wrong and what to do, and leaves nothing"""
    owned = folder(f"{machine.world.scratch}/srv/owned site", 0o755, "www-data")
    write(f"{machine.top}/file", "x")
    open_to_all = folder(f"{machine.top}/open", 0o1777)
    folder(f"{machine.top}/empty")
    rows = [
        ({"app": "dokuwikki"}, "did you mean `dokuwiki`?"),
        ({"path": f"{machine.top}/nowhere"}, "unpack the application there"),
        ({"path": f"{machine.top}/file"}, "is not a folder"),
        ({"path": f"{machine.top}/empty"}, "php-fpm is for any other"),
        ({"path": owned, "app": "dokuwiki"}, f"run: chown -R root:root '{owned}' && chmod -R go-w '{owned}'"),
        ({"path": "/"}, "`/` is the whole host"),
        ({"path": "/etc", "app": "php-fpm"}, "is a folder of the system"),
        ({"data": f"{machine.code}/kept"}, "lie in each other"),
        ({"data": open_to_all}, f"`{open_to_all}` is there, and others than root can write in it"),
        ({"data": owned}, f"`{owned}` is there, and belongs to `www-data`"),
        ({"name": "Not_A_Name"}, "is no name for a pool"),
        ({"user": "www-data"}, "run it as root"),
    ]
    found = []
    for changes, words in rows:
        code, said = machine.init("--apply", **changes)
        found += [] if code == 64 and words in said else [f"{changes}: exit {code}, {said!r}"]
    found += ["a user was made"] if user_exists() else []
    return found + [f"{path} was made" for path in (machine.data, machine.output) if os.path.exists(path)]


def only_said(machine):
    """without --apply the files are written, and the commands are only said"""
    code, said = machine.init(name="t-init-said")
    found = [] if code == 0 else [f"exit {code}: {said}"]
    for words in ("DokuWiki in " + machine.code, "useradd --system", f"{machine.version}/data belongs to www-data", f"cp -a --no-target-directory {machine.version}/data",
                  f"include {machine.output}/web/t-init-said.nginx.conf;", f"fpmbox run {machine.output}/pools/t-init-said.yaml"):
        found += [] if words in said else [f"{words!r} is not in {said}"]
    return found + (["a data folder was made"] if os.path.exists(machine.data) else [])


def the_folder_itself(machine):
    """from inside of the application, `.` will do"""
    code, said = machine.init(name="t-init-said", path=".", at=machine.code)
    return [] if code == 0 and f"DokuWiki in {machine.version}, as pool" in said else [f"exit {code}: {said}"]


def an_application_above(machine):
    """a document root of Composer's layout: what lies above it is not in the box, and how it would be is said"""
    root = folder(f"{machine.top}/shop/web")
    write(f"{root}/index.php", "<?php")
    before = machine.init(app="php-fpm", path=root, name="t-init-said")
    shutil.rmtree(machine.output)
    write(f"{folder(os.path.dirname(root) + '/vendor')}/autoload.php", "<?php")
    code, said = machine.init(app="php-fpm", path=root, name="t-init-said")
    wanted = f"code: {machine.top}/shop and web: {{document_root: web}}"
    return [] if before[0] == code == 0 and wanted in said and wanted not in before[1] else [f"{before}, {code}: {said}"]


def php_without_a_version(machine):
    """a php-fpm that has no version in its name, as Fedora's and those of /usr/local, is found and asked"""
    world, nothing, local = machine.world, folder(f"{machine.top}/nothing"), folder(f"{machine.top}/local")
    php = sorted(glob.glob("/usr/sbin/php-fpm*"))[-1]
    shutil.copy(php, f"{local}/php-fpm")
    found = []
    for programs, code, words in ((local, 0, "PHP           " + php.removeprefix("/usr/sbin/php-fpm")), (nothing, 64, "no php-fpm lies where")):
        mounts = f"mount --bind {programs} /usr/local/sbin && mount --bind {nothing} /usr/sbin && exec \"$@\""
        done = subprocess.run(["unshare", "-m", "sh", "-c", mounts, "sh", world.fpmbox, "init", "auto", machine.code, "--name", "t-init-said",
                               "--data", machine.data, "--output", machine.output, "--web", "nginx"], capture_output=True, text=True, check=False)
        found += [] if done.returncode == code and words in done.stdout + done.stderr else [f"{words}: exit {done.returncode}: {done.stdout} {done.stderr}"]
    return found


def a_failing_step(machine):
    """a step that fails is named, what is done is said, and nothing is half there"""
    write(machine.data, "a file in the way")
    code, said = machine.init("--apply")
    found = [] if code == 71 and "steps are done and stay" in said and "install -d" in said else [f"exit {code}: {said}"]
    os.unlink(machine.data)
    return found + (["a pool file was written"] if os.path.exists(machine.pool_file()) else [])


def applied(machine):
    """after a run that only said the commands: user, data folder and copies are made; the version keeps what it had; what lay there already stays"""
    said_alone, said = machine.init()
    code, said_again = machine.init("--apply")
    if said_alone or code:
        return [f"exit {said_alone}: {said}", f"exit {code}: {said_again}"]
    found = [] if user_exists() else ["there is no user"]
    for path, owner, mode in ((machine.data, "root", 0o755), (f"{machine.data}/data", USER, 0o755), (f"{machine.data}/data/pages/start.txt", USER, 0o644),
                              (f"{machine.data}/conf/acl.auth.php", USER, 0o644), (f"{machine.data}/conf", "root", 0o755),
                              (machine.pool_file(), "root", 0o644), (f"{machine.version}/data", "www-data", 0o755)):
        status = os.lstat(path)
        said_of = (pwd.getpwuid(status.st_uid).pw_name, status.st_mode & 0o777)
        found += [] if said_of == (owner, mode) else [f"{path}: {said_of}"]
    secret = os.stat(f"{machine.world.scratch}/home/secret.txt").st_uid
    found += [] if secret == 0 else ["a link was followed by chown"]
    with open(f"{machine.version}/data/pages/start.txt") as file:
        return found + ([] if file.read() == "a page of before" else ["the version's own page changed"])


def name_taken(machine):
    """a pool file that somebody changed is not overwritten"""
    with open(machine.pool_file(), "a") as file:
        file.write("# ours\n")
    with open(machine.pool_file()) as file:
        before = file.read()
    code, said = machine.init("--apply")
    with open(machine.pool_file()) as file:
        same = file.read() == before
    return [] if code == 64 and "--name" in said and same else [f"exit {code}: {said}"]


def checked(machine):
    """what was written holds before `fpmbox check`"""
    done = subprocess.run([machine.world.fpmbox, "check", machine.pool_file()], capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 and "0 errors, 0 warnings" in done.stdout else [done.stdout + done.stderr]


def runs(machine):
    """the box answers, finds the page of before, writes beside it, and not into the code"""
    box = WikiBox(machine).start()
    try:
        text, found = box.request("doku.php").text, []
        found += [] if text == "a page of before written" else [text]
        found += [] if box.request("install.php").status == 403 else ["install.php ran"]
        found += [] if os.path.exists(f"{machine.data}/data/pages/new.txt") else ["what was written is not in the data folder"]
        return found + (["it was written into the version"] if os.path.exists(f"{machine.version}/data/pages/new.txt") else [])
    finally:
        box.stop()


def again(machine):
    """a second run, with the pool file away, keeps what was written since"""
    shutil.rmtree(machine.output)
    write(f"{machine.data}/data/pages/start.txt", "a newer page", owner=USER)
    code, said = machine.init("--apply")
    with open(f"{machine.data}/data/pages/start.txt") as file:
        return [] if code == 0 and file.read() == "a newer page" else [f"exit {code}: {said}"]


def snippet(machine):
    """nginx takes the snippet"""
    at = folder(f"{machine.world.scratch}/nginx")
    conf = write(f"{at}/nginx.conf", f"pid {at}/pid; error_log {at}/log; events {{}} http {{ access_log off; client_body_temp_path {at}/b; proxy_temp_path {at}/p;"
                 f" fastcgi_temp_path {at}/f; uwsgi_temp_path {at}/u; scgi_temp_path {at}/s; server {{ listen 127.0.0.1:65530; include {machine.output}/web/{NAME}.nginx.conf; }} }}")
    done = subprocess.run(["nginx", "-t", "-q", "-c", conf, "-e", f"{at}/log"], capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else [done.stderr]


TESTS = [mistakes_are_explained, only_said, the_folder_itself, an_application_above, php_without_a_version, a_failing_step, applied, name_taken, checked, runs, again, snippet]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fpmbox", required=True)
    options = parser.parse_args()
    report = Report([])
    try:
        with fixture.World(options.fpmbox) as world:
            if user_exists() or os.path.exists(f"/run/fpmbox/{NAME}"):
                raise fixture.Broken(f"{USER} or a pool {NAME} is left from another run")
            machine = Machine(world)
            for test in TESTS:  # each goes on where the one before left
                try:
                    mistakes = test(machine)
                except (OSError, fixture.NoAnswer, fixture.Broken) as error:
                    mistakes = [f"{type(error).__name__}: {error}"]
                report.check("init/" + test.__name__.replace("_", "-"), mistakes, test.__doc__)
                if test in (only_said, the_folder_itself, an_application_above, php_without_a_version):
                    shutil.rmtree(machine.output, ignore_errors=True)
    except fixture.Broken as error:
        report.fail("surroundings", str(error))
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
