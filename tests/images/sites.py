"""Real applications from their shipped recipes: two images of a site, a database, a visitor.

Each application is built, loaded, started with a read-only root beside its web server, installed as an operator would, and
asked for a page and for a style sheet, as a visitor and over HTTP.
"""

import contextlib
import filecmp
import functools
import io
import json
import os
import pathlib
import re
import secrets
import shutil
import socket
import subprocess
import tarfile
import time
import types

from demo import wiki
from demo.sites import free_port
from demo.visitor import Visitor
from mariadb import MariaDb
from matomo import Matomo

POOL = 10000  # the pool's user in an image
WEB_OPTIONS = ("--network", "host", "--read-only", "--read-only-tmpfs=false", "--tmpfs", "/tmp:noexec,nosuid,nodev,mode=1777", "--cap-drop", "all",
               "--security-opt", "no-new-privileges")


def wait_for_port(port, seconds=90):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        time.sleep(0.1)
    return False


class Site:
    """A recipe's two images as running containers. `volumes`: {folder of this machine: path inside}."""

    def __init__(self, bench, podman, name, options, recipe, pool, web=""):
        self.bench, self.podman, self.name, self.options = bench, podman, name, options
        self.port = free_port()
        self.folder = f"{bench.scratch}/site-{name}"
        os.makedirs(f"{self.folder}/sockets")
        bench.write(f"site-{name}/pool.yaml", pool)
        self.recipe = bench.write(f"site-{name}/{name}.yaml", recipe + f"profile: ./pool.yaml\nweb: {{server: nginx, port: {self.port}{web}}}\n")

    def build(self):
        built = self.bench.run("build", self.recipe, "--output", f"{self.folder}/{self.name}.tar", "--json")
        if built.returncode:
            raise RuntimeError(built.stderr)
        self.summary = json.loads(built.stdout)
        for file in (f"{self.name}.tar", f"{self.name}-web.tar"):
            loaded = self.podman("load", "--input", f"{self.folder}/{file}")
            if loaded.returncode:
                raise RuntimeError(loaded.stderr)
        self.build_again()

    def build_again(self):
        """With the same packages and nothing that was packed before, both images are the same bytes."""
        cache, again = f"{self.folder}/cache", f"{self.folder}/again"
        os.mkdir(cache)
        os.symlink(f"{self.bench.cache}/vault", f"{cache}/vault")
        built = self.bench.run("build", self.recipe, "--output", f"{again}.tar", "--json", cache=cache)
        if built.returncode:
            raise RuntimeError(built.stderr)
        for ending in (".tar", "-web.tar"):
            if not filecmp.cmp(f"{self.folder}/{self.name}{ending}", f"{again}{ending}", shallow=False):
                raise RuntimeError(f"{self.name}{ending}: made again it is another")

    def code_for_the_web(self):
        """Scripts in the web server's image that are more than a name."""
        with tarfile.open(f"{self.folder}/{self.name}-web.tar") as archive:
            files = {member.name: archive.extractfile(member).read() for member in archive if member.isfile()}
        manifest = json.loads(files["manifest.json"])[0]
        found, names = [], 0
        for layer in manifest["Layers"]:
            with tarfile.open(fileobj=io.BytesIO(files[layer]), mode="r:gz") as archive:
                for member in archive:
                    names += member.name.endswith(".php")
                    if member.isfile() and (member.name.endswith(".php") and member.size or archive.extractfile(member).read(5) == b"<?php"):
                        found.append(member.name)
        return [f"PHP in the web server's image: {found[:5]}"] if found else [] if names else ["no script has its name in the web server's image"]

    def secret(self, name, text):
        """A file as an operator mounts it: root's, with the pool's group."""
        path = self.bench.write(f"site-{self.name}/{name}", text, 0o640)
        os.chown(path, 0, POOL)
        return path

    def volume(self, name, owner=POOL):
        path = f"{self.folder}/{name}"
        os.makedirs(path, exist_ok=True)
        os.chown(path, owner, owner)
        return path

    def run(self, what, image, *options):
        name = f"fpmbox-images-{os.getpid()}-{self.name}{what}"
        self.podman.containers.append(name)
        started = self.podman("run", "--detach", "--name", name, *options, image)
        if started.returncode:
            raise RuntimeError(started.stderr)
        return name

    def start(self, volumes, for_web=None):
        """for_web: volumes that nginx serves files of."""
        mounted = [word for path, inside in {f"{self.folder}/sockets": "/run/fpmbox", **volumes}.items() for word in ("--volume", f"{path}:{inside}")]
        self.pool = self.run("", self.summary["name"], *self.options, "--network", "none", *mounted)
        self.wait_for_pool()
        served = [word for path, inside in {f"{self.folder}/sockets": "/run/fpmbox", **(for_web or {})}.items() for word in ("--volume", f"{path}:{inside}:ro")]
        self.web = self.run("-web", self.summary["web"]["name"], *WEB_OPTIONS, *served)
        if not wait_for_port(self.port):
            raise RuntimeError(f"nothing answers on {self.port}: {self.logs()}")

    def wait_for_pool(self):
        live = f"{self.folder}/sockets/{self.name}/live.sock"
        deadline = time.monotonic() + 90
        while not os.path.exists(live) and time.monotonic() < deadline:
            time.sleep(0.1)

    def logs(self):
        said = [self.podman("logs", name) for name in (self.pool, self.web)]
        return " / ".join(text[-1500:] for one in said for text in (one.stdout, one.stderr) if text)

    def visitor(self, host):
        return Visitor(self.port, host)

    def stop(self):
        """Both end by themselves when they are asked to; nginx as the user that it was started as."""
        mistakes = []
        for name in (self.web, self.pool):
            self.podman("stop", "--time", "20", name)
            code = self.podman("inspect", "--format", "{{.State.ExitCode}}", name).stdout.strip()
            mistakes += [] if code == "0" else [f"{name} ended with {code}"]
        return mistakes


def first_stylesheet(page):
    """The first style sheet of a page, as a browser finds it."""
    found = re.search(r"""<link\b[^>]*rel=["']stylesheet["'][^>]*>""", page)
    address = re.search(r"""href=["'](?:https?://[^/"']+)?(/[^"']+)["']""", found[0]) if found else None
    return address[1].replace("&amp;", "&").replace("&#038;", "&") if address else None


def has_stylesheet(visitor, text, is_a_file=False):
    address = first_stylesheet(text)
    if address is None:
        return ["the page has no style sheet"]
    sheet = visitor.request(address)
    mistakes = [] if sheet.status == 200 and sheet.headers.get("Content-Type", "").startswith("text/css") and "{" in sheet.text else [
        f"{address}: {sheet.status} {sheet.headers.get('Content-Type')} {sheet.text[:200]}"]
    return mistakes + (["it came from PHP"] if is_a_file and "X-Powered-By" in sheet.headers else [])


def is_hidden(visitor, *addresses):
    """Not there for visitors: neither as text, nor run."""
    return [f"{address}: {page.status} {page.text[:100]!r}" for address in addresses for page in [visitor.request(address)] if page.status not in (403, 404)]


WP_KEYS = ("AUTH_KEY", "SECURE_AUTH_KEY", "LOGGED_IN_KEY", "NONCE_KEY", "AUTH_SALT", "SECURE_AUTH_SALT", "LOGGED_IN_SALT", "NONCE_SALT")
BLOG = "blog.test"


def wp_config(password):
    keys = "".join(f"define('{name}', '{secrets.token_hex(32)}');\n" for name in WP_KEYS)
    return f"""<?php
define('DB_NAME', 'wordpress');
define('DB_USER', 'wordpress');
define('DB_PASSWORD', '{password}');
define('DB_HOST', 'localhost:/run/mysqld/mysqld.sock');
define('DB_CHARSET', 'utf8mb4');
{keys}define('DISALLOW_FILE_MODS', true);
define('DISABLE_WP_CRON', true);
define('WP_HOME', 'http://{BLOG}');
define('WP_SITEURL', 'http://{BLOG}');
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""


@contextlib.contextmanager
def database(bench, name, password):
    with contextlib.ExitStack() as at_end:
        world = types.SimpleNamespace(scratch=bench.scratch, at_end=at_end)
        yield MariaDb(world, {name: password}).install().start()


def try_wordpress(bench, podman, options):
    password, admin = secrets.token_urlsafe(15), secrets.token_urlsafe(15)
    site = Site(bench, podman, "blog", options, "extends: wordpress\n", "extends: wordpress\nconnect: [{unix: /run/mysqld/mysqld.sock}]\n")
    site.build()
    mistakes = site.code_for_the_web()
    uploads = site.volume("uploads")
    with database(bench, "wordpress", password) as server:
        site.start({site.secret("wp-config.php", wp_config(password)): "/srv/www/wp-config.php:ro", uploads: "/srv/www/wp-content/uploads",
                    server.run: "/run/mysqld"}, {uploads: "/srv/www/wp-content/uploads"})
        visitor = site.visitor(BLOG)
        installed = visitor.request("/wp-admin/install.php?step=2", {
            "weblog_title": "In an image", "user_name": "admin", "admin_password": admin, "admin_password2": admin, "pw_weak": "1",
            "admin_email": "admin@example.org", "blog_public": "0"})
        mistakes += [] if "<h1>Success!</h1>" in installed.text else [f"not installed: {installed.status} {installed.text[:500]}", site.logs()]
        page = visitor.request("/")
        mistakes += [] if page.status == 200 and "In an image" in page.text else [f"/: {page.status} {page.text[:300]}"]
        login = visitor.request("/wp-login.php")
        mistakes += has_stylesheet(visitor, login.text, is_a_file=True)
        folder = visitor.request("/wp-admin/")
        mistakes += [] if folder.status == 302 and "wp-login.php" in folder.headers.get("Location", "") else [f"/wp-admin/: {folder.status}, not to the login"]
        form = visitor.form("/wp-login.php", "log")
        visitor.request("/wp-login.php", {**form, "log": "admin", "pwd": admin})
        profile = visitor.request("/wp-admin/profile.php")
        mistakes += [] if "Howdy" in profile.text else [f"not logged in: {profile.status}"]
        mistakes += is_hidden(visitor, "/wp-config.php", "/wp-includes/version.php", "/wp-config-sample.php", "/.htaccess")
        written = pathlib.Path(uploads, "a.txt")
        written.write_text("of the pool", encoding="utf-8")
        pathlib.Path(uploads, "a.php").write_text("<?php echo 'run';", encoding="utf-8")
        seen = visitor.request("/wp-content/uploads/a.txt")
        mistakes += [] if seen.text == "of the pool" else [f"an upload: {seen.status} {seen.text[:100]}"]
        mistakes += is_hidden(visitor, "/wp-content/uploads/a.php")
        mistakes += site.stop()
    return mistakes + ([site.logs()] if mistakes else [])


def install_mediawiki(data, admin):
    """By the package of this machine: an image has no PHP of the command line."""
    settings = f"{data}/settings"
    os.makedirs(settings)
    run = subprocess.run(["php", "/usr/share/mediawiki/maintenance/install.php", "--dbtype", "sqlite", "--dbpath", data, "--dbname", "wiki", "--confpath", settings,
                          "--scriptpath", "", "--server", "http://wiki.test", "--pass", admin, "--skins", "Vector", "In an image", "Admin"],
                         env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "MW_CONFIG_FILE": f"{settings}/none"}, capture_output=True, text=True, check=False)
    if run.returncode:
        raise RuntimeError(f"maintenance/install.php: {run.stdout[-600:]} {run.stderr[:600]}")
    text = pathlib.Path(settings, "LocalSettings.php").read_text(encoding="utf-8").replace(f'"{data}"', '"$IP/data"')
    shutil.rmtree(settings)
    for name in os.listdir(data):
        os.chown(f"{data}/{name}", POOL, POOL)
    return text + "\n$wgCacheDirectory = false;\n$wgJobRunRate = 0;\n$wgShowExceptionDetails = true;\n"


def try_mediawiki(bench, podman, options):
    admin = secrets.token_urlsafe(15)
    site = Site(bench, podman, "pedia", options, "extends: mediawiki\n",
                "extends: mediawiki\nfilesystem: {writable: {add: [data]}}\nphp: {extensions: {add: [pdo, pdo_sqlite]}}\n")
    site.build()
    data, images = site.volume("data"), site.volume("images")
    settings = site.secret("LocalSettings.php", install_mediawiki(data, admin))
    site.start({settings: "/srv/www/LocalSettings.php:ro", data: "/srv/www/data", images: "/srv/www/images"}, {images: "/srv/www/images"})
    visitor = site.visitor("wiki.test")
    page = visitor.request("/index.php?title=Main_Page")
    mistakes = [] if page.status == 200 and "MediaWiki has been installed" in page.text else [f"the main page: {page.status} {page.text[:500]}"]
    mistakes += has_stylesheet(visitor, page.text)
    picture = visitor.request("/resources/assets/poweredby_mediawiki_88x31.png")
    mistakes += [] if picture.status == 200 and picture.headers.get("Content-Type") == "image/png" else [f"a picture: {picture.status}"]
    form = visitor.form("/index.php?title=Special:UserLogin", "wpName")
    visitor.request("/index.php?title=Special:UserLogin", {**form, "wpName": "Admin", "wpPassword": admin})
    edit = visitor.form("/index.php?title=New&action=edit", "wpTextbox1")
    edit = {name: value for name, value in edit.items() if name not in ("wpPreview", "wpDiff")}
    visitor.request("/index.php?title=New&action=submit", {**edit, "wpTextbox1": "written in a container", "wpSummary": "a test"})
    mistakes += [] if "written in a container" in visitor.request("/index.php?title=New").text else ["an edit is not there"]
    mistakes += is_hidden(visitor, "/LocalSettings.php", "/data/wiki.sqlite", "/maintenance/install.php", "/includes/Setup.php", "/composer.json")
    mistakes += site.stop()
    return mistakes + ([site.logs()] if mistakes else [])


def try_dokuwiki(bench, podman, options):
    """Its code is Debian's, put together as the demo does it."""
    folder = pathlib.Path(bench.scratch) / "doku"
    folder.mkdir()
    account = wiki.new_account()
    wiki.assemble(wiki.download(folder / "packages"), folder / "code")
    wiki.configure(folder / "code", account)
    # the image knows another address than the pool has here
    site = Site(bench, podman, "doku", options, f"extends: dokuwiki\ncode: {{directory: {folder}/code}}\n", "extends: dokuwiki\n", web=", pool: \"127.0.0.1:9\"")
    site.build()
    address = bench.write("site-doku/pool.conf", "upstream pool { server unix:/run/fpmbox/doku/live.sock; }\n")
    # what an engine does with a named volume, which is filled with what the image has there
    data = site.volume("data")
    shutil.copytree(folder / "code/data", data, dirs_exist_ok=True)
    for path in [pathlib.Path(data), *pathlib.Path(data).rglob("*")]:
        os.chown(path, POOL, POOL)
    site.start({data: "/srv/www/data"}, {address: "/etc/nginx/pool.conf"})
    visitor = site.visitor("doku.test")
    page = visitor.request("/doku.php?id=start")
    mistakes = [] if "Welcome to your new DokuWiki" in page.text else [f"the page: {page.status} {page.text[:500]}"]
    mistakes += has_stylesheet(visitor, page.text)
    at_root = visitor.request("/")
    mistakes += [] if at_root.status in (200, 302) else [f"/: {at_root.status}"]
    picture = visitor.request("/lib/images/notify.png")
    mistakes += [] if picture.status == 200 and picture.headers.get("Content-Type") == "image/png" else [f"a picture: {picture.status}"]
    mistakes += is_hidden(visitor, "/conf/users.auth.php", "/data/pages/start.txt", "/inc/init.php", "/bin/gittool.php")
    mistakes += site.stop()
    return mistakes + ([site.logs()] if mistakes else [])


def try_matomo(bench, podman, options, release):
    """Installed by its own installer, which for this needs the folder of its settings; one container for the whole story."""
    password = secrets.token_urlsafe(15)
    site = Site(bench, podman, "stats", options, f"extends: matomo\ncode: {{directory: {release}}}\n", """extends: matomo
connect: [{unix: /run/mysqld/mysqld.sock}]
filesystem: {writable: {remove: [config/config.ini.php], add: [config]}}
""")
    site.build()
    config, tmp = site.volume("config"), site.volume("tmp")
    shutil.copytree(f"{release}/config", config, dirs_exist_ok=True)
    for path in pathlib.Path(config).rglob("*"):
        os.chown(path, POOL, POOL)
    mistakes = site.code_for_the_web()
    with database(bench, "matomo", password) as server:
        site.start({config: "/srv/www/config", tmp: "/srv/www/tmp", server.run: "/run/mysqld"})
        inside = types.SimpleNamespace(socket="/run/mysqld/mysqld.sock")
        matomo = Matomo(types.SimpleNamespace(scratch=bench.scratch, users={"alice": "nobody"}), inside, release, password)
        mistakes += matomo.install(site.port, f"{config}/config.ini.php")
        matomo.settle(f"{config}/config.ini.php")
        visitor = matomo.logged_in(site.port)
        mistakes += [] if matomo.is_logged_in(visitor) else ["not logged in"]
        sheet = visitor.request("/index.php?module=Proxy&action=getCss")  # merged by PHP, from files of the code
        mistakes += [] if sheet.status == 200 and len(sheet.body) > 10000 and sheet.headers.get("Content-Type", "").startswith("text/css") else [
            f"the style sheet: {sheet.status} {sheet.headers.get('Content-Type')}"]
        hit, script = matomo.hit(site.port, "http://example.org/", "In a container"), visitor.request("/matomo.js")
        mistakes += [] if hit.status == 204 else [f"a visit: {hit.status} {hit.text[:200]}"]
        mistakes += [] if len(script.body) > 10000 and "X-Powered-By" not in script.headers else [f"/matomo.js: {script.status}"]
        visits = matomo.api(visitor, "Live.getCounters", idSite="1", lastMinutes="30")
        mistakes += [] if isinstance(visits, list) and visits and int(visits[0]["visits"]) == 1 else [f"Live.getCounters: {visits}"]
        mistakes += is_hidden(visitor, "/config/config.ini.php", "/config/global.ini.php", "/core/Version.php",
                              "/vendor/autoload.php", "/console", "/tmp/cache/tracker")
        mistakes += site.stop()
    return mistakes + ([site.logs()] if mistakes else [])


class Pod(Site):
    """Both containers in one network that has a loopback alone, as in a pod; they share no folder."""

    def start(self):
        self.pool = self.run("", self.summary["name"], *self.options, "--network", "none", "--tmpfs", "/run/fpmbox", "--volume", "/srv/www/data")
        options = [word if word != "host" else f"container:{self.pool}" for word in WEB_OPTIONS]
        self.web = self.run("-web", self.summary["web"]["name"], *options)
        self.inside = ("nsenter", "--net", "--target", self.podman("inspect", "--format", "{{.State.Pid}}", self.web).stdout.strip())

    def get(self, address, retries=20):
        """Status, headers and body, asked for in that network; nothing of it is reached from outside."""
        done = subprocess.run([*self.inside, "curl", "--silent", "--include", "--retry", str(retries), "--retry-connrefused", "--retry-delay", "1",
                               f"http://127.0.0.1:{self.port}{address}"], capture_output=True, text=True, check=False, timeout=60)
        return done.stdout or f"curl: {done.returncode}"

    def listening(self):
        done = subprocess.run([*self.inside, "cat", "/proc/net/tcp"], capture_output=True, text=True, check=False)
        return {line.split()[1] for line in done.stdout.splitlines()[1:] if line.split()[3] == "0A"}


def try_tcp(bench, podman, options):
    """FPM listens at the loopback's port that its profile names, and NAME-web knows it from there."""
    bench.write("site-pod/code/index.php", '<?php echo "<link rel=\\"stylesheet\\" href=\\"/style.css\\">", PHP_SAPI, " of ", posix_geteuid();')
    bench.write("site-pod/code/style.css", "body { color: teal }")
    site = Pod(bench, podman, "pod", options, f"extends: php-fpm\ncode: {{directory: {bench.scratch}/site-pod/code}}\n", """extends: php-fpm
listen: {tcp: "127.0.0.1:9000"}
php: {extensions: {set: [posix]}}
filesystem: {writable: [data]}
web: {front_controllers: [index.php]}
""")
    site.build()
    site.start()
    page, sheet = site.get("/index.php"), site.get("/style.css")
    mistakes = [] if " 200 " in page.partition("\n")[0] and f"fpm-fcgi of {POOL}" in page else [f"the page: {page[:500]}"]
    mistakes += [] if "text/css" in sheet and "color: teal" in sheet and "PHP" not in sheet else [f"the style sheet: {sheet[:300]}"]
    wanted = {"0100007F:2328", f"00000000:{site.port:04X}"}
    mistakes += [] if site.listening() == wanted else [f"listening: {site.listening()}, not {wanted}"]
    mistakes += [site.logs()] if mistakes else []
    podman("stop", "--time", "20", site.pool)
    alone = site.get("/index.php", retries=0), site.get("/style.css", retries=0)
    mistakes += [] if " 502 " in alone[0].partition("\n")[0] and "color: teal" in alone[1] else [f"without the pool: {alone[0][:200]} {alone[1][:200]}"]
    return mistakes + site.stop()


SITES = {
    "web-tcp": (try_tcp, "a page and its style sheet through NAME-web with FPM over TCP on the loopback; without the pool the style sheet alone"),
    "wordpress": (try_wordpress, "WordPress and MariaDB over its socket: installed, logged in, pages from one image, style sheets and uploads from the other"),
    "mediawiki": (try_mediawiki, "MediaWiki and SQLite: a page, its style sheet, an edit"),
    "dokuwiki": (try_dokuwiki, "DokuWiki, at an address that a mounted file names: a page, its style sheet, a picture"),
}


HEAVY = ("mediawiki", "web-tcp")


def sites_to_try(report, release):
    if release is None:
        report.skip("engines/matomo", "its code is no package of Debian: scripts/test-matomo RELEASE")
        return SITES
    return {**SITES, "matomo": (functools.partial(try_matomo, release=release), "Matomo and MariaDB: installed, logged in, a visit taken, its style sheet and script")}


def try_sites(report, bench, podman, options, heavy, release):
    for name, (act, text) in sites_to_try(report, release).items():
        if not report.wanted(f"engines/{name}"):
            continue
        if name in HEAVY and not heavy:
            report.skip(f"engines/{name}", "takes long: scripts/test-images")
            continue
        try:
            report.check(f"engines/{name}", act(bench, podman, options), text)
        except Exception as error:  # of an application, a database or an engine: one that fails hides none of the others
            report.fail(f"engines/{name}", text, repr(error)[:3000])
