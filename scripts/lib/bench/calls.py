"""What the filter costs by itself: calls in a tight loop, and requests, of processes under no filter, under the pool's filter, and
under it with the listener of its notifications."""

import subprocess

from bench import load, paired, place, pools
from demo.pools import newest_php

ARMED = "filter, notification armed"
MODES = {ARMED: "notify", "filter": "filter", "no filter": "none"}
CALLS = ["getppid", "read", "openat and close"]


def loops(confined, pool_file, rounds):
    kept = {call: {name: [] for name in MODES} for call in CALLS}

    def once(name):
        run = subprocess.run([confined, MODES[name], pool_file], capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
        values = list(map(float, run.stdout.split()))
        for call, value in zip(CALLS, values, strict=True):
            kept[call][name].append(value)
        return values[0]

    paired.rounds(rounds, {name: (lambda name=name: once(name)) for name in MODES})
    for call, results in kept.items():
        paired.table(f"{call} in a loop", "ns a call", results, ARMED)


def requests(confined, fpmbox, folder, pool_file, code, options, rounds):
    folder.mkdir()
    php, sides, nginx = newest_php()[0], {}, None
    try:
        for name, mode in MODES.items():
            at = pools.owned(folder / mode, place.USER)
            words = pools.configuration(fpmbox, pool_file, at)
            sides[name] = pools.Side([confined, mode, pool_file, php, *words], at / "live.sock", {"PHP_INI_SCAN_DIR": ""})
            sides[name].wait()
        nginx, ports = load.serve(folder / "nginx", code, "hello.php", {name: side.socket for name, side in sides.items()})
        load.compare("a trivial script", ARMED, sides, ports, "localhost", options, rounds)
    finally:
        for side in sides.values():
            side.stop()
        if nginx:
            nginx.terminate()
            nginx.wait(20)
