"""Sides behind one nginx, under wrk."""

import contextlib
import os
import pathlib
import re
import shutil
import subprocess

from bench import paired
from demo import sites
from demo.terminal import DemoError
from demo.undo import family, wait_until

WARM_UP = 3  # seconds: a pool that adapts to its load has all its workers by then, and its scripts are compiled
CONNECTIONS = (1, 8)

NGINX = """
pid {folder}/nginx.pid; error_log {folder}/nginx.log; worker_processes 1; daemon off; user www-data;
events {{ worker_connections 256; }}
http {{ access_log off; client_body_temp_path {folder}/body; fastcgi_temp_path {folder}/fastcgi; proxy_temp_path {folder}/proxy;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi; fastcgi_buffers 32 8k;
{servers}
}}
"""
SERVER = """  server {{ listen 127.0.0.1:{port}; root {root}; index {index};
    location ~ \\.php$ {{ include /etc/nginx/fastcgi_params; fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
      fastcgi_pass unix:{socket}; }} }}
"""


def serve(folder, root, index, sockets):
    """An nginx with a port for each socket: the process, and {name: port}."""
    folder.mkdir()
    ports = {name: sites.free_port() for name in sockets}
    servers = "".join(SERVER.format(port=ports[name], root=root, index=index, socket=socket) for name, socket in sockets.items())
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, servers=servers))
    for socket in sockets.values():
        open_to_web_server(socket)
    process = subprocess.Popen(["nginx", "-e", folder / "nginx.log", "-c", folder / "nginx.conf"], stdin=subprocess.DEVNULL)
    if not wait_until(lambda: process.poll() is not None or all(map(sites.listens, ports.values())), 10) or process.poll() is not None:
        raise DemoError("nginx did not start", (folder / "nginx.log").read_text()[-600:])
    return process, ports


def open_to_web_server(socket):
    shutil.chown(socket, group="www-data")
    os.chmod(socket, 0o660)


def wrk(port, host, connections, seconds, path="/"):
    """Requests per second, milliseconds at the 99th percentile, and how many requests it were."""
    for patience in (1, 5, 20):  # a machine that is busy otherwise may answer nothing in a second
        if (measured := one_load(port, host, connections, seconds * patience, path))[2] > 0:
            return measured
    raise DemoError(f"nothing was answered in {seconds * patience} s", f"port {port}, {connections} connections")


def one_load(port, host, connections, seconds, path="/"):
    run = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "30s", "-H", f"Host: {host}",
                          f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True,
                         stdin=subprocess.DEVNULL)
    if "Non-2xx" in run.stdout or "Socket errors" in run.stdout:
        raise DemoError("requests failed under load", run.stdout)
    value, unit = re.search(r"99%\s+([0-9.]+)(us|ms|s)", run.stdout).groups()
    slowest = float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
    count = int(re.search(r"(\d+) requests in", run.stdout)[1])
    return float(re.search(r"Requests/sec:\s+([0-9.]+)", run.stdout)[1]), slowest, count


def processor_time(pid):
    """Seconds that the process, all below it, and those of them that have ended, have used."""
    ticks = 0
    for each in family(pid):
        with contextlib.suppress(OSError):
            fields = pathlib.Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def wanted(ports, ours, peers):
    """Ours and the peers that were asked for, which are all unless some are named: two sides have time for more rounds than four."""
    return {name: port for name, port in ports.items() if name == ours or not peers or any(name.startswith(peer) for peer in peers)}


class Visit:
    """A side is started, warmed up, loaded with each number of connections, and ended. A start decides where code and data lie in
    memory, and with it some per cent of the speed: an interval over many starts holds that, one over many loads of one start does not."""

    def __init__(self, sides, ports, host, path, seconds):
        self.sides, self.ports, self.host, self.path, self.seconds = sides, ports, host, path, seconds
        self.rate, self.p99, self.spent = ({count: {name: [] for name in ports} for count in CONNECTIONS} for _ in range(3))

    def __call__(self, name):
        side = self.sides[name]
        side.wait()
        try:
            open_to_web_server(side.socket)
            one_load(self.ports[name], self.host, max(CONNECTIONS), WARM_UP, self.path)
            for connections in CONNECTIONS:
                self.load(name, connections)
        finally:
            side.stop()

    def load(self, name, connections):
        pid = self.sides[name].process.pid
        before = processor_time(pid)
        rate, slowest, count = wrk(self.ports[name], self.host, connections, self.seconds, self.path)
        self.spent[connections][name].append((processor_time(pid) - before) * 1000 / count)
        self.rate[connections][name].append(rate)
        self.p99[connections][name].append(slowest)


def compare(what, ours, sides, ports, host, options, rounds, path="/"):
    """Rates and the slowest say how it is on this machine now; processor time is the same on a busy one. No side runs afterwards."""
    ports = wanted(ports, ours, options.peer)
    for side in sides.values():
        side.stop()
    visit = Visit(sides, ports, host, path, options.seconds)
    paired.rounds(rounds, {name: (lambda name=name: visit(name)) for name in ports})
    for connections in CONNECTIONS:
        title = f"{what}, {connections} connection{'s' if connections > 1 else ''}"
        paired.table(title, "requests/s", visit.rate[connections], ours)
        paired.table(title, "ms at the 99th percentile", visit.p99[connections], ours)
        paired.table(title, "ms of processor time a request", visit.spent[connections], ours)
