"""Matomo: a release that somebody gives, deployed, installed by its own installer, used. No package of Debian has it."""

import hashlib
import html
import json
import os
import re
import secrets
import shutil
import subprocess
import urllib.parse

from demo.visitor import Visitor
from deploy import Site, copy_package
from fixture import folder

HOST = "matomo.test"
# As profiles/catalog/matomo.yaml advises: what a box wants of config.ini.php, and what core:archive starts.
SETTINGS = {"General": {"enable_internet_features": 0, "enable_load_data_infile": 0, "enable_browser_archiving_triggering": 0},
            "Tracker": {"scheduled_tasks_min_interval": 0}}
PROGRAMS = "programs: [" + ", ".join(f"{{path: {path}, why: core:archive}}" for path in (
    "/bin/sh", "/usr/bin/php", "/usr/bin/ps", "/usr/bin/awk", "/usr/bin/uname", "/usr/bin/which")) + "]"
EXEC = "  disable_functions: {remove: [exec, shell_exec]}"


class Matomo(Site):
    def __init__(self, world, database, release, password):
        super().__init__(world, "alice", "matomo", HOST)
        self.database, self.release, self.database_password = database, release, password
        self.once_installed = ""  # what `init` says to do then
        self.login = secrets.token_urlsafe(15)

    def deploy(self, version):
        tree = copy_package(self.release, self.version(version), shutil.ignore_patterns(".git", "config.ini.php"))
        os.makedirs(f"{tree}/tmp", exist_ok=True)
        folder(f"{self.data}/tmp", 0o700, self.user)

    def for_installer(self):
        """What `fpmbox init` says of it: for one run the folder of its settings, which is code, is the pool's."""
        said = self.fpmbox("init", "auto", self.code, "--name", "t-matomo", "--data", self.data, "--web", "nginx",
                           "--output", f"{self.world.scratch}/init").stdout
        advice, _, self.once_installed = said.partition("is not installed yet")[2].partition("Once it is installed")
        self.follow(advice)
        line = re.search(r"    writable: \{(.*), add: \[(.*)\]\}\n", advice)
        self.write_pool_file(writable=f"{line[2]}], {line[1].removesuffix(']')}", more=self.connection())

    def follow(self, advice):
        for line in advice.splitlines():
            for command in line.split(" && ") if line.startswith(("  cp ", "  chown ")) else ():
                subprocess.run(command.replace("www-t-matomo", self.user).split(), check=True)

    def for_good(self):
        """Only the one file stays writable; `fpmbox check` says how its place is made."""
        self.follow(self.once_installed)
        self.settle(self.settings_file())
        self.write_pool_file(more=self.connection())
        for command in self.check().partition("; run: ")[2].splitlines()[0].split(" && "):
            subprocess.run(command.split(), check=True)

    def settings_file(self):
        return f"{self.data}/config/config.ini.php"

    def settle(self, file):
        """Adds to its settings what a box wants."""
        with open(file) as text:
            settings = text.read()
        for section, values in SETTINGS.items():
            lines = "".join(f"{name} = {value}\n" for name, value in values.items())
            head = f"[{section}]\n"
            settings = settings.replace(head, head + lines) if head in settings else f"{settings}\n{head}{lines}"
        with open(file, "w") as text:
            text.write(settings)

    def connection(self):
        return f"connect: [{{unix: {self.database.socket}}}]"

    def visitor(self, port):
        return Visitor(port, HOST)

    def install(self, port, settings=None):
        """Its eight pages, as an administrator fills them in."""
        visitor, step = self.visitor(port), "/index.php?module=Installation&action="
        pages = [visitor.request(f"{step}{name}") for name in ("welcome", "systemCheck")]
        forms = [("databaseSetup", "dbname", {"host": self.database.socket, "username": "matomo", "password": self.database_password,
                                              "dbname": "matomo", "tables_prefix": "matomo_", "adapter": "PDO\\MYSQL", "schema": "Mariadb"}),
                 ("tablesCreation", None, None),
                 ("setupSuperUser", "login", {"login": "admin", "password": self.login, "password_bis": self.login,
                                              "email": "admin@example.org"}),
                 ("firstWebsiteSetup", "siteName", {"siteName": "Boxed", "url": "http://example.org", "timezone": "Europe/Rome", "ecommerce": "0"}),
                 ("trackingCode&site_idSite=1&site_name=Boxed", None, None)]
        for action, field, values in forms:
            form = {**visitor.form(step + action, field), **values} if field else None
            pages.append(visitor.request(step + action, form))
        done = visitor.request(f"{step}finished", {**visitor.form(f"{step}finished", "submit"), "do_not_track": "1"})
        pages.append(done)
        wrong = [f"{page.status}: {said(page)}" for page in pages if page.status not in (200, 302) or "alert-danger" in page.text]
        installed = os.path.exists(settings or self.settings_file())
        return wrong if installed else [*wrong, "no config.ini.php was written", said(done)]

    def logged_in(self, port):
        visitor = self.visitor(port)
        form = visitor.form("/index.php?module=Login", "form_login")
        visitor.request("/index.php?module=Login", {**form, "form_login": "admin", "form_password": self.login})
        return visitor

    @staticmethod
    def is_logged_in(visitor):
        return "piwik.userLogin = \"admin\"" in visitor.request("/index.php?module=CoreHome&action=index&idSite=1&period=day&date=today").text

    def token(self, visitor):
        page = visitor.request("/index.php?module=CoreHome&action=index&idSite=1&period=day&date=today").text
        return re.search(r'piwik\.token_auth = "(\w+)"', page)[1]

    def api(self, visitor, method, **values):
        """As its own pages ask: with the session's token, and a body."""
        page = visitor.request(f"/index.php?module=API&format=json&method={method}",
                               {"token_auth": self.token(visitor), "force_api_session": "1", **values})
        try:
            return json.loads(page.text)
        except ValueError:
            return {"result": "error", "message": f"{page.status}: {page.text[:300]}"}

    def hit(self, port, url, title, site="1"):
        """What matomo.js sends for a page that a visitor looks at."""
        visitor = hashlib.sha256(title.encode()).hexdigest()[:16]
        return self.visitor(port).request(f"/matomo.php?idsite={site}&rec=1&send_image=0&_id={visitor}&rand={secrets.token_hex(4)}"
                                          f"&url={url}&action_name={urllib.parse.quote(title)}")


def said(page):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"(?s)<(style|script)\b.*?</\1>|<[^>]*>", " ", page.text))).strip()[:400]
