"""WordPress from its package, with a MariaDB of the bench's own, as tests/sites deploy them: one database, one tree, four pools."""

import secrets
import sys
import types

from bench import load, place, pools
from demo import sites
from demo.terminal import DemoError

POOL = "fpmbox-bench-wp"
POOL_FILE = """extends: wordpress
identity: {{user: {user}}}
listen: {{group: www-data}}
filesystem: {{code: {code}, data: {data}}}
connect: [{{unix: {database}}}]
php: {{timezone: Europe/Rome, pm: {{max_requests: 0, max_children: 5}}}}
"""


def import_from_sites(root):
    sys.path[:0] = [str(root / "tests" / "sites"), str(root / "tests" / "sandbox")]


class Bench:
    def __init__(self, root, here, fpmbox):
        self.here, self.fpmbox, self.folder = here, fpmbox, here.folder / "wordpress"
        self.folder.mkdir()
        import_from_sites(root)
        from mariadb import MariaDb
        from wordpress import WordPress
        world = types.SimpleNamespace(scratch=str(here.folder), users={"alice": place.USER}, at_end=here.at_end, fpmbox=fpmbox)
        self.password = secrets.token_hex(12)
        self.database = MariaDb(world, {"wordpress": self.password})
        self.site = WordPress(world, self.database)
        self.sides = {}

    def start(self):
        self.database.install().start()
        self.site.deploy("6.1", self.password)
        self.site.switch("6.1")
        pools.owned(self.site.data + "/wp-content/uploads", place.USER)
        pool_file = self.folder / f"{POOL}.yaml"
        pool_file.write_text(POOL_FILE.format(user=place.USER, code=self.site.code, data=self.site.data, database=self.database.socket))
        self.sides = pools.sides(self.fpmbox, self.folder, pool_file, place.USER, self.site.version("6.1"))
        for side in self.sides.values():
            side.wait()

    def check_pages(self, ports):
        """The same page from all, and the right one."""
        pages = {name: sites.fetch(port, self.site.host, "/") for name, port in ports.items()}
        for name, page in pages.items():
            if page.status != 200 or "Hello world!" not in page.text or "</html>" not in page.text:
                raise DemoError(f"WordPress does not answer in {name}", f"{page.status}: {page.text[:300]}")
        if len({page.body for page in pages.values()}) != 1:
            raise DemoError("the pools' pages differ", str({name: len(page.body) for name, page in pages.items()}))

    def run(self, options, rounds):
        nginx = None
        try:
            self.start()
            nginx, ports = load.serve(self.folder / "nginx", self.site.code, "index.php", {name: side.socket for name, side in self.sides.items()})
            if mistakes := self.site.install(ports[pools.STOCK]):
                raise DemoError("WordPress could not be installed", "; ".join(mistakes))
            self.check_pages(ports)
            load.compare("WordPress's front page", pools.BOX, self.sides, ports, self.site.host, options, rounds)
        finally:
            for side in self.sides.values():
                side.stop()
            if nginx:
                nginx.terminate()
                nginx.wait(20)
            self.database.stop()
