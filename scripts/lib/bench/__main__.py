"""scripts/bench"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

from bench import paired, pools, starts
from demo import measure
from demo.pools import newest_php
from demo.terminal import DemoError
from demo.undo import family

USER, POOL, PORT = "fpmbox-bench", "fpmbox-bench", 8790
ROOT = pathlib.Path(__file__).resolve().parents[3]
PARTS = ["starts", "first", "memory", "requests"]

NGINX = """
pid {folder}/nginx.pid; error_log {folder}/nginx.log; worker_processes 1; daemon off; user www-data;
events {{ worker_connections 256; }}
http {{ access_log off; client_body_temp_path {folder}/body; fastcgi_temp_path {folder}/fastcgi; proxy_temp_path {folder}/proxy;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
{servers}
}}
"""
SERVER = """  server {{ listen 127.0.0.1:{port}; location / {{ include /etc/nginx/fastcgi_params;
    fastcgi_param SCRIPT_FILENAME {script}; fastcgi_pass unix:{socket}; }} }}
"""


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=int, default=2, help="of each load")
    parser.add_argument("--only", action="append", choices=PARTS)
    return parser.parse_args()


def prepare(folder):
    """A user, a site of one trivial script and its pool file."""
    subprocess.run(["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", USER], check=True)
    site = folder / "site"
    site.mkdir()
    (site / "hello.php").write_text("<?php echo \"hello\\n\";\n")
    os.utime(site / "hello.php", (1700000000, 1700000000))
    pool_file = folder / f"{POOL}.yaml"
    pool_file.write_text(f"extends: php-fpm\nidentity: {{user: {USER}}}\nlisten: {{group: www-data}}\n"
                         f"filesystem: {{code: {site}}}\nphp: {{timezone: Europe/Rome, pm: {{max_requests: 0, max_children: 5}}}}\n")
    return pool_file


def bench_starts(options, folder, fpmbox, pool_file):
    alone = folder / "starts"  # two pools of one folder want two users
    alone.mkdir()
    granted = alone / f"{POOL}-starts.yaml"
    granted.write_text(pathlib.Path(pool_file).read_text() + f"programs: [{{path: {starts.PROGRAM}, why: to be measured}}]\n")
    commands, missing = starts.measurable(starts.commands(fpmbox, str(granted), folder))
    ours = "fpmbox exec"
    if ours in commands:
        sides = {name: (lambda command=command: starts.milliseconds(command)) for name, command in commands.items()}
        paired.table("start and end of a program that does nothing", "ms", paired.rounds(options.rounds, sides), ours)
    for name, why in missing.items():
        print(f"  {name}: not measured: {why}")


def bench_first(options, sides, script):
    def once(side):
        try:
            return side.first_response(script)
        finally:
            side.stop()
    measured = {name: (lambda side=side: once(side)) for name, side in sides.items()}
    once(sides[pools.BOX])  # its caches are filled at the first start of all
    paired.table("first FastCGI response", "ms", paired.rounds(options.rounds, measured), pools.BOX)


def bench_memory(options, sides, script):
    def idle(side):
        try:
            side.first_response(script)
            time.sleep(0.3)
            return sum(map(measure.pss, family(side.process.pid))) / 1024
        finally:
            side.stop()
    measured = {name: (lambda side=side: idle(side)) for name, side in sides.items()}
    paired.table("memory of an idle pool, all its processes", "MiB of PSS", paired.rounds(max(3, options.rounds // 3), measured), pools.BOX)
    box = sides[pools.BOX]
    box.first_response(script)
    print(f"  of it the launcher: {measure.pss(box.process.pid) / 1024:.2f} MiB")
    box.stop()


def load(port, connections, seconds):
    run = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", f"http://127.0.0.1:{port}/"],
                         capture_output=True, text=True, check=True)
    if "Non-2xx" in run.stdout:
        raise DemoError("requests failed under load", run.stdout)
    value, unit = re.search(r"99%\s+([0-9.]+)(us|ms|s)", run.stdout).groups()
    return float(re.search(r"Requests/sec:\s+([0-9.]+)", run.stdout)[1]), float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def bench_requests(options, folder, sides, script):
    ports = {name: PORT + index for index, name in enumerate(sides)}
    servers = "".join(SERVER.format(port=ports[name], script=script, socket=side.socket) for name, side in sides.items())
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, servers=servers))
    nginx = subprocess.Popen(["nginx", "-e", folder / "nginx.log", "-c", folder / "nginx.conf"], stdin=subprocess.DEVNULL)
    try:
        for side in sides.values():
            side.first_response(script)
        for side in sides.values():
            shutil.chown(side.socket, group="www-data")
            os.chmod(side.socket, 0o660)
        for connections in (1, 8):
            p99 = {name: [] for name in sides}

            def once(name, connections=connections, p99=p99):
                rate, slowest = load(ports[name], connections, options.seconds)
                p99[name].append(slowest)
                return rate
            rates = paired.rounds(max(5, options.rounds // 2), {name: (lambda name=name: once(name)) for name in sides})
            paired.table(f"a trivial script, {connections} connection(s)", "requests per second", rates, pools.BOX)
            paired.table(f"a trivial script, {connections} connection(s)", "ms at the 99th percentile", p99, pools.BOX)
    finally:
        for side in sides.values():
            side.stop()
        nginx.terminate()
        nginx.wait(20)


def main():
    options = arguments()
    wanted = options.only or PARTS
    fpmbox = str(ROOT / "build" / "fpmbox")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="fpmbox-bench-", dir="/srv"))
    folder.chmod(0o755)
    print(f"{measure.machine(newest_php()[0])}; load before: {os.getloadavg()[0]:.2f}")
    try:
        pool_file = prepare(folder)
        sides = pools.sides(fpmbox, folder, pool_file, USER)
        script = str(folder / "site" / "hello.php")
        if "starts" in wanted:
            bench_starts(options, folder, fpmbox, str(pool_file))
        if "first" in wanted:
            bench_first(options, sides, script)
        if "memory" in wanted:
            bench_memory(options, sides, script)
        if "requests" in wanted:
            bench_requests(options, folder, sides, script)
    except DemoError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 71
    finally:
        subprocess.run(["userdel", USER], stderr=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)
        for name in (POOL, f"{POOL}-starts"):
            shutil.rmtree(f"/var/lib/fpmbox/{name}", ignore_errors=True)
    return 0


sys.exit(main())
