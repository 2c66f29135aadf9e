"""scripts/bench"""

import argparse
import os
import pathlib
import pwd
import subprocess
import sys
import time

from bench import calls, floor, images, load, matomo, paired, pools, starts, wordpress
from bench.place import USER, Place
from demo import measure
from demo.pools import newest_php
from demo.terminal import DemoError
from demo.undo import Interrupted, family

POOL = "fpmbox-bench"
ROOT = pathlib.Path(__file__).resolve().parents[3]
PARTS = ["starts", "first", "memory", "requests", "wordpress", "calls", "images"]
IDLE = 1.0  # seconds without a request


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=int, default=2, help="of each load")
    parser.add_argument("--only", action="append", choices=PARTS)
    parser.add_argument("--peer", action="append", choices=["bare", "stock", "pool"], help="of the loads, these alone are measured beside the box")
    parser.add_argument("--matomo", metavar="RELEASE", help="a folder with Matomo as it is released: its tracker and login page, too")
    return parser.parse_args()


def prepare(folder):
    """A site of one trivial script and its pool file."""
    site = folder / "site"
    site.mkdir()
    (site / "hello.php").write_text("<?php echo \"hello\\n\";\n")
    os.utime(site / "hello.php", (1700000000, 1700000000))
    pool_file = folder / f"{POOL}.yaml"
    pool_file.write_text(f"extends: php-fpm\nidentity: {{user: {USER}}}\nlisten: {{group: www-data}}\n"
                         f"filesystem: {{code: {site}}}\nphp: {{timezone: Europe/Rome, pm: {{max_requests: 0, max_children: 5}}}}\n")
    return pool_file


def machine():
    cpus = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in cpus if line.startswith("model name")), os.uname().machine)
    return f"{model}, {measure.machine(newest_php()[0])}"


def bench_starts(options, folder, fpmbox, pool_file):
    alone = folder / "starts"  # two pools of one folder want two users
    alone.mkdir()
    granted = alone / f"{POOL}-starts.yaml"
    granted.write_text(pathlib.Path(pool_file).read_text() + f"programs: [{{path: {starts.PROGRAM}, why: to be measured}}]\n")
    build, ours = ROOT / "build", starts.OURS
    preparations = {floor.WHOLE: lambda: floor.write_orders(fpmbox, str(build / "confined"), str(granted), folder)}
    commands, missing = starts.measurable(starts.commands(fpmbox, build, str(granted), folder), preparations)
    if ours in commands:
        sides = {name: (lambda command=command: starts.milliseconds(command)) for name, command in commands.items()}
        paired.table("start and end of a program that does nothing", "ms", paired.rounds(options.rounds, sides), ours)
    for name, why in missing.items():
        print(f"  {name}: not measured: {why}")


def with_floor(sides, folder, fpmbox, pool_file, script):
    """The sides, and php-fpm in a box that the kernel alone makes, where that runs."""
    try:
        side = floor.PoolSide(ROOT / "build", fpmbox, str(pool_file), folder / "floor", pwd.getpwnam(USER))
        first_response(side, script)
        return {**sides, floor.WHOLE: side}
    except (DemoError, subprocess.CalledProcessError) as error:
        print(f"  {floor.WHOLE}: not measured: {error}")
        return sides


def first_response(side, script):
    try:
        return side.first_response(script)
    finally:
        side.stop()


def bench_first(options, sides, folder, fpmbox, pool_file, script):
    first_response(sides[pools.BOX], script)  # fills its caches, and makes the folders of its state
    sides = with_floor(sides, folder, fpmbox, pool_file, script)
    measured = {name: (lambda side=side: first_response(side, script)) for name, side in sides.items()}
    paired.table("first FastCGI response", "ms", paired.rounds(options.rounds, measured), pools.BOX)


def bench_memory(options, sides, script):
    launcher = []  # and its janitor, of each round

    def idle(name):
        side = sides[name]
        try:
            side.first_response(script)
            time.sleep(IDLE)
            if name == pools.BOX:
                launcher.append(sum(measure.pss(pid) for pid in family(side.process.pid) if is_ours(pid)) / 1024)
            return sum(map(measure.pss, family(side.process.pid))) / 1024
        finally:
            side.stop()
    measured = {name: (lambda name=name: idle(name)) for name in sides}
    paired.table("an idle pool, all its processes", "MiB of PSS", paired.rounds(max(3, options.rounds // 3), measured), pools.BOX)
    paired.table("of it the launcher and its janitor", "MiB of PSS", {pools.BOX: launcher}, pools.BOX)


def is_ours(pid):
    return pathlib.Path(f"/proc/{pid}/comm").read_text().startswith("fpmbox")


def bench_requests(options, folder, sides, script):
    nginx = None
    try:
        for side in sides.values():
            side.first_response(script)
        nginx, ports = load.serve(folder / "nginx", folder / "site", "hello.php", {name: side.socket for name, side in sides.items()})
        load.compare("a trivial script", pools.BOX, sides, ports, "localhost", options, loads(options))
    finally:
        for side in sides.values():
            side.stop()
        if nginx:
            nginx.terminate()
            nginx.wait(20)


def loads(options):
    return max(5, options.rounds // 2)


def bench(options, place):
    fpmbox, confined = str(ROOT / "build" / "fpmbox"), str(ROOT / "build" / "confined")
    wanted, folder = options.only or ([] if options.matomo else PARTS), place.folder
    pool_file = prepare(folder)
    sides = pools.sides(fpmbox, folder, pool_file, USER, folder / "site")
    script = str(folder / "site" / "hello.php")
    if "starts" in wanted:
        bench_starts(options, folder, fpmbox, str(pool_file))
    if "first" in wanted:
        bench_first(options, sides, folder, fpmbox, pool_file, script)
    if "memory" in wanted:
        bench_memory(options, sides, script)
    if "requests" in wanted:
        bench_requests(options, folder, sides, script)
    if "wordpress" in wanted:
        wordpress.Bench(ROOT, place, fpmbox).run(options, loads(options))
    if options.matomo:
        matomo.Bench(ROOT, place, fpmbox, options.matomo).run(options, loads(options))
    if "images" in wanted:
        images.measure(paired, options, fpmbox, folder / "images")
    if "calls" in wanted:
        calls.loops(confined, pool_file, options.rounds)
        calls.requests(confined, fpmbox, folder / "calls", pool_file, folder / "site", options, loads(options))


def main():
    options = arguments()
    where = f"{machine()}; load before: {os.getloadavg()[0]:.2f}"
    print(where)
    code = 0
    try:
        with Place() as place:
            bench(options, place)
    except Interrupted:
        print("bench: interrupted; everything is taken away", file=sys.stderr)
        code = 130
    except Exception as error:  # also what tests/sites raise
        print("bench: " + "\n".join(getattr(error, "lines", [f"{type(error).__name__}: {error}"])), file=sys.stderr)
        code = 71
    if paired.measured:
        paired.summary(where)
    return code


sys.exit(main())
