"""MediaWiki with SQLite: deployed, installed by its own maintenance script outside the box, used."""

import json
import os
import re
import secrets
import shutil
import subprocess
import urllib.parse

from demo.visitor import Forms, Visitor
from deploy import Site, copy_package
from fixture import Broken, folder

HOST = "wiki.test"


def only_english(top, names):
    """Messages of 400 languages would be half of the copy."""
    if "/i18n" not in top:
        return set()
    return {name for name in names if re.fullmatch(r"[a-z]+(-[a-z0-9-]+)?\.json", name) and name not in ("en.json", "qqq.json")}


class MediaWiki(Site):
    def __init__(self, world):
        super().__init__(world, "bob", "mediawiki", HOST)
        self.password = secrets.token_urlsafe(15)

    def deploy(self, version):
        """And installs it: what its installer writes, the database, belongs into the data folder."""
        tree = copy_package("/usr/share/mediawiki", self.version(version), only_english, without=(
            "extensions-core", "extensions", "images", "LocalSettings.php", "config", "skins/MinervaNeue", "skins/Timeless", "skins/MonoBook"))
        for name in ("extensions", "images", "cache", "data"):
            folder(f"{tree}/{name}")
        for name, mode in (("images", 0o755), ("cache", 0o700), ("data", 0o700)):
            folder(f"{self.data}/{name}", mode, self.user)
        settings = folder(f"{self.base}/settings", 0o700, self.user)
        environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "MW_CONFIG_FILE": f"{settings}/none"}
        run = subprocess.run(
            ["setpriv", "--reuid", self.user, "--regid", self.user, "--clear-groups", "php", f"{tree}/maintenance/install.php",
             "--dbtype", "sqlite", "--dbpath", f"{self.data}/data", "--dbname", "wiki", "--confpath", settings, "--scriptpath", "",
             "--server", f"http://{HOST}", "--pass", self.password, "--skins", "Vector", "Boxed", "Admin"],
            cwd=tree, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if run.returncode:
            raise Broken(f"maintenance/install.php: {run.stdout[-600:]} {run.stderr[:600]}")
        with open(f"{settings}/LocalSettings.php") as file:
            text = file.read().replace(f'"{self.data}/data"', '"$IP/data"')
        shutil.rmtree(settings)
        self.settings = text + "\n$wgEnableUploads = true;\n$wgShowExceptionDetails = true;\n$wgJobRunRate = 0;\n$wgCacheDirectory = \"$IP/cache\";\n"
        self.name_version(version)

    def name_version(self, version):
        """The site's name tells the versions apart."""
        self.configuration(version, "LocalSettings.php", self.settings + f'$wgSitename = "Boxed {version}";\n')

    def visitor(self, port):
        return Visitor(port, HOST)

    def logged_in(self, port):
        visitor = self.visitor(port)
        form = visitor.form("/index.php?title=Special:UserLogin", "wpName")
        visitor.request("/index.php?title=Special:UserLogin", {**form, "wpName": "Admin", "wpPassword": self.password})
        return visitor

    @staticmethod
    def api(visitor, form=None, **query):
        page = visitor.request("/api.php?" + urllib.parse.urlencode({**query, "format": "json"}), form)
        try:
            return json.loads(page.text)
        except ValueError:
            return {"error": f"{page.status} {page.text[:300]}"}

    def is_logged_in(self, visitor):
        return self.api(visitor, action="query", meta="userinfo").get("query", {}).get("userinfo", {}).get("name") == "Admin"

    @staticmethod
    def edit(visitor, title, text):
        form = visitor.form(f"/index.php?title={title}&action=edit", "wpTextbox1")
        form = {name: value for name, value in form.items() if name not in ("wpPreview", "wpDiff")}
        return visitor.request(f"/index.php?title={title}&action=submit", {**form, "wpTextbox1": text, "wpSummary": "a test"})

    def upload(self, visitor, name, content):
        """By Special:Upload's form; the path of the file's address."""
        form = visitor.form("/index.php?title=Special:Upload", "wpDestFile")
        page = visitor.request("/index.php?title=Special:Upload", {**form, "wpDestFile": name, "wpUploadDescription": "a test",
                                                                   "wpIgnoreWarning": "1"}, {"wpUploadFile": (name, "image/png", content)})
        found = self.api(visitor, action="query", titles=f"File:{name}", prop="imageinfo", iiprop="url")
        for each in found.get("query", {}).get("pages", {}).values():
            for info in each.get("imageinfo", []):
                return urllib.parse.urlsplit(info["url"]).path
        raise AssertionError(f"the upload was answered with {page.status}: {Forms(page.text).forms and ''}{re.sub('<[^>]*>', ' ', page.text)[:800]}")

    def set_option(self, visitor, name, value):
        token = self.api(visitor, action="query", meta="tokens")["query"]["tokens"]["csrftoken"]
        return self.api(visitor, {"token": token}, action="options", optionname=name, optionvalue=value)

    def option(self, visitor, name):
        return self.api(visitor, action="query", meta="userinfo", uiprop="options")["query"]["userinfo"]["options"].get(name)

    def title(self, visitor):
        found = re.search(r"<title>(.*?)</title>", visitor.request("/index.php?title=Main_Page").text)
        return found[1] if found else ""

    def waiting_jobs(self, visitor):
        return self.api(visitor, action="query", meta="siteinfo", siprop="statistics")["query"]["statistics"]["jobs"]
