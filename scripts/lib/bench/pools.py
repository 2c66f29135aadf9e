"""One site, run four ways: as Debian ships FPM, hardened by configuration alone, bare with the box's very configuration, in a box."""

import json
import os
import pathlib
import shutil
import subprocess
import time

import fastcgi
from demo.pools import accepts, newest_php
from demo.terminal import DemoError
from demo.undo import wait_until

BOX, BARE, STOCK, HARDENED = "box", "bare php-fpm, the box's ini", "stock Debian pool", "pool with open_basedir, own tmp"

STOCK_POOL = """[global]
error_log = /dev/null
daemonize = no
[site]
user = {user}
group = {user}
listen = {socket}
listen.mode = 0666
pm = dynamic
pm.max_children = 5
pm.start_servers = 2
pm.min_spare_servers = 1
pm.max_spare_servers = 3
"""
HARDENING = """php_admin_value[open_basedir] = {code}:{tmp}
php_admin_value[upload_tmp_dir] = {tmp}
php_admin_value[sys_temp_dir] = {tmp}
php_admin_value[session.save_path] = {tmp}
"""


class Side:
    """A way to run the site: how it is started, and where it listens."""

    def __init__(self, command, socket, environment=None):
        self.command, self.socket, self.process = command, str(socket), None
        self.environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **(environment or {})}

    def launch(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, env=self.environment)

    def first_response(self, script):
        """Milliseconds from the start of its first process to the first whole answer."""
        begin = time.monotonic()
        self.launch()
        while True:
            try:
                if fastcgi.get(self.socket, script, timeout=5).status == 200:
                    return (time.monotonic() - begin) * 1000
            except OSError:
                if self.process.poll() is not None or time.monotonic() - begin > 30:
                    raise DemoError("the pool never answered", " ".join(map(str, self.command))) from None
                time.sleep(0.0003)

    def wait(self):
        """Started, and somebody listens."""
        self.launch()
        if not wait_until(lambda: self.process.poll() is not None or accepts(self.socket), 30) or self.process.poll() is not None:
            raise DemoError("the pool did not start", " ".join(map(str, self.command)))

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None


def configuration(fpmbox, pool_file, folder):
    """The generated files of the plan, moved to `folder`; gives the options that follow the program."""
    run = subprocess.run([fpmbox, "plan", pool_file, "--json"], capture_output=True, text=True, check=True)
    plan = json.loads(run.stdout)
    moved = {"/etc/fpmbox": str(folder), "/run/fpmbox/": f"{folder}/", "/var/lib/fpmbox/sessions": "/tmp"}

    def move(text):
        for inside, outside in moved.items():
            text = text.replace(inside, outside)
        return text

    for row in plan["mounts"]:
        if row["target"].startswith("/etc/fpmbox/"):
            (folder / os.path.basename(row["target"])).write_text(move(row["content"]))
    return [move(word) for word in plan["program"]["argv"][1:]]


def owned(path, user):
    os.makedirs(path, exist_ok=True)
    shutil.chown(path, user, user)
    return path


def sides(fpmbox, folder, pool_file, user, code):
    php = newest_php()[0]
    bare, tmp = owned(folder / "bare", user), owned(folder / "tmp", user)
    text = STOCK_POOL.format(user=user, socket=folder / "stock.sock")
    (folder / "stock.conf").write_text(text)
    (folder / "hardened.conf").write_text(text.replace("stock.sock", "hardened.sock") +
                                          HARDENING.format(code=code, tmp=tmp))
    as_user = ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"]
    options = configuration(fpmbox, pool_file, bare)
    return {
        BOX: Side([fpmbox, "run", pool_file], f"/run/fpmbox/{pathlib.Path(pool_file).stem}/live.sock"),
        BARE: Side([*as_user, php, *options], bare / "live.sock", {"PHP_INI_SCAN_DIR": ""}),
        STOCK: Side([php, "-F", "-y", folder / "stock.conf"], folder / "stock.sock"),
        HARDENED: Side([php, "-F", "-y", folder / "hardened.conf"], folder / "hardened.sock"),
    }
