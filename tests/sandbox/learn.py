#!/usr/bin/env python3
"""fpmbox learn: a small site is recorded with a profile that grants nothing, and the fragment that comes out makes the same
requests work in an ordinary box, where they failed before.

    tests/sandbox/learn.py --fpmbox BUILD/fpmbox [--only NAME]      (as root)
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse

import fixture
import fastcgi
from demo import wiki
from demo.terminal import DemoError
from report import Report

USER = "fpmbox-t-alice"
RUN = "/run/fpmbox-t-learn"

# What each script of the site does; it prints "ok" when it could.
SITE = {
    "index.php": "echo 'ok';",
    "cache.php": "@mkdir(__DIR__ . '/var/cache'); $n = 0; foreach (['a', 'b'] as $x) $n += (int) file_put_contents(__DIR__ . \"/var/cache/$x.html\", 'page');"
                 " echo $n === 8 ? 'ok' : 'no';",
    "setting.php": "echo file_put_contents(__DIR__ . '/conf/settings.txt', 'changed') === 7 ? 'ok' : 'no';",
    "upload.php": "$t = tempnam(__DIR__ . '/media', 'up'); echo dirname((string) $t) === realpath(__DIR__ . '/media') && file_put_contents($t, 'x')"
                  " && rename($t, __DIR__ . '/media/picture') ? 'ok' : 'no';",
    "socket.php": f"$s = @stream_socket_client('unix://{RUN}/db.sock', $c, $w, 3); echo $s && fgets($s) === \"hello\\n\" ? 'ok' : 'no';",
    "text.php": "$d = new DOMDocument; $d->loadXML('<a>x</a>'); echo mb_strtoupper($d->textContent) === 'X' ? 'ok' : 'no';",
    "memory.php": "$m = shm_attach(77, 1000, 0600); $s = sem_get(78); $said = sem_acquire($s) && shm_put_var($m, 1, 'v') && shm_get_var($m, 1) === 'v'"
                  " && sem_release($s); shm_remove($m); shm_detach($m); sem_remove($s); echo $said ? 'ok' : 'no';",
    "sqlite.php": "try { $p = new PDO('sqlite::memory:'); echo $p->query('select 7')->fetchColumn() == 7 ? 'ok' : 'no'; } catch (Throwable $e) { echo 'no'; }",
    "nice.php": "echo @proc_nice(1) ? 'ok' : 'no';",
}
# What no fragment grants.
REFUSED = {
    "danger.php": "echo @posix_setuid(posix_getuid()) ? 'ok' : 'no';",
    "program.php": "echo function_exists('exec') && @exec('/usr/bin/id -u') ? 'ok' : 'no';",
    "outside.php": "echo @file_put_contents('/var/log/fpmbox-t-learn.log', 'x') ? 'ok' : 'no';",
    "root.php": "echo @unlink(__DIR__ . '/old.txt') ? 'ok' : 'no';",
    "others.php": "echo @file_get_contents(__DIR__ . '/root-alone.txt') || @scandir(__DIR__ . '/root-alone') ? 'ok' : 'no';",
    "guess.php": "echo function_exists('gmp_add') ? gmp_strval(gmp_add(1, 2)) : 'without'; ",
}


def expect(wanted, got, what):
    return [] if wanted == got else [f"{what}: wanted {wanted!r}, got {got!r}"]


def greet(world, path):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    listener.bind(path)
    listener.listen(16)
    os.chmod(path, 0o666)
    world.at_end.callback(listener.close)

    def serve():
        while True:
            with contextlib.suppress(BrokenPipeError):
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(b"hello\n")
    threading.Thread(target=serve, daemon=True).start()


def make_site(world):
    code = f"{world.scratch}/learn/www"  # a link to a version
    fixture.folder(f"{code}-1.0")
    os.symlink("www-1.0", code)
    for name, text in {**SITE, **REFUSED}.items():
        fixture.write(f"{code}/{name}", "<?php " + text)
    for name in ("var", "conf"):
        fixture.folder(f"{code}/{name}")
    for name in ("var/cache", "media"):
        fixture.folder(f"{code}/{name}", 0o755, USER)
    fixture.write(f"{code}/conf/settings.txt", "as it was", 0o644, USER)
    fixture.write(f"{code}/old.txt", "old", 0o644)
    fixture.write(f"{code}/root-alone.txt", "not the pool's to read", 0o600)
    fixture.folder(f"{code}/root-alone", 0o700)
    shutil.rmtree(RUN, ignore_errors=True)
    fixture.folder(RUN)
    world.at_end.callback(shutil.rmtree, RUN, ignore_errors=True)
    greet(world, f"{RUN}/db.sock")
    return code


def tree(code):
    """Everything below the code: kind, owner, mode, contents."""
    found = {}
    for top, folders, files in os.walk(os.path.realpath(code)):
        for name in folders + files:
            path = os.path.join(top, name)
            info = os.lstat(path)
            found[os.path.relpath(path, code)] = (info.st_mode, info.st_uid, info.st_mtime_ns if name in files else 0,
                                                  open(path, "rb").read() if name in files else b"")
    return found


class Site:
    def __init__(self, world):
        self.world, self.code = world, make_site(world)
        self.pools = fixture.folder(f"{world.scratch}/learn/pools")
        self.name = "t-learn"
        for state in ("/run/fpmbox/", "/var/lib/fpmbox/"):
            world.at_end.callback(shutil.rmtree, state + self.name, ignore_errors=True)
        self.fragment = f"{self.pools}/learned.yaml"

    more = ""  # further keys of filesystem

    def pool_file(self, extends="php-fpm"):
        return fixture.write(f"{self.pools}/{self.name}.yaml", f"""extends: {extends}
identity: {{user: {USER}}}
listen: {{group: fpmbox-t-web}}
filesystem: {{code: {self.code}{self.more}}}
limits: {{memory.max: ~, cpu.max: ~, pids.max: ~}}
""")

    def answers(self, names):
        out = {}
        for name in names:
            try:
                out[name] = fixture.ask(f"/run/fpmbox/{self.name}/live.sock", f"{self.code}/{name}").text
            except fixture.NoAnswer as error:
                out[name] = str(error)
        return out

    listed = None  # what `fpmbox ps` said of it while it was recorded

    def state(self):
        """As `fpmbox ps` tells it, to programs and to people."""
        done = subprocess.run([self.world.fpmbox, "ps", "--json", self.name], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180)
        told = [box["state"] for box in json.loads(done.stdout)] if done.returncode == 0 else [done.stderr]
        return told + [line.split()[1] for line in subprocess.run([self.world.fpmbox, "ps", self.name], stdin=subprocess.DEVNULL, capture_output=True,
                                                                  text=True, timeout=180).stdout.splitlines() if line.startswith(self.name)]

    def command(self, *arguments):
        return subprocess.Popen([self.world.fpmbox, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def learn(self, requests, *arguments, how=signal.SIGINT, extends="php-fpm"):
        """[exit code, stdout, stderr, answers]"""
        process = self.command("learn", self.pool_file(extends), *arguments)
        lines = []
        reader = threading.Thread(target=lambda: lines.extend(process.stderr), daemon=True)
        reader.start()
        try:
            if not fixture.until(lambda: any(": recording" in line for line in lines) or process.poll() is not None, fixture.START):
                return None, "", "".join(lines), {}
            self.listed = self.state()
            answers = self.answers(requests)
            if how:
                process.send_signal(how)
            out = process.stdout.read()
            code = process.wait(2 * fixture.PATIENCE)
        finally:
            if process.poll() is None:
                process.kill()
        reader.join(fixture.PATIENCE)
        return code, out, "".join(lines), answers

    def box(self):
        return RunningBox(self)


class RunningBox:
    """`fpmbox run` of the site's pool file, as long as the block lasts."""

    def __init__(self, site):
        self.site = site

    def __enter__(self):
        self.log = open(f"{self.site.world.scratch}/control/learn.log", "w+")
        self.process = subprocess.Popen([self.site.world.fpmbox, "run", f"{self.site.pools}/{self.site.name}.yaml"], stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log)
        if not fixture.until(lambda: self.site.answers(["index.php"])["index.php"] == "ok" or self.process.poll() is not None, fixture.START):
            raise fixture.Broken("the box does not answer")
        if self.process.poll() is not None:
            self.log.seek(0)
            raise fixture.Broken("the box ended: " + self.log.read())
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(fixture.PATIENCE)
        self.log.close()


def left_behind(site):
    """Sockets, control groups, and processes that still have the scratch mounted: with the last of them it goes."""
    found = fixture.sockets(site.name) + fixture.cgroups(site.name)
    for pid in fixture.own_processes(site.world):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/mountinfo") as mounts:
            if "/run/fpmbox/.learn" in mounts.read():
                found.append(f"process {pid}")
    return found


# ---- the tests

def round_trip(world, site):
    """a profile that grants nothing, recorded; the fragment makes the same requests work in an ordinary box"""
    before = tree(site.code)
    site.pool_file()
    with site.box():
        refused = site.answers(SITE)
        mistakes = expect(["running", "running"], fixture.until(lambda: (state := site.state()) == ["running", "running"] and state, fixture.PATIENCE) or site.state(), "ps, of an ordinary box")
    mistakes += [f"{name} works without the fragment" for name, said in refused.items() if said == "ok" and name != "index.php"]
    code, out, log, answers = site.learn([*SITE, *REFUSED], "--output", site.fragment)
    mistakes += expect(["recording", "recording"], site.listed, "ps, while it was recorded")
    mistakes += expect(0, code, "exit code of learn: " + log) + expect("", out, "standard output")
    mistakes += [f"{name} does not work while it is recorded: {said}" for name, said in answers.items() if name in SITE and said != "ok"]
    mistakes += [f"{name} worked while it was recorded" for name in ("danger.php", "program.php", "outside.php", "others.php") if answers.get(name) == "ok"]
    mistakes += expect(before, tree(site.code), "the code, after the recording")
    mistakes += [f"left behind: {left}" for left in left_behind(site)]
    lines = log.splitlines()
    if "NOT A BOUNDARY" not in lines[0] or "NOT A BOUNDARY" not in lines[-1]:
        mistakes.append(f"it is not loud first and last: {lines[0]} ... {lines[-1]}")
    if code != 0:
        return mistakes
    text = open(site.fragment).read()
    wanted = [r"(?m)^    - var/cache  # first by \S+/cache.php: ", r"(?m)^    - conf/settings.txt  # first by \S+/setting.php: rewrote conf/settings.txt",
              r"(?m)^    - media  # first by \S+/upload.php: ", rf"(?m)^  - unix: {RUN}/db.sock  # first by \S+/socket.php",
              r"(?m)^    - mbstring  # referred to, mb_strtoupper\(\) at \S+/www-1.0/text.php:1", r"(?m)^    - dom  # referred to, DOMDocument at",
              r"(?m)^    - pdo_sqlite  # referred to, 'sqlite:' at \S+/sqlite.php:1", r"(?m)^    - sysvshm  #", r"(?m)^    - sysvsem  #", r'(?m)^    - {name: "@sysv-ipc", why: ".*memory.php"}  # semctl ',
              r'(?m)^    - {name: setpriority, why: ".*nice.php"}', r"(?m)^#   setuid \(first by \S+/danger.php\); \S*base.yaml:\d+:\d+ \(@privileged-ids\)",
              r'(?m)^# programs:\n(#   - .*\n)*#   - {path: /usr/bin/id, why: "recorded, first by \S+/program.php"}$', r'(?m)^#   - {path: /bin/sh, why: "recorded, first by \S+/program.php"}$', r"(?m)^#   made /var/log/fpmbox-t-learn.log \(first by \S+/outside.php\)",
              r"(?m)^#   renamed, removed or made old.txt \(first by \S+/root.php\)"]
    mistakes += [f"the fragment has no {one}" for one in wanted if not re.search(one, text)]
    mistakes += [f"the fragment grants {one}" for one in ("- setuid", "name: setuid", "- gmp", "opcache", "- old.txt") if f"    {one}" in text]
    if mistakes:
        return mistakes + [text]
    checked = subprocess.run([world.fpmbox, "check", site.pool_file("./learned.yaml")], capture_output=True, text=True)
    mistakes += expect(0, checked.returncode, f"check: {checked.stdout}{checked.stderr}")
    with site.box():
        mistakes += [f"{name} with the fragment: {said}" for name, said in site.answers(SITE).items() if said != "ok"]
        mistakes += [f"{name} works in an ordinary box" for name, said in site.answers(["danger.php", "program.php", "outside.php"]).items() if said == "ok"]
    return mistakes + ([text] if mistakes else [])


def nothing_new(world, site):
    """what the profile grants is not repeated: recorded again with its fragment, nothing is left to say"""
    if not os.path.exists(site.fragment):
        return ["there is no fragment; run it with round-trip"]
    code, out, log, answers = site.learn(SITE, extends="./learned.yaml")
    granted = [line for line in out.splitlines() if line.startswith("  ")]
    return expect(0, code, log) + expect([], granted, "granted once more") + expect(True, "Nothing was seen" in out, out)


def connections(world, site):
    """TCP is named by its address, UDP is told; what the fragment says of both is no mistake"""
    tcp = fixture.Host._bound(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
    world.at_end.callback(tcp.close)
    port = tcp.getsockname()[1]
    fixture.write(f"{site.code}/tcp.php", f"<?php echo @stream_socket_client('tcp://localhost:{port}', $c, $w, 3) ? 'ok' : $w;"
                  " $u = stream_socket_client('udp://127.0.0.1:5140'); fwrite($u, 'x'); if (!$u) exif_imagetype('x');")
    if not os.path.exists(site.fragment):
        return ["there is no fragment; run it with round-trip"]
    code, out, log, answers = site.learn(["tcp.php"], extends="./learned.yaml")
    mistakes = expect(0, code, log) + expect("ok", answers.get("tcp.php"), "the connection while it is recorded")
    for wanted in (rf'(?m)^  - {{tcp: "127.0.0.1:{port}", why: "recorded, first by \S+/tcp.php"}}', r"(?m)^#   UDP 127.0.0.1:5140 \(first by",
                   r"(?m)^    - exif  # referred to, exif_imagetype\(\) at \S+/tcp.php:1"):  # of the only script, which FPM opens before anything is known of it
        mistakes += [] if re.search(wanted, out) else [f"no {wanted} in {out}"]
    fixture.write(site.fragment + ".tcp.yaml", out)
    checked = subprocess.run([world.fpmbox, "check", site.pool_file("./learned.yaml.tcp.yaml")], capture_output=True, text=True)
    return mistakes + expect(0, checked.returncode, checked.stdout + checked.stderr)


def data_outside(world, site):
    """writable paths outside the versions, a folder and a file, are used, stay as they were, and are not repeated"""
    data = f"{world.scratch}/learn/data"
    for name in ("", "/var", "/conf"):
        fixture.folder(data + name)
    fixture.folder(f"{data}/var/cache", 0o755, USER)
    fixture.write(f"{data}/conf/settings.txt", "of the data", 0o644, USER)
    fixture.write(f"{site.code}/read.php", "<?php echo file_get_contents(__DIR__ . '/conf/settings.txt');")
    before = tree(data)
    site.more = f", data: {data}, writable: [var/cache, conf/settings.txt]"
    try:
        code, out, log, answers = site.learn(["read.php", "cache.php", "setting.php", "index.php"])
    finally:
        site.more = ""
    mistakes = expect(0, code, log) + expect({"read.php": "of the data", "cache.php": "ok", "setting.php": "ok", "index.php": "ok"}, answers, "answers")
    return mistakes + expect(before, tree(data), "the data") + expect(True, "Nothing was seen" in out, out)


def ends(world, site):
    """--for ends it; so does SIGTERM; killed, it leaves no mount, process or socket, and the code is as it was"""
    before = tree(site.code)
    for seconds in (2, 10, 60):  # long enough for a request, on this machine
        started = time.monotonic()
        code, out, log, answers = site.learn(["cache.php"], "--for", f"{seconds}s", how=None)
        took = time.monotonic() - started
        if answers.get("cache.php") == "ok":
            break
    mistakes = expect(0, code, log) + expect(True, "var/cache" in out, out)
    mistakes += [] if seconds - 0.1 < took < seconds + 30 else [f"--for {seconds}s took {took}"]  # starting and writing, on a busy machine
    code, out, log, _ = site.learn(["cache.php"], how=signal.SIGTERM)
    mistakes += expect(0, code, log) + expect(True, "var/cache" in out, out)
    code, out, log, _ = site.learn(["cache.php"], how=signal.SIGKILL)
    mistakes += expect(-9, code, "killed")
    if not fixture.until(lambda: not left_behind(site), fixture.PATIENCE):
        mistakes += [f"left behind: {left}" for left in left_behind(site)]
    return mistakes + expect(before, tree(site.code), "the code")


def refusals(world, site):
    """ordinary users are told why not; a pool that runs is not recorded beside itself; no output file is overwritten"""
    file = site.pool_file()
    said = subprocess.run(["setpriv", "--reuid", USER, "--regid", USER, "--clear-groups", world.fpmbox, "learn", file], capture_output=True, text=True)
    mistakes = expect(64, said.returncode, "exit code") + expect(True, "learn needs root" in said.stderr, said.stderr)
    there = fixture.write(f"{site.pools}/there", "text")
    said = subprocess.run([world.fpmbox, "learn", file, "--output", there], capture_output=True, text=True)
    mistakes += expect(True, "is there already" in said.stderr, said.stderr) + expect("text", open(there).read(), "the file")
    said = subprocess.run([world.fpmbox, "learn", file, "--for", "soon"], capture_output=True, text=True)
    mistakes += expect(64, said.returncode, said.stderr)
    with site.box():
        said = subprocess.run([world.fpmbox, "learn", file, "--for", "1s"], capture_output=True, text=True)
        mistakes += expect(71, said.returncode, said.stderr) + expect("ok", site.answers(["index.php"])["index.php"], "the running pool")
    return mistakes


class Browser:
    """Asks the wiki's pool without a web server; keeps its cookies."""

    def __init__(self, site):
        self.site, self.cookies = site, {}

    def ask(self, script, query="", form=None):
        params = {"HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), "SCRIPT_NAME": f"/{script}",
                  "HTTP_HOST": "wiki.test", "REMOTE_ADDR": "192.0.2.1", "DOCUMENT_ROOT": self.site.code}
        at = (f"/run/fpmbox/{self.site.name}/live.sock", f"{self.site.code}/{script}")
        answer = fastcgi.get(*at, query=query, timeout=120, **params) if form is None else \
            fastcgi.post(*at, urllib.parse.urlencode(form).encode(), query=query, timeout=120, **params)
        for line in answer.headers.get("set-cookie", "").splitlines():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer


class Wiki(Site):
    """DokuWiki, used as its visitors and its editor do."""

    def __init__(self, world, unpacked):
        self.world, self.name, self.account = world, "t-learn-wiki", wiki.new_account()
        self.code = f"{world.scratch}/wiki/www"
        fixture.folder(os.path.dirname(self.code))
        wiki.assemble(unpacked, pathlib.Path(self.code))
        wiki.configure(pathlib.Path(self.code), self.account)
        wiki.give_writable(pathlib.Path(self.code), ["data", "conf/acl.auth.php", "conf/users.auth.php"], USER)
        self.pools = fixture.folder(f"{world.scratch}/wiki/pools")
        self.fragment = f"{self.pools}/learned.yaml"
        for state in ("/run/fpmbox/", "/var/lib/fpmbox/"):
            world.at_end.callback(shutil.rmtree, state + self.name, ignore_errors=True)

    def answers(self, names):
        """{what was done: what came of it}, "ok" or the beginning of a page."""
        if list(names) == ["index.php"]:
            try:
                return {"index.php": "ok" if fastcgi.get(f"/run/fpmbox/{self.name}/live.sock", f"{self.code}/doku.php").status == 200 else "no"}
            except (OSError, fastcgi.FastCgiError) as error:
                return {"index.php": str(error)}
        browser, out = Browser(self), {}

        def said(what, answer, wanted):
            out[what] = "ok" if wanted in answer.text else f"{answer.status}: {answer.text[:300]}"
            return answer
        said("start", browser.ask("doku.php", "id=start"), "DokuWiki")
        for script, wanted in (("lib/exe/css.php", ".dokuwiki"), ("lib/exe/js.php", "DOKU_BASE"), ("feed.php", "rdf:RDF")):
            said(script, browser.ask(script), wanted)
        page = browser.ask("doku.php", "id=start&do=login")
        token = re.search(r'name="sectok" value="([^"]*)"', page.text)
        said("login", browser.ask("doku.php", "id=start", {"sectok": token.group(1) if token else "", "id": "start", "do": "login", "u": self.account.name,
                                                           "p": self.account.password}), "")
        page = said("editor", browser.ask("doku.php", "id=learned&do=edit"), "wikitext")
        form = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        browser.ask("doku.php", "id=learned", {**form, "id": "learned", "wikitext": "A page of the test", "do[save]": "1", "summary": "made"})
        said("page", browser.ask("doku.php", "id=learned"), "A page of the test")
        said("search", browser.ask("doku.php", "do=search&q=page"), "learned")
        return out


def dokuwiki(world, site):
    """DokuWiki, recorded from nothing: the fragment is what the catalog's profile grants, or less, and the wiki works with it"""
    try:
        unpacked = wiki.download(pathlib.Path(world.scratch) / "packages")
    except DemoError as error:
        return "SKIP " + " / ".join(error.lines)
    site = Wiki(world, unpacked)
    before = tree(site.code)
    code, _, log, answers = site.learn(["all"], "--output", site.fragment)
    mistakes = expect(0, code, log) + [f"{what}, recorded: {said}" for what, said in answers.items() if said != "ok"]
    mistakes += expect(before, tree(site.code), "the code, after the recording")
    if mistakes:
        return mistakes
    diff = subprocess.run([world.fpmbox, "diff", "dokuwiki", site.fragment], capture_output=True, text=True)
    grants = [line for line in diff.stdout.splitlines() if line.startswith("+ ")]
    print("  # what the fragment grants and the catalog's dokuwiki does not, and the reverse:")
    print("".join(f"  #   {line}\n" for line in diff.stdout.splitlines() if re.match(r"[-+] (filesystem|php.ext|syscalls|connect)", line)), end="")
    mistakes += [f"granted beyond the catalog's profile: {line}" for line in grants if not line.startswith("+ php.extensions")]
    site.pool_file("./learned.yaml")
    with site.box():
        mistakes += [f"{what}, with the fragment: {said}" for what, said in site.answers(["all"]).items() if said != "ok"]
    site.pool_file()
    with site.box():
        mistakes += [f"{what} works without the fragment" for what, said in site.answers(["all"]).items() if what in ("editor", "page") and said == "ok"]
    return mistakes + ([open(site.fragment).read(), diff.stdout] if mistakes else [])


TESTS = [round_trip, nothing_new, connections, data_outside, ends, refusals, dokuwiki]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fpmbox", required=True)
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    options = parser.parse_args()
    report = Report(options.only)
    try:
        with fixture.World(options.fpmbox) as world:
            site = Site(world)
            for test in TESTS:
                name = "learn/" + test.__name__.replace("_", "-")
                if not report.wanted(name):
                    continue
                mistakes = test(world, site)
                if isinstance(mistakes, str):
                    report.skip(name, mistakes.removeprefix("SKIP "))
                else:
                    report.check(name, mistakes, test.__doc__)
    except fixture.Broken as error:
        report.fail("surroundings", str(error))
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
