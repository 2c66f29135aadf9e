"""A small Debian repository of invented packages, signed with a key of its own: what a mirror could do to us, done."""

import hashlib
import io
import os
import subprocess
import tarfile
import time

RELEASE_TIME = "%a, %d %b %Y %H:%M:%S UTC"


def ar(members):
    out = b"!<arch>\n"
    for name, data in members:
        out += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode() + data + b"\n" * (len(data) % 2)
    return out


def tar(files):
    """files: {path: bytes, or a TarInfo for anything odd}."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:xz", format=tarfile.GNU_FORMAT) as archive:
        for path, data in files.items():
            if isinstance(data, tarfile.TarInfo):
                archive.addfile(data)
                continue
            info = tarfile.TarInfo(path)
            info.size, info.mode, info.mtime = len(data), 0o755, 1000
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def sparse_giant(path):
    """GNU's old format: a map in the header that says a terabyte of holes and one byte."""
    header = bytearray(512)
    header[:len(path)] = path.encode()
    for at, text in ((100, b"0000644"), (108, b"0000000"), (116, b"0000000"), (124, b"00000000001"), (136, b"00000001000")):
        header[at:at + len(text)] = text
    header[156:157] = b"S"
    header[257:265] = b"ustar  \0"
    header[386:398] = (1 << 95 | (1 << 40) - 1).to_bytes(12, "big")
    header[398:409] = b"00000000001"
    header[483:495] = (1 << 95 | 1 << 40).to_bytes(12, "big")
    header[148:156] = b" " * 8
    header[148:156] = f"{sum(header):06o}\0 ".encode()
    return bytes(header) + b"x" + bytes(511) + bytes(1024)


def deb(name, version, files, depends=""):
    control = f"Package: {name}\nVersion: {version}\nArchitecture: amd64\nMaintainer: nobody\nDescription: invented\n"
    control += f"Depends: {depends}\n" if depends else ""
    return control, ar([("debian-binary", b"2.0\n"), ("control.tar.xz", tar({"./control": control.encode()})), ("data.tar.xz", tar(files))])


class Repository:
    """{folder}/dists/test and {folder}/pool; `publish()` after each change."""

    def __init__(self, folder):
        self.folder, self.packages = folder, {}
        self.home = f"{folder}/.gnupg"
        os.makedirs(self.home, mode=0o700)
        os.makedirs(f"{folder}/pool")
        os.makedirs(f"{folder}/dists/test/main/binary-amd64")
        self.keyring = self.make_key("good")
        self.other_keyring = self.make_key("other")

    def gpg(self, *arguments):
        return subprocess.run(["gpg", "--homedir", self.home, "--batch", "--yes", "--pinentry-mode", "loopback", "--passphrase", "", *arguments],
                              check=True, capture_output=True).stdout

    def make_key(self, name):
        self.gpg("--quick-generate-key", f"{name} <{name}@example.org>", "ed25519", "sign", "never")
        path = f"{self.folder}/{name}.gpg"
        with open(path, "wb") as file:
            file.write(self.gpg("--export", f"{name}@example.org"))
        return path

    def add(self, name, version, files, depends=""):
        control, data = deb(name, version, files, depends)
        path = f"pool/{name}_{version}_amd64.deb"
        with open(f"{self.folder}/{path}", "wb") as file:
            file.write(data)
        self.packages[name] = (control, path, data)

    def publish(self, signer="good", valid_for=3600, bend=lambda text: text):
        index = "".join(f"{control}Filename: {path}\nSize: {len(data)}\nSHA256: {hashlib.sha256(data).hexdigest()}\n\n"
                        for control, path, data in self.packages.values()).encode()
        with open(f"{self.folder}/dists/test/main/binary-amd64/Packages", "wb") as file:
            file.write(index)
        now = time.time()
        release = (f"Origin: test\nSuite: test\nCodename: test\nDate: {time.strftime(RELEASE_TIME, time.gmtime(now - 60))}\n"
                   f"Valid-Until: {time.strftime(RELEASE_TIME, time.gmtime(now + valid_for))}\nArchitectures: amd64\nComponents: main\n"
                   f"SHA256:\n {hashlib.sha256(index).hexdigest()} {len(index)} main/binary-amd64/Packages\n")
        with open(f"{self.folder}/Release", "w", encoding="utf-8") as file:
            file.write(release)
        self.gpg("--local-user", f"{signer}@example.org", "--output", f"{self.folder}/InRelease", "--clearsign", f"{self.folder}/Release")
        with open(f"{self.folder}/InRelease", encoding="utf-8") as file:
            text = bend(file.read())
        with open(f"{self.folder}/dists/test/InRelease", "w", encoding="utf-8") as file:
            file.write(text)
