"""phpMyAdmin and Roundcube: deployed, their login pages, and what shows that behind these they work."""

import os
import re
import secrets
import shutil
import sqlite3

from demo.visitor import Visitor
from deploy import Site, copy_package
from fixture import folder, write


class PhpMyAdmin(Site):
    def __init__(self, world, database):
        super().__init__(world, "alice", "phpmyadmin", "phpmyadmin.test")
        self.database = database

    def deploy(self, version):
        tree = copy_package("/usr/share/phpmyadmin", self.version(version), without=("doc",))
        file = f"{tree}/libraries/vendor_config.php"  # Debian keeps its configuration in /etc, which is not in the box
        with open(file) as text:
            own = text.read().replace("'/etc/phpmyadmin/config.inc.php'", "ROOT_PATH . 'config.inc.php'")
        write(file, own)
        self.configuration(version, "config.inc.php", f"""<?php
$cfg['Servers'][1]['auth_type'] = 'cookie';
$cfg['Servers'][1]['host'] = 'localhost';
$cfg['Servers'][1]['socket'] = '{self.database.socket}';
$cfg['blowfish_secret'] = '{secrets.token_hex(16)}';
$cfg['TempDir'] = '/tmp';
$cfg['VersionCheck'] = false;
""")

    def visitor(self, port):
        return Visitor(port, self.host)

    def logged_in(self, port, name, password):
        visitor = self.visitor(port)
        form = visitor.form("/index.php?route=/", "pma_username")
        visitor.request("/index.php?route=/", {**form, "pma_username": name, "pma_password": password, "server": "1"})
        return visitor


class Roundcube(Site):
    def __init__(self, world):
        super().__init__(world, "bob", "roundcube", "mail.test")

    def deploy(self, version):
        links = {"public_html/skins": "../skins", "public_html/plugins": "../plugins", "public_html/program/js": "../../program/js",
                 "public_html/program/resources": "../../program/resources"}  # as in every Roundcube
        tree = copy_package("/var/lib/roundcube", self.version(version), without=(".htaccess", "public_html/.htaccess", "config", "logs", "temp",
                                                                                  *links))
        for path, to in links.items():
            os.symlink(to, f"{tree}/{path}")
        for script in os.scandir(copy_package("/usr/share/roundcube/bin", f"{tree}/bin")):
            with open(script.path) as file:
                text = file.read().replace("'/var/lib/roundcube/'", "realpath(__DIR__ . '/..') . '/'")  # as upstream has it
            write(script.path, text)
        for name in ("config", "temp", "db"):
            folder(f"{tree}/{name}")
        for name in ("defaults.inc.php", "mimetypes.php"):
            shutil.copy(f"/etc/roundcube/{name}", f"{tree}/config")
        for name in ("temp", "db"):
            folder(f"{self.data}/{name}", 0o700, self.user)
        self.make_database(f"{tree}/SQL/sqlite.initial.sql", f"{self.data}/db/mail.sqlite")
        self.configuration(version, "config/config.inc.php", f"""<?php
$config['db_dsnw'] = 'sqlite:///' . INSTALL_PATH . 'db/mail.sqlite';
$config['imap_host'] = 'ssl://imap.example.org:993';
$config['des_key'] = '{secrets.token_hex(12)}';
$config['log_driver'] = 'stdout';
""")

    def make_database(self, script, path):
        with open(script) as text, sqlite3.connect(path) as database:
            database.executescript(text.read())
        database.close()
        shutil.chown(path, self.user, self.user)
        os.chmod(path, 0o600)

    def visitor(self, port):
        return Visitor(port, self.host)

    def tried_login(self, port):
        visitor = self.visitor(port)
        form = visitor.form("/?_task=login", "_user")
        return visitor.request("/?_task=login", {**form, "_user": "somebody", "_pass": "secret"})

    def assets(self, port):
        """Addresses of style sheets and scripts on its first page."""
        page = self.visitor(port).request("/").text
        return [path.partition("?")[0] for path in re.findall(r'(?:href|src)="([^":]+\.(?:css|js)[^"]*)"', page)]
