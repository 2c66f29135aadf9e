"""python3 -m demo: what scripts/demo runs once everything is installed and built."""

import argparse
import os
import pathlib
import secrets
import shutil
import subprocess
import sys
import time

from demo import acts, fairness, measure, pools, sites, visitor, wiki
from demo.pools import Box, Pool, Stock
from demo.sites import DATA, Site, fill
from demo.terminal import DemoError, heading, say, table
from demo.undo import Interrupted, Undo, start_time

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
USERS = {name: f"fpmbox-demo-{name}" for name in ("alice", "bob", "wiki")}
# What a launcher leaves for its pools; the shared folders themselves stay where they were there before.
STATE = ("/run/fpmbox", "/var/lib/fpmbox", "/var/cache/fpmbox")


class Demo:
    def __init__(self, folder, web, fpmbox):
        self.dir, self.web, self.fpmbox = folder, web, fpmbox
        self.undo = Undo(folder / "undo.json")
        self.account = wiki.new_account()
        self.passwords = {side: f"{side}-{secrets.token_hex(6)}" for side in ("stock", "boxed")}
        self.processes = {}

    # --- making ready -------------------------------------------------------------------------------------------

    def install(self):
        """Root's own copies: a checkout in somebody's home is nothing that a launcher with root's rights may believe."""
        place = self.dir / "bin"
        shutil.copytree(self.fpmbox.parent / "catalog", place / "catalog")
        self.fpmbox = shutil.copy(self.fpmbox, place / "fpmbox")
        for path in (place, *place.rglob("*")):
            os.chown(path, 0, 0)
            path.chmod(0o644 if path.suffix == ".yaml" else 0o755)

    def prepare(self):
        self.install()
        for top in STATE:
            self.undo.shared(top)
            for name in USERS:
                self.undo.path(f"{top}/demo-{name}")
        for user in USERS.values():
            self.undo.user(user)
        for side in ("stock", "boxed"):
            for name in ("alice", "bob"):
                self.make_site(side, name)
        (self.dir / "run").mkdir()
        (self.dir / "log").mkdir()
        say(f"users {' '.join(USERS.values())}, sites and state below {self.dir}")

    def make_site(self, side, name):
        """The same files on both sides. On stock the site's user owns them, as is usual; in a box root does."""
        tree = self.dir / side / name / "www"
        shutil.copytree(DATA / "sites" / name, tree)
        if name == "bob":
            (tree / "config.php").write_text(f"<?php\nreturn ['password' => '{self.passwords[side]}'];\n")
        owner = USERS[name] if side == "stock" else "root"
        for path in (tree, *tree.iterdir()):
            shutil.chown(path, owner, owner)
            path.chmod(0o755 if path.is_dir() else 0o644)
            os.utime(path, (time.time() - 3600,) * 2)  # opcache leaves out what is younger than two seconds
        if name == "bob":
            shutil.chown(tree / "config.php", owner, USERS["bob"])
            (tree / "config.php").chmod(0o600 if side == "stock" else 0o640)

    def deploy_wiki(self):
        say("fetching DokuWiki and its libraries from Debian's mirror (unpacked only, never installed)")
        unpacked = wiki.download(self.dir / "packages")
        base = self.dir / "wiki"
        base.mkdir()
        tree = base / f"www-dokuwiki-{wiki.version_of(unpacked)}"
        wiki.assemble(unpacked, tree)
        wiki.configure(tree, self.account)
        (base / "www").symlink_to(tree.name)
        shutil.copytree(tree, self.dir / "stock/wiki/www")
        self.write_pool_files()
        self.writable = pools.writable_of(self.fpmbox, self.dir / "pools/demo-wiki.yaml")
        wiki.give_writable(tree, self.writable, USERS["wiki"], base / "data")
        wiki.give_writable(self.dir / "stock/wiki/www", self.writable, USERS["wiki"])
        say(f"{base}/www -> {tree.name}: root's, nobody else can write")
        say(f"{base}/data: {' '.join(self.writable)} for {USERS['wiki']}; nothing else is writable")

    def write_pool_files(self):
        folder = self.dir / "pools"
        folder.mkdir()
        for name, template, code in (("wiki", "demo-wiki", self.dir / "wiki/www"), ("alice", "demo-site", self.dir / "boxed/alice/www"),
                                     ("bob", "demo-site", self.dir / "boxed/bob/www")):
            (folder / f"demo-{name}.yaml").write_text(
                fill(f"pools/{template}.yaml", USER=USERS[name], CODE=code, DATA=self.dir / "wiki/data"))

    # --- starting -----------------------------------------------------------------------------------------------

    def check_pool_files(self):
        run = subprocess.run([self.fpmbox, "check", *sorted((self.dir / "pools").glob("*.yaml"))], capture_output=True,
                             text=True, stdin=subprocess.DEVNULL)
        if run.returncode:
            raise DemoError("fpmbox check refuses the demo's pool files", (run.stdout + run.stderr).strip()[-1500:])
        say("fpmbox check: the three pool files are right")

    def start_boxes(self):
        for name in USERS:
            self.processes[name] = self.box(name).start()
            say(f"box demo-{name} answers")

    def box(self, name):
        return Box(self.undo, self.fpmbox, self.dir / f"pools/demo-{name}.yaml", self.dir / f"log/box-{name}.log")

    def start_stock(self):
        self.processes["stock"] = self.stock("shared", "alice", "bob").write().start()
        self.processes["stock-wiki"] = self.stock("solo", "wiki").write().start()
        say("stock: one FPM master as Debian ships it for alice and bob, another for the wiki")

    def stock(self, folder, *names):
        return Stock(self.undo, self.dir / "run" / folder,
                     [Pool(name, USERS[name], f"{self.dir}/run/{folder}-{name}.sock") for name in names])

    def start_web_server(self):
        boxes = [Site("wiki-boxed", "dokuwiki", self.dir / "wiki/www", pools.live_socket("demo-wiki"))]
        boxes += [Site(f"{name}-boxed", "php", self.dir / f"boxed/{name}/www", pools.live_socket(f"demo-{name}"))
                  for name in ("alice", "bob")]
        stock = [Site("wiki-stock", "dokuwiki", self.dir / "stock/wiki/www", f"{self.dir}/run/solo-wiki.sock")]
        stock += [Site(f"{name}-stock", "php", self.dir / f"stock/{name}/www", f"{self.dir}/run/shared-{name}.sock")
                  for name in ("alice", "bob")]
        self.port = sites.start(self.undo, self.web, self.dir / "web", boxes + stock)
        say(f"{self.web} on 127.0.0.1:{self.port}")

    # --- showing ------------------------------------------------------------------------------------------------

    def use_wiki(self):
        guest = visitor.Visitor(self.port, "wiki-boxed")
        start = guest.request("/")
        if start.status != 200 or "fpmbox demo" not in start.text:
            raise DemoError("the wiki's start page does not come", f"status {start.status}: {start.text[:300]!r}",
                            f"look at {self.dir}/log/box-wiki.log")
        say(f"start page: 200, {len(start.text)} bytes")
        editor = visitor.Visitor(self.port, "wiki-boxed")
        visitor.log_in(editor, self.account)
        sentence = f"Written through the box at {time.strftime('%H:%M:%S')}, {secrets.token_hex(4)}."
        visitor.edit(editor, "demo", sentence)
        if sentence not in guest.request("/doku.php?id=demo").text:
            raise DemoError("the edited page does not show what was saved")
        say("page edit: logged in, saved with the form's security token, read back by another visitor")
        for path in ("/data/pages/demo.txt", "/conf/users.auth.php", "/conf/local.php", "/inc/init.php", "/.htaccess"):
            if sites.fetch(self.port, "wiki-boxed", path).status not in (403, 404):
                raise DemoError(f"the web server gives {path} away")
        say("data, conf, inc and dot files: refused by the web server")

    def name_executable(self):
        found = wiki.executable_by_php(self.dir / "wiki/data", self.writable, (".php", ".phar"))
        if found:
            say("writable files of PHP, which wait in vain: neither does the web server ask for them, nor would the guard start them: " + " ".join(found))
        else:
            say("no file in a writable path is one that PHP would execute")

    def compare(self):
        return acts.compare(self.target("stock"), self.target("boxed"))

    def target(self, side):
        return acts.Target(self.port, f"alice-{side}", self.dir / side / "alice/www", self.dir / side / "bob/www",
                           self.passwords[side], USERS["alice"], USERS["bob"],
                           self.dir / "log/box-alice.log" if side == "boxed" else None)

    # --- measuring ----------------------------------------------------------------------------------------------

    def measure(self):
        say(measure.machine(pools.newest_php()[0]) + f"; both in control groups of their own; "
            f"medians of {measure.ROUNDS} rounds in turns, {measure.STARTS} starts")
        if (busy := measure.busy()) > 0.2:
            say(f"other programs use {busy:.0%} of the processors meanwhile: the figures mean little, a quiet machine gives better ones")
        for stock, box in (("stock", "alice"), ("stock-wiki", "wiki")):
            fairness.share_alike(self.undo, stock, self.processes[stock].pid, self.processes[box].pid)
        rows = [("", "stock", "box", "box/stock"), self.measure_rate("hello, requests/s", "alice", "/index.php")]
        rows.append(self.measure_rate("wiki's start page, requests/s", "wiki", "/doku.php?id=start"))
        rows.append(self.measure_memory())
        rows.append(self.measure_starts())
        table(rows, (34, 22, 22, 10))

    def measure_rate(self, title, name, path):
        def one(side):
            cookies = self.sessions(f"{name}-{side}", path)
            return lambda: measure.requests_per_second(f"http://127.0.0.1:{self.port}{path}", f"{name}-{side}", cookies)
        return row(title, "%.0f", *measure.in_turns(measure.ROUNDS, one("stock"), one("boxed")))

    def sessions(self, host, path):
        """Cookies of eight visitors, who have seen the page before."""
        visitors = [visitor.Visitor(self.port, host) for _ in range(8)]
        for each in visitors:
            each.request(path)
        return [each.cookie_header() for each in visitors if each.cookies]

    def measure_memory(self):
        (stock, stock_count), (box, box_count) = (measure.memory(self.processes[name].pid) for name in ("stock-wiki", "wiki"))
        return ("wiki's memory after that (PSS)", f"{stock:.0f} MiB, {stock_count} processes", f"{box:.0f} MiB, {box_count} processes",
                f"{box / stock:.2f}")

    def measure_starts(self):
        """Alice's pool from nothing, on sockets of its own; her box makes room for the time."""
        self.undo.stop(self.processes.pop("alice"))
        stock, box = self.stock("starts", "alice").write(), self.box("alice")
        stop = self.undo.stop
        times = measure.in_turns(
            measure.STARTS,
            measure.first_response(stock.launch, stop, stock.pools[0].socket, f"{self.dir}/stock/alice/www/index.php"),
            measure.first_response(box.launch, stop, pools.live_socket("demo-alice"), f"{self.dir}/boxed/alice/www/index.php"))
        return row("time to the first response, ms", "%.0f", *times)


def row(title, form, stock, box):
    return (title, form % stock, form % box, f"{box / stock:.2f}")


def perform(demo):
    heading("Deploying")
    demo.prepare()
    demo.deploy_wiki()
    heading("Starting")
    demo.check_pool_files()
    demo.start_boxes()
    demo.start_stock()
    demo.start_web_server()
    heading("A wiki in a box")
    demo.use_wiki()
    demo.name_executable()
    heading("Alice's site has been taken over")
    wrong = demo.compare()
    heading("What it costs (about half a minute)")
    demo.measure()
    return wrong


def keep(demo):
    demo.processes["alice"] = demo.box("alice").start()
    heading("Left running")
    say(f"wiki in a box: http://127.0.0.1:{demo.port}/  user {demo.account.name}, password {demo.account.password}")
    say(f"Alice's act in a box: curl -H 'Host: alice-boxed' 'http://127.0.0.1:{demo.port}/act.php?act=run'   (or alice-stock)")
    say(f"pool files: {demo.dir}/pools; logs: {demo.dir}/log")
    say(f"stop it and remove everything: {stop_command(demo.dir)}")


def stop_command(folder):
    return f"{REPOSITORY}/scripts/demo --stop" + ("" if str(folder) == DEFAULT_DIR else f" --dir {folder}")


def take_away(undo, folder):
    undo.everything()
    if folder.exists():
        shutil.rmtree(folder)


def parse(arguments):
    parser = argparse.ArgumentParser(prog="scripts/demo", description="Shows fpmbox at work, next to stock Debian.")
    parser.add_argument("--keep", action="store_true", help="leave everything running, and say how to reach and stop it")
    parser.add_argument("--web", choices=("nginx", "apache"), default="nginx", help="the web server in front")
    parser.add_argument("--stop", action="store_true", help="stop and remove what --keep has left")
    parser.add_argument("--fpmbox", type=pathlib.Path, default=REPOSITORY / "build/fpmbox", help="the binary to show")
    parser.add_argument("--dir", type=pathlib.Path, default=pathlib.Path(DEFAULT_DIR), help="where the demo lives")
    return parser.parse_args(arguments)


DEFAULT_DIR = "/srv/fpmbox-demo"


def clear_earlier(folder, stop):
    """What an earlier demo left: a running one is only taken away when asked for, a dead one always."""
    if not folder.exists():
        if stop:
            say(f"nothing to stop: {folder} does not exist")
        return
    if not (folder / "undo.json").exists():
        raise DemoError(f"{folder} exists and is not the demo's", "it has no undo.json", "move it away, or use --dir")
    earlier = Undo(folder / "undo.json")
    if earlier.in_use() and not stop:
        raise DemoError("a demo is still running", f"its files are in {folder}", stop_command(folder))
    take_away(earlier, folder)
    say("the earlier demo is stopped and removed")


def begin(options):
    if not os.access(options.fpmbox, os.X_OK):
        raise DemoError(f"{options.fpmbox} does not exist", "", "scripts/build")
    options.dir.mkdir(mode=0o755, parents=True)
    demo = Demo(options.dir, options.web, options.fpmbox.resolve())
    demo.undo.catch_signals()
    demo.undo.add("owner", os.getpid(), start_time(os.getpid()))
    return demo


def main():
    options = parse(sys.argv[1:])
    os.umask(0o022)
    demo, kept = None, False
    try:
        clear_earlier(options.dir, options.stop)
        if options.stop:
            return 0
        demo = begin(options)
        wrong = perform(demo)
        if options.keep:
            keep(demo)
            demo.undo.add("kept")
            kept = True
        return 1 if wrong else 0
    except DemoError as error:
        print("\n".join(["", "scripts/demo: " + error.lines[0], *error.lines[1:]]), file=sys.stderr)
        return 1
    except Interrupted:
        print("\ninterrupted", file=sys.stderr)
        return 130
    finally:
        if demo and not kept:
            heading("Cleaning up")
            take_away(demo.undo, options.dir)
            say("processes, users and files of the demo are gone; installed packages and build/ stay")


if __name__ == "__main__":
    sys.exit(main())
