"""The web server in front: a nginx or an Apache of the demo's own, never the machine's service."""

import contextlib
import dataclasses
import http.client
import pathlib
import random
import shutil
import socket

from demo.terminal import DemoError
from demo.undo import wait_until

DATA = pathlib.Path(__file__).resolve().parents[2] / "demo-data"


@dataclasses.dataclass
class Site:
    host: str       # name in the Host header
    kind: str       # which snippet: dokuwiki, php
    root: pathlib.Path
    socket: str


def fill(template, **values):
    text = (DATA / template).read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    return text


def free_port():
    """Not one of those that the kernel gives to outgoing connections (from 32768): one of them could have it before the server."""
    for port in random.sample(range(20000, 32000), 100):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise DemoError("a hundred ports of this machine are taken")


def configuration(server, folder, port, sites):
    snippets = [fill(f"{server}-{site.kind}.conf", PORT=port, HOST=site.host, ROOT=site.root, SOCKET=site.socket,
                     DEFAULT=" default_server" if site is sites[0] else "") for site in sites]
    return fill(f"{server}.conf", DIR=folder, PORT=port, SITES="\n".join(snippets))


def command(server, folder, file):
    program = shutil.which({"nginx": "nginx", "apache": "apache2"}[server], path="/usr/sbin:/usr/bin:/sbin:/bin")
    if not program:
        raise DemoError(f"{server} is not installed", "", f"scripts/setup run --web {server}")
    if server == "nginx":
        return [program, "-p", folder, "-c", file, "-e", f"{folder}/error.log", "-g", "daemon off;"]
    return [program, "-d", folder, "-f", file, "-DFOREGROUND"]


def start(undo, server, folder, sites):
    """Starts the server with `sites`, the first of them for any other name, on a free loopback port; returns the port."""
    folder.mkdir()
    port = free_port()
    file = folder / f"{server}.conf"
    file.write_text(configuration(server, folder, port, sites))
    process = undo.start(command(server, folder, file), folder / "output.log")
    if not wait_until(lambda: process.poll() is not None or listens(port), 60) or process.poll() is not None:
        logs = "".join(log.read_text() for log in folder.glob("*.log"))
        raise DemoError(f"{server} did not start", logs.strip()[-600:], f"look at {file}")
    return port


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclasses.dataclass
class Page:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")


def fetch(port, host, path, method="GET", body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, {"Host": host, **(headers or {})})
        answer = connection.getresponse()
        return Page(answer.status, answer.headers, answer.read())
    finally:
        connection.close()
