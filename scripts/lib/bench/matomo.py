"""Matomo from a release that is given, with a MariaDB of the bench's own: a hit of its tracker, and its login page. One tree for all
pools: what it writes lies in it and is the user's, everything else is root's."""

import secrets
import shutil
import types

from bench import load, place, pools
from bench.wordpress import import_from_sites
from demo import sites
from demo.terminal import DemoError

POOL = "fpmbox-bench-matomo"
POOL_FILE = """extends: matomo
identity: {{user: {user}}}
listen: {{group: www-data}}
filesystem: {{code: {code}}}
connect: [{{unix: {database}}}]
php: {{timezone: Europe/Rome, pm: {{max_requests: 0, max_children: 5}}}}
"""
HIT = "/matomo.php?idsite=1&rec=1&send_image=0&url=http://example.org/&action_name=Bench"
PAGES = [("a hit of Matomo's tracker", HIT, 204, ""), ("Matomo's login page", "/index.php?module=Login", 200, "form_login")]


class Bench:
    def __init__(self, root, here, fpmbox, release):
        self.here, self.fpmbox, self.folder = here, fpmbox, here.folder / "matomo-pools"
        self.folder.mkdir()
        import_from_sites(root)
        from mariadb import MariaDb
        from matomo import Matomo
        world = types.SimpleNamespace(scratch=str(here.folder), users={"alice": place.USER}, at_end=here.at_end, fpmbox=fpmbox)
        password = secrets.token_hex(12)
        self.database = MariaDb(world, {"matomo": password})
        self.site = Matomo(world, self.database, release, password)
        self.pool_file, self.sides = self.folder / f"{POOL}.yaml", {}

    def start(self):
        self.database.install().start()
        self.site.deploy("a")
        self.site.switch("a")
        code = self.site.version("a")
        pools.owned(f"{code}/tmp", place.USER)
        pools.owned(f"{code}/config", place.USER)
        self.pool_file.write_text(POOL_FILE.format(user=place.USER, code=code, database=self.database.socket))
        self.sides = pools.sides(self.fpmbox, self.folder, self.pool_file, place.USER, code)
        self.install()
        shutil.chown(f"{code}/config", "root", "root")
        for side in self.sides.values():
            side.wait()

    def install(self):
        """By the stock pool, for which the folder of the settings is writable until it is done."""
        stock = self.sides[pools.STOCK]
        stock.wait()
        settings = f"{self.site.version('a')}/config/config.ini.php"
        nginx, ports = load.serve(self.here.folder / "matomo-installer", self.site.version("a"), "index.php", {pools.STOCK: stock.socket})
        try:
            if mistakes := self.site.install(ports[pools.STOCK], settings):
                raise DemoError("Matomo could not be installed", "; ".join(mistakes))
        finally:
            stop(nginx)
            stock.stop()
        self.site.settle(settings)

    def check_pages(self, ports):
        for name, port in ports.items():
            for title, path, status, text in PAGES:
                page = sites.fetch(port, self.site.host, path)
                if page.status != status or text not in page.text:
                    raise DemoError(f"{name}: {title}", f"{page.status}: {page.text[:300]}")

    def run(self, options, rounds):
        nginx = None
        try:
            self.start()
            nginx, ports = load.serve(self.folder / "nginx", self.site.version("a"), "index.php",
                                      {name: side.socket for name, side in self.sides.items()})
            self.check_pages(ports)
            for title, path, _, _ in PAGES:
                load.compare(title, pools.BOX, self.sides, ports, self.site.host, options, rounds, path)
        finally:
            for side in self.sides.values():
                side.stop()
            stop(nginx)
            self.database.stop()


def stop(nginx):
    if nginx:
        nginx.terminate()
        nginx.wait(20)
