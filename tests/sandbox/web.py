#!/usr/bin/env python3
"""The snippets of `fpmbox export` in real web servers in front of a box: what works, and what is refused. What a line of a
snippet refuses is served when that line is taken out.

    tests/sandbox/web.py --fpmbox BUILD/fpmbox [--only nginx]     (as root)
"""

import argparse
import http.client
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import threading

import fixture
from fixture import Box, folder, until, write
from demo import sites
from report import Report

WEB_USER = "www-data"
COPIES = (".BAK", ".1", ".tmp", "_", "-old")
MODULES = ("mpm_event", "authz_core", "mime", "dir", "alias", "headers", "proxy", "proxy_fcgi")


class Site(Box):
    """A site that keeps its uploads outside the code: what visitors may have of them is the web server's to serve."""

    def __init__(self, world):
        super().__init__(world, "alice", more="""\
web:
  front_controllers: [hello.php, info.php, "lib/*.php"]
  fallback: info.php
  deny: [private, "*.dist", deep/er]
""")
        self.data = f"{world.scratch}/alice-data"
        with open(self.file) as file:
            text = file.read()
        text = text.replace("writable: [data]", f"writable: [uploads, uploads/deep, private]\n  data: {self.data}")
        text = text.replace("  admin_values: {", "  admin_values: {post_max_size: 1M, upload_max_filesize: 1M, ")
        write(self.file, text)
        self.lay_out()

    def lay_out(self):
        code, user = f"{self.world.scratch}/alice/www-1.0", self.world.users["alice"]
        for name in ("uploads", "uploads/deep", "private"):
            folder(f"{code}/{name}")
            folder(f"{self.data}/{name}", 0o755, user)
        folder(f"{code}/lib")
        folder(f"{code}/deep/er")
        folder(f"{code}/.git")
        for path, content in {
            "info.php": "<?php echo json_encode(['info', $_SERVER['PATH_INFO'] ?? null, $_SERVER['REQUEST_URI']]);",
            "other.php": "<?php echo 'ran: not a front controller';", "lib/a.php": "<?php echo 'a of lib';",
            "style.css": "a style", "config.php~": "<?php // a copy with a password", **{f"config.php{end}": "<?php // a copy with a password" for end in COPIES}, "x.dist": "denied", "deep/er/mail.txt": "denied", ".git/config": "[core]",
        }.items():
            write(f"{code}/{path}", content)
        for path, content in {
            "uploads/picture.png": "a picture", "uploads/shell.php": "<?php echo 'ran: an upload';", "uploads/shell.phtml": "<?php echo 'ran: an upload';",
            "uploads/both.cgi.png": "a picture",
            "uploads/.env": "hidden", "uploads/dump.sql": "a dump", "private/mail.txt": "denied",
        }.items():
            write(f"{self.data}/{path}", content, owner=user)
        write(f"{self.world.scratch}/home/config-of-bob.txt", "of another", owner=self.world.users["bob"])
        for name, to in (("of-root.txt", f"{self.world.scratch}/home/secret.txt"), ("of-bob.txt", f"{self.world.scratch}/home/config-of-bob.txt"),
                         ("own.txt", "picture.png")):
            os.symlink(to, f"{self.data}/uploads/{name}")
            self.give(f"{self.data}/uploads/{name}")

    def give(self, path):
        user = pwd.getpwnam(self.world.users["alice"])
        os.lchown(path, user.pw_uid, user.pw_gid)

    def exchange_folder(self):
        """What lies in a writable folder is its owner's to rename, and be it a writable folder."""
        os.rename(f"{self.data}/uploads/deep", f"{self.data}/uploads/before")
        os.symlink(f"{self.world.scratch}/home", f"{self.data}/uploads/deep")
        self.give(f"{self.data}/uploads/deep")


class Neighbour:
    """A socket that the web server may connect to, as that of every other pool. Counts who does."""

    def __init__(self, world):
        self.path, self.calls = f"{world.scratch}/run/neighbour.sock", 0
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        self.listener.bind(self.path)
        os.chmod(self.path, 0o666)
        self.listener.listen(8)
        world.at_end.callback(self.listener.close)
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.calls += 1
            connection.close()


class Server:
    """A web server of its own: configuration, port and files in a folder of the test."""

    number = 0

    def __init__(self, world, site, change=None):
        Server.number += 1
        self.world, self.site = world, site
        self.folder = folder(f"{world.scratch}/web-{Server.number}")
        self.port = sites.free_port()
        self.snippet = write(f"{self.folder}/snippet.conf", change(self.export()) if change else self.export())
        self.conf = write(f"{self.folder}/main.conf", self.configuration())

    def export(self):
        return subprocess.run([self.world.fpmbox, "export", self.kind, self.site.file], check=True, capture_output=True, text=True).stdout

    def start(self):
        said = subprocess.run(self.test_command(), capture_output=True, text=True, check=False)
        if said.returncode:
            raise fixture.Broken(f"{self.kind} does not take the snippet: {said.stderr.strip()}")
        with open(f"{self.folder}/out.log", "wb") as log:
            self.process = self.world.process(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if not until(self.answers, fixture.PATIENCE):
            with open(f"{self.folder}/out.log") as log:
                raise fixture.Broken(f"{self.kind} does not answer: {log.read()[-500:]}")
        return self

    def answers(self):
        try:
            return self.ask("/style.css")[0] > 0
        except OSError:
            return False

    def ask(self, path, method="GET", body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=fixture.PATIENCE)
        try:
            connection.request(method, path, body=body)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace").strip(), dict(answer.getheaders())
        finally:
            connection.close()

    def stop(self):
        self.process.terminate()
        self.process.wait(fixture.PATIENCE)


class Nginx(Server):
    kind = "nginx"

    def configuration(self):
        temporary = "".join(f"  {name}_temp_path {self.folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        return (f"user {WEB_USER} {fixture.WEB};\nworker_processes 1;\npid {self.folder}/pid;\nerror_log {self.folder}/error.log;\n"
                f"daemon off;\nevents {{}}\nhttp {{\n  include /etc/nginx/mime.types;\n  access_log off;\n{temporary}"
                f"  server {{\n    listen 127.0.0.1:{self.port};\n    include {self.snippet};\n  }}\n}}\n")

    def test_command(self):
        return ["nginx", "-t", "-q", "-c", self.conf, "-e", f"{self.folder}/error.log"]

    def command(self):
        return ["nginx", "-c", self.conf, "-e", f"{self.folder}/error.log"]


class Apache(Server):
    kind = "apache"

    def configuration(self):
        modules = "".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n" for name in MODULES)
        return (f"ServerRoot {self.folder}\nPidFile {self.folder}/pid\nDefaultRuntimeDir {self.folder}\nMutex file:{self.folder} default\n"
                f"ErrorLog {self.folder}/error.log\nListen 127.0.0.1:{self.port}\nServerName localhost\n{modules}"
                f"User {WEB_USER}\nGroup {fixture.WEB}\nTypesConfig /etc/mime.types\n"
                "<Directory />\n  Options FollowSymLinks\n  AllowOverride None\n  Require all denied\n</Directory>\n"
                # as Debian's php-fpm packages have it for the whole server: to somebody else's pool
                f"<FilesMatch \".+\\.ph(?:ar|p|tml)$\">\n  SetHandler \"proxy:unix:{self.world.scratch}/run/neighbour.sock|fcgi://localhost\"\n</FilesMatch>\n"
                # and as many machines have it, for which an ending counts wherever it stands in the name
                f"AddHandler \"proxy:unix:{self.world.scratch}/run/neighbour.sock|fcgi://localhost\" .php .cgi\n"
                f"<VirtualHost 127.0.0.1:{self.port}>\n  Include {self.snippet}\n</VirtualHost>\n")

    def test_command(self):
        return ["apache2", "-t", "-f", self.conf]

    def command(self):
        return ["apache2", "-DFOREGROUND", "-f", self.conf]


# name, why, path, what the answer contains
WORKS = [
    ("front-controller", "PHP answers", "/hello.php", "hello from alice"),
    ("pattern", "a front controller by its pattern", "/lib/a.php", "a of lib"),
    ("path-info", "MediaWiki's and DokuWiki's addresses", "/info.php/Some/Page.log", '["info","\\/Some\\/Page.log"'),
    ("path-info-of-script", "PATH_INFO never says which script it is", "/info.php/uploads/shell.php", '["info","\\/uploads\\/shell.php"'),
    ("fallback", "addresses that are no files", "/some/page?x=1", '["info",'),
    ("fallback-query", "and their query", "/some/page?x=1", "some\\/page?x=1"),
    ("static", "a file of the code", "/style.css", "a style"),
    ("upload", "a file of the data folder", "/uploads/picture.png", "a picture"),
    ("two-endings", "an upload is what its last ending says, whatever handlers the server has", "/uploads/both.cgi.png", "a picture"),
    ("own-link", "a link of the pool's user to a file of its own", "/uploads/own.txt", "a picture"),
]

# name, why, path
REFUSED = [
    ("uploaded-script", "a web shell among the uploads", "/uploads/shell.php"),
    ("uploaded-phtml", "with another ending", "/uploads/shell.phtml"),
    ("uploaded-path-info", "followed by a path", "/uploads/shell.php/x.png"),
    ("picture-path-info", "a picture asked for as PHP (nginx's old cgi.fix_pathinfo hole)", "/uploads/picture.png/x.php"),
    ("newline", "a line break in the address (CVE-2019-11043)", "/uploads/shell.php%0a"),
    ("newline-path-info", "and behind it", "/other.php%0a/x.php"),
    ("dots", "a way around", "/lib/../uploads/shell.php"),
    ("escaped-slash", "an escaped one", "/lib%2f..%2fuploads%2fshell.php"),
    ("upper-case", "another case", "/uploads/shell.PHP"),
    ("no-front-controller", "a script of the code that is none", "/other.php"),
    ("denied", "web.deny", "/private/mail.txt"),
    ("denied-twice-slash", "web.deny, spelled otherwise", "//private//mail.txt"),
    ("denied-pattern", "web.deny with a pattern", "/x.dist"),
    ("dot-file", "the version control's folder", "/.git/config"),
    ("uploaded-dot-file", "a dot file among the uploads", "/uploads/.env"),
    ("copy", "an editor's copy of a script", "/config.php~"),
    *((f"copy{end}", "and others", f"/config.php{end}") for end in COPIES),
    ("dump", "a dump of the database", "/uploads/dump.sql"),
    ("link-to-root", "a link of the pool's user to a file of root", "/uploads/of-root.txt"),
    ("link-to-other", "a link to another site's configuration", "/uploads/of-bob.txt"),
    ("link-for-folder", "a writable folder in another, exchanged for a link", "/uploads/deep/secret.txt"),
]
MUST_NOT_SAY = ("ran:", "<?php", "password", "denied", "[core]", "hidden", "a dump", "a file of the host", "of another")


def check_works(report, server):
    for name, why, path, wanted in WORKS:
        status, text, _ = server.ask(path)
        report.check(f"{server.kind}/works/{name}", [] if status == 200 and wanted in text else [f"{path}: {status} {text[:200]!r}"], why)
    status, _, headers = server.ask("/uploads/picture.png")
    report.check(f"{server.kind}/works/nosniff", [] if headers.get("X-Content-Type-Options") == "nosniff" else [str(headers)], "an upload is what its ending says")
    status, _, _ = server.ask("/info.php", "POST", b"x" * (900 << 10))
    report.check(f"{server.kind}/works/body", [] if status == 200 else [str(status)], "a body of nearly post_max_size")
    status, _, _ = server.ask("/info.php", "POST", b"x" * (1100 << 10))
    report.check(f"{server.kind}/refused/body", [] if status == 413 else [str(status)], "a body beyond post_max_size")


def check_refused(report, server, neighbour):
    for name, why, path in REFUSED:
        calls = neighbour.calls
        status, text, _ = server.ask(path)
        said = [word for word in MUST_NOT_SAY if word in text]
        # what is no file is the fallback's to answer, which is PHP from a front controller
        answered = status in (400, 403, 404) or (status == 200 and text.startswith('["info"'))
        mistakes = [f"{path}: {status} {text[:200]!r}"] if said or not answered else []
        mistakes += ["a neighbour's socket was asked"] if neighbour.calls != calls else []
        report.check(f"{server.kind}/refused/{name}", mistakes, why)


def check_slashes(report, server):
    """For servers that keep `//` in addresses, which is a folder's name to nobody but their configuration."""
    for path in ("//x.dist", "/deep//er/mail.txt", "/x/..//deep/er///mail.txt"):
        status, text, _ = server.ask(path)
        report.check(f"{server.kind}/refused/slashes{path}", [] if status in (403, 404) else [f"{status} {text[:200]!r}"],
                     "web.deny holds where slashes are not merged, too")
    check_control(report, "slashes", server, "//style.css", "a style", "they are not merged, and what is not denied is served")


def without(*lines):
    """The snippet without the lines that match; each has to be there."""
    def change(text):
        for line in lines:
            text, count = re.subn(line, "", text, flags=re.MULTILINE)
            if not count:
                raise fixture.Broken(f"the snippet has no line {line}")
        return text
    return change


def check_control(report, name, server, path, wanted, why):
    status, text, _ = server.ask(path)
    report.check(f"{server.kind}/control/{name}", [] if status == 200 and wanted in text else [f"{path}: {status} {text[:200]!r}"], why)


def nginx(report, world, site, neighbour):
    server = Nginx(world, site).start()
    check_works(report, server)
    check_refused(report, server, neighbour)
    server.stop()
    keeping = Nginx(world, site, lambda text: "merge_slashes off;\n" + text).start()
    check_slashes(report, keeping)
    keeping.stop()
    careless = Nginx(world, site, without(r"^ *disable_symlinks .*$", r"^if .*web\.deny$")).start()
    check_control(report, "link-to-root", careless, "/uploads/of-root.txt", "a file of the host", "without disable_symlinks it is served")
    check_control(report, "link-to-other", careless, "/uploads/of-bob.txt", "of another", "and another site's")
    check_control(report, "denied", careless, "/x.dist", "denied", "without web.deny's line it is served")
    careless.stop()


HTACCESS = """Options FollowSymLinks
<FilesMatch "\\.png$">
  SetHandler "proxy:unix:{}|fcgi://localhost"
</FilesMatch>
"""


def apache(report, world, site, neighbour):
    uploads, user = f"{site.data}/uploads", world.users["alice"]
    server = Apache(world, site).start()
    check_works(report, server)
    check_refused(report, server, neighbour)
    keeping = Apache(world, site, lambda text: "MergeSlashes OFF\n" + text).start()
    check_slashes(report, keeping)
    keeping.stop()
    write(f"{uploads}/.htaccess", HTACCESS.format(neighbour.path), owner=user)
    status, text, _ = server.ask("/uploads/picture.png")
    calls, link = neighbour.calls, server.ask("/uploads/of-root.txt")
    report.check("apache/refused/htaccess", ([] if (status, text) == (200, "a picture") and calls == 0 else [f"{status} {text!r}, {calls} calls"]),
                 "an uploaded .htaccess that sends requests to a neighbour's socket")
    report.check("apache/refused/htaccess-links", [] if link[0] == 403 else [str(link)], "and that follows all links")
    server.stop()
    careless = Apache(world, site, lambda text: without(r"(?s)^  <If \"-f .*?</If>\n")(text).replace("AllowOverride None", "AllowOverride All")).start()
    status, _, _ = careless.ask("/uploads/picture.png")
    report.check("apache/control/htaccess", [] if neighbour.calls == 1 else [f"{status}, {neighbour.calls} calls"], "with AllowOverride All, and handlers for files, the neighbour is asked")
    calls = neighbour.calls
    status, _, _ = careless.ask("/uploads/both.cgi.png")
    report.check("apache/control/two-endings", [] if neighbour.calls == calls + 1 else [f"{status}, {neighbour.calls - calls} calls"],
                 "with handlers for files a server's own AddHandler is asked, for the ending in the middle")
    check_control(report, "htaccess-links", careless, "/uploads/of-root.txt", "a file of the host", "and the link is followed")
    os.unlink(f"{uploads}/.htaccess")
    careless.stop()
    careless = Apache(world, site, lambda text: without(r"(?s)# web.deny\n.*?</LocationMatch>")(text).replace("SymLinksIfOwnerMatch", "FollowSymLinks")).start()
    check_control(report, "link-to-root", careless, "/uploads/of-root.txt", "a file of the host", "with FollowSymLinks it is served")
    check_control(report, "link-to-other", careless, "/uploads/of-bob.txt", "of another", "and another site's")
    check_control(report, "denied", careless, "/x.dist", "denied", "without web.deny's section it is served")
    careless.stop()


def guard(report, world, site):
    """What a web server without the snippet would pass."""
    for name, script, wanted in (("front-controller", "hello.php", 200), ("pattern", "lib/a.php", 200), ("other", "other.php", 403),
                                 ("upload", "uploads/shell.php", 403)):
        status = site.request(script).status
        report.check(f"guard/{name}", [] if status == wanted else [f"{script}: {status}"], "the guard ahead of every request, whatever the web server passes")
    lines = [line for line in site.log if "refused to start" in line]
    for script, key in (("other.php", "web.front_controllers in "), ("uploads/shell.php", "filesystem.writable[uploads] in ")):
        found = until(lambda: [line for line in site.log if f"refused to start {script}: " in line and key + site.file in line], fixture.PATIENCE)
        report.check(f"guard/log/{script}", [] if found else lines or ["no line"], "which script, and the line of the profile that decided")


SERVERS = {"nginx": (nginx, "nginx"), "apache": (apache, "apache2")}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fpmbox", required=True)
    parser.add_argument("--only", choices=[*SERVERS, "guard"])
    options = parser.parse_args()
    report = Report([])
    try:
        with fixture.World(options.fpmbox) as world:
            site, neighbour = Site(world).start(), Neighbour(world)
            site.exchange_folder()
            guard(report, world, site)
            for name, (run, program) in SERVERS.items():
                if options.only not in (None, name):
                    continue
                if shutil.which(program):
                    run(report, world, site, neighbour)
                    neighbour.calls = 0
                else:
                    report.skip(name, f"{program} is not installed: scripts/setup test")
    except (fixture.Broken, fixture.NoAnswer, OSError) as error:
        report.fail("web", f"{type(error).__name__}: {error}")
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
