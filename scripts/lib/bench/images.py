"""An image of PHP-FPM with mysql, mbstring, xml, curl and opcache by fpmbox, mmdebstrap and buildah, from indexes and packages that
are cached already: time to the finished archive, and its size."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import time

OURS = "fpmbox build"
PACKAGES = ["php8.2-fpm", "php8.2-mysql", "php8.2-mbstring", "php8.2-xml", "php8.2-curl", "ca-certificates", "tzdata"]
EXTENSIONS = "[mysqlnd, mysqli, pdo, pdo_mysql, mbstring, dom, simplexml, xml, curl]"
OFFICIAL = 183.7  # MB, compressed, of the official php:8.2-fpm for amd64, as its publishers say (2026-09-15)
CACHE = ["--skip=essential/unlink", "--skip=cleanup/apt/cache"]


def run(*command, **options):
    done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, **options)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: " + " / ".join((done.stderr or done.stdout).strip().splitlines()[-3:]))
    return done.stdout


def seconds(act):
    begin = time.monotonic()
    act()
    return time.monotonic() - begin


def remove(*paths):
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()


class Ours:
    """Cold: index and packages are there, and no lock, no runtime, no compressed part, no image."""

    def __init__(self, fpmbox, folder):
        self.fpmbox, self.folder, self.cache = fpmbox, folder, folder / "cache"
        self.code = folder / "code"
        self.code.mkdir(parents=True)
        (self.code / "index.php").write_text("<?php echo 'hello';\n")
        (folder / "pool.yaml").write_text(f"extends: php-fpm\nphp: {{extensions: {EXTENSIONS}}}\nweb: {{front_controllers: [index.php]}}\n")
        (folder / "site.yaml").write_text(f"extends: php-fpm\nprofile: ./pool.yaml\ncode: {{directory: {self.code}}}\n")
        self.build()

    def build(self):
        text = run(self.fpmbox, "build", self.folder / "site.yaml", "--cache", self.cache, "--output", self.folder / "site.tar", "--json")
        self.layers = json.loads(text)["layers"]

    def cold(self):
        remove(*(self.cache / name for name in ("members", "runtimes", "builds")), self.folder / "site.lock", self.folder / "site.tar")
        return seconds(self.build)

    def other_code(self):
        with open(self.code / "index.php", "a", encoding="utf-8") as file:
            file.write("// changed\n")
        return seconds(self.build)

    def unchanged(self):
        return seconds(self.build)

    def size(self):
        return self.layers[0]["size"] / 1e6


class Mmdebstrap:
    def __init__(self, folder):
        self.folder, self.archives = folder, folder / "archives"
        self.archives.mkdir(parents=True)
        self.make("site.tar.gz", PACKAGES, keep=True)

    def make(self, name, packages, keep=False):
        hooks = ["--setup-hook=mkdir -p \"$1\"/var/cache/apt/archives", f"--setup-hook=sync-in {self.archives} /var/cache/apt/archives"]
        if keep:
            hooks.append(f"--customize-hook=sync-out /var/cache/apt/archives {self.archives}")
        hooks.append("--customize-hook=rm -rf \"$1\"/var/cache/apt/archives")
        run("mmdebstrap", "--variant=minbase", "--quiet", *CACHE, *hooks, "--include=" + ",".join(packages) if packages else "--quiet", "bookworm",
            self.folder / name)

    def cold(self):
        return seconds(lambda: self.make("site.tar.gz", PACKAGES))

    def size(self):
        return (self.folder / "site.tar.gz").stat().st_size / 1e6


class Buildah:
    """Upon a minimal Debian that is there already; its own cache of layers is used where the code alone changes."""

    def __init__(self, folder, mmdebstrap):
        self.folder = folder
        self.code = folder / "code"
        self.code.mkdir(parents=True)
        (self.code / "index.php").write_text("<?php echo 'hello';\n")
        self.archives = folder / "archives"
        shutil.copytree(mmdebstrap.archives, self.archives)
        mmdebstrap.make(f"{folder}/base.tar", [])
        (folder / "Containerfile").write_text("FROM scratch\nADD base.tar /\n")
        self.buildah("bud", "--tag", "base", folder)
        (folder / "Containerfile").write_text(
            f"FROM base\nRUN apt-get update && apt-get install -y --no-install-recommends {' '.join(PACKAGES)}\nCOPY code /srv/www\n")
        self.bud("--no-cache")

    def buildah(self, *arguments):
        return run("buildah", "--root", self.folder / "root", "--runroot", self.folder / "run", "--storage-driver", "vfs", *arguments)

    def bud(self, *options):
        remove(self.folder / "site.oci")
        self.buildah("bud", "--isolation", "chroot", "--network", "host", "--volume", f"{self.archives}:/var/cache/apt/archives", "--layers", *options,
                     "--tag", "site", self.folder)
        self.buildah("push", "site", f"oci-archive:{self.folder}/site.oci")

    def cold(self):
        return seconds(lambda: self.bud("--no-cache"))

    def other_code(self):
        with open(self.code / "index.php", "a", encoding="utf-8") as file:
            file.write("// changed\n")
        return seconds(self.bud)

    def size(self):
        return (self.folder / "site.oci").stat().st_size / 1e6


def peers(folder):
    """Those that run here; the others are named with the reason."""
    found = {}
    for name, make in (("mmdebstrap", lambda: Mmdebstrap(folder / "mmdebstrap")), ("buildah", lambda: Buildah(folder / "buildah", found["mmdebstrap"]))):
        try:
            if shutil.which(name) is None:
                raise RuntimeError("not installed")
            found[name] = make()
        except (RuntimeError, KeyError) as error:
            print(f"  {name}: not measured: {error}")
    return found


def measure(paired, options, fpmbox, folder):
    os.umask(0o022)
    folder = pathlib.Path(folder)
    ours = Ours(fpmbox, folder / "fpmbox")
    others = peers(folder)
    few = max(2, options.rounds // 5)
    sides = {OURS: ours, **others}
    paired.table("an image, cold: indexes and packages cached", "s", paired.rounds(few, {name: side.cold for name, side in sides.items()}), OURS)
    changes = {name: side.other_code for name, side in sides.items() if hasattr(side, "other_code")}
    paired.table("an image, the code alone changed", "s", paired.rounds(few, changes), OURS)
    paired.table("an image, nothing changed", "s", paired.rounds(options.rounds, {OURS: ours.unchanged}), OURS)
    sizes = {name: [side.size()] for name, side in sides.items()}
    paired.table("the image without code, compressed", "MB", {**sizes, "official php:8.2-fpm, published": [OFFICIAL]}, OURS)
