#!/usr/bin/env python3
"""Real applications in boxes behind real web servers: WordPress with MariaDB over its Unix socket, MediaWiki with SQLite.
They are installed, used, stopped, started, and moved to another version and back. Then phpMyAdmin and Roundcube.

    tests/sites/run.py --fpmbox BUILD/fpmbox            everything (as root); packages: scripts/setup test
    tests/sites/run.py --fpmbox BUILD/fpmbox --verbose  and what the boxes said

The tests of a site are one story: each goes on from where the one before ended. Everything that is made is removed again.
"""

import argparse
import contextlib
import os
import secrets
import shutil
import struct
import subprocess
import sys
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "sandbox"), os.path.join(HERE, "..", "..", "scripts", "lib")]

import fixture  # noqa: E402
import webservers  # noqa: E402
from demo.terminal import DemoError  # noqa: E402
from fixture import PlainPool, ask, folder, write  # noqa: E402
from mariadb import MariaDb  # noqa: E402
from mediawiki import MediaWiki  # noqa: E402
from others import PhpMyAdmin, Roundcube  # noqa: E402
from report import Report  # noqa: E402
from wordpress import HOST, WordPress, text_of  # noqa: E402


def picture(width=640, height=400):
    """A PNG that is new each time."""
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    row = b"\0" + secrets.token_bytes(3) * width
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(row * height)) + chunk(b"IEND", b""))


class Suite:
    def __init__(self, world, report):
        self.world, self.report = world, report
        password = secrets.token_hex(12)
        self.database = MariaDb(world, {"wordpress": password})
        self.wordpress, self.wiki = WordPress(world, self.database), MediaWiki(world)
        self.phpmyadmin, self.roundcube = PhpMyAdmin(world, self.database), Roundcube(world)
        self.ports = {}
        self.database_password = password

    def check(self, name, test, *arguments):
        """A test that stumbles over what another left undone has failed, too."""
        try:
            mistakes = test(*arguments)
        except (DemoError, fixture.Broken, fixture.NoAnswer, AssertionError, KeyError, OSError) as error:
            mistakes = [f"{type(error).__name__}: {line}" for line in getattr(error, "lines", [error])]
        self.report.check(name, mistakes, (test.__doc__ or "").strip())
        return not mistakes

    def prepare(self):
        self.database.install().start()
        self.wordpress.deploy("6.1", self.database_password)
        self.wordpress.switch("6.1")
        uploads = folder(f"{self.wordpress.data}/wp-content/uploads", 0o755, self.wordpress.user)
        folder(os.path.dirname(uploads))
        # a single file, as other applications keep their settings; WordPress itself has none
        write(f"{self.wordpress.data}/settings.ini", "first\n", 0o600, self.wordpress.user)
        write(f"{self.wordpress.version('6.1')}/settings.ini", "of the version\n")
        self.wordpress.write_pool_file(writable="settings.ini", more=f"connect: [{{unix: {self.database.socket}}}]")
        self.wiki.deploy("1.39.a")
        self.wiki.switch("1.39.a")
        self.wiki.write_pool_file(writable="data", php="  extensions: {add: [pdo, pdo_sqlite, gd]}")

    def start(self):
        for site in (self.wordpress, self.wiki):
            site.start()
        for server in ("nginx", "apache"):
            self.ports[server] = webservers.start(self.world, server, [self.wordpress, self.wiki])

    def run(self):
        for site in (self.wordpress, self.wiki):
            self.check(f"{site.application}/check", self.checked, site)
        self.check("wordpress/installed", self.install_wordpress)
        for server, port in self.ports.items():
            for site in (self.wordpress, self.wiki):
                self.check(f"{site.application}/{server}/expected", self.expected, site, port)
                self.check(f"{site.application}/{server}/closed", self.closed, site, port)
            self.check(f"wordpress/{server}/post", self.publish, port)
            self.check(f"wordpress/{server}/upload", self.upload_picture, port)
            self.check(f"wordpress/{server}/fallback", self.pretty_address, port)
            self.check(f"mediawiki/{server}/edit", self.edit_wiki, port)
            self.check(f"mediawiki/{server}/path-info", self.rest_of_wiki, port)
            self.check(f"mediawiki/{server}/upload", self.upload_to_wiki, port)
        self.check("wordpress/jobs", self.wordpress_jobs)
        self.check("mediawiki/jobs", self.wiki_jobs)
        self.check("wordpress/code-is-read-only", self.code_is_read_only)
        self.check("wordpress/database-restarted", self.database_restarted)
        self.check("wordpress/data-survives", self.wordpress_survives)
        self.check("mediawiki/data-survives", self.wiki_survives)
        self.check("wordpress/a-version-without-places", self.version_without_places)
        self.check("wordpress/in-place", self.in_place)
        self.run_others()

    def sites(self):
        return self.wordpress, self.wiki, self.phpmyadmin, self.roundcube

    def run_others(self):
        if not self.check("others/started", self.start_others):
            return
        for site in (self.phpmyadmin, self.roundcube):
            self.check(f"{site.application}/check", self.checked, site)
            for server, port in self.ports.items():
                self.check(f"{site.application}/{server}/expected", self.expected, site, port)
                self.check(f"{site.application}/{server}/closed", self.closed, site, port)
        self.check("phpmyadmin/login", self.browse_database)
        self.check("roundcube/assets", self.roundcube_assets)
        self.check("roundcube/jobs", self.run_jobs, self.roundcube)
        self.check("roundcube/login", self.roundcube_login)

    def start_others(self):
        """phpMyAdmin and Roundcube, as the users of the first two, whose stories are over"""
        mistakes = self.wordpress.stop() + self.wiki.stop()
        self.phpmyadmin.deploy("5.2")
        self.phpmyadmin.switch("5.2")
        self.phpmyadmin.write_pool_file(data=False, more=f"connect: [{{unix: {self.database.socket}}}]")
        self.roundcube.deploy("1.6")
        self.roundcube.switch("1.6")
        # one application that does without the JITs
        self.roundcube.write_pool_file(writable="db", php="  extensions: {add: [pdo_sqlite]}", more="memory: {deny_write_execute: true}")
        for site in (self.phpmyadmin, self.roundcube):
            site.start()
        self.ports = {server: webservers.start(self.world, server, [self.phpmyadmin, self.roundcube], f"{server}-others")
                      for server in ("nginx", "apache")}
        return mistakes

    # ---- any site

    def checked(self, site):
        """the pool file is right and nothing of the site's tree is amiss"""
        said = site.check()
        return [] if "0 errors, 0 warnings" in said else said.splitlines()

    def expected(self, site, port):
        """the requests that the profile's expect names are answered as it says"""
        wanted, mistakes = webservers.expectations(site), []
        for path, status, body in wanted:
            page = site.visitor(port).request(path)
            if page.status != status or body not in page.text:
                mistakes.append(f"{path}: {page.status}, {text_of(page)[:200]!r} instead of {status} with {body!r}")
        return mistakes if wanted else ["the profile expects nothing"]

    def closed(self, site, port):
        """what the profile denies, other scripts and dot files are not served"""
        others = {"wordpress": ["wp-includes/version.php", "wp-admin/includes/file.php", "xmlrpc.php", "wp-content/plugins/index.php"],
                  "mediawiki": ["includes/WebStart.php", "skins/Vector/includes/Hooks.php", "autoload.php"],
                  "phpmyadmin": ["autoload.php", "show_config_errors.php", "libraries/config.default.php"],
                  "roundcube": ["public_html/plugins/jqueryui/jqueryui.php"],
                  "matomo": ["vendor/autoload.php", "plugins/Login/Login.php", "LegacyAutoloader.php"]}[site.application]
        web = webservers.facet(site, "web")
        denied = [file for path in web["deny"] if (file := a_file_of(site.code, path))]
        write(f"{os.path.realpath(site.code)}/{web.get('document_root', '.')}/.hidden", "x")
        mistakes = [] if denied else ["nothing that is denied is there"]
        for path in [*denied, *others]:
            if not os.path.isfile(f"{site.code}/{path}"):
                mistakes.append(f"{path} is not there")
        for path in [*denied, *others, ".hidden"]:
            path = path.removeprefix(web.get("document_root", "") + "/")
            if (status := site.visitor(port).request(f"/{path}").status) not in (403, 404):
                mistakes.append(f"/{path}: {status}")
        return mistakes

    def run_jobs(self, site):
        """the jobs of the profile run beside the pool"""
        jobs = webservers.jobs(site)
        mistakes = [] if jobs else ["the profile has no jobs"]
        for name, command in jobs.items():
            run = site.fpmbox("exec", site.pool_path, "--", *command)
            if run.returncode or "Fatal error" in run.stdout + run.stderr or "Warning" in run.stdout + run.stderr:
                mistakes.append(f"{name}: {' '.join(command)}: exit {run.returncode}: {run.stdout[-300:]} {run.stderr[-600:]}")
        return mistakes

    def served(self, site, path, content):
        if not (path and content):
            return ["nothing was uploaded"]
        mistakes = []
        for server, port in self.ports.items():
            page = site.visitor(port).request(path)
            if page.status != 200 or page.body != content:
                mistakes.append(f"{server}: {path}: {page.status}, {len(page.body)} bytes instead of {len(content)}")
            elif page.headers.get("Content-Type") != "image/png":
                mistakes.append(f"{server}: {path} is sent as {page.headers.get('Content-Type')}")
        return mistakes

    def survives(self, site, still):
        """`still` looks, and is given the version that should answer."""
        first = os.readlink(site.code).removeprefix("www-")
        mistakes = [f"before: {mistake}" for mistake in still(first)]
        mistakes += site.stop()
        down = site.visitor(self.ports["nginx"]).request("/").status
        if down not in (502, 503, 504):
            mistakes.append(f"stopped, and yet it answers {down}")
        mistakes += [f"stopped: {mistake}" for mistake in self.served(site, *site.kept)]
        site.start()
        mistakes += [f"started again: {mistake}" for mistake in still(first)]
        for version in ("next", first):
            site.switch(version)
            mistakes += [f"still running the old: {mistake}" for mistake in still(first if version == "next" else "next")]
            mistakes += site.restart()
            mistakes += [f"version {version}: {mistake}" for mistake in still(version)]
        return mistakes

    # ---- WordPress

    def install_wordpress(self):
        """installed by its own form, over the database's Unix socket"""
        site, port = self.wordpress, self.ports["nginx"]
        return site.install(port) or site.name_posts_by_title(port)

    def publish(self, port):
        """log in, publish a post, and another visitor reads it"""
        editor, sentence = self.wordpress.logged_in(port), f"Written in a box, {secrets.token_hex(6)}."
        if not self.wordpress.is_logged_in(editor):
            return ["not logged in"]
        status, answer = self.wordpress.rest(editor, "/wp/v2/posts", title="A post", content=sentence, status="publish")
        if status != 201:
            return [f"{status}: {answer}"]
        page = self.wordpress.visitor(port).request(answer["link"].removeprefix(f"http://{HOST}"))
        refused, _ = self.wordpress.rest(self.wordpress.visitor(port), "/wp/v2/posts", title="x", content="x", status="publish")
        return ([] if sentence in page.text else [f"{page.status}: the post is not there: {text_of(page)[:300]}"]) + (
            [] if refused in (401, 403) else [f"a stranger's post is answered with {refused}"])

    def pretty_address(self, port):
        """addresses that are no files, as WordPress makes them for posts, are answered by WordPress, not by the web server"""
        visitor = self.wordpress.visitor(port)
        post, none = visitor.request("/hello-world/"), visitor.request("/fpmbox-has-no-such-page/")
        return ([] if post.status == 200 and "This is your first post" in post.text else [f"{post.status}: {text_of(post)[:200]}"]) + (
            [] if none.status == 404 and "Page not found" in none.text else [f"{none.status}: {text_of(none)[:200]}"])

    def upload_picture(self, port):
        """upload a picture; WordPress makes its smaller sizes; both web servers serve the file itself"""
        content = picture()
        told = self.wordpress.upload(self.wordpress.logged_in(port), "picture.png", content)
        if "url" not in told:
            return [str(told)]
        path = told["url"].removeprefix(f"http://{HOST}")
        self.wordpress.kept = path, content
        sizes = sorted(told.get("sizes", {}))
        return self.served(self.wordpress, path, content) + ([] if "medium" in sizes else [f"sizes: {sizes}"])

    def wordpress_jobs(self):
        """what was scheduled happens when the profile's job runs, and not before"""
        visitor = self.wordpress.visitor(self.ports["nginx"])
        said = [self.wordpress.act(visitor, "later"), self.wordpress.act(visitor, "ran")]
        mistakes = self.run_jobs(self.wordpress)
        said.append(self.wordpress.act(visitor, "ran"))
        return mistakes + ([] if said == ["scheduled", "has not run", "has run"] else [str(said)])

    WRITE = ("wp-content/plugins/akismet/akismet.php", "wp-content/plugins/new.php", "wp-content/themes/twentytwentythree/functions.php",
             "wp-content/mu-plugins/new.php", "wp-config.php", "index.php", "new.php")

    def code_is_read_only(self):
        """PHP cannot write a plugin, a theme or the core; outside the box the same user's PHP, on a tree of its own, can"""
        visitor, mistakes = self.wordpress.visitor(self.ports["nginx"]), []
        for path in self.WRITE:
            if (said := self.wordpress.act(visitor, "write", path)) != "refused":
                mistakes.append(f"inside, {path}: {said[:200]}")
        if (said := self.wordpress.act(visitor, "write", "wp-content/uploads/note.txt")) != "written":
            mistakes.append(f"inside, an upload: {said[:200]}")
        return mistakes + self.control_writes()

    def control_writes(self):
        site = self.wordpress
        tree = site.copy_version("6.1", "control", ("wp-content", "index.php", "wp-config.php"))
        shutil.copytree(f"{site.version('6.1')}/wp-content", f"{tree}/wp-content")
        for name in ("index.php", "wp-config.php"):
            shutil.copy(f"{site.version('6.1')}/{name}", f"{tree}/{name}")
        subprocess.run(["chown", "-R", f"{site.user}:{site.user}", f"{tree}/wp-content", f"{tree}/index.php", f"{tree}/wp-config.php"], check=True)
        os.chown(tree, *(os.stat(f"{tree}/index.php").st_uid,) * 2)
        pool, mistakes = PlainPool(self.world, site.key).start(), []
        for path in self.WRITE:
            said = ask(pool.address, f"{tree}/index.php", params={"QUERY_STRING": f"fpmbox-act=write&path={path}", "HTTP_HOST": HOST}).text
            if not said.endswith("written"):  # after what the files written before say, which run with it
                mistakes.append(f"outside, {path}: {said[:200]}")
        pool.stop()
        shutil.rmtree(tree)
        return mistakes

    def database_restarted(self):
        """while MariaDB is away the site says so; the first request after its return is answered"""
        visitor = self.wordpress.visitor(self.ports["nginx"])
        self.database.stop()
        away = visitor.request("/")
        self.database.start()
        back = visitor.request("/")
        return ([] if away.status == 500 and "database connection" in away.text else [f"away: {away.status} {text_of(away)[:200]}"]) + (
            [] if back.status == 200 and "</html>" in back.text else [f"back: {back.status} {text_of(back)[:200]}"])

    def wordpress_survives(self):
        """login, PHP session, settings, uploads and a file of settings survive a stop, a start, a new version and the change back"""
        site, port = self.wordpress, self.ports["nginx"]
        visitor, title = site.logged_in(port), f"Title {secrets.token_hex(4)}"
        status, answer = site.rest(visitor, "/wp/v2/settings", title=title)
        if status != 200:
            return [f"{status}: {answer}"]
        site.act(visitor, "write", "settings.ini")
        site.copy_version("6.1", "next", ("wp-config.php",))
        site.configuration("next", "wp-config.php", site.settings)
        seen = [0]

        def still(version):
            seen[0] += 1
            session, settings = site.act(visitor, "session"), site.act(visitor, "read", "settings.ini")
            said = site.act(visitor, "version")
            front = site.visitor(port).request("/")
            return (self.served(site, *site.kept) + ([] if site.is_logged_in(visitor) else ["not logged in any more"])
                    + ([] if session == f"seen {seen[0]}" else [f"session: {session[:100]}"])
                    + ([] if settings == "first\n/* changed */" else [f"settings.ini: {settings[:100]!r}"])
                    + ([] if title in front.text else [f"the title is not {title}: {text_of(front)[:100]}"])
                    + ([] if said == f"www-{version}" else [f"{said[:100]} answers instead of {version}"]))
        return self.survives(site, still)

    def version_without_places(self):
        """a version that lacks the place of a writable path is refused, with the command that makes it"""
        site, mistakes = self.wordpress, []
        site.copy_version("6.1", "bare", ("wp-content/uploads", "settings.ini"))
        site.switch("bare")
        bare = site.version("bare")
        said = site.check()
        for wanted in (f"mkdir -p {bare}/wp-content/uploads", f"touch {bare}/settings.ini"):
            if wanted not in said:
                mistakes.append(f"`{wanted}` is not advised: {said[:600]}")
        mistakes += site.stop()
        run = site.fpmbox("run", site.pool_path)
        if run.returncode != 65 or "wp-content/uploads" not in run.stderr:
            mistakes.append(f"run: exit {run.returncode}, {run.stderr[:300]}")
        for command in (f"mkdir -p {bare}/wp-content/uploads", f"touch {bare}/settings.ini"):  # as advised
            subprocess.run(command.split(), check=True)
        site.start()
        said = site.act(site.visitor(self.ports["nginx"]), "version")
        return mistakes + ([] if said == "www-bare" else [f"after the advice: {said[:200]}"])

    def in_place(self):
        """without a data folder the writable paths of the version itself are used, and written"""
        site, mistakes = self.wordpress, self.wordpress.stop()
        site.switch("6.1")
        site.write_pool_file(data=False, more=f"connect: [{{unix: {self.database.socket}}}]")
        said = site.check()
        advice = f"chown -R {site.user}: {site.version('6.1')}/wp-content/uploads"
        if advice not in said:
            mistakes.append(f"`{advice}` is not advised: {said[:600]}")
        shutil.rmtree(f"{site.version('6.1')}/wp-content/uploads")
        shutil.copytree(f"{site.data}/wp-content/uploads", f"{site.version('6.1')}/wp-content/uploads")
        subprocess.run(advice.split(), check=True)
        site.start()
        self.ports = {server: webservers.start(self.world, server, [site], f"{server}-in-place") for server in self.ports}
        return mistakes + self.checked(site) + self.served(site, *site.kept) + self.upload_picture(self.ports["nginx"])

    # ---- MediaWiki

    def edit_wiki(self, port):
        """log in, edit a page, and another visitor reads it"""
        editor, sentence = self.wiki.logged_in(port), f"Written in a box, {secrets.token_hex(6)}."
        if not self.wiki.is_logged_in(editor):
            return ["not logged in"]
        page = self.wiki.edit(editor, "A_page", f"== Test ==\n{sentence}")
        read = self.wiki.visitor(port).request("/index.php?title=A_page")
        return [] if sentence in read.text else [f"saving: {page.status} {text_of(page)[:300]}; reading: {read.status}"]

    def rest_of_wiki(self, port):
        """the part of the address behind a script reaches it"""
        page = self.wiki.visitor(port).request("/rest.php/v1/page/A_page")
        return [] if page.status == 200 and '"key":"A_page"' in page.text.replace(" ", "") else [f"{page.status}: {text_of(page)[:200]}"]

    def upload_to_wiki(self, port):
        """upload a picture; both web servers serve the file itself; a thumbnail is made"""
        content, editor = picture(), self.wiki.logged_in(port)
        path = self.wiki.upload(editor, f"Picture_{secrets.token_hex(3)}.png", content)
        self.wiki.kept = path, content
        name = path.rsplit("/", 1)[1]
        thumb = self.wiki.visitor(port).request(f"/thumb.php?f={name}&width=120")
        return self.served(self.wiki, path, content) + (
            [] if thumb.status == 200 and thumb.body.startswith(b"\x89PNG") else [f"thumbnail: {thumb.status} {text_of(thumb)[:200]}"])

    def wiki_jobs(self):
        """what edits left to do is done when the profile's job runs, and not before"""
        visitor = self.wiki.visitor(self.ports["nginx"])
        before = self.wiki.waiting_jobs(visitor)
        mistakes = self.run_jobs(self.wiki)
        after = self.wiki.waiting_jobs(visitor)
        return mistakes + ([] if before > 0 and after == 0 else [f"{before} jobs before, {after} after"])

    def wiki_survives(self):
        """login, settings, pages and uploads survive a stop, a start, a new version and the change back"""
        site, port = self.wiki, self.ports["apache"]
        visitor, name = site.logged_in(port), f"Name {secrets.token_hex(4)}"
        site.set_option(visitor, "nickname", name)
        site.copy_version("1.39.a", "next", ("LocalSettings.php",))
        site.name_version("next")

        def still(version):
            title = site.title(visitor)
            return (self.served(site, *site.kept) + ([] if site.is_logged_in(visitor) else ["not logged in any more"])
                    + ([] if site.option(visitor, "nickname") == name else ["the setting is lost"])
                    + ([] if "Written in a box" in site.visitor(port).request("/index.php?title=A_page").text else ["the page is lost"])
                    + ([] if version in title else [f"{title} answers instead of {version}"]))
        return self.survives(site, still)


    # ---- phpMyAdmin and Roundcube

    def browse_database(self):
        """log in with the account of a database and see its tables; the login outlives a restart; a wrong password does not log in"""
        site, port = self.phpmyadmin, self.ports["nginx"]
        page = "/index.php?route=/database/structure&db=wordpress"
        visitor = site.logged_in(port, "wordpress", self.database_password)
        mistakes = [] if "wp_posts" in visitor.request(page).text else ["the tables are not shown"]
        mistakes += site.restart()
        mistakes += [] if "wp_posts" in visitor.request(page).text else ["restarted: the tables are not shown"]
        stranger = site.logged_in(port, "wordpress", "wrong")
        return mistakes + (["a wrong password logs in"] if "wp_posts" in stranger.request(page).text else [])

    def roundcube_assets(self):
        """the style sheets and scripts of its first page are served from the document root"""
        assets = self.roundcube.assets(self.ports["nginx"])
        return ([] if len(assets) > 3 else [f"only {assets}"]) + [
            f"{server}: /{path}: {status}" for server, port in self.ports.items() for path in assets
            if (status := self.roundcube.visitor(port).request(f"/{path.lstrip('/')}").status) != 200]

    def roundcube_login(self):
        """a login needs the mail server, which this box cannot reach; the page says so, and the box's log has Roundcube's own line"""
        page = self.roundcube.tried_login(self.ports["apache"])
        mistakes = [] if "Connection to storage server failed" in page.text else [f"{page.status}: {text_of(page)[:300]}"]
        logged = fixture.until(lambda: [line for line in self.roundcube.box.log if "imap.example.org" in line], fixture.PATIENCE)
        return mistakes + ([] if logged else ["the failed connection is not in the log"])


def a_file_of(code, path):
    """The path itself, or the first file somewhere in that folder."""
    if os.path.isfile(f"{code}/{path}"):
        return path
    return next((os.path.relpath(f"{top}/{file}", code) for top, _, files in os.walk(f"{code}/{path}") for file in sorted(files)), None)


def uses(pid, path):
    """Whether a process has a file below `path` open: a log, a database."""
    with contextlib.suppress(OSError):
        for fd in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                if os.readlink(f"/proc/{pid}/fd/{fd}").startswith(path + "/"):
                    return True
    return False


def left_behind(world, suite):
    """The fixture ends and removes boxes and users; this is about what the tests of sites add."""
    found = [path for path in (world.scratch, *(site.socket for site in suite.sites())) if os.path.exists(path)]
    found += [f"process {pid}" for pid in os.listdir("/proc") if pid.isdigit() and uses(pid, world.scratch)]
    return ["left behind: " + each for each in found]


def tell(make_suite, options):
    """Runs one suite in a world of its own; an exit code."""
    report = Report()
    try:
        with fixture.World(options.fpmbox) as world:
            suite = make_suite(world, report)
            suite.prepare()
            suite.start()
            suite.run()
            if options.verbose or report.failed:
                for site in suite.sites():
                    for line in site.box.log[-40:] if site.box else []:
                        print("  # log: " + line)
        fixture.until(lambda: not left_behind(world, suite), fixture.PATIENCE, 0.1)
        report.check("nothing-left", left_behind(world, suite), "servers, sockets and files are gone")
    except (fixture.Broken, DemoError) as error:
        report.fail("surroundings", *getattr(error, "lines", [str(error)]))
    except KeyboardInterrupt:
        report.fail("surroundings", "interrupted")
    return report.close()


def parser(description):
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--fpmbox", required=True, help="the launcher to test")
    made.add_argument("--verbose", action="store_true", help="print the boxes' logs at the end")
    return made


if __name__ == "__main__":
    sys.exit(tell(Suite, parser(__doc__).parse_args()))
