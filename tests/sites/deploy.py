"""Versions of an application as an operator deploys them: folders of root beside each other, a symlink to the one in use,
and what is written outside of them. The code comes from Debian's packages, whose links into other packages' folders lead
nowhere inside a box: they are followed while it is copied."""

import contextlib
import os
import shutil
import subprocess

import fixture
from fixture import Box, Broken, folder, write


def copy_if_there(source, target):
    with contextlib.suppress(FileNotFoundError):  # a link into a package that is only suggested
        shutil.copy2(source, target)


def copy_package(source, target, *ignore, without=()):
    """`without`: paths that are left out; `ignore`: as of shutil.copytree."""
    if not os.path.isdir(source):
        raise Broken(f"{source} is not there: scripts/setup test")

    def left_out(top, names):
        return {name for name in names if os.path.relpath(f"{top}/{name}", source) in without}.union(
            *(rule(top, names) for rule in ignore))

    shutil.copytree(source, target, ignore=left_out, copy_function=copy_if_there)
    for top, _, _ in os.walk(target):
        os.chmod(top, 0o755)
    return target


class SiteBox(Box):
    def __init__(self, world, site):
        super().__init__(world, site.key)
        self.file, self.code = site.pool_path, site.code


class Site:
    """`key` is one of fixture's two sites: whose user and pool name this application borrows."""

    def __init__(self, world, key, application, host):
        self.world, self.key, self.application, self.host = world, key, application, host
        self.user = world.users[key]
        self.base = folder(f"{world.scratch}/{application}")
        self.code, self.data = f"{self.base}/www", f"{self.base}/data"
        self.pool_path = f"{folder(world.scratch + '/sites')}/{fixture.POOLS[key]}.yaml"  # the fixture has one of its own in pools
        self.socket = f"/run/fpmbox/{fixture.POOLS[key]}/live.sock"
        self.box = None
        self.kept = None, None  # path and content of an upload

    def version(self, name):
        return f"{self.base}/www-{name}"

    def copy_version(self, old, new, without=()):
        """The next version, as far as it has the same files; `without` are made anew by the caller."""
        subprocess.run(["cp", "-al", self.version(old), self.version(new)], check=True)
        for path in without:
            full = f"{self.version(new)}/{path}"
            shutil.rmtree(full) if os.path.isdir(full) else os.unlink(full)
        return self.version(new)

    def switch(self, version):
        """One atomic change."""
        os.symlink(f"www-{version}", f"{self.code}.new")
        os.replace(f"{self.code}.new", self.code)

    def configuration(self, version, name, text):
        """Passwords are in it: root's, and the pool's group may read."""
        path = write(f"{self.version(version)}/{name}", text, 0o640)
        shutil.chown(path, "root", self.user)

    def write_pool_file(self, data=True, writable="", more="", php=""):
        write(self.pool_path, f"""\
extends: {self.application}
identity: {{user: {self.user}}}
listen: {{group: www-data}}
filesystem:
  code: {self.code}
{f"  data: {self.data}" if data else ""}
  writable: {{add: [{writable}]}}
limits: {{memory.max: 512MiB, stop_timeout: 20s}}
php:
  timezone: Europe/Rome
  pm: {{mode: static, max_children: 2}}
{php}
{more}""")

    def start(self):
        self.box = SiteBox(self.world, self)
        self.box.start()

    def stop(self):
        code = self.box.stop()
        return [] if code == 0 else [f"the launcher ended with {code}: {self.box.log[-5:]}"]

    def restart(self):
        mistakes = self.stop()
        self.start()
        return mistakes

    def fpmbox(self, *words):
        return subprocess.run([self.world.fpmbox, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL)

    def check(self):
        run = self.fpmbox("check", self.pool_path)
        return run.stdout + run.stderr
