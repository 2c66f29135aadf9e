#!/usr/bin/env python3
"""fpmbox learn on a real application: WordPress behind nginx is installed and used in a recording box whose profile grants nothing;
with the fragment that comes out it works in an ordinary box. Prints what the catalog's profile, written by hand, says otherwise.

    tests/sites/learn.py --fpmbox BUILD/fpmbox            (as root); packages: scripts/setup test
"""

import argparse
import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "sandbox"), os.path.join(HERE, "..", "..", "scripts", "lib")]

import fixture  # noqa: E402
import webservers  # noqa: E402
from demo.terminal import DemoError  # noqa: E402
from fixture import folder, until  # noqa: E402
from mariadb import MariaDb  # noqa: E402
from report import Report  # noqa: E402
from run import picture  # noqa: E402
from wordpress import WordPress, text_of  # noqa: E402

RUN = "/run/fpmbox-t-learn"  # where servers have their sockets, and a recording box sees them
# What the catalog's profile has for reasons that no recording shows: settings, what the web server may ask, jobs, expectations.
NOT_RECORDED = ("web.", "php.admin_values", "jobs", "expect.")


class Learned:
    def __init__(self, world, report):
        self.world, self.report = world, report
        password = secrets.token_hex(12)
        shutil.rmtree(RUN, ignore_errors=True)
        self.database = MariaDb(world, {"wordpress": password})
        self.database.run = folder(RUN, 0o755, "mysql")
        world.at_end.callback(shutil.rmtree, RUN, ignore_errors=True)
        self.database.socket = f"{RUN}/mysqld.sock"
        self.database.install().start()
        self.site = WordPress(world, self.database)
        self.site.deploy("6.1", password)
        self.site.switch("6.1")
        self.site.write_pool_file(data=False, more=f"connect: [{{unix: {self.database.socket}}}]")
        self.port = webservers.start(world, "nginx", [self.site])
        self.fragment = f"{os.path.dirname(self.site.pool_path)}/learned.yaml"

    def extend(self, what):
        self.site.application = what
        self.site.write_pool_file(data=False)

    def use(self):
        """What an editor and a visitor do; their mistakes."""
        visitor = self.site.logged_in(self.port)
        mistakes = [] if self.site.is_logged_in(visitor) else ["the login failed"]
        status, post = self.site.rest(visitor, "/wp/v2/posts", title="Learned", content="A post of the test", status="publish")
        mistakes += [] if status == 201 else [f"no post: {status} {post}"]
        media = self.site.upload(visitor, f"{secrets.token_hex(4)}.png", picture(300, 200))
        mistakes += [] if "url" in media else [f"no upload: {media}"]
        for path, wanted in (("/", "Learned"), ("/?feed=rss2", "<rss"), ("/?s=test", "Learned"), ("/wp-login.php", "user_login")):
            page = self.site.visitor(self.port).request(path)
            mistakes += [] if page.status == 200 and wanted in page.text else [f"{path}: {page.status} {text_of(page)[:200]!r}"]
        return mistakes

    def record(self):
        """installed and used in a recording box whose profile grants nothing; the code stays as it was"""
        self.extend("php-fpm")
        before = subprocess.run(["find", f"{self.site.base}/", "-printf", "%p %U %m %s\n"], capture_output=True, text=True).stdout
        process = subprocess.Popen([self.world.fpmbox, "learn", self.site.pool_path, "--output", self.fragment], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        log = []
        threading.Thread(target=lambda: log.extend(process.stderr), daemon=True).start()
        try:
            if not until(lambda: any(": recording" in line for line in log) or process.poll() is not None, 30):
                return log
            mistakes = self.site.install(self.port) + self.use()
            process.send_signal(signal.SIGINT)
            code = process.wait(120)
        finally:
            if process.poll() is None:
                process.kill()
        after = subprocess.run(["find", f"{self.site.base}/", "-printf", "%p %U %m %s\n"], capture_output=True, text=True).stdout
        return mistakes + ([] if code == 0 else [f"exit code {code}", *log]) + ([] if before == after else ["the code is another"])

    def works(self):
        """with the fragment everything works in an ordinary box"""
        uploads = f"{self.site.code}/wp-content/uploads"
        shutil.chown(uploads, self.site.user, self.site.user)
        self.extend("./learned.yaml")
        self.site.start()
        return self.use() + self.site.stop()

    def control(self):
        """and without it not"""
        self.extend("php-fpm")
        self.site.start()
        page = self.site.visitor(self.port).request("/")
        return (["it works without the fragment"] if page.status == 200 and "Learned" in page.text else []) + self.site.stop()

    def compared(self):
        """what the fragment grants and the catalog's profile does not: extensions alone"""
        diff = self.site.fpmbox("diff", "wordpress", self.fragment)
        lines = [line for line in diff.stdout.splitlines() if not line[2:].startswith(NOT_RECORDED)]
        print("".join(f"  # {line}\n" for line in lines), end="")
        grants = [line for line in lines if line.startswith("+ ")]
        allowed = (f"+ connect {self.database.socket}", "+ php.extensions")
        return [f"granted beyond it: {line}" for line in grants if not line.startswith(allowed)] + \
            ([] if any(line.startswith(allowed[0]) for line in grants) else ["the database is not in it"])

    def run(self):
        for test in (self.record, self.works, self.control, self.compared):
            try:
                mistakes = test()
            except (DemoError, fixture.NoAnswer) as error:  # a page that is not there fails a test like any other
                mistakes = [f"{type(error).__name__}: {line}" for line in getattr(error, "lines", [error])] + (self.site.box.log[-10:] if self.site.box else [])
            self.report.check(f"wordpress/{test.__name__}", mistakes, test.__doc__)
            if mistakes:
                if os.path.exists(self.fragment):
                    print(open(self.fragment).read())
                return


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fpmbox", required=True)
    options = parser.parse_args()
    report = Report([])
    try:
        with fixture.World(options.fpmbox) as world:
            Learned(world, report).run()
    except fixture.Broken as error:
        report.fail("surroundings", str(error))
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
