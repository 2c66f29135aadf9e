"""Requests per second, time to the first response, memory: stock and box in turns, medians. No judgement is passed."""

import pathlib
import platform
import os
import re
import statistics
import subprocess
import time

import fastcgi
from demo import sites
from demo.terminal import DemoError
from demo.undo import family

ROUNDS = 3
SECONDS_EACH = 2
STARTS = 7


def machine(php):
    version = subprocess.run([php, "-v"], capture_output=True, text=True).stdout.split()[1]
    return f"{os.cpu_count()} cores, Linux {platform.release()}, PHP {version}"


def busy(seconds=1.0):
    """The share of processor time that is used although the demo does nothing."""
    def times():
        fields = [int(word) for word in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        return sum(fields), sum(fields) - fields[3] - fields[4]  # idle, iowait
    before = times()
    time.sleep(seconds)
    whole, used = (after - first for after, first in zip(times(), before))
    return used / max(whole, 1)


def requests_per_second(url, host, cookies):
    """wrk with four connections. Each request brings a session that exists: visitors come back."""
    run = subprocess.run(["wrk", "-t1", "-c4", f"-d{SECONDS_EACH}s", "-s", sites.DATA / "visitors.lua", url, "--", host, *cookies],
                         capture_output=True, text=True, stdin=subprocess.DEVNULL)
    rate = re.search(r"^Requests/sec:\s+([0-9.]+)", run.stdout, re.M)
    if run.returncode or not rate:
        raise DemoError("wrk failed", (run.stderr or run.stdout).strip()[-300:], "scripts/setup run")
    if failed := re.search(r"Non-2xx or 3xx responses: (\d+)", run.stdout):
        raise DemoError(f"{failed[1]} requests to {host} failed under load", url)
    return float(rate[1])


def in_turns(rounds, *measurements):
    """Medians; the order changes with each round, so that neither side always runs on the warmer machine."""
    results = [[] for _ in measurements]
    for round_number in range(rounds):
        order = list(enumerate(measurements))
        for index, measurement in order if round_number % 2 == 0 else reversed(order):
            results[index].append(measurement())
    return [statistics.median(values) for values in results]


def first_response(start, stop, address, script):
    """Milliseconds from the start of the first process to the first complete answer of a script."""
    def once():
        begin = time.monotonic()
        process = start()
        while True:
            try:
                if fastcgi.get(address, script, timeout=5).status == 200:
                    break
            except OSError:
                if process.poll() is not None or time.monotonic() - begin > 30:
                    raise DemoError(f"{script} never answered on {address}") from None
                time.sleep(0.0005)
        elapsed = (time.monotonic() - begin) * 1000
        stop(process)
        return elapsed
    return once


def memory(pid):
    """PSS of the process and all below it, in MiB, and how many they are: shared pages count once."""
    pids = family(pid)
    return sum(map(pss, pids)) / 1024, len(pids)


def pss(pid):
    try:
        return int(re.search(r"^Pss:\s+(\d+)", pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)[1])
    except (FileNotFoundError, ProcessLookupError, TypeError):
        return 0  # it ended meanwhile
